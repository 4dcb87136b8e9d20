"""On a cluster that grants nothing by default: what docs/security.md lists is enough, and needed."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from tests.faults.workers import Worker
from tests.forked import ForkedProcess
from worker.alerts.text import condition_from_text
from worker.channels import OUTPUTS, Channel, topic_name
from worker.delivery.kafka.connection import client_options
from worker.records.rules import Cooldown, Rule, rule_to_bytes
from worker.settings import Output, Settings

PAGE = Path(__file__).resolve().parents[3] / "docs" / "security.md"
ANY_ARTICLE = Rule(
    id="any", name="any", owner="desk", when=condition_from_text("NOT zeppelin"), cooldown=Cooldown(seconds=1)
)
ARTICLE = b'"The bridge will open on Friday," said Maria Lindqvist, the mayor of Norrtown, on Monday.'

OPERATIONS = {
    "Read": AclOperation.READ,
    "Write": AclOperation.WRITE,
    "Create": AclOperation.CREATE,
    "Describe": AclOperation.DESCRIBE,
    "DescribeConfigs": AclOperation.DESCRIBE_CONFIGS,
}
RESOURCES = {
    "Topic": ResourceType.TOPIC,
    "Group": ResourceType.GROUP,
    "TransactionalId": ResourceType.TRANSACTIONAL_ID,
}
EVERY_RIGHT = AclBindingFilter(
    ResourceType.ANY, None, ResourcePatternType.ANY, None, None, AclOperation.ANY, AclPermissionType.ANY
)
PATTERNS = {"literal": ResourcePatternType.LITERAL, "prefixed": ResourcePatternType.PREFIXED}


@dataclass(frozen=True)
class Right:
    """One row of the page's tables."""

    principal: str
    operation: str
    resource: str
    name: str
    pattern: str

    def __str__(self) -> str:
        return f"{self.operation} {self.resource} {self.name}"

    def binding(self, prefix: str) -> AclBinding:
        """The right under another prefix than the page's."""
        return AclBinding(
            RESOURCES[self.resource],
            prefix + self.name.removeprefix("news."),
            PATTERNS[self.pattern],
            self.principal,
            "*",
            OPERATIONS[self.operation],
            AclPermissionType.ALLOW,
        )


def rights_on_the_page() -> list[Right]:
    rows = (line.strip("| \n").split(" | ") for line in PAGE.read_text(encoding="utf-8").splitlines())
    return [Right(*row[:5]) for row in rows if row[0].startswith("User:")]


RIGHTS = rights_on_the_page()
CLOCK = "news.clock.v1"
# Without the right to the clock a worker warns, and goes on.
OF_THE_WORKER = [right for right in RIGHTS if right.principal == "User:worker" and right.name != CLOCK]


@dataclass(frozen=True)
class Secured:
    """The cluster: `brokers` for users, `admin` (in the clear, as super user) for the tests."""

    brokers: str
    admin: str
    ca: Path

    def variables(self, user: str, prefix: str, **others: str) -> dict[str, str]:
        """What a user of this cluster sets."""
        variables = {
            "brokers": self.brokers,
            "topic_prefix": prefix,
            "security_protocol": "SASL_SSL",
            "sasl_mechanism": "SCRAM-SHA-512",
            "sasl_username": user,
            "sasl_password": f"{user}-secret",
            "ssl_ca": str(self.ca),
            "web_port": "0",
            "processes": "1",
            # Trends are off by default, and have rows on the page.
            "outputs": ",".join(Output),
            **others,
        }
        return {f"DATELINE_{name.upper()}": value for name, value in variables.items()}

    def options(self, user: str, **others: str) -> dict[str, Any]:
        """The same for a client of the tests."""
        return client_options(Settings.from_env(self.variables(user, "t.", **others)))

    def grant(self, rights: Iterable[Right], prefix: str) -> None:
        """Returns when the rights are in force, a moment after the cluster said yes."""
        client = AdminClient({"bootstrap.servers": self.admin})
        wanted = {right.binding(prefix) for right in rights}
        for future in client.create_acls(list(wanted)).values():
            future.result(timeout=30)
        while not wanted <= set(client.describe_acls(EVERY_RIGHT).result(timeout=30)):
            time.sleep(0.05)

    def take_away(self, right: Right, prefix: str) -> None:
        """Takes one right back from whoever has it."""
        binding = right.binding(prefix)
        exactly = AclBindingFilter(
            binding.restype,
            binding.name,
            binding.resource_pattern_type,
            binding.principal,
            binding.host,
            binding.operation,
            binding.permission_type,
        )
        client = AdminClient({"bootstrap.servers": self.admin})
        for future in client.delete_acls([exactly]).values():
            future.result(timeout=30)

    def committed(self, group: str) -> dict[str, int]:
        """Offsets by topic."""
        client = AdminClient({"bootstrap.servers": self.admin})
        request = client.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
        return {tp.topic: tp.offset for tp in request[group].result(timeout=30).topic_partitions}

    async def put_rule(self, prefix: str) -> None:
        """One that any article matches."""
        async with AIOKafkaProducer(bootstrap_servers=self.admin) as producer:
            value, topic = rule_to_bytes(ANY_ARTICLE), topic_name(Channel.RULES, prefix)
            await producer.send_and_wait(topic, value, key=ANY_ARTICLE.id.encode())


