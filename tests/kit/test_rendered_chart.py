"""What Helm makes of the chart is what the worker's code takes. `make kit` fetches Helm and runs this."""

import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.scripts import load_script
from worker.commands.desk import command as desk
from worker.commands.topics.settings import expected_topics
from worker.settings import Output, Settings, unknown_variables
from worker.topology import Right, rights

ROOT = Path(__file__).resolve().parents[2]
CHART = ROOT / "deploy" / "helm" / "dateline"
CASES = {path.stem: path for path in sorted((CHART / "ci").glob("*.yaml"))}
KINDS = {"topic": "Topic", "group": "Group", "transactionalId": "TransactionalId"}
PATTERNS = {"literal": "literal", "prefix": "prefixed"}
# What the image sets.
IMAGE = {"DATELINE_WEB_HOST": "0.0.0.0", "DATELINE_LOG_FORMAT": "json"}

Object = dict[str, Any]


KIT = load_script(ROOT / "deploy" / "helm" / "kit")
HELM: Path = KIT.program("helm")
pytestmark = pytest.mark.skipif(
    not HELM.exists() and "DATELINE_TEST_KIT" not in os.environ, reason="`make kit` fetches Helm"
)


def helm(*words: str) -> subprocess.CompletedProcess[str]:
    chart = [str(CHART), "--namespace", "news", "--kube-version", KIT.KUBERNETES[-1]]
    command = [str(HELM), "template", "release", *chart, *words]
    return subprocess.run(command, capture_output=True, text=True)


@cache
def rendered(*words: str) -> tuple[Object, ...]:
    """The objects that the chart makes with these options of Helm's."""
    done = helm(*words)
    assert done.returncode == 0, done.stderr
    return tuple(one for one in yaml.safe_load_all(done.stdout) if one)


def of_case(case: str) -> tuple[Object, ...]:
    return rendered("--values", str(CASES[case]))


def only(objects: tuple[Object, ...], *kinds: str) -> list[Object]:
    return [one for one in objects if one["kind"] in kinds]


def workload(objects: tuple[Object, ...]) -> Object:
    (one,) = (one for one in only(objects, "Deployment", "StatefulSet") if component(one) == "worker")
    return one


def component(one: Object) -> str:
    found: str = one["metadata"]["labels"]["app.kubernetes.io/component"]
    return found


def of_desk(objects: tuple[Object, ...]) -> dict[str, Object]:
    """The desk's Deployment, Service and NetworkPolicy by their kinds, where there is one."""
    label = "app.kubernetes.io/component"
    return {one["kind"]: one for one in objects if one["metadata"]["labels"].get(label) == "desk"}


def pods(objects: tuple[Object, ...]) -> Iterator[tuple[Object, Object]]:
    """Metadata and spec of every pod that is made, whoever makes it."""
    for one in only(objects, "Deployment", "StatefulSet", "Job"):
        yield one["spec"]["template"]["metadata"], one["spec"]["template"]["spec"]
    for one in only(objects, "Pod"):
        yield one["metadata"], one["spec"]


def variables(pod: Object, folder: Path) -> dict[str, str]:
    """A pod's variables, as its container would see them: the files that they name are there."""
    (container,) = pod["containers"]
    mounted = [mount["mountPath"] for mount in container.get("volumeMounts", [])]
    found = dict(IMAGE)
    for one in container["env"]:
        value = one.get("value", "pod-0")
        if value.startswith("/etc/dateline/"):
            assert any(value.startswith(f"{path}/") for path in mounted), one
            file = folder / value.removeprefix("/")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("of the secret", encoding="utf-8")
            value = str(file)
        found[one["name"]] = value
    return found


def settings_of(objects: tuple[Object, ...], folder: Path) -> Settings:
    return Settings.from_env(variables(workload(objects)["spec"]["template"]["spec"], folder))


@pytest.mark.parametrize("case", CASES)
def test_every_pod_s_variables_are_settings_that_a_worker_takes(case: str, tmp_path: Path) -> None:
    for _, pod in pods(of_case(case)):
        found = variables(pod, tmp_path)
        assert unknown_variables(found) == []
        settings = Settings.from_env(found)
        given = yaml.safe_load(CASES[case].read_text(encoding="utf-8"))
        assert settings.brokers == given["kafka"]["brokers"]
        for name, value in given.get("settings", {}).items():
            assert getattr(settings, name) == (tuple(value) if isinstance(value, list) else value), name


