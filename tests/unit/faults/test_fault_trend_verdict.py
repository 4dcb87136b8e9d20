"""The verdict on trends notices what workers could do wrong, and invents nothing."""

import asyncio

import pytest
from aiokafka import TopicPartition

from tests.faults.stories.sketches import sketch_record
from tests.faults.stories.trend_verdict import compare_trends
from tests.faults.stories.verdict import EVENT_SOURCE
from tests.unit.faults.test_fault_story_verdict import altered, as_record, come_of, without
from worker.agents.trends import counting_trends
from worker.channels import TRENDING, Channel
from worker.records.messages import RawMessage

ARTICLES, TIME_MS, BATCH = 500, 1_700_000_000_000, 16


async def counted(notes):
    """What a worker writes for these notes, by channel, in order; each batch the latest of each key."""

    async def nothing(*_):
        return {}

    make = counting_trends(read_state=nothing, event_source=EVENT_SOURCE)
    work = await make(TopicPartition("notes", 0), 0)
    written = {channel: [] for channel in TRENDING}
    written[Channel.TREND_NOTES] = notes
    for first in range(0, len(notes), BATCH):
        latest = {}
        for offset, one in enumerate(notes[first : first + BATCH], first):
            headers = tuple(one.headers)
            for out in await work(RawMessage("n", 0, offset, one.timestamp, one.key, one.value, headers)):
                latest[out.channel, out.key] = out
        for out in latest.values():
            written[out.channel].append(as_record(out, len(written[out.channel])))
    return written


@pytest.fixture(scope="module")
def whole():
    raw = [RawMessage("raw", at % 2, at // 2, TIME_MS, b"k", b"an article", ()) for at in range(ARTICLES)]
    sketches = [as_record(sketch_record(one, version="1"), at * 2) for at, one in enumerate(raw)]
    return asyncio.run(counted(asyncio.run(come_of(sketches))[Channel.TREND_NOTES]))


def test_what_the_notes_give_is_right_and_has_all_that_can_happen(whole):
    verdict = compare_trends(whole, once=True)
    assert verdict.problems == []
    assert (verdict.notes, verdict.twice) == (ARTICLES, 0)
    assert verdict.uncounted > 0 < verdict.keys < verdict.records
    assert any(b'"burst":{' in one.value for one in whole[Channel.TRENDS])
    assert any(one.value is None for one in whole[Channel.TREND_NOTES])


def test_repeats_are_no_problem_where_the_worker_may_repeat(whole):
    twice = {**whole, Channel.TRENDS: whole[Channel.TRENDS] + whole[Channel.TRENDS][-50:-20]}
    verdict = compare_trends(twice, once=False)
    assert (verdict.problems, verdict.twice) == ([], 30)
    assert compare_trends(twice, once=True).problems


def test_the_same_bytes_published_twice_are_no_repeat(whole):
    notes = [changed(one, timestamp=TIME_MS) for one in whole[Channel.TREND_NOTES][:BATCH]]
    # The same article from another raw record, counted a batch later in the same millisecond.
    headers = [(name, b"raw/0/9999" if name == "origin" else value) for name, value in notes[0].headers]
    written = asyncio.run(counted([*notes, changed(notes[0], headers=headers)]))
    verdict = compare_trends(written, once=True)
    assert (verdict.problems, verdict.twice) == ([], 0)
    events = [(dict(one.headers)["ce_id"], one.value) for one in written[Channel.TRENDS]]
    assert len(set(events)) < len(events)


def swapped(records):
    """The first two records of a key that has three in each other's place."""
    keys = [one.key for one in records]
    key = next(key for key in keys if keys.count(key) > 2)
    first, second, *_ = (place for place, one in enumerate(records) if one.key == key)
    changed = list(records)
    changed[first], changed[second] = changed[second], changed[first]
    return changed


def doubled(records):
    return [one for one in records for _ in range(2)]


@pytest.mark.parametrize(
    ("channel", "change", "said"),
    [
        (Channel.TRENDS, lambda records: records[:-1], "does not end with the count of"),
        (Channel.TRENDS, altered, "that its notes do not give"),
        (Channel.TRENDS, swapped, "in another order, or twice"),
        (
            Channel.TRENDS,
            doubled,
            "in another order, or twice",
        ),
        (Channel.TREND_STATE, without(lambda one: one.key == b"clock"), "state has another record clock"),
        (Channel.TREND_STATE, lambda records: [], "the trends' state lacks the record a/"),
        (Channel.TREND_NOTES, lambda records: records[1:], "that its notes do not give"),
    ],
)
def test_each_change_is_noticed(whole, channel, change, said):
    problems = compare_trends({**whole, channel: change(whole[channel])}, once=True).problems
    assert any(said in problem for problem in problems), problems[:5]


@pytest.mark.parametrize("once", [True, False])
def test_an_article_that_is_counted_twice_is_noticed(whole, once):
    notes = whole[Channel.TREND_NOTES]
    named = next(place for place, one in enumerate(notes) if one.value is not None)
    twice = asyncio.run(
        counted([*notes[: named + 1], changed(notes[named], key=b"another"), *notes[named + 1 :]])
    )
    problems = compare_trends({**twice, Channel.TREND_NOTES: notes}, once=once).problems
    assert any("that its notes do not give" in problem for problem in problems)


def changed(note, **fields):
    return type(note)(**{**vars(note), **fields})