@pytest.fixture(scope="module")
def secured(make_module_cluster: Callable[..., Any]) -> Secured:
    cluster = make_module_cluster("--sasl-ssl")
    plan = json.loads((cluster.data / "cluster.json").read_text(encoding="utf-8"))
    ca = Path(plan["folder"]) / "tls" / "ca.pem"
    return Secured(cluster.brokers, f"127.0.0.1:{plan['brokers'][0]['internal']}", ca)


@pytest.fixture
async def topics(secured: Secured, prefix: str, create_topics: Callable[..., Any]) -> str:
    """The contract's topics on the secured cluster; gives their prefix."""
    await create_topics(secured.admin, prefix)
    return prefix


class Running(ForkedProcess):
    """A command with what it says so far, standard output and errors in one."""

    def __init__(self, *words: str, env: Mapping[str, str], said: IO[bytes]) -> None:
        super().__init__("worker", *words, env=env, stdout=said, stderr=said)
        self._said = said

    async def communicate(self) -> tuple[bytes, None]:
        """Waits for its end, and gives what it has said."""
        await asyncio.to_thread(self.wait)
        self._said.seek(0)
        return self._said.read(), None


@asynccontextmanager
async def dateline(*words: str, variables: dict[str, str]) -> AsyncIterator[Running]:
    """The command line with these settings and no others; killed at the end if it still runs."""
    others = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    with TemporaryFile() as said:
        process = Running(*words, env=others | variables, said=said)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


async def outcome(*words: str, variables: dict[str, str]) -> tuple[int | None, str]:
    """Exit code and output of one command that ends by itself."""
    async with dateline(*words, variables=variables) as process:
        said, _ = await asyncio.wait_for(process.communicate(), 90)
        return process.returncode, said.decode()


def reason(said: str) -> str:
    """Why the worker ended, from its log."""
    events = [json.loads(line) for line in said.splitlines()]
    reasons = [str(event["reason"]) for event in events if event["event"] == "worker ends"]
    assert len(reasons) == 1, said
    return reasons[0]


async def feed(secured: Secured, prefix: str) -> None:
    producer = AIOKafkaProducer(**secured.options("feeder"))
    await producer.start()
    try:
        await producer.send_and_wait(topic_name(Channel.RAW, prefix), ARTICLE, key=b"bridge")
    finally:
        await producer.stop()


