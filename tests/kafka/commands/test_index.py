"""`dateline index` and `dateline search` on Apache Kafka."""

import asyncio
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import RecordsToDelete
from aiokafka.structs import TopicPartition

from tests.forked import ForkedProcess
from tests.kafka.delivery.administration import add_partitions, create_topic, delete_topic
from tests.unit.commands.stories.story_records import assignment, card
from worker.channels import Channel, topic_name
from worker.search.answer import Sort, articles
from worker.search.conditions import read_query
from worker.search.file import IndexProblem, opened_for_search

EMPTY = {
    "version": 1_790_000_000_000, "url": None, "headline": None, "source": None, "language": "en",
    "published_at": None, "authors": [], "people": [], "organisations": [], "places": [], "countries": [],
    "other_names": [], "entity_ids": [], "topics": [], "topic_codes": [], "speakers": [], "quotes": [],
}  # fmt: skip


def value(article: str, text: str, **fields: Any) -> bytes:
    return json.dumps(EMPTY | {"id": article, "text": text} | fields).encode()


@pytest.fixture
def search_topic(prefix: str) -> str:
    return topic_name(Channel.SEARCH, prefix)


@pytest.fixture
def send(brokers: str, search_topic: str) -> Callable[..., Any]:
    """`await send(a1="its text", a2=None)`: documents and tombstones, in one partition."""

    async def sent(partition: int = 0, **texts: str | bytes | None) -> None:
        async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
            for article, text in texts.items():
                content = value(article, text) if isinstance(text, str) else text
                key = article.encode()
                await producer.send_and_wait(search_topic, content, key=key, partition=partition)

    return sent


@pytest.fixture
def index(dateline: Callable[..., Any], tmp_path: Path) -> Callable[..., str]:
    """`index("--anew")`: to the topic's end; what it said."""
    path = str(tmp_path / "index.sqlite")
    return lambda *words, **options: (
        dateline("index", "--index", path, "--no-follow", *words, **options).stderr
    )


@pytest.fixture
def found(tmp_path: Path) -> Callable[[str], list[str]]:
    """The ids of the articles that a query finds; none before there is an index."""

    def search(query: str) -> list[str]:
        try:
            with opened_for_search(tmp_path / "index.sqlite") as connection:
                hits = articles(connection, read_query(query, int), limit=100, sort=Sort.NEWEST).hits
        except IndexProblem:
            return []
        return sorted(hit.document["id"] for hit in hits)

    return search


class Follower:
    """`dateline index`, on and on."""

    def __init__(self, brokers: str, prefix: str, folder: Path) -> None:
        self._log = folder / "index.log"
        kept = {name: text for name, text in os.environ.items() if not name.startswith("DATELINE_")}
        with self._log.open("ab") as log:
            self.process = ForkedProcess(
                *("worker", "index", "--index", str(folder / "index.sqlite")),
                env=kept | {"DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": prefix},
                stderr=log,
            )

    @property
    def said(self) -> str:
        return self._log.read_text()

    def end(self, by: signal.Signals) -> int:
        self.process.send_signal(by)
        return self.process.wait(30)


@pytest.fixture
def follow(brokers: str, prefix: str, tmp_path: Path) -> Iterator[Callable[[], Follower]]:
    started: list[Follower] = []

    def start() -> Follower:
        started.append(Follower(brokers, prefix, tmp_path))
        return started[-1]

    yield start
    for follower in started:
        if follower.process.poll() is None:
            follower.end(signal.SIGKILL)


async def eventually(found: Callable[[str], list[str]], query: str, ids: list[str]) -> None:
    end = time.monotonic() + 60
    while (now := found(query)) != ids:
        assert time.monotonic() < end, f"{query} finds {now}, not {ids}"
        await asyncio.sleep(0.2)