@pytest.mark.parametrize("case", CASES)
def test_every_pod_may_do_nothing_but_run(case: str) -> None:
    for _, pod in pods(of_case(case)):
        assert pod["automountServiceAccountToken"] is False
        # Variables of Services would begin as settings do, for one that is called dateline-web as one does.
        assert pod["enableServiceLinks"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        (container,) = pod["containers"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        volumes = {volume["name"] for volume in pod.get("volumes", [])}
        assert {mount["name"] for mount in container.get("volumeMounts", [])} == volumes


@pytest.mark.parametrize("case", CASES)
def test_no_object_holds_a_secret(case: str) -> None:
    objects = of_case(case)
    assert only(objects, "Secret") == []
    for _, pod in pods(objects):
        secret = [one for one in pod["containers"][0]["env"] if "PASSWORD" in one["name"]]
        assert all(one.keys() == {"name", "valueFrom"} for one in secret)


@pytest.mark.parametrize("case", CASES)
def test_whatever_selects_workers_finds_all_of_them_and_nothing_else(case: str) -> None:
    objects = of_case(case)
    labels = workload(objects)["spec"]["template"]["metadata"]["labels"]
    others = [metadata["labels"] for metadata, _ in pods(objects) if metadata["labels"] != labels]
    selectors = [workload(objects)["spec"]["selector"]["matchLabels"]]
    selectors += [
        one["spec"]["selector"]["matchLabels"] for one in only(objects, "PodDisruptionBudget", "PodMonitor")
    ]
    selectors += [one["spec"]["selector"] for one in only(objects, "Service") if component(one) == "worker"]
    for selector in selectors:
        assert selector.items() <= labels.items()
        assert not any(selector.items() <= other.items() for other in others)
    for one in only(objects, "ServiceMonitor"):
        (service,) = only(objects, "Service")
        assert one["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()


@pytest.mark.parametrize("case", CASES)
def test_a_worker_has_time_to_stop_and_memory_for_its_articles(case: str, tmp_path: Path) -> None:
    objects = of_case(case)
    settings = settings_of(objects, tmp_path)
    pod = workload(objects)["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] >= settings.shutdown_seconds + 5
    resources = pod["containers"][0]["resources"]
    if case != "everything":  # which has its own
        limit, request = (
            int(resources[one]["memory"].removesuffix("Mi")) << 20 for one in ("limits", "requests")
        )
        stories = 800 << 20 if Output.STORIES in settings.outputs else 0
        assert limit - request == settings.processes * settings.article_memory_bytes + stories
        assert resources["requests"]["cpu"] == str(settings.processes)


def test_a_worker_s_request_covers_what_was_measured_and_not_much_more() -> None:
    page = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")
    figures = page.partition("<!-- figures: memory -->")[2].partition("<!-- end")[0]
    rows = [line.strip("| ").split(" | ") for line in figures.splitlines() if line.endswith("MiB |")]
    most = {int(row[0]): int(row[-1].removesuffix(" MiB")) for row in rows}
    assert 1 in most
    for processes, together in most.items():
        objects = rendered("--values", str(CASES["defaults"]), "--set", f"settings.processes={processes}")
        (container,) = workload(objects)["spec"]["template"]["spec"]["containers"]
        requested = int(container["resources"]["requests"]["memory"].removesuffix("Mi"))
        # Rules were not measured there: 30,000 take 94 MiB, and what was read ahead is only partly used.
        assert together + 94 <= requested <= 1.5 * together


def test_whatever_selects_the_desk_finds_it_and_nothing_else() -> None:
    objects = of_case("desk")
    made = of_desk(objects)
    deployment, service, policy = made["Deployment"], made["Service"], made["NetworkPolicy"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    others = [metadata["labels"] for metadata, _ in pods(objects) if metadata["labels"] != labels]
    assert others
    for selector in (
        deployment["spec"]["selector"]["matchLabels"],
        service["spec"]["selector"],
        policy["spec"]["podSelector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
        assert not any(selector.items() <= other.items() for other in others)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    (port,) = container["ports"]
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    assert policy["spec"]["ingress"][0]["ports"][0]["port"] == port["name"]


def desk_container(*more: str) -> Object:
    """The desk's container with the values of its case, and more options of Helm's."""
    deployment = of_desk(rendered("--values", str(CASES["desk"]), *more))["Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return dict(container)


@pytest.mark.parametrize(
    ("more", "names", "changes"),
    [
        ([], {"desk.example.org", "localhost", "127.0.0.1"}, True),
        (["--set", "desk.names=null", "--set", "desk.allowChanges=false"], set(), False),
    ],
)
def test_the_desk_is_started_as_its_command_takes_it_and_lets_its_probes_in(
    more: list[str], names: set[str], changes: bool, tmp_path: Path
) -> None:
    container = desk_container(*more)
    token = tmp_path / "token"
    token.write_text("a token of many characters", encoding="utf-8")
    mounted = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    said = f"{mounted['desk-token']}/token"
    name, *words = (word.replace(said, str(token)) for word in container["args"])
    assert name == "desk"
    given = desk.command.make_context("desk", words).params
    assert given["port"] == container["ports"][0]["containerPort"]
    assert given["index"].is_relative_to(mounted["desk-index"])
    assert (set(given["names"]), given["allow_changes"]) == (names, changes)
    access = desk.desk_access(given["host"], given["names"], given["token_file"], None, ())
    assert access.hosts is None or access.hosts == names
    probes = [container[f"{kind}Probe"]["httpGet"] for kind in ("startup", "liveness", "readiness")]
    assert {probe["path"] for probe in probes} == {"/sign-in"}
    asked = {header["value"] for probe in probes for header in probe["httpHeaders"]}
    assert access.hosts is None or asked <= access.hosts


def test_the_desk_has_the_memory_that_was_measured_and_what_an_article_may_take(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "desk.md").read_text(encoding="utf-8")
    measured = [int(mib) for mib in re.findall(r"(\d+) MiB \|", page)] + [286]
    assert "had 286 MiB after as many articles" in page
    resources = desk_container()["resources"]
    request, limit = (int(resources[one]["memory"].removesuffix("Mi")) for one in ("requests", "limits"))
    assert max(measured) <= request <= 1.5 * max(measured)
    article = settings_of(of_case("desk"), tmp_path).article_memory_bytes
    assert limit - request == article >> 20


def test_the_desk_logs_in_by_its_own_name_and_workers_by_theirs(tmp_path: Path) -> None:
    found = {one["name"]: one for one in desk_container()["env"]}
    assert found["DATELINE_SASL_USERNAME"]["value"] == "desk"
    assert found["DATELINE_SASL_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "desk-login"
    assert settings_of(of_case("desk"), tmp_path).sasl_username == "worker"
    found = {one["name"]: one for one in desk_container("--set", "desk.secret=")["env"]}
    assert found["DATELINE_SASL_PASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "dateline-login"


def test_there_is_no_desk_unless_it_is_asked_for() -> None:
    cases = {case: len(of_desk(of_case(case))) for case in CASES}
    assert {case: number for case, number in cases.items() if number} == {"desk": 3}


def acls(user: Object) -> set[Right]:
    allowed = (
        (acl["resource"], one) for acl in user["spec"]["authorization"]["acls"] for one in acl["operations"]
    )
    return {
        Right(operation, KINDS[resource["type"]], resource["name"], PATTERNS[resource["patternType"]])
        for resource, operation in allowed
    }


@pytest.mark.parametrize("case", [case for case in CASES if case.startswith("strimzi")])
def test_a_kafka_user_has_the_rights_that_the_code_derives(case: str, tmp_path: Path) -> None:
    (user,) = only(of_case(case), "KafkaUser")
    assert acls(user) == set(rights(settings_of(of_case(case), tmp_path)))


# Of all combinations, tests/unit/deploy/test_chart.py says the same of the file that the templates go by.
@pytest.mark.parametrize(
    "outputs",
    [",".join(Output), "enriched,entities,quotes,search,alerts", "enriched,alerts", "search,quotes"],
)
@pytest.mark.parametrize("delivery", ["exactly-once", "at-least-once"])
def test_topics_and_rights_are_those_that_the_code_derives(
    outputs: str, delivery: str, tmp_path: Path
) -> None:
    more = [f"settings.outputs={{{outputs}}}", f"settings.delivery={delivery}", "settings.partitions=7"]
    objects = rendered(
        "--values", str(CASES["strimzi-scram"]), *(word for one in more for word in ("--set", one))
    )
    settings = settings_of(objects, tmp_path)
    (user,) = only(objects, "KafkaUser")
    assert acls(user) == set(rights(settings))
    made = {
        one["spec"]["topicName"]: (one["spec"]["partitions"], one["spec"]["replicas"], one["spec"]["config"])
        for one in only(objects, "KafkaTopic")
    }
    assert made == {
        one.name: (one.partitions, one.replication, one.config)
        for one in expected_topics(settings, brokers=3)
    }


@pytest.mark.parametrize("copies", [1, 2])
def test_a_topic_takes_one_in_sync_copy_less_than_it_has(copies: int, tmp_path: Path) -> None:
    objects = rendered("--values", str(CASES["strimzi-scram"]), "--set", f"strimzi.topics.replicas={copies}")
    settings = settings_of(objects, tmp_path)
    (wanted,) = {one.config["min.insync.replicas"] for one in expected_topics(settings, brokers=copies)}
    assert {one["spec"]["config"]["min.insync.replicas"] for one in only(objects, "KafkaTopic")} == {wanted}


def test_the_rules_are_those_of_the_file_and_one_that_knows_the_workload() -> None:
    (made,) = only(of_case("everything"), "PrometheusRule")
    *groups, own = made["spec"]["groups"]
    assert groups == yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"]
    (rule,) = own["rules"]
    promql_parser.parse(rule["expr"])
    name = workload(of_case("everything"))["metadata"]["name"]
    assert rule["expr"].count(f'{{namespace="news",deployment="{name}"}}') == 2
    # Its link leads to a section that there is.
    assert rule["annotations"]["runbook_url"] == groups[0]["rules"][1]["annotations"]["runbook_url"]


def test_the_scaler_reads_the_group_and_the_topics_of_the_worker(tmp_path: Path) -> None:
    objects = of_case("strimzi-tls")
    settings = settings_of(objects, tmp_path)
    (scaled,) = only(objects, "ScaledObject")
    triggers = {one["name"]: one["metadata"] for one in scaled["spec"]["triggers"]}
    assert {one["consumerGroup"] for one in triggers.values()} == {settings.group_id}
    assert {name: one["topic"] for name, one in triggers.items()} == {
        "raw": "Desk_7.articles.raw.v1",
        "enriched": "Desk_7.articles.enriched.v1",
        "matches": "Desk_7.alert-matches.v1",
        "sketches": "Desk_7.story-sketches.v1",
        "stories": "Desk_7.stories.v1",
    }
    readable = {right.name for right in rights(settings) if right.operation == "Read"}
    assert {one["topic"] for one in triggers.values()} <= readable


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "kafka.brokers is empty"),
        ({"kafka.securityProtocol": "SASL_SSL"}, "takes kafka.sasl.username and kafka.sasl.secret"),
        ({"autoscaling.enabled": "true"}, "takes autoscaling.prometheus.serverAddress"),
        (
            {"autoscaling.enabled": "true", "autoscaling.minReplicas": "0"},
            "autoscaling.minReplicas: 0 takes autoscaling.trigger: kafka",
        ),
        ({"strimzi.user.create": "true"}, "take strimzi.cluster"),
        ({"strimzi.topics.create": "true", "topicsJob.enabled": "true"}, "both make the topics"),
        (
            {
                "strimzi.cluster": "news",
                "strimzi.user.create": "true",
                "topicsJob.enabled": "true",
                "kafka.securityProtocol": "SASL_SSL",
            },
            "topicsJob.enabled has no login yet with strimzi.user.create",
        ),
        ({"strimzi.topics.config.raw.a": "b"}, "strimzi.topics.config: raw is no topic of the contract"),
        ({"desk.enabled": "true"}, "desk.enabled takes desk.token.secret"),
        (
            {"desk.enabled": "true", "desk.token.secret": "token", "desk.secret": "login"},
            "desk.secret takes desk.username",
        ),
        (
            {
                "desk.enabled": "true",
                "desk.token.secret": "token",
                "strimzi.cluster": "news",
                "strimzi.user.create": "true",
                "kafka.securityProtocol": "SASL_SSL",
            },
            "desk.enabled takes another login than strimzi.user.create makes",
        ),
        ({"desk.token.value": "a token of many characters"}, "value"),
        ({"monitoring.rulesOff": "{NoWorker}"}, "monitoring.rulesOff: NoWorker is no alert"),
        ({"settings.outputs": "{alerts}"}, "takes enriched along with alerts"),
        ({"settings.batch_size": "0"}, "/settings/batch_size"),
        ({"kafka.sasl.password": "word"}, "password"),
    ],
    ids=str,
)
def test_values_that_would_not_work_are_refused_by_their_names(values: dict[str, str], said: str) -> None:
    brokers = [] if not values else ["--set", "kafka.brokers=kafka:9092"]
    done = helm(*brokers, *(word for one in values.items() for word in ("--set", "=".join(one))))
    assert done.returncode != 0
    assert said in done.stderr


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("maxSurge:", "maxSurges:"),
        ("periodSeconds: 5", "periodSeconds: soon"),
        ("policyTypes:", "policyType:"),
        ("unhealthyPodEvictionPolicy:", "unhealthyPods:"),
        ("minReplicaCount:", "minReplicas:"),
        ("patternType: prefix", "patternType: prefixed"),
        ("replicas: 1", "replicas: one"),
    ],
)
def test_a_mistake_in_what_is_rendered_does_not_pass_the_schemas(right: str, wrong: str) -> None:
    text = helm("--values", str(CASES["strimzi-tls"])).stdout
    assert right in text
    hold = [str(word) for word in KIT.holding(KIT.KUBERNETES[-1])]
    assert subprocess.run(hold, input=text, capture_output=True, text=True).returncode == 0
    mistaken = subprocess.run(hold, input=text.replace(right, wrong), capture_output=True, text=True)
    assert mistaken.returncode == 1, mistaken.stdout