async def read_all(
    secured: Secured, prefix: str, *, until: Channel, seconds: float = 60
) -> dict[Channel, list[Any]]:
    """What a reader sees once a record is on `until`, by channel."""
    names = {topic_name(channel, prefix): channel for channel in (*OUTPUTS, Channel.ALERTS, Channel.DEAD)}
    consumer = AIOKafkaConsumer(
        *names,
        **secured.options("reader", sasl_mechanism="PLAIN"),
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )
    seen: dict[Channel, list[Any]] = {channel: [] for channel in names.values()}
    await consumer.start()
    try:
        async with asyncio.timeout(seconds):
            while not seen[until]:
                for tp, records in (await consumer.getmany(timeout_ms=500)).items():
                    seen[names[tp.topic]] += records
        for tp, records in (await consumer.getmany(timeout_ms=1000)).items():
            seen[names[tp.topic]] += records
    finally:
        await consumer.stop()
    return seen


@pytest.mark.parametrize("delivery", ["exactly-once", pytest.param("at-least-once", marks=pytest.mark.long)])
async def test_the_rights_on_the_page_carry_an_article_through(
    secured: Secured, topics: str, delivery: str
) -> None:
    not_needed = "TransactionalId" if delivery == "at-least-once" else None
    secured.grant((right for right in RIGHTS if right.resource != not_needed), topics)
    await secured.put_rule(topics)
    async with dateline("worker", variables=secured.variables("worker", topics, delivery=delivery)) as worker:
        await feed(secured, topics)
        seen = await read_all(secured, topics, until=Channel.ALERTS)
        worker.send_signal(signal.SIGTERM)
        said, _ = await asyncio.wait_for(worker.communicate(), 40)
    assert worker.returncode == 0, said.decode()
    assert len(seen[Channel.ENRICHED]) == len(seen[Channel.SEARCH]) == 1
    assert seen[Channel.DEAD] == []
    assert json.loads(seen[Channel.ENRICHED][0].value)["text"] == ARTICLE.decode()
    committed = secured.committed(f"{topics}dateline")
    # The article's sketch, and its story, may still wait.
    assert committed.pop(topic_name(Channel.SKETCHES, topics)) >= 0
    assert committed.pop(topic_name(Channel.STORIES, topics), 0) >= 0
    assert committed.pop(topic_name(Channel.TREND_NOTES, topics), 0) >= 0
    assert {topic: offset >= 1 for topic, offset in committed.items()} == {
        topic_name(channel, topics): True for channel in (Channel.RAW, Channel.ENRICHED, Channel.MATCHES)
    }
    assert b"secret" not in said


@pytest.mark.parametrize(
    "missing",
    [
        pytest.param(right, id=str(right), marks=[] if number % 4 == 0 else pytest.mark.long)
        for number, right in enumerate(OF_THE_WORKER)
    ],
)
async def test_a_worker_without_one_of_its_rights_says_which_and_ends(
    secured: Secured, topics: str, missing: Right
) -> None:
    secured.grant((right for right in RIGHTS if right is not missing), topics)
    await secured.put_rule(topics)
    await feed(secured, topics)
    code, said = await outcome("worker", variables=secured.variables("worker", topics))
    assert code == 1, said
    assert "the cluster refuses this worker" in reason(said)
    named = missing.resource if missing.resource != "Topic" else topics + missing.name.removeprefix("news.")
    assert named in reason(said)
    assert secured.committed(f"{topics}dateline") == {}


async def test_without_the_right_to_the_clock_a_worker_s_check_warns(secured: Secured, topics: str) -> None:
    secured.grant((right for right in RIGHTS if right.name != CLOCK), topics)
    _, said = await outcome("check", variables=secured.variables("worker", topics))
    topic = topics + CLOCK.removeprefix("news.")
    assert "warning  clock" in said
    assert f"the cluster refuses this user to write the topic {topic}; see its ACLs" in said


