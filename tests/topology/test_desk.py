"""The desk on an embedded broker: what it reads, what it passes over, what it says while that is away."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka import AIOKafkaProducer

from tests.unit.desk.desks import assignment_told, enriched, story
from tests.unit.desk.rule_desks import a_rule, alert
from worker.channels import Channel
from worker.commands.dead_letters.contents import LetterContents
from worker.commands.demo.broker import embedded_broker
from worker.commands.desk import following, topic_source
from worker.commands.desk.following import Follower
from worker.commands.desk.topic_changes import TopicChanges
from worker.commands.desk.topic_source import TopicSource
from worker.desk.alerting.feed import AlertFeed
from worker.desk.live import Live
from worker.desk.source import RedriveSelection, SourceError
from worker.desk.story_records import StoryRecords
from worker.records.alert_messages import overrun_message
from worker.records.alerts import RuleOverrun
from worker.records.messages import RawMessage
from worker.settings import Settings

TOPICS = (
    Channel.ENRICHED,
    Channel.STORIES,
    Channel.STORY_ARTICLES,
    Channel.DEAD,
    Channel.REDRIVEN,
    Channel.ALERTS,
    Channel.RULES,
    Channel.STATE,
)
LETTER = [
    ("dead-letter-reason", b"invalid"),
    ("dead-letter-error", b"text is missing"),
    ("dead-letter-topic", b"news.articles.raw.v1"),
    ("dead-letter-partition", b"0"),
    ("dead-letter-offset", b"3"),
    ("dead-letter-stage", b"decode"),
    ("dead-letter-attempts", b"1"),
    ("dead-letter-worker", b"w"),
]


@pytest.fixture
def settings():
    with embedded_broker() as brokers:
        yield Settings.from_env({"DATELINE_BROKERS": brokers})


@asynccontextmanager
async def writing(settings):
    async with AIOKafkaProducer(bootstrap_servers=settings.brokers) as producer:
        for channel in TOPICS:
            await producer.partitions_for(settings.topic(channel))

        async def write(channel, key, value, headers=()):
            data = value if value is None or isinstance(value, bytes) else json.dumps(value).encode()
            return await producer.send_and_wait(
                settings.topic(channel), data, key=key.encode(), headers=list(headers), partition=0
            )

        yield write


@asynccontextmanager
async def followed(settings):
    live = Live()
    alerts, records = AlertFeed(live), StoryRecords()
    follower = Follower(settings, live, again_seconds=0.1, alerts=alerts, records=records)
    task = asyncio.create_task(follower.run())
    live.test_feed, live.test_records = alerts, records
    try:
        yield live
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_it_begins_with_what_there_is_and_goes_on_with_what_comes(settings):
    async with writing(settings) as write:
        await write(Channel.ENRICHED, "a", enriched(id="a"), [("origin", b"news.articles.raw.v1/2/9")])
        await write(Channel.ENRICHED, "bad", b"<no article>")
        async with followed(settings) as live:
            await until(lambda: live.state.reads)
            assert live.ring.with_id("a").article.origin == "news.articles.raw.v1/2/9"
            assert live.state.unreadable == 1
            await write(Channel.ENRICHED, "b", enriched(id="b"))
            card = story(id="s1", headline="Quay")
            await write(Channel.STORIES, "s1", card)
            await write(Channel.STORIES, "s2", b"[]")
            assignment = assignment_told("b", story="s1")
            await write(Channel.STORY_ARTICLES, "b", assignment)
            await write(Channel.STORY_ARTICLES, "c", b"\xff")
            await until(lambda: live.story_of("b"))
            assert live.story_of("b")["headline"] == "Quay"
            await write(Channel.ENRICHED, "a", None)
            await until(lambda: live.ring.with_id("a") is None)


async def test_pages_read_stories_letters_and_articles_at_their_places(settings):
    source = TopicSource(settings, kept_seconds=0, is_embedded=True)
    async with writing(settings) as write:
        at = await write(Channel.ENRICHED, "a", enriched(id="a"))
        await write(Channel.STORIES, "s1", story(id="s1"))
        await write(Channel.STORIES, "bad", {"id": "bad"})
        for article in ("a", "b"):
            assignment = assignment_told(article, story="s1")
            await write(Channel.STORY_ARTICLES, article, assignment)
        letter = await write(Channel.DEAD, "k", b'{"text": ""}', LETTER)
    assert (await source.article(at.partition, at.offset)).fields()["id"] == "a"
    assert await source.article(at.partition, at.offset + 5) is None
    assert await source.article(99, 0) is None
    listed = await source.stories("growth", "open")
    assert [(one["id"], one["growth"]) for one in listed["stories"]] == [("s1", 2)]
    assert (await source.stories("latest", "all"))["wanted"] == 1
    letters = await source.letters("invalid")
    assert [(one["reason"], one["sent_back"]) for one in letters["letters"]] == [("invalid", False)]
    assert (letters["reasons"], letters["is_whole"]) == ({"invalid": 1}, True)
    assert (await source.letters("other"))["letters"] == []
    shown = await source.letter(letter.partition, letter.offset)
    assert ("error", "text is missing") in shown["rows"]
    assert (shown["error"], shown["sent_back"]) == (None, False)
    assert shown["value"] == ['00000000  7b 22 74 65 78 74 22 3a  20 22 22 7d              {"text": ""}']


async def test_a_letter_is_read_once_for_those_who_look_at_it_soon_after_each_other(settings, monkeypatch):
    read = []

    async def letter_contents(letter, original, *, sent_back, settings):
        read.append(letter.record.offset)
        return LetterContents([("text", f"of letter {letter.record.offset}")])

    monkeypatch.setattr(topic_source, "letter_contents", letter_contents)
    monkeypatch.setattr(topic_source, "MOST_CONTENTS", 2)
    source = TopicSource(settings, is_embedded=True)
    async with writing(settings) as write:
        places = [await write(Channel.DEAD, "k", b"x", LETTER) for _ in range(3)]
    first, second, third = ((at.partition, at.offset) for at in places)
    for place in (first, second, first, second, third, second, first):
        assert (await source.letter(*place))["rows"] == [("text", f"of letter {place[1]}")]
    assert read == [first[1], second[1], third[1], first[1]]
    monkeypatch.setattr(topic_source, "CONTENTS_SECONDS", 0.0)
    source = TopicSource(settings, is_embedded=True)
    for _ in range(2):
        await source.letter(*first)
    assert len(read) == 6


async def test_alerts_and_records_of_stories_are_followed_too(settings):
    async with writing(settings) as write:
        await write(Channel.ALERTS, "quays", alert(id="before"))
        await write(Channel.ALERTS, "quays", b"<no alert>")
        await write(Channel.ENRICHED, "quay-1", enriched())
        async with followed(settings) as live:
            await until(lambda: live.state.reads)
            await write(Channel.STORIES, "s1", story(id="s1"))
            await until(lambda: len(live.test_records) == 1)
            at = await write(Channel.ALERTS, "quays", alert(id="now"))
            await until(lambda: len(live.test_feed) == 2)
            (now, before) = live.test_feed.latest(None, most=9)
            assert now["reasons"][0]["places"][0]["before"].endswith("said ")
            assert before["reasons"][0]["places"][0]["before"].endswith("said ")
            assert live.test_feed.unreadable == 1
        source = TopicSource(settings, is_embedded=True)
        assert (await source.alert(at.partition, at.offset)).alert().id == "now"
        assert await source.alert(at.partition, at.offset + 9) is None


async def test_the_list_of_rules_and_a_rule_alone_say_which_was_at_a_limit(settings):
    source = TopicSource(settings, kept_seconds=0, is_embedded=True)
    changes = TopicChanges(settings, source.forget, is_embedded=True)
    message = RawMessage("news.articles.enriched.v1", 0, 0, 0, b"quay-1", b"", ())
    async with writing(settings) as write:
        put = await changes.put_rule(a_rule(), seen="", by="")
        read = await source.rules()
        assert (read["has_limits"], read["rules"][0]["at_limits"]) == (True, [])
        for version in (put.version, "0" * 16):
            about = {"rule": "quays", "version": version, "limit": "steps", "most": 20_000}
            overrun = RuleOverrun(**about, article="quay-1", at="2026-01-13T10:05:00.000Z")
            out = overrun_message(message, overrun)
            await write(out.channel, out.key.decode() + version, out.value)
    (rule,) = (await source.rules())["rules"]
    (over,) = rule["at_limits"]
    alone = await source.rule("quays")
    assert (alone["has_limits"], alone["at_limits"]) == (True, [over])
    assert over["said"].startswith("over its budget of 20,000 steps")
    assert (over["article"], over["at"]) == ("quay-1", "2026-01-13T10:05:00.000Z")


async def test_rules_are_shown_where_what_their_limits_did_cannot_be_read(settings, monkeypatch):
    async def unreadable(*_):
        raise SourceError("The brokers do not let this worker read the topic.")

    monkeypatch.setattr(topic_source, "latest_overruns", unreadable)
    source = TopicSource(settings, kept_seconds=0, is_embedded=True)
    changes = TopicChanges(settings, source.forget, is_embedded=True)
    async with writing(settings):
        await changes.put_rule(a_rule(), seen="", by="")
        alone, listed = await source.rule("quays"), await source.rules()
    assert (alone["id"], alone["has_limits"]) == ("quays", False)
    assert ([rule["id"] for rule in listed["rules"]], listed["has_limits"]) == (["quays"], False)


async def test_rules_are_put_paused_and_deleted_on_the_demo_too(settings, caplog):
    caplog.set_level("INFO")
    source = TopicSource(settings, kept_seconds=60, is_embedded=True)
    changes = TopicChanges(settings, source.forget, is_embedded=True)
    async with writing(settings) as write:
        await write(Channel.ALERTS, "quays", alert())
        await write(Channel.RULES, "bad", b"<no rule>")
    assert [rule["id"] for rule in (await source.rules())["rules"]] == ["bad"]
    put = await changes.put_rule(a_rule(), seen="", by="ada")
    listed = {rule["id"]: rule for rule in (await source.rules())["rules"]}
    assert listed["quays"]["hits"] == 1
    assert "not JSON" in listed["bad"]["error"]
    paused = await changes.pause_rule("quays", seen=put.version, by="ada")
    rule = await source.rule("quays")
    assert (rule["paused"], rule["version"], rule["changed_by"]) == (True, paused.version, "ada")
    told = [record.fields for record in caplog.records if record.message == "rule changed"]
    assert [(each["rule"], each["change"], each["before"], each["by"]) for each in told] == [
        ("quays", "new", None, "ada"),
        ("quays", "changed", put.version, "ada"),
    ]
    await changes.delete_rule("quays", seen=paused.version, by="")
    await changes.delete_rule("bad", seen="", by="")
    assert (await source.rules())["rules"] == []
    for asked in (
        source.redrive_plan(RedriveSelection(reason="x")),
        changes.redrive(RedriveSelection(), by=""),
    ):
        with pytest.raises(SourceError, match="has no transactions"):
            await asked


async def test_a_letter_does_not_lead_to_a_record_of_another_topic(settings):
    source = TopicSource(settings, is_embedded=True)
    async with writing(settings) as write:
        secret = b"a record that this page is not about"
        at = await write(Channel.REDRIVEN, "k", secret)
        forged = [
            *LETTER,
            ("dead-letter-topic", at.topic.encode()),
            ("dead-letter-partition", b"%d" % at.partition),
            ("dead-letter-offset", b"%d" % at.offset),
            ("dead-letter-truncated", b"%d" % len(secret)),
        ]
        letter = await write(Channel.DEAD, "k", b"", forged)
    shown = await source.letter(letter.partition, letter.offset)
    assert "a record that" not in str(shown)
    assert any("was too large for the letter" in text for _, text in shown["rows"])


async def test_a_broker_that_is_away_is_said_and_articles_stay(monkeypatch):
    monkeypatch.setattr(following, "PRESENCE_SECONDS", 0.2)
    monkeypatch.setattr(following, "ANSWER_SECONDS", 0.5)
    broker = embedded_broker()
    settings = Settings.from_env({"DATELINE_BROKERS": broker.__enter__()})
    async with writing(settings) as write:
        await write(Channel.ENRICHED, "a", enriched(id="a"))
    async with followed(settings) as live:
        await until(lambda: live.state.reads)
        broker.__exit__(None, None, None)
        await until(lambda: not live.state.reads)
        assert "no answer from the Kafka brokers" in live.state.why
        assert live.ring.with_id("a") is not None


async def test_a_broker_that_was_never_there_is_said():
    settings = Settings.from_env({"DATELINE_BROKERS": "127.0.0.1:1"})
    async with followed(settings) as live:
        await until(lambda: "connection refused" in live.state.why)
        assert not live.state.reads
    with pytest.raises(SourceError, match="connection refused"):
        await TopicSource(settings).stories("growth", "open")


@pytest.mark.parametrize(("words", "may_change"), [([], False), (["--allow-changes"], True)])
def test_the_command_serves_until_it_is_told_to_stop(settings, words, may_change):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    desk = subprocess.Popen(
        [sys.executable, "-m", "worker", "desk", "--port", "0", *words],
        env=kept | {"DATELINE_BROKERS": settings.brokers},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        address = re.search(r"http://\S+/", desk.stdout.readline())[0]
        with urllib.request.urlopen(address) as answer:
            assert b"Articles as they come" in answer.read()
        with urllib.request.urlopen(f"{address}new-rule") as answer:
            assert (b">Save</button>" in answer.read()) is may_change
        desk.send_signal(signal.SIGTERM)
        assert desk.wait(20) == 0
    finally:
        desk.kill()
        desk.wait()