async def test_what_is_committed_is_indexed_once_and_goes_on_where_it_stopped(
    brokers, topics, search_topic, send, index, found, dateline, tmp_path
):
    await send(a1="a harbour strike", a2="a ferry strike", a3="a fire")
    await send(a2=None, a3="a flood", odd=b"{}", a4=b'{"id": "a5"}')
    transactional = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{topics}index")
    async with transactional:
        for article, commits in (("done", True), ("undone", False)):
            await transactional.begin_transaction()
            await transactional.send_and_wait(search_topic, value(article, "a storm"), key=article.encode())
            await (transactional.commit_transaction() if commits else transactional.abort_transaction())
        said = index()
        assert f"dateline: {search_topic}/0/5 is no search document: id is missing" in said
        assert f"dateline: {search_topic}/0/6 is no search document: version is missing" in said
        assert said.splitlines()[-1].startswith("3 documents indexed, 2 skipped; ")
        assert found("strike OR fire OR flood OR storm") == ["a1", "a3", "done"]
        assert found("fire") == []
        words = ("search", "--index", str(tmp_path / "index.sqlite"), "harbour", "--json")
        assert json.loads(dateline(*words).stdout)["id"] == "a1"
        assert index().startswith("0 documents indexed; ")
        await send(a1=None, a6="a strike")
        assert index().startswith("1 document indexed, 1 retracted; ")
        assert found("strike") == ["a6"]
        assert index("--anew").splitlines()[-1].startswith("3 documents indexed, 2 skipped; ")
        assert found("strike OR flood OR storm") == ["a3", "a6", "done"]


async def test_a_follower_is_killed_and_stopped_and_none_is_lost(topics, send, follow, found, index):
    await send(a1="a storm")
    follower = follow()
    await eventually(found, "storm", ["a1"])
    assert "is being written by another" in index(code=1)
    await send(a2="a storm")
    await eventually(found, "storm", ["a1", "a2"])
    follower.end(signal.SIGKILL)
    await send(a3="a storm", a1=None)
    follower = follow()
    await eventually(found, "storm", ["a2", "a3"])
    for by in (signal.SIGTERM, signal.SIGINT):
        assert follower.end(by) == 0, follower.said
        assert follower.said.splitlines()[-1].endswith(" documents")
        assert "Traceback" not in follower.said
        await send(a4=None)
        follower = follow()
        await send(a4="a storm")
        await eventually(found, "storm", ["a2", "a3", "a4"])


async def test_a_topic_made_anew_or_cut_is_noticed_and_so_are_partitions_that_are_added(
    topics, search_topic, send, index, found, admin, follow
):
    await send(a1="a storm", a2="a storm", a3="a storm")
    assert index().startswith("3 documents")
    await delete_topic(admin, search_topic)
    await create_topic(admin, search_topic)
    await send(b1="a storm", b2="a storm", b3="a storm", b4="a storm")
    assert f"{search_topic} was made anew: the index is emptied" in index()
    assert found("storm") == ["b1", "b2", "b3", "b4"]

    await send(b5="a storm", b6="a storm")
    await admin.delete_records({TopicPartition(search_topic, 0): RecordsToDelete(5)})
    assert f"{search_topic}/0 begins at 5: 1 offset from 4 on are gone" in index()
    assert found("storm") == ["b1", "b2", "b3", "b4", "b6"]

    follower = follow()
    await send(b6=None)
    await eventually(found, "storm", ["b1", "b2", "b3", "b4"])
    await add_partitions(admin, search_topic, 3)
    await send(partition=2, c1="a storm")
    await eventually(found, "storm", ["b1", "b2", "b3", "b4", "c1"])
    await delete_topic(admin, search_topic)
    await create_topic(admin, search_topic)
    await send(d1="a storm")
    await eventually(found, "storm", ["d1"])
    assert follower.end(signal.SIGTERM) == 0
    first, *others = follower.said.splitlines()
    assert first.startswith(f"following {search_topic} into ")
    assert sum(line.startswith("caught up, ") for line in others) == 1
    assert f"{search_topic} has 3 partitions now" in follower.said
    assert "the index is emptied" in follower.said