@pytest.mark.parametrize(
    "taken",
    [
        # The other rights are taken by the long tests.
        pytest.param(right, id=str(right), marks=[] if right.resource == "Topic" else pytest.mark.long)
        for right in OF_THE_WORKER
        if right.resource != "Topic" or right.name in ("news.articles.raw.v1", "news.entities.v1")
    ],
)
async def test_a_right_taken_from_a_worker_under_way_ends_it_and_nothing_is_dead_lettered(
    secured: Secured, topics: str, tmp_path: Path, taken: Right
) -> None:
    secured.grant(RIGHTS, topics)
    variables = secured.variables("worker", topics, delivery="exactly-once", deliver_seconds="5")
    worker = Worker(secured.brokers, topics, tmp_path / "worker.log", forked=True, **short(variables))
    try:
        worker.wait_until_ready()
        await feed(secured, topics)
        await read_all(secured, topics, until=Channel.ENRICHED)
        secured.take_away(taken, topics)
        await feed(secured, topics)
        assert worker.process.wait(60) == 1
        (end,) = worker.events("worker ends")
    finally:
        worker.end()
    assert "the cluster refuses this worker" in end["reason"]
    seen = await read_all(secured, topics, until=Channel.ENRICHED)
    assert (len(seen[Channel.ENRICHED]), seen[Channel.DEAD]) == (1, [])


async def test_a_right_that_only_the_next_alert_needs_is_missed_when_it_comes(
    secured: Secured, topics: str
) -> None:
    """The error is what the coordinator refuses, not what became of the records sent all the same."""
    (taken,) = (right for right in OF_THE_WORKER if str(right) == "Write Topic news.alert-state.v1")
    secured.grant(RIGHTS, topics)
    await secured.put_rule(topics)
    async with dateline("worker", variables=secured.variables("worker", topics)) as worker:
        await feed(secured, topics)
        await read_all(secured, topics, until=Channel.ALERTS)
        secured.take_away(taken, topics)
        await asyncio.sleep(1)  # the rule's cooldown
        await feed(secured, topics)
        said, _ = await asyncio.wait_for(worker.communicate(), 60)
    assert worker.returncode == 1
    assert "the cluster refuses this worker" in reason(said.decode())
    assert topic_name(Channel.STATE, topics) in reason(said.decode())


def short(variables: dict[str, str]) -> dict[str, str]:
    """Settings by their short names; the trivial worker has its own page and processes."""
    names = {name: name.removeprefix("DATELINE_") for name in variables}
    left_out = ("BROKERS", "TOPIC_PREFIX", "WEB_PORT", "PROCESSES", "OUTPUTS")
    return {names[name]: value for name, value in variables.items() if names[name] not in left_out}


@pytest.mark.parametrize(
    "mechanism", ["PLAIN", pytest.param("SCRAM-SHA-256", marks=pytest.mark.long), "SCRAM-SHA-512"]
)
async def test_a_wrong_password_is_one_clear_line(secured: Secured, mechanism: str) -> None:
    variables = secured.variables("worker", "t.", sasl_mechanism=mechanism, sasl_password="mistyped-word")
    code, said = await outcome("worker", variables=variables)
    assert code == 1, said
    assert "Authentication failed" in reason(said)
    assert "mistyped-word" not in said


async def test_a_certificate_of_an_unknown_authority_is_refused(secured: Secured) -> None:
    variables = secured.variables("worker", "t.")
    del variables["DATELINE_SSL_CA"]
    code, said = await outcome("worker", variables=variables)
    assert code == 1, said
    assert "certificate is not trusted (DATELINE_SSL_CA)" in reason(said)


async def test_rights_without_which_topics_are_hidden_are_named_and_no_topic_is_called_missing(
    secured: Secured, topics: str
) -> None:
    hidden = ("news.quotes.v1", "news.alert-state.v1")
    secured.grant((right for right in RIGHTS if right.name not in hidden), topics)
    code, said = await outcome("check", variables=secured.variables("worker", topics))
    assert code == 1, said
    assert "missing" not in said
    refused = [line for line in said.splitlines() if line.startswith("problem")]
    state, quotes = f"{topics}alert-state.v1", f"{topics}quotes.v1"
    says = "problem  rights    the cluster refuses this worker to"
    wanted = [f"read the topic {state}", f"write the topic {state}", f"write the topic {quotes}"]
    assert sorted(refused) == [f"{says} {right}" for right in wanted]
    secured.grant((right for right in RIGHTS if right.name in hidden), topics)
    code, said = await outcome("check", variables=secured.variables("worker", topics))
    assert code == 0, said


