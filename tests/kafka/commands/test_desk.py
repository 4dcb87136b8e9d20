"""The desk on Apache Kafka: what brokers tell of times and groups, and that it goes on after an outage."""

import asyncio
import json
import sys
from contextlib import asynccontextmanager, suppress

from aiokafka import AIOKafkaProducer

from tests.faults.account import produce_values, settled
from tests.faults.inline_pool import OUTPUTS_PER_ARTICLE as OUTPUTS
from tests.unit.desk.archives import archived
from tests.unit.desk.desks import assignment_told, client_of, enriched, story
from worker.channels import Channel, topic_name
from worker.commands.desk.archive import IndexArchive
from worker.commands.desk.following import Follower
from worker.commands.desk.keeper import ArchiveKeeper
from worker.commands.desk.topic_source import TopicSource
from worker.desk.live import Live
from worker.settings import Settings


def settings_of(brokers, prefix):
    return Settings.from_env({"DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": prefix})


async def write(brokers, prefix, *records):
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{prefix}desk-test")
    async with producer, producer.transaction():
        for channel, key, value in records:
            data = json.dumps(value).encode()
            await producer.send_and_wait(topic_name(channel, prefix), data, key=key.encode())


def assignment(article):
    return Channel.STORY_ARTICLES, article, assignment_told(article, story="s1")


async def until(holds, seconds=60):
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def test_pages_show_stories_by_time_and_the_group_when_all_workers_are_dead(
    brokers, topics, start_worker
):
    card = story(id="s1", first_seen_at="2026-01-13T10:05:00Z")
    await write(
        brokers, topics, (Channel.ENRICHED, "a", enriched(id="a")), (Channel.STORIES, "s1", card),
        assignment("a"), assignment("b"),
    )  # fmt: skip
    source = TopicSource(settings_of(brokers, topics))
    async with client_of(Live(), source) as client:
        listed = await (await client.get("/stories")).text()
        assert "+2 in the last hour" in listed
        assert "Quay opens again" in await (await client.get("/stories/s1")).text()
        assert (await client.get("/stories/none")).status == 404
        assert (await client.get("/articles/0/0")).status == 200
        assert "No dead letters" in await (await client.get("/dead-letters")).text()
        before = await client.get("/operation")
        assert before.status == 503
        assert f"{topics}dateline" in await before.text()
    worker = start_worker(topics)
    worker.wait_until_ready()
    await produce_values(brokers, topic_name(Channel.RAW, topics), [b"article"])
    await settled(brokers, topics, OUTPUTS)
    assert worker.stop() == 0
    async with client_of(Live(), TopicSource(settings_of(brokers, topics))) as client:
        operation = await client.get("/operation")
        said = await operation.text()
    assert operation.status == 200, said
    assert "no worker reads" in said
    assert "No worker is in the group." in said


async def test_what_is_not_committed_is_not_shown_and_after_an_outage_nothing_is_missing(
    make_cluster, create_topics
):
    cluster = make_cluster()
    await create_topics(cluster.brokers, "news.")
    await write(cluster.brokers, "news.", (Channel.ENRICHED, "a", enriched(id="a")))
    async with AIOKafkaProducer(bootstrap_servers=cluster.brokers, transactional_id="aborts") as producer:
        await producer.begin_transaction()
        value = json.dumps(enriched(id="aborted")).encode()
        await producer.send_and_wait("news.articles.enriched.v1", value, key=b"aborted")
        await producer.abort_transaction()
    live = Live()
    following = asyncio.create_task(Follower(settings_of(cluster.brokers, "news."), live).run())
    try:
        await until(lambda: live.state.reads)
        assert [kept.listed["id"] for kept in live.ring.newest_first()] == ["a"]
        cluster.kill(1)
        await until(lambda: not live.state.reads)
        assert "no answer from the Kafka brokers" in live.state.why
        cluster.start_broker(1)
        await until(lambda: live.state.reads)
        await write(cluster.brokers, "news.", (Channel.ENRICHED, "b", enriched(id="b")))
        await until(lambda: live.ring.with_id("b") is not None)
        assert [kept.listed["id"] for kept in live.ring.newest_first()] == ["b", "a"]
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following


def search_document(article, **fields):
    made = archived(article, days_ago=0.01, **fields)
    return Channel.SEARCH, article, made


async def test_the_index_follows_the_topic_and_goes_on_after_an_outage_and_a_restart(
    make_cluster, create_topics, tmp_path
):
    cluster = make_cluster()
    await create_topics(cluster.brokers, "news.")
    settings, path = settings_of(cluster.brokers, "news."), tmp_path / "kept" / "index.sqlite"
    await write(cluster.brokers, "news.", search_document("a"), assignment("a"))
    async with kept(settings, path) as archive:
        await until(lambda: archive.state.is_current and archive.state.articles == 1)
        found = await archive.search("quay", quotes=False, newest=True)
        assert [hit["id"] for hit in found["hits"]] == ["a"]
        cluster.kill(1)
        await asyncio.sleep(2)
        assert (await archive.entity("person:ada-obi"))["count"] == "1"
        cluster.start_broker(1)
        await write(
            cluster.brokers, "news.", search_document("b"), search_document("a", people=[], entity_ids=[])
        )
        await until(lambda: archive.state.articles == 2)
        listed = await archive.named("person", period="day", part="obi", by_quotes=False)
        assert [each["articles"] for each in listed["entities"]] == [1]
    async with AIOKafkaProducer(bootstrap_servers=cluster.brokers) as producer:
        await producer.send_and_wait("news.search.v1", None, key=b"b")
    async with kept(settings, path) as archive:
        await until(lambda: archive.state.is_current and archive.state.articles == 1)
        assert await archive.article("b") is None
        async with kept(settings, path) as second:
            await until(lambda: "written by another" in second.state.why)
            assert await second.count() == 1


@asynccontextmanager
async def kept(settings, path):
    archive = IndexArchive(path)
    keeping = asyncio.create_task(ArchiveKeeper(settings, path, archive, again_seconds=0.5).run())
    try:
        yield archive
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
        archive.close()


async def test_the_desk_bears_up_for_twenty_seconds_with_fifty_viewers(brokers):
    words = [
        sys.executable,
        "-m",
        "bench.desk.soak",
        "--short",
        "--check",
        "--rate",
        "50",
        "--brokers",
        brokers,
    ]
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, problems = await process.communicate()
    assert process.returncode == 0, problems.decode()
    assert "1,000 articles in " in said.decode()
