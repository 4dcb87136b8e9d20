"""The Helm chart says what the code says. What it renders to is looked at by `make kit`, which has Helm."""

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.scripts import load_script
from worker import __version__
from worker.channels import Channel
from worker.commands import main
from worker.delivery.faust.shutdown import AT_ONCE_SECONDS
from worker.desk.app import OPEN_PATHS
from worker.settings import Output, Settings, SettingsError, is_secret
from worker.topology import rights

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy" / "helm" / "dateline"
TEMPLATES = {path.name: path.read_text(encoding="utf-8") for path in (CHART / "templates").rglob("*.*")}
VALUES = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
CONTRACT = yaml.safe_load((CHART / "files" / "contract.yaml").read_text(encoding="utf-8"))
CASES = {path.stem: path for path in sorted((CHART / "ci").glob("*.yaml"))}


def merged(values: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """As Helm lays given values over the defaults."""
    both = {name: merged(values[name], over[name]) for name in over if isinstance(values.get(name), dict)}
    return values | over | both


def test_what_is_generated_is_what_the_code_says_now() -> None:
    generator = load_script(ROOT / "deploy" / "helm" / "generate")
    outdated = [str(path.relative_to(ROOT)) for path in generator.outdated()]
    assert outdated == [], "run deploy/helm/generate"


def test_the_chart_and_its_worker_have_one_version() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert (chart["version"], chart["appVersion"]) == (__version__, __version__)


@pytest.mark.parametrize("size", range(1, len(Output) + 1))
def test_with_any_outputs_the_chart_s_rights_and_topics_are_the_code_s(size: int) -> None:
    for outputs in combinations(Output, size):
        try:
            settings = Settings.from_env({"DATELINE_OUTPUTS": ",".join(outputs)})
        except SettingsError:
            continue
        wanted = {(one.name, one.operation) for one in rights(settings) if one.resource == "Topic"}
        assert wanted == {
            (f"news.{one['topic']}", one["operation"])
            for one in CONTRACT["topicRights"]
            if {one.get("onlyFor"), one.get("andFor")} <= {None, *outputs}
        }
        made = {
            one["name"]
            for one in CONTRACT["topics"]
            if {one.get("onlyFor"), one.get("andFor")} <= {None, *outputs}
        }
        used = {Channel(name.removeprefix("news.")) for name, _ in wanted} | {Channel.REDRIVEN}
        assert made == {channel.value for channel in used}


def test_the_default_values_are_what_the_schema_takes() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    jsonschema.validate(VALUES, SCHEMA)


@pytest.mark.parametrize("case", CASES)
def test_each_set_of_values_is_what_the_schema_takes(case: str) -> None:
    jsonschema.validate(merged(VALUES, yaml.safe_load(CASES[case].read_text(encoding="utf-8"))), SCHEMA)


def test_the_schema_describes_every_value_and_no_other() -> None:
    def names(values: Any, schema: dict[str, Any], path: str) -> set[str]:
        """Values without a schema, and schemas without a value."""
        if not values or not isinstance(values, dict) or "properties" not in schema:
            return set()
        declared = schema["properties"]
        odd = {f"{path}{name}" for name in values.keys() ^ declared.keys()}
        below = (names(values[name], declared[name], f"{path}{name}.") for name in values if name in declared)
        return odd.union(*below)

    left_out = {name for name in names(VALUES, SCHEMA, "") if not name.startswith("settings.")}
    assert left_out == {"global"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"kafka": {"brokers": "kafka"}},
        {"kafka": {"sasl": {"password": "secret"}}},
        {"kafka": {"securityProtocol": "TLS"}},
        {"settings": {"sasl_password": "secret"}},
        {"settings": {"batch_sizes": 64}},
        {"settings": {"batch_size": 0}},
        {"settings": {"outputs": ["everything"]}},
        {"settings": {"web_port": 8080}},
        {"desk": {"token": {"value": "a token of many characters"}}},
        {"desk": {"names": ["https://desk.example.org"]}},
        {"desk": {"index": {"sizeLimit": "much"}}},
        {"extraEnv": [{"name": "DATELINE_SASL_PASSWORD", "value": "secret"}]},
        {"autoscaling": {"trigger": "cpu"}},
        {"replicas": 3},
    ],
    ids=json.dumps,
)
def test_a_value_that_would_not_work_is_refused_before_anything_is_rendered(wrong: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(merged(VALUES, wrong), SCHEMA)


def test_every_setting_can_be_set_and_no_secret() -> None:
    variables = set(re.findall(r"DATELINE_([A-Z_]+)[,}\s]", "".join(TEMPLATES.values())))
    rendered = {name.lower() for name in variables} & set(Settings.model_fields)
    by_name = set(SCHEMA["properties"]["settings"]["properties"])
    # The image sets its own address; its port is the default.
    assert rendered | by_name | {"web_host", "web_port"} == set(Settings.model_fields)
    assert not any(map(is_secret, by_name))
    assert not rendered & by_name


def test_the_chart_writes_no_variable_that_is_no_setting() -> None:
    variables = re.findall(r"name: DATELINE_([A-Z_]+)", "".join(TEMPLATES.values()))
    assert variables
    fields = {name.lower() for name in variables}
    assert fields <= set(Settings.model_fields)
    by_reference = re.findall(
        r"name: DATELINE_([A-Z_]+)\n\s+valueFrom: \{secretKeyRef", TEMPLATES["_helpers.tpl"]
    )
    assert {name.lower() for name in by_reference} == set(filter(is_secret, Settings.model_fields))


def test_probes_ask_pages_that_there_are_on_the_port_that_is_served() -> None:
    pages = (ROOT / "worker" / "web" / "health.py").read_text(encoding="utf-8")
    probed = re.findall(r"(\w+)Probe:\n\s+httpGet: \{path: (\S+), port: http\}", TEMPLATES["workload.yaml"])
    assert dict(probed) == {"startup": "/livez", "liveness": "/livez", "readiness": "/readyz"}
    scraped = re.search(r"path: (\S+)", TEMPLATES["monitor.yaml"])
    assert scraped
    assert all(f'web.get("{path}"' in pages for path in (scraped[1], *dict(probed).values()))
    assert CONTRACT["defaults"]["web_port"] == Settings.from_env({}).web_port


def test_the_desk_s_probes_ask_the_page_that_takes_no_token() -> None:
    assert re.findall(r"httpGet: \{path: (\S+), port: desk,", TEMPLATES["desk.yaml"]) == ["/sign-in"]
    assert "/sign-in" in OPEN_PATHS


def test_a_worker_has_a_little_more_than_the_time_it_takes_to_stop() -> None:
    more = re.search(
        r"terminationGracePeriodSeconds: \{\{ add \(ceil \$seconds\) (\d+) \}\}", TEMPLATES["workload.yaml"]
    )
    assert more
    assert int(more[1]) > AT_ONCE_SECONDS
    assert 'list . "shutdown_seconds"' in TEMPLATES["workload.yaml"]


def test_the_chart_runs_commands_that_there_are() -> None:
    assert "args: [worker]" in TEMPLATES["workload.yaml"]
    assert '(list "topics" "create")' in TEMPLATES["topics-job.yaml"]
    assert '(list "check")' in TEMPLATES["check.yaml"]
    assert "args:\n            - desk\n" in TEMPLATES["desk.yaml"]
    assert {"worker", "topics", "check", "desk"} <= set(main.list_commands(None))


def test_the_chart_runs_as_the_image_s_user() -> None:
    image = (ROOT / "deploy" / "Dockerfile").read_text(encoding="utf-8")
    users = re.findall(r"(?:runAsUser|runAsGroup|fsGroup): (\d+)", TEMPLATES["_helpers.tpl"])
    assert users == ["10001"] * 3
    assert "USER 10001:10001" in image


@pytest.mark.parametrize(
    ("name", "source"),
    [("alerts.yaml", "prometheus/alerts.yaml"), ("dashboard.json", "grafana/dateline.json")],
)
def test_rules_and_dashboard_are_taken_over_as_they_are(name: str, source: str) -> None:
    assert (CHART / "files" / name).read_bytes() == (ROOT / "deploy" / source).read_bytes()
