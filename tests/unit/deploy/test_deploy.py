"""What deploy/ says agrees with the settings, the commands and the versions tested with."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from worker.commands import main
from worker.commands.desk.command import DEFAULT_PORT, desk_access
from worker.settings import Settings, unknown_variables

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service.get("image") == "dateline"}
IMAGE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
IMAGE_VARIABLES = dict(re.findall(r"^\s+(?:ENV )?(DATELINE_\w+)=(\S+)", IMAGE, re.MULTILINE))


def settings(service: dict[str, Any]) -> Settings:
    return Settings.from_env(IMAGE_VARIABLES | service["environment"])


@pytest.mark.parametrize("name", OURS)
def test_every_variable_sets_something_that_can_be_set(name: str) -> None:
    assert unknown_variables(IMAGE_VARIABLES | OURS[name]["environment"]) == []
    assert settings(OURS[name]).brokers == "kafka:19092"


@pytest.mark.parametrize("name", OURS)
def test_every_service_runs_a_command_that_there_is(name: str) -> None:
    words = [*OURS[name].get("entrypoint", []), *OURS[name]["command"]]
    verb = next(word for word in words if word != "dateline")
    assert verb in main.list_commands(None)


def test_the_image_listens_to_the_world_and_the_app_by_itself_does_not() -> None:
    assert settings(OURS["worker"]).web_host == "0.0.0.0"
    assert Settings.from_env({}).web_host == "127.0.0.1"
    port = str(Settings.from_env({}).web_port)
    assert f"EXPOSE {port}" in IMAGE
    assert f"'{port}'" in re.search(r"HEALTHCHECK .*", IMAGE)[0]


def test_nothing_in_the_image_runs_as_root() -> None:
    last_stage = IMAGE.rpartition("FROM ")[2]
    assert re.findall(r"^USER (\d+):(\d+)$", last_stage, re.MULTILINE) == [("10001", "10001")]
    assert "RUN" not in last_stage


@pytest.mark.parametrize("name", OURS)
def test_where_nothing_can_be_written_a_temporary_directory_can(name: str) -> None:
    assert OURS[name]["read_only"] is True
    assert OURS[name]["tmpfs"] == ["/tmp"]


def test_the_worker_has_the_time_it_takes_to_stop() -> None:
    worker = OURS["worker"]
    assert "STOPSIGNAL SIGTERM" in IMAGE
    assert int(worker["stop_grace_period"].removesuffix("s")) > settings(worker).shutdown_seconds


def test_two_workers_start_once_the_topics_are_made() -> None:
    assert OURS["worker"]["deploy"]["replicas"] == 2
    assert OURS["worker"]["depends_on"] == {"topics": {"condition": "service_completed_successfully"}}
    assert OURS["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_the_desk_asks_for_a_token_whose_file_one_line_makes(tmp_path: Path) -> None:
    desk, secret = OURS["desk"], COMPOSE["secrets"]["desk-token"]["file"]
    words = desk["command"]
    said = dict(zip(words[1::2], words[2::2], strict=True))
    assert said["--token-file"] == f"/run/secrets/{desk['secrets'][0]}"
    assert said["--host"] == "0.0.0.0"
    assert desk["ports"] == [f"127.0.0.1:{DEFAULT_PORT}:{DEFAULT_PORT}"]
    assert f":{DEFAULT_PORT}/" in desk["healthcheck"]["test"][-1]
    assert said["--index"].startswith("/tmp/")
    head = (DEPLOY / "compose.yaml").read_text(encoding="utf-8").partition("\nname:")[0]
    made = re.search(r"^#     (openssl .+) > (deploy/[\w-]+)$", head, re.MULTILINE)
    assert (DEPLOY.parent / made[2]).resolve() == (DEPLOY / secret).resolve()
    assert made[2] in (DEPLOY.parent / ".gitignore").read_text(encoding="utf-8").split()
    token = tmp_path / "token"
    token.write_bytes(subprocess.run(made[1].split(), capture_output=True, check=True).stdout)
    access = desk_access(said["--host"], (), token, None, ())
    assert access.is_token(token.read_text().strip())


def test_kafka_is_the_version_that_the_tests_run_on() -> None:
    pom = (DEPLOY / "kafka" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<kafka.version>(.+)</kafka.version>", pom)[1]
    assert SERVICES["kafka"]["image"] == SERVICES["refused-topic"]["image"] == f"apache/kafka:{version}"
    assert f"ARG KAFKA={version}\n" in (DEPLOY / "search" / "connect" / "Dockerfile").read_text(
        encoding="utf-8"
    )
    assert f'DEFAULT_VERSION = "{version}"' in (DEPLOY / "kafka" / "kafka").read_text(encoding="utf-8")


def test_every_image_of_others_has_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    assert [image for image in images if not re.fullmatch(r"[a-z]+/[a-z]+:v?\d+\.\d+\.\d+", image)] == []


def test_every_file_that_a_service_sees_is_there() -> None:
    mounts = (mount.split(":") for service in SERVICES.values() for mount in service.get("volumes", ()))
    sources = [source for source, *_ in mounts]
    assert [one for one in sources if one.startswith(".") and not (DEPLOY / one).exists()] == []
    assert {one for one in sources if not one.startswith(".")} == set(COMPOSE["volumes"])


def test_nothing_can_be_reached_from_other_machines() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_prometheus_asks_every_worker_and_has_the_alerts() -> None:
    config = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = config["scrape_configs"]
    (workers,) = job["dns_sd_configs"]
    assert workers["names"] == ["worker"]
    assert workers["port"] == settings(OURS["worker"]).web_port
    assert config["rule_files"] == ["alerts.yaml"]
    assert "./prometheus/alerts.yaml:/etc/prometheus/alerts.yaml:ro" in SERVICES["prometheus"]["volumes"]


def test_grafana_asks_that_prometheus_and_shows_the_dashboard() -> None:
    provisioning = DEPLOY / "grafana" / "provisioning"
    read = {
        path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in provisioning.rglob("*.yaml")
    }
    (source,) = read["datasources"]["datasources"]
    assert (source["type"], source["url"], source["isDefault"]) == (
        "prometheus",
        "http://prometheus:9090",
        True,
    )
    (dashboards,) = read["dashboards"]["providers"]
    grafana = SERVICES["grafana"]
    assert f"./grafana/dateline.json:{dashboards['options']['path']}/dateline.json:ro" in grafana["volumes"]
    assert grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"].startswith(
        dashboards["options"]["path"]
    )


def test_from_the_host_kafka_is_where_dateline_looks_by_default() -> None:
    listeners = SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    assert f"OUTSIDE://{Settings.from_env({}).brokers}" in listeners.split(",")
    assert SERVICES["kafka"]["ports"] == ["127.0.0.1:9092:9092"]


def test_the_search_profile_has_the_hosts_that_its_connector_names() -> None:
    sink = json.loads((DEPLOY / "search" / "opensearch-sink.json").read_text(encoding="utf-8"))["config"]
    assert SERVICES["search-set-up"]["command"] == [sink["connection.url"], "http://connect:8083"]
    assert sink["connection.url"] == "http://search:9200"
    refused = SERVICES["refused-topic"]["command"]
    assert refused[refused.index("--topic") + 1] == sink["errors.deadletterqueue.topic.name"]
    assert f"max.message.bytes={sink['producer.override.max.request.size']}" in refused
    connect = (DEPLOY / "search" / "connect" / "connect.properties").read_text(encoding="utf-8")
    assert "bootstrap.servers=kafka:19092\n" in connect


def test_the_search_profile_has_the_version_that_its_check_starts() -> None:
    pom = (DEPLOY / "search" / "node" / "pom.xml").read_text(encoding="utf-8")
    version = re.search(r"<opensearch.version>(.+)</opensearch.version>", pom)[1]
    assert {SERVICES[name]["image"] for name in ("search", "search-set-up")} == {
        f"opensearchproject/opensearch:{version}"
    }
