"""Writes dateline.json, a dashboard for Grafana 10 or later: `python -m deploy.grafana.dashboard`.

What is shown stands in `panels.py`. What a panel's metrics mean, and when they are bad, comes from
`worker/metrics.py`. Prometheus and the workers are chosen by variables of the dashboard.
"""

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

from deploy.grafana.panels import ROWS, Panel, Row
from worker.metrics import METRICS

DASHBOARD = Path(__file__).with_name("dateline.json")
COLUMNS = 24
_ROW_HEIGHT, _PANEL_HEIGHT, _STAT_HEIGHT = 1, 8, 4
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_CHOSEN = 'job=~"$job", instance=~"$instance"'
_SERIES = re.compile(r"\b(?:dateline|process)_\w+")


def chosen(expr: str) -> str:
    """The expression, asking only for the workers that the dashboard's variables choose."""
    filtered = re.sub(rf"({_SERIES.pattern})(?!\w|\{{)", rf"\1{{{_CHOSEN}}}", expr)
    return re.sub(rf"({_SERIES.pattern})\{{(?!job=)", rf"\1{{{_CHOSEN}, ", filtered)


def explanation(panel: Panel) -> str:
    """What the metrics of a panel say, and when that is bad, in their own words."""
    asked = {name for query in panel.queries for name in _SERIES.findall(query.expr)}
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked}
    told = (
        f"`{one.name}`: {one.meaning}" + (f". When it is bad: {one.advice}" if one.advice else "")
        for one in METRICS
        if one.name in asked | bare
    )
    return "\n\n".join(told)


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana imports it."""
    return {
        "uid": "dateline",
        "title": "Dateline",
        "description": "Made by deploy/grafana/dashboard.py; changes here are lost.",
        "tags": ["dateline", "kafka"],
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "graphTooltip": 1,
        "time": {"from": "now-3h", "to": "now"},
        "refresh": "30s",
        "timezone": "browser",
        "annotations": {"list": []},
        "links": [],
        "templating": {"list": [_source_variable(), _label_variable("job"), _label_variable("instance")]},
        "panels": _placed(ROWS),
    }


def _placed(rows: tuple[Row, ...]) -> list[dict[str, Any]]:
    """Rows and panels from left to right and from top to bottom."""
    ids, y, placed = count(1), 0, []
    for row in rows:
        placed.append(
            {"id": next(ids), "type": "row", "title": row.title, "collapsed": False, "panels": [],
             "gridPos": {"x": 0, "y": y, "w": COLUMNS, "h": _ROW_HEIGHT}}
        )  # fmt: skip
        x, y = 0, y + _ROW_HEIGHT
        height = _STAT_HEIGHT if row.panels[0].kind == "stat" else _PANEL_HEIGHT
        for panel in row.panels:
            if x + panel.width > COLUMNS:
                x, y = 0, y + height
            place = {"x": x, "y": y, "w": panel.width, "h": height}
            placed.append({"id": next(ids), "gridPos": place, **_panel(panel)})
            x += panel.width
        y += height
    return placed


def _panel(panel: Panel) -> dict[str, Any]:
    is_stat = panel.kind == "stat"
    targets = [
        {"refId": chr(ord("A") + number), "datasource": _SOURCE, "editorMode": "code",
         "expr": chosen(query.expr), "legendFormat": query.legend or "__auto",
         "range": not is_stat, "instant": is_stat}
        for number, query in enumerate(panel.queries)
    ]  # fmt: skip
    lines = {"lineWidth": 1, "fillOpacity": 8, "showPoints": "never", "spanNulls": False}
    shown: dict[str, Any] = (
        {"colorMode": "none", "graphMode": "none", "reduceOptions": {"calcs": ["lastNotNull"]}}
        if is_stat
        else {
            "legend": {"displayMode": "list", "placement": "bottom"},
            "tooltip": {"mode": "multi", "sort": "desc"},
        }
    )
    return {
        "type": panel.kind,
        "title": panel.title,
        "description": explanation(panel),
        "datasource": _SOURCE,
        "targets": targets,
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "custom": {} if is_stat else lines}
            | ({} if panel.title == "Clocks" else {"min": 0}),
            "overrides": [],
        },
        "options": shown,
    }


def _source_variable() -> dict[str, Any]:
    return {
        "name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus",
        "includeAll": False, "multi": False, "refresh": 1, "hide": 0,
    }  # fmt: skip


def _label_variable(label: str) -> dict[str, Any]:
    series = "dateline_build_info" if label == "job" else 'dateline_build_info{job=~"$job"}'
    query = f"label_values({series}, {label})"
    return {
        "name": label, "label": {"job": "Group", "instance": "Worker"}[label], "type": "query",
        "datasource": _SOURCE, "definition": query, "query": {"query": query, "refId": label},
        "includeAll": True, "allValue": ".+", "multi": True, "refresh": 2, "sort": 1, "hide": 0,
        "current": {"text": ["All"], "value": ["$__all"]},
    }  # fmt: skip


def as_text() -> str:
    """The file's content."""
    return json.dumps(dashboard(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    DASHBOARD.write_text(as_text(), encoding="utf-8")
