"""What a note becomes: counts of its subjects, and state from which another worker counts on."""

import threading
from dataclasses import replace
from types import SimpleNamespace

import orjson
import pytest
from aiokafka import TopicPartition

from tests.unit.trends.plain_counts import ADA, CALLAO, DAY_MS, NOON_MS, note
from worker.agents.trends import counting_trends
from worker.channels import Channel
from worker.delivery.lanes.dead_letter import REASON
from worker.metrics import REGISTRY
from worker.records.codec import from_bytes
from worker.records.messages import RawMessage
from worker.records.trends import TrendCount
from worker.trends.messages import NOTE_OFFSET
from worker.trends.trends import Trends

PARTITION = TopicPartition("news.trend-notes.v1", 0)
DAY = b"day/2027-01-15/person/person:ada-okafor"


def message(offset, article="a", value=b"", *, at_ms=NOON_MS):
    headers = (("ce_id", b"n%d" % offset), ("ce_subject", b"a"), ("origin", b"raw/0/%d" % offset))
    key = article if isinstance(article, bytes | None) else article.encode()
    return RawMessage(*PARTITION, offset, at_ms, key, note() if value == b"" else value, headers)


async def opened(*before, offset=0, once=True):
    """A lane that begins at `offset`; `before`: the state records that there are, in their order."""

    async def read_state(partition, counts):
        assert partition == 0
        kept = {}
        for out in before:
            if out.channel is Channel.TREND_STATE and counts(
                SimpleNamespace(key=out.key, headers=out.headers)
            ):
                kept[out.key] = out.value
        return {key: value for key, value in kept.items() if value is not None}

    make = counting_trends(read_state=read_state, event_source="urn:dateline", transactions=once)
    return await make(PARTITION, offset)


async def written(work, *messages):
    return [out for one in messages for out in await work(one)]


def latest(outs, channel):
    return {out.key: out.value for out in outs if out.channel is channel}


LOG = (
    message(0, "a"),
    message(1, "b", note(is_copy=True)),
    message(3, "c", note(ADA, CALLAO, story="s2")),
    message(4, "a", note(CALLAO)),
    message(7, "c", None),
    message(8, "d", note(at_ms=NOON_MS - DAY_MS)),
)


async def test_a_count_goes_out_under_its_window_and_subject_with_the_notes_headers():
    hour, day, article, clock = await (await opened())(message(0))
    assert (hour.channel, hour.key) == (Channel.TRENDS, b"hour/2027-01-15T12/person/person:ada-okafor")
    assert (day.channel, day.key, day.partition) == (Channel.TRENDS, DAY, None)
    found = from_bytes(TrendCount, day.value)
    assert (found.start, found.name, found.articles, found.independent, found.stories) == (
        "2027-01-15T00:00:00.000Z", "Ada Okafor", 1, 1, 1,
    )  # fmt: skip
    assert orjson.dumps(found.model_dump()) == day.value
    headers = dict(day.headers)
    assert (headers["ce_type"], headers["ce_subject"]) == (b"news.trend.changed.v1", b"person:ada-okafor")
    assert (headers["origin"], headers["ce_id"] != dict(hour.headers)["ce_id"]) == (b"raw/0/0", True)
    assert (article.channel, article.key, article.value) == (Channel.TREND_STATE, b"a/a", note())
    assert (clock.key, clock.headers) == (b"clock", ((NOTE_OFFSET, b"0"),))


@pytest.mark.parametrize("taken", range(len(LOG) + 1))
async def test_whoever_takes_over_writes_the_same_bytes(taken):
    whole = await written(await opened(), *LOG)
    begun = await written(await opened(), *LOG[:taken])
    offset = LOG[taken - 1].offset + 1 if taken else 0
    assert begun + await written(await opened(*begun, offset=offset), *LOG[taken:]) == whole


@pytest.mark.parametrize("again", range(len(LOG)))
async def test_without_transactions_what_is_taken_again_gives_the_same_counts(again):
    before = await written(await opened(once=False), *LOG[:again])
    after = await written(await opened(*before, offset=LOG[again].offset, once=False), *LOG[again:])
    # All was written, and the offset of none from there on was committed.
    resumed = await opened(*before, *after, offset=LOG[again].offset, once=False)
    assert await written(resumed, *LOG[again:]) == after
    assert before + after == await written(await opened(), *LOG)


