"""deploy/grafana/dateline.json is what its module makes, can be imported, and shows every metric."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.grafana.dashboard import COLUMNS, DASHBOARD, as_text, chosen, dashboard
from tests.unit.deploy.promql import asked, problems
from worker import metrics

MADE = dashboard()
PANELS: list[dict[str, Any]] = [panel for panel in MADE["panels"] if panel["type"] != "row"]


def as_promql(expr: str) -> str:
    """The expression as Grafana sends it, with its variables filled in."""
    return expr.replace("$__rate_interval", "1m").replace("$job", ".+").replace("$instance", ".+")


def queries() -> Iterator[tuple[str, str]]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield f"{panel['title']}: {target['legendFormat']}", as_promql(target["expr"])


QUERIES = dict(queries())


def test_the_file_is_what_the_module_makes() -> None:
    assert DASHBOARD.read_text(encoding="utf-8") == as_text(), "run python -m deploy.grafana.dashboard"


@pytest.mark.parametrize("query", QUERIES)
def test_what_a_query_asks_for_is_there(query: str) -> None:
    assert problems(QUERIES[query]) == []
    assert "$" not in QUERIES[query]


@pytest.mark.parametrize("query", QUERIES)
def test_every_series_of_a_query_is_of_the_chosen_workers(query: str) -> None:
    assert len(re.findall(r'\{job=~"\.\+", instance=~"\.\+"[,}]', QUERIES[query])) == len(
        re.findall(r"(?:dateline|process)_\w+", QUERIES[query])
    )


def test_every_metric_is_shown() -> None:
    names = set().union(*map(asked, QUERIES.values()))
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}
    assert [one.name for one in metrics.METRICS if one.name not in names | bare] == []


def test_every_panel_says_what_its_metrics_mean() -> None:
    untold = [panel["title"] for panel in PANELS if not panel["description"]]
    assert untold == ["Memory of the parent", "CPU of the parent", "Open files"]


def test_grafana_can_import_it_for_any_prometheus() -> None:
    assert MADE["uid"] == "dateline"
    assert MADE["schemaVersion"] >= 36
    first, *others = MADE["templating"]["list"]
    assert (first["name"], first["type"], first["query"]) == ("datasource", "datasource", "prometheus")
    sources = [one["datasource"] for one in (*others, *PANELS, *(t for p in PANELS for t in p["targets"]))]
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
    ids = [panel["id"] for panel in MADE["panels"]]
    assert len(set(ids)) == len(ids)


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in MADE["panels"]:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= COLUMNS
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize(
    ("expr", "filtered"),
    [
        ("max(dateline_rules)", "max(dateline_rules{_})"),
        ('dateline_lag_records{topic="x"} > 0', 'dateline_lag_records{_, topic="x"} > 0'),
        ("rate(process_cpu_seconds_total[1m])", "rate(process_cpu_seconds_total{_}[1m])"),
    ],
)
def test_a_query_asks_for_the_chosen_workers(expr: str, filtered: str) -> None:
    assert chosen(expr) == filtered.replace("_}", 'job=~"$job", instance=~"$instance"}').replace(
        "{_,", '{job=~"$job", instance=~"$instance",'
    )
