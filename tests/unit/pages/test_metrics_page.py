"""Every metric is documented, and what the documentation names is there."""

import re
from pathlib import Path

import pytest
from prometheus_client import exposition, parser
from prometheus_client.openmetrics import exposition as openmetrics
from prometheus_client.openmetrics import parser as openmetrics_parser

from tests.unit.deploy.promql import problems
from worker import metrics

PAGE = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
PROSE = re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)
EXPRESSIONS = [
    text for text in re.findall(r"`([^`]+)`", PROSE) if re.search(r"dateline_.*[][(<>/]|[(]dateline_", text)
]


def families():
    return [family for family in metrics.REGISTRY.collect() if family.name.startswith(metrics.PREFIX)]


def test_the_page_has_every_metric_as_the_code_has_it():
    assert metrics.metrics_table() in PAGE, "write metrics.metrics_table() into docs/metrics.md"


def test_every_metric_is_declared_with_its_type_and_meaning():
    declared = {one.name.removesuffix("_total"): (one.kind, one.meaning) for one in metrics.METRICS}
    assert {family.name: (family.type, family.documentation) for family in families()} == declared
    assert all(meaning for _, meaning in declared.values())


@pytest.mark.parametrize("one", metrics.METRICS, ids=lambda one: one.name)
def test_names_end_in_what_is_counted(one):
    units = (
        "_seconds",
        "_bytes",
        "_records",
        "_articles",
        "_processes",
        "_settings",
        "_offset",
        "_info",
        "_total",
    )
    states = {
        "ready",
        "healthy",
        "reachable",
        "stopping",
        "lanes",
        "lanes_preparing",
        "rules",
        "rules_refused",
        "outputs_off",
    }
    assert one.name.endswith(units) or one.name.removeprefix(metrics.PREFIX) in states
    assert one.name.endswith("_total") == (one.kind == "counter")


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_what_an_expression_asks_for_is_there(expression):
    assert problems(expression) == []


def test_the_page_has_expressions():
    assert EXPRESSIONS


def test_both_formats_can_be_read_back():
    plain = list(parser.text_string_to_metric_families(exposition.generate_latest(metrics.REGISTRY).decode()))
    text = openmetrics.generate_latest(metrics.REGISTRY).decode()
    assert {family.name for family in openmetrics_parser.text_string_to_metric_families(text)} >= {
        family.name for family in families()
    }
    assert {family.name for family in plain} >= {family.name for family in families()}