async def test_what_a_frozen_worker_writes_late_does_not_count():
    whole = await written(await opened(once=False), *LOG)
    late = [out for out in whole if out.key == b"a/a"][:1]
    resumed = await opened(*whole, *late, offset=9, once=False)
    assert latest(await resumed(message(9, "e")), Channel.TRENDS)[DAY] == latest(
        await (await opened(*whole, offset=9))(message(9, "e")), Channel.TRENDS
    )[DAY]  # fmt: skip


async def test_of_each_article_the_record_of_its_latest_note_counts_however_they_stand_among_others():
    """A batch writes each key once: with what its last note gave, but in the order of the first ones."""
    whole = await written(await opened(once=False), *LOG)
    due = await (await opened(*whole, offset=9))(message(9, "e"))
    for is_reversed in (False, True):
        by_key = sorted(whole, key=lambda out: out.key, reverse=is_reversed)
        resumed = await opened(*by_key, offset=9, once=False)
        assert await resumed(message(9, "e")) == due


async def test_of_records_that_follow_from_the_same_note_the_last_one_counts():
    whole = await written(await opened(once=False), *LOG)
    (b,) = [out for out in whole if out.key == b"a/b"]
    again = replace(b, value=note(CALLAO))
    due = await (await opened(*whole, again, offset=9))(message(9, "e"))
    assert await (await opened(*whole, again, offset=9, once=False))(message(9, "e")) == due
    assert await (await opened(*whole, offset=9))(message(9, "e")) != due


@pytest.mark.parametrize(
    "bad", [message(0, None), message(0, b"\xff"), message(0, "", note()), message(0, "a", b"[]")]
)
async def test_what_is_no_note_becomes_a_dead_letter_and_changes_nothing(bad):
    work = await opened()
    (letter,) = await work(bad)
    assert (letter.channel, dict(letter.headers)[REASON]) == (Channel.DEAD, b"undecodable")
    assert dict(letter.headers)["dead-letter-stage"] == b"trends"
    assert latest(await work(message(1)), Channel.TRENDS)[DAY] == latest(
        await (await opened())(message(1)), Channel.TRENDS
    )[DAY]  # fmt: skip


async def test_a_bug_costs_its_article_alone(monkeypatch):
    work = await opened()
    await work(message(0))
    count = Trends._count

    def fails(self, article, value, note):
        count(self, article, value, note)
        if article == "bad":
            raise KeyError("a bug")

    recounted, threads = Trends.recounted, []

    def noting(self, article, value):
        threads.append(threading.current_thread())
        return recounted(self, article, value)

    monkeypatch.setattr(Trends, "_count", fails)
    monkeypatch.setattr(Trends, "recounted", noting)
    (letter,) = await work(message(1, "bad"))
    # It takes seconds with a week of articles, in which the worker has to answer the brokers.
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert dict(letter.headers)[REASON] == b"enrichment-failed"
    assert dict(letter.headers)["dead-letter-stage"] == b"trends"
    monkeypatch.undo()
    found = from_bytes(TrendCount, latest(await work(message(2, "b")), Channel.TRENDS)[DAY])
    assert found.articles == 2


async def test_records_that_no_worker_wrote_are_passed_over_and_told_of(caplog):
    whole = await written(await opened(), *LOG)
    state = [out for out in whole if out.channel is Channel.TREND_STATE]
    forged = SimpleNamespace(channel=Channel.TREND_STATE, key=b"a/x", value=b"[]", headers=())
    work = await opened(*state, forged, offset=9)
    assert "passed over" in caplog.text
    assert latest(await work(message(9, "e")), Channel.TRENDS)


async def test_it_tells_how_much_it_holds_and_what_it_does_not_count():
    def told(name, **labels):
        return REGISTRY.get_sample_value(f"dateline_trend_{name}", labels) or 0

    late = told("uncounted_articles_total", reason="late")
    await written(await opened(), *LOG, message(9, "z", note(at_ms=0)))
    assert (told("articles"), told("count_records")) == (3, 6)
    assert told("uncounted_articles_total", reason="late") == late + 1
