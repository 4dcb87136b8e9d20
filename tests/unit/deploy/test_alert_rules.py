"""deploy/prometheus/alerts.yaml agrees with the metrics, docs/metrics.md and docs/runbook.md."""

import re
from pathlib import Path
from typing import Any

import pytest

from deploy.prometheus.table import alert_rules, alerts_table
from tests.unit.deploy.promql import problems

DOCS = Path(__file__).resolve().parents[3] / "docs"
RULES = alert_rules()
SECTIONS = re.findall(r"^## (Dateline\w+)$", (DOCS / "runbook.md").read_text(encoding="utf-8"), re.MULTILINE)
named = pytest.mark.parametrize("rule", RULES, ids=[rule["alert"] for rule in RULES])


@named
def test_what_a_rule_asks_for_is_there(rule: dict[str, Any]) -> None:
    assert problems(rule["expr"]) == []


@named
def test_a_rule_says_how_urgent_it_is_and_where_to_read_on(rule: dict[str, Any]) -> None:
    said = rule["annotations"]
    assert rule["labels"].keys() == {"severity"}
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert said["runbook_url"] == f"docs/runbook.md#{rule['alert'].lower()}"
    assert "{{" not in said["summary"]


@named
def test_a_rule_that_counts_nothing_waits_before_it_fires(rule: dict[str, Any]) -> None:
    over_an_hour = re.search(r"(increase|changes)\(.*\[1h\]\)", rule["expr"])
    assert "for" in rule or over_an_hour


def test_the_runbook_has_a_section_for_each_alert_in_the_files_order() -> None:
    assert [rule["alert"] for rule in RULES] == SECTIONS


def test_the_page_of_metrics_lists_the_alerts_as_the_file_has_them() -> None:
    page = (DOCS / "metrics.md").read_text(encoding="utf-8")
    assert alerts_table() in page, "put what python -m deploy.prometheus.table prints into docs/metrics.md"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("dateline_lag > 0", ["no metric dateline_lag"]),
        ('dateline_ready{topic="x"} == 0', ["dateline_ready has no label topic"]),
        ("sum by (reason) (rate(dateline_lane_failures_total[5m]))", ["no label reason"]),
        ("max_over_time(dateline_ready[5m:1m]) and on (reason) up", ["no label reason"]),
        ("sum by (le) (rate(dateline_article_age_seconds_bucket[5m]))", []),
        ("sum by (topic) (dateline_ready or dateline_lag_records)", []),
    ],
)
def test_what_is_not_there_is_found(expression: str, problem: list[str]) -> None:
    found = problems(expression)
    assert len(found) == len(problem)
    assert all(one.startswith(start) for one, start in zip(found, problem, strict=True))