async def test_a_user_without_any_right_to_a_topic_is_told_that_it_is_hidden(
    secured: Secured, topics: str, tmp_path: Path
) -> None:
    raw = topic_name(Channel.RAW, topics)
    article = tmp_path / "bridge.txt"
    article.write_bytes(ARTICLE)
    for words, user in {
        ("tap", "raw", "--no-follow"): "reader",
        ("feed", str(article)): "feeder",
        ("status",): "watcher",
    }.items():
        code, said = await outcome(*words, variables=secured.variables(user, topics))
        assert code == 1, said
        assert said.startswith(f"dateline: the cluster hides {raw} from this user"), said
        assert len(said.splitlines()) == 1
    code, said = await outcome("topics", "check", variables=secured.variables("reader", topics))
    assert code == 1
    assert said.splitlines()[0] == f"{raw}: hidden from this user, who has not even the right to Describe it"


async def test_a_group_is_watched_with_the_watchers_rights_alone(secured: Secured, topics: str) -> None:
    rights = [right for right in RIGHTS if right.principal == "User:watcher"]
    secured.grant((right for right in RIGHTS if right.principal != "User:watcher"), topics)
    variables = secured.variables("watcher", topics)
    async with dateline("worker", variables=secured.variables("worker", topics)) as worker:
        await feed(secured, topics)
        await read_all(secured, topics, until=Channel.ENRICHED)
        secured.grant(rights, topics)
        code, said = await outcome("status", variables=variables)
        assert code == 0, said
        assert "1 enrich, 1 match, 1 alert" in said
        worker.send_signal(signal.SIGTERM)
        await asyncio.wait_for(worker.communicate(), 40)
    for right in rights:
        secured.take_away(right, topics)
        code, said = await outcome("status", variables=variables)
        secured.grant([right], topics)
        named = "GroupAuthorizationFailed" if right.resource == "Group" else right.name.removeprefix("news.")
        assert (code, len(said.splitlines())) == (1, 1), said
        assert named in said


async def test_topics_are_made_with_the_operators_rights_alone(secured: Secured, prefix: str) -> None:
    secured.grant((right for right in RIGHTS if right.principal == "User:operator"), prefix)
    variables = secured.variables("operator", prefix, partitions="1")
    code, said = await outcome("topics", "create", variables=variables)
    assert code == 0, said
    code, said = await outcome("topics", "check", variables=variables)
    assert code == 0, said


async def test_feed_tap_and_trace_need_no_more_than_their_rows(
    secured: Secured, topics: str, tmp_path: Path
) -> None:
    secured.grant((right for right in RIGHTS if right.principal in ("User:feeder", "User:reader")), topics)
    article = tmp_path / "bridge.txt"
    article.write_bytes(ARTICLE)
    code, said = await outcome("feed", str(article), variables=secured.variables("feeder", topics))
    assert code == 0, said
    code, said = await outcome(
        *("tap", topic_name(Channel.RAW, topics), "--from", "beginning", "--limit", "1", "--json"),
        variables=secured.variables("reader", topics),
    )
    assert code == 0, said
    assert "Maria Lindqvist" in said
    code, said = await outcome("trace", "raw/0/0", variables=secured.variables("reader", topics))
    assert code == 0, said


async def test_the_search_topic_is_indexed_with_the_indexers_right_alone(
    secured: Secured, topics: str, tmp_path: Path
) -> None:
    words = ("index", "--index", str(tmp_path / "index.sqlite"), "--no-follow")
    variables = secured.variables("indexer", topics)
    code, said = await outcome(*words, variables=variables)
    assert code == 1, said
    assert said.startswith(f"dateline: the cluster hides {topic_name(Channel.SEARCH, topics)} from"), said
    secured.grant((right for right in RIGHTS if right.principal == "User:indexer"), topics)
    async with AIOKafkaProducer(bootstrap_servers=secured.admin) as producer:
        await producer.send_and_wait(topic_name(Channel.SEARCH, topics), None, key=b"bridge")
    code, said = await outcome(*words, variables=variables)
    assert code == 0, said
    assert said.startswith("0 documents indexed"), said