async def test_stories_fold_reprints_in_whatever_order_their_topics_are_read(
    brokers, prefix, topics, send, index, found, dateline, tmp_path, admin
):
    assigned, stories = (topic_name(one, prefix) for one in (Channel.STORY_ARTICLES, Channel.STORIES))

    async def tell(topic: str, *records: dict[str, Any] | str) -> None:
        async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
            for record in records:
                gone = isinstance(record, str)
                key, content = (record, None) if gone else (record["id"], json.dumps(record).encode())
                await producer.send_and_wait(topic, content, key=key.encode())

    def search(*words: str) -> list[tuple[str, list[str]]]:
        done = dateline("search", "--index", str(tmp_path / "index.sqlite"), "--json", *words)
        shown = (json.loads(line) for line in done.stdout.splitlines())
        return sorted((one["id"], one["copies"]) for one in shown)

    # A story comes before its article or after it, and quay is a part of ferry before ferry is known.
    quay = card("quay", status="merged", into="ferry")
    await tell(assigned, assignment("daily", "ferry", relation="reprint", of="wire"))
    await tell(stories, quay)
    await send(wire="a ferry aground", rival="a ferry adrift")
    assert index().splitlines()[-1].startswith("2 documents indexed, 1 given a story; ")
    assert search("ferry") == [("rival", []), ("wire", [])]
    await send(daily="a ferry aground")
    await tell(assigned, assignment("wire", "ferry"), assignment("rival", "quay"))
    counts = {"articles": 3, "unique": 2, "reprints": 1, "sources": 2, "retracted": 0}
    await tell(stories, card("ferry", merged_from=["quay"], counts=counts))
    assert index().splitlines()[-1].startswith("1 document indexed, 2 given a story; ")
    assert search("ferry") == [("rival", []), ("wire", ["daily"])]
    assert search("ferry", "--all") == [("daily", []), ("rival", []), ("wire", [])]
    assert search("story:quay", "sources:2") == search("ferry")
    assert search("ferry sources:3") == []

    await send(wire=None)
    await tell(assigned, "wire", "rival", {"id": "daily"})
    said = index()
    assert f"dateline: {assigned}/" in said
    assert "is no article of a story: story is missing" in said
    assert search("ferry") == [("daily", []), ("rival", [])]
    assert search("story:ferry") == [("daily", [])]

    # What one topic said is forgotten when it is made anew; the documents stay.
    await delete_topic(admin, assigned)
    await create_topic(admin, assigned)
    assert f"{assigned} was made anew: what the index has of it is emptied and made from its start" in index()
    assert search("story:ferry OR sources:1") == []
    assert found("ferry") == ["daily", "rival"]

    # A cluster without stories: said in one line, and all else is as before.
    await delete_topic(admin, stories)
    await send(later="a ferry again")
    first, last = index().splitlines()
    missing = f"the cluster has no topic {stories}"
    assert first == f"dateline: stories are not indexed: {missing}; all else is"
    assert last.startswith("1 document indexed; ")
    assert found("ferry") == ["daily", "later", "rival"]


async def test_a_follower_that_is_killed_loses_no_story_and_has_none_twice(
    brokers, prefix, topics, send, follow, found
):
    assigned = topic_name(Channel.STORY_ARTICLES, prefix)
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:

        async def assign(article: str, story: str) -> None:
            value = json.dumps(assignment(article, story)).encode()
            await producer.send_and_wait(assigned, value, key=article.encode())

        await send(a1="a storm")
        await assign("a1", "s1")
        follower = follow()
        await eventually(found, "storm story:s1", ["a1"])
        for number in range(2, 5):
            await assign(f"a{number}", "s1")
            follower.end(signal.SIGKILL)
            await send(**{f"a{number}": "a storm"})
            await assign(f"a{number - 1}", "s2")
            follower = follow()
            await eventually(found, "storm story:s1", [f"a{number}"])
            await eventually(found, "storm story:s2", [f"a{one}" for one in range(1, number)])
        assert follower.end(signal.SIGTERM) == 0
        assert "Traceback" not in follower.said


def test_a_missing_topic_another_topic_and_a_silent_broker_are_one_line(dateline, index, prefix, tmp_path):
    assert f"no topic {prefix}search.v1" in index(code=1)
    assert list(tmp_path.glob("index.sqlite*")) == []
    dateline("topics", "create")
    index()
    dateline("topics", "create", "--prefix", f"x{prefix}")
    said = index("--prefix", f"x{prefix}", code=1)
    assert f"is an index of {prefix}search.v1, not of x{prefix}search.v1: --anew empties it" in said
    assert len(said.splitlines()) == 1
    assert "0 documents" in index("--prefix", f"x{prefix}", "--anew")
    said = index("--prefix", f"x{prefix}", "--brokers", "127.0.0.1:1", code=1)
    assert "no answer from the Kafka brokers at 127.0.0.1:1" in said
    assert len(said.splitlines()) == 1
