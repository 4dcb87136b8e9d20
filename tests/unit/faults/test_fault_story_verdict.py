"""The verdict on stories notices what workers could do wrong, and invents nothing."""

import asyncio
from types import SimpleNamespace

import orjson
import pytest

from tests.faults.stories.sketches import sketch_record
from tests.faults.stories.verdict import EVENT_SOURCE, compare_stories
from worker.agents.stories import SketchLog, storytelling
from worker.channels import STORYTELLING, Channel
from worker.records.messages import RawMessage

ARTICLES, TIME_MS = 800, 1_700_000_000_000
PARTITIONED = 3


def as_record(out, offset):
    partition = hash(out.key) % PARTITIONED if out.partition is None else out.partition
    return SimpleNamespace(
        topic=out.channel.value, partition=partition, offset=offset, timestamp=TIME_MS + 20 * offset,
        key=out.key, value=out.value, headers=out.headers, checksum=None,
    )  # fmt: skip


async def come_of(sketches):
    """What a worker writes for these sketches, by channel, in order."""

    async def nothing(_take):
        return SketchLog("", 0)

    make = storytelling(read_state=nothing, event_source=EVENT_SOURCE, notes=True)
    work = await make(SimpleNamespace(topic="sketches", partition=0), 0)
    written = {channel: [] for channel in (*STORYTELLING, Channel.TREND_NOTES)}
    written[Channel.SKETCHES] = sketches
    for one in sketches:
        message = RawMessage("s", 0, one.offset, one.timestamp, one.key, one.value, tuple(one.headers))
        for out in await work(message):
            written[out.channel].append(as_record(out, len(written[out.channel])))
    return written


@pytest.fixture(scope="module")
def whole():
    raw = [RawMessage("raw", at % 2, at // 2, 0, b"k", b"an article", ()) for at in range(ARTICLES)]
    sketches = [as_record(sketch_record(one, version="1"), at * 2) for at, one in enumerate(raw)]
    return asyncio.run(come_of(sketches))


def test_what_the_sketches_give_is_right_and_has_all_that_can_happen(whole):
    verdict = compare_stories(whole, once=True)
    assert verdict.problems == []
    assert (verdict.sketches, verdict.assignments, verdict.twice) == (ARTICLES, ARTICLES, 0)
    assert verdict.merged > 0 < verdict.retracted
    wordings = {
        variant["wording"]
        for record in whole[Channel.STORIES]
        for lineage in orjson.loads(record.value)["quote_lineage"]
        for variant in lineage["variants"]
    }
    assert verdict.lineages > ARTICLES // 4
    assert wordings == {"first", "cut", "extended", "altered"}


def test_repeats_are_no_problem_where_the_worker_may_repeat(whole):
    twice = {channel: records * 2 for channel, records in whole.items() if channel is not Channel.SKETCHES}
    verdict = compare_stories({**whole, **twice}, once=False)
    assert verdict.problems == []
    assert verdict.twice > ARTICLES
    assert compare_stories({**whole, **twice}, once=True).problems


def without(is_out):
    """Drops the last of such records."""

    def change(records):
        place = max(place for place, one in enumerate(records) if is_out(one))
        return records[:place] + records[place + 1 :]

    return change


def is_redirect(record):
    return b'"status":"merged"' in (record.value or b"")


def is_story(record):
    return record.key.startswith(b"s/")


def swapped(records):
    """Two records of one key in each other's place."""
    keys = [one.key for one in records]
    key = next(key for key in keys if keys.count(key) > 1)
    first, second, *_ = (place for place, one in enumerate(records) if one.key == key)
    changed = list(records)
    changed[first], changed[second] = changed[second], changed[first]
    return changed


def altered(records):
    last = records[-1]
    return [*records[:-1], SimpleNamespace(**{**vars(last), "value": (last.value or b"") + b" "})]


def with_another_lineage(records):
    """The last record of a story whose quotes are repeated, with one article less that has one."""
    place = max(at for at, one in enumerate(records) if b'"unlisted"' in one.value)
    card = orjson.loads(records[place].value)
    card["quote_lineage"][0]["variants"][0]["found_in"].pop()
    changed = SimpleNamespace(**{**vars(records[place]), "value": orjson.dumps(card)})
    return [*records[:place], changed, *records[place + 1 :]]


@pytest.mark.parametrize("once", [True, False])
@pytest.mark.parametrize(
    ("channel", "change", "said"),
    [
        (Channel.STORY_STATE, without(is_story), "the stories' state has another record s/"),
        (Channel.STORY_STATE, without(lambda one: one.key == b"clock"), "state has another record clock"),
        (Channel.STORY_STATE, altered, "the stories' state has another record clock"),
        (Channel.STORIES, without(is_redirect), "lacks some of the"),
        (Channel.STORIES, altered, "lacks some of the"),
        (Channel.STORIES, with_another_lineage, "lacks some of the"),
        (Channel.STORY_ARTICLES, lambda records: records[1:], "has a sketch, and no story"),
        (Channel.STORY_ARTICLES, altered, "lacks some of the"),
        (Channel.STORY_ARTICLES, lambda records: [*records, records[0]], ""),
        (Channel.STORY_ARTICLES, swapped, ""),
        (Channel.SKETCHES, lambda records: records[1:], "that its sketches do not give"),
        (Channel.SKETCHES, swapped, "story"),
    ],
)
def test_each_change_is_noticed(whole, once, channel, change, said):
    problems = compare_stories({**whole, channel: change(whole[channel])}, once=once).problems
    if said or once:
        assert any(said in problem for problem in problems), problems[:5]
    else:
        assert problems == [], "order within a key, and repeats, are no problem without transactions"