async def test_without_the_rights_to_stories_the_search_topic_alone_is_indexed_and_that_is_said(
    secured: Secured, topics: str, tmp_path: Path
) -> None:
    secured.grant(
        (
            right
            for right in RIGHTS
            if right.principal == "User:indexer" and right.name == topic_name(Channel.SEARCH, "news.")
        ),
        topics,
    )
    words = ("index", "--index", str(tmp_path / "index.sqlite"), "--no-follow")
    code, said = await outcome(*words, variables=secured.variables("indexer", topics))
    assert code == 0, said
    first, last = said.splitlines()
    hidden = ", ".join(topic_name(one, topics) for one in (Channel.STORIES, Channel.STORY_ARTICLES))
    assert first == (
        f"dateline: stories are not indexed: this user has no right to read {hidden}; all else is"
    )
    assert last.startswith("0 documents indexed"), said


async def test_dead_letters_go_back_with_the_menders_rights_alone(secured: Secured, topics: str) -> None:
    rights = [right for right in RIGHTS if right.principal == "User:mender"]
    secured.grant(rights, topics)
    variables = secured.variables("mender", topics)
    raw = topic_name(Channel.RAW, topics)
    place = {"reason": "invalid", "error": "a bad one", "topic": raw, "partition": "0", "offset": "0"}
    headers = [(f"dead-letter-{name}", value.encode()) for name, value in place.items()]
    producer = AIOKafkaProducer(bootstrap_servers=secured.admin)
    async with producer:
        await producer.send_and_wait(raw, ARTICLE)
        await producer.send_and_wait(topic_name(Channel.DEAD, topics), ARTICLE, headers=headers)
        cut = [*headers, ("dead-letter-truncated", b"%d" % len(ARTICLE))]
        await producer.send_and_wait(topic_name(Channel.DEAD, topics), b"", headers=cut)
    for words, says in {
        ("redrive",): "2 letters sent back",
        ("redrive", "--again"): "2 letters sent back",
        ("list", "--waiting"): "",
    }.items():
        code, said = await outcome("dead-letters", *words, variables=variables)
        assert code == 0, said
        assert says in said


async def test_rules_are_kept_with_the_keepers_rights_alone(secured: Secured, topics: str) -> None:
    rights = [right for right in RIGHTS if right.principal == "User:keeper"]
    secured.grant(rights, topics)
    variables = secured.variables("keeper", topics)
    for words, says in {
        ("put", "harbour", "--name", "n", "--owner", "o", "--when", "bridge"): "1 new",
        ("list",): "1 rule in force",
        ("test",): "0 articles against 1 rule",
        ("test", "--when", "sources>=3"): "0 articles against 1 rule",
        ("delete", "harbour"): "1 deleted",
    }.items():
        code, said = await outcome("rules", *words, variables=variables)
        assert code == 0, said
        assert said.splitlines()[-1].startswith(says)
    for right in rights:
        if right.operation == "Write" or right.name == "news.alerts.v1":
            secured.take_away(right, topics)
    code, said = await outcome("rules", "list", variables=variables)
    assert (code, said.splitlines()) == (
        0,
        [
            f"no topic {topic_name(Channel.ALERTS, topics)} that this user may see: hits are unknown",
            "0 rules in force",
        ],
    )
    code, said = await outcome(
        *("rules", "put", "harbour", "--name", "n", "--owner", "o", "--when", "bridge"), variables=variables
    )
    assert (code, len(said.splitlines())) == (1, 1), said
    assert "AuthorizationFailed" in said


async def test_who_may_not_send_letters_back_is_told_so(secured: Secured, topics: str) -> None:
    rights = [right for right in RIGHTS if right.principal == "User:mender"]
    secured.grant((right for right in rights if right.resource != "TransactionalId"), topics)
    code, said = await outcome("dead-letters", "redrive", variables=secured.variables("mender", topics))
    assert code == 1, said
    assert "TransactionalIdAuthorization" in said
    assert len(said.splitlines()) == 1
