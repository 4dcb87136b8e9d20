"""The alert rules, run by promtool over days on which they must fire, and close ones on which none may."""

import json
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from deploy.prometheus.table import ALERTS, alert_rules
from tests.monitoring.alert_cases import CASES
from tests.monitoring.ordinary import MINUTES, input_series, ordinary
from tests.monitoring.tools import needs_promtool

# Groups of workers that one Prometheus watches: promtool takes 10,000 samples a query.
AT_ONCE = 12
# Every alert that fired at any time of the day.
FIRED = 'group by (alertname) (last_over_time(ALERTS{{namespace="{}", alertstate="firing"}}[{}m]))'


def fired(group: str, alerts: Iterable[str]) -> dict[str, object]:
    """What promtool is to find of one group of workers at the end of the day."""
    samples = [{"labels": f'{{alertname="{one}"}}', "value": 1} for one in alerts]
    return {"expr": FIRED.format(group, MINUTES), "eval_time": f"{MINUTES}m", "exp_samples": samples}


def days(numbers: Iterable[int]) -> dict[str, object]:
    """Some of the cases, each as the day of a group of its own, all of them watched by one Prometheus."""
    cases = {f"group-{number}": CASES[number] for number in numbers}
    return {
        "interval": "1m",
        "input_series": [
            series
            for group, case in cases.items()
            for series in input_series(ordinary() | case.differs, group)
        ],
        "promql_expr_test": [fired(group, case.fires) for group, case in cases.items()],
    }


def promtool(tests: list[dict[str, object]], file: Path) -> str:
    """What promtool says of tests of the alert rules; it ends with SUCCESS or with what FAILED."""
    # JSON is YAML too, and written in a fraction of the time.
    everything = {"rule_files": [str(ALERTS)], "evaluation_interval": "2m", "tests": tests}
    file.write_text(json.dumps(everything))
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert "SUCCESS" in said or "got:" in said, said
    return said


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    starts = range(0, len(CASES), AT_ONCE)
    tests = [days(range(len(CASES))[start : start + AT_ONCE]) for start in starts]
    return promtool(tests, tmp_path_factory.mktemp("promtool") / "cases.yaml")


@needs_promtool
@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case.alert}: {case.what}" for case in CASES])
def test_on_such_a_day_these_alerts_fire_and_no_others(said: str, number: int) -> None:
    _, failed, found = said.partition(f'namespace=\\"group-{number}\\"')
    assert not failed, found.partition("expr:")[0]


@needs_promtool
def test_prometheus_that_has_seen_no_worker_for_a_day_says_so(tmp_path: Path) -> None:
    lonely = {"interval": "1m", "input_series": [], "promql_expr_test": [fired("", ["DatelineNoWorker"])]}
    assert "SUCCESS" in promtool([lonely], tmp_path / "lonely.yaml")


@needs_promtool
@pytest.mark.parametrize(("kind", "file"), [("rules", "alerts.yaml"), ("config", "prometheus.yml")])
def test_promtool_finds_no_fault_in_the_file(kind: str, file: str) -> None:
    words = ["promtool", "check", kind, ALERTS.with_name(file)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_day_on_which_it_fires_and_one_on_which_none_does() -> None:
    rules = {rule["alert"] for rule in alert_rules()}
    assert {case.alert for case in CASES if case.alert in case.fires} == rules
    assert {case.alert for case in CASES if not case.fires} - {""} == rules
    assert len({case.what for case in CASES}) == len(CASES)
