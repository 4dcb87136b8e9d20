"""What a sketch becomes: its article's story, the cards that change, and state from which another goes on."""

import asyncio
from collections.abc import Iterable
from types import SimpleNamespace

import orjson
import pytest
from aiokafka import TopicPartition

from tests.unit.stories.logs import sentence, sketch
from worker.agents.stories import SketchLog, StoredStories, restored_stories, storytelling
from worker.channels import RETRACTED_CE_TYPE, SPECS, Channel
from worker.delivery.lanes.dead_letter import REASON
from worker.metrics import REGISTRY
from worker.records.codec import from_bytes, to_bytes
from worker.records.messages import OutMessage, RawMessage
from worker.records.stories import StoryAssignment, StoryCard
from worker.stories.sketch_codec import read_sketch, sketch_bytes
from worker.stories.stories import Position, Stories

PARTITION = TopicPartition("news.story-sketches.v1", 0)
START_MS = 1_700_000_000_000
TEXTS = [" ".join(sentence(subject, number) for number in range(5)) for subject in range(4)]


def message(
    offset: int,
    id_: str | None = "a",
    text: str | None = TEXTS[0],
    value: bytes | None = None,
    *,
    published_at: str | None = None,
):
    if text is not None and value is None:
        about = {"headline": f"About {id_}", "source": "The Daily", "published_at": published_at}
        value = sketch_bytes(sketch(id_, text, f"raw/0/{offset}", **about))
    headers = (
        ("ce_id", b"s%d" % offset),
        ("ce_subject", (id_ or "").encode()),
        ("origin", b"raw/0/%d" % offset),
        ("pipeline", b"en_news/1"),
        ("traceparent", b"00-1-2-01"),
    )
    return RawMessage(*PARTITION, offset, START_MS + offset * 1000, id_ and id_.encode(), value, headers)


# Two stories, one with a reprint, and one article that is taken back.
LOG = [
    message(0, "a", TEXTS[0]),
    message(1, "b", TEXTS[1]),
    message(4, "c", TEXTS[0]),
    message(5, "b", None),
    message(7, "d", TEXTS[1]),
    message(8, "e", TEXTS[0] + " " + sentence(2, 9)),
]


def as_record(out: OutMessage, offset: int = 0):
    return SimpleNamespace(key=out.key, value=out.value, headers=out.headers, offset=offset)


async def opened(
    state: Iterable[OutMessage] = (),
    *,
    offset: int = 0,
    identity: str = "t1",
    end: int = 100,
    once: bool = True,
):
    async def read_state(take):
        for out in state:
            take(as_record(out))
        return SketchLog(identity, end)

    make = storytelling(read_state=read_state, event_source="urn:dateline", transactions=once)
    return await make(PARTITION, offset)


async def written(work, messages) -> list[OutMessage]:
    return [out for one in messages for out in await work(one)]


def of(channel: Channel, outs: Iterable[OutMessage]) -> list[OutMessage]:
    return [out for out in outs if out.channel is channel]


def latest(outs: Iterable[OutMessage]) -> dict[bytes, bytes]:
    values = {out.key: out.value for out in of(Channel.STORY_STATE, outs)}
    return {key: value for key, value in values.items() if value is not None}


async def test_an_article_gets_its_story_and_a_copy_says_of_what():
    first, _, copy, *_ = outs = of(Channel.STORY_ARTICLES, await written(await opened(), LOG[:3]))
    assert [out.key for out in outs] == [b"a", b"b", b"c"]
    one, two = from_bytes(StoryAssignment, first.value), from_bytes(StoryAssignment, copy.value)
    assert (one.relation, one.of, one.record_source) == ("original", None, "The Daily")
    assert (two.relation, two.of, two.share, two.of_share) == ("reprint", "a", 1, 1)
    assert one.story == two.story


@pytest.mark.parametrize(
    ("said", "shown"), [(None, None), ("2026-01-13T11:58:00+02:00", "2026-01-13T09:58:00.000Z")]
)
async def test_an_articles_record_says_when_it_was_published_whenever_it_is_taken(said, shown):
    one, again = message(0, "a", published_at=said), message(1, "a", published_at=said)
    work = await opened()
    once = await written(work, [one])
    twice = await written(work, [again])
    redone = await written(await opened([*once, *twice], offset=0, once=False), [one])
    for outs in (once, twice, redone):
        (out,) = of(Channel.STORY_ARTICLES, outs)
        assert from_bytes(StoryAssignment, out.value).published_at == shown


async def test_a_storys_card_is_written_under_its_id_with_its_counts():
    outs = of(Channel.STORIES, await written(await opened(), LOG[:3]))
    cards = [from_bytes(StoryCard, out.value) for out in outs]
    assert [out.key.decode() for out in outs] == [card.id for card in cards]
    assert [card.counts.articles for card in cards] == [1, 1, 2]
    assert cards[-1].counts.reprints == 1
    assert (cards[-1].headline, cards[-1].first_seen_at) == ("About a", "2023-11-14T22:13:20.000Z")
    assert [card.version for card in cards if card.id == cards[0].id] == [1, 2]


async def test_headers_follow_from_the_sketchs_and_a_story_is_its_own_subject():
    assignment, card = (await written(await opened(), LOG[:1]))[:2]
    for out in (assignment, card):
        headers = dict(out.headers)
        assert headers["ce_type"].decode() == SPECS[out.channel].ce_type
        assert headers["ce_subject"] == out.key
        assert (headers["origin"], headers["pipeline"]) == (b"raw/0/0", b"en_news/1")
        assert headers["traceparent"] == b"00-1-2-01"
    assert dict(assignment.headers)["ce_id"] != dict(card.headers)["ce_id"]
    assert await written(await opened(), LOG) == await written(await opened(), LOG)


async def test_a_retraction_takes_the_assignment_back():
    outs = await written(await opened(), LOG[:4])
    (tombstone,) = [out for out in of(Channel.STORY_ARTICLES, outs) if out.value is None]
    assert tombstone.key == b"b"
    assert dict(tombstone.headers)["ce_type"].decode() == RETRACTED_CE_TYPE
    card = from_bytes(StoryCard, of(Channel.STORIES, outs)[-1].value)
    assert (card.status, card.counts.retracted, card.headline) == ("closed", 1, None)


async def test_what_is_published_and_kept_is_what_the_stories_alone_say():
    outs = await written(await opened(), LOG)
    stories, told = Stories(), []
    for one in LOG:
        at = Position(one.offset, one.timestamp_ms)
        if one.value is None:
            told.append(stories.retract(one.key.decode(), at))
        else:
            told.append(stories.take(read_sketch(one.value), at))
    assigned = [each.assignment.story if each.assignment else None for each in told]
    assert [
        orjson.loads(out.value)["story"] if out.value else None for out in of(Channel.STORY_ARTICLES, outs)
    ] == assigned
    cards = [(card.id, card.fields["version"]) for each in told for card in each.cards]
    written_cards = [orjson.loads(out.value) for out in of(Channel.STORIES, outs)]
    assert [(card["id"], card["version"]) for card in written_cards] == cards
    state = {key: value for each in told for key, value in each.changes.items()}
    assert latest(outs) == {key: value for key, value in state.items() if value is not None}


async def test_what_is_published_is_written_as_its_records_are():
    outs = await written(await opened(), LOG)
    for channel, kind in ((Channel.STORY_ARTICLES, StoryAssignment), (Channel.STORIES, StoryCard)):
        values = [out.value for out in of(channel, outs) if out.value is not None]
        assert values
        assert [to_bytes(from_bytes(kind, value)) for value in values] == values


@pytest.mark.parametrize("taken", range(len(LOG) + 1))
async def test_whoever_takes_over_goes_on_as_if_nothing_had_happened(taken):
    before = await written(await opened(), LOG[:taken])
    after = await written(
        await opened(before, offset=LOG[taken].offset if taken < len(LOG) else 9), LOG[taken:]
    )
    assert [*before, *after] == await written(await opened(), LOG)


DAMAGED = message(2, "x", value=b"no sketch")


@pytest.mark.parametrize("at_once", [1, 2, 3, 32])
@pytest.mark.parametrize("missing", [None, 1, 4, 5])
async def test_what_is_foreseen_is_decided_as_if_it_were_not(monkeypatch, at_once, missing):
    """Also where one can't be read, where one never comes, and where it comes in two batches."""
    monkeypatch.setattr("worker.agents.stories._AT_ONCE", at_once)
    coming = [*LOG[:2], DAMAGED, *LOG[2:]]
    come = [one for one in coming if one.offset != missing]
    foreseen, work = [], await opened()
    foresee = Stories.foresee
    monkeypatch.setattr(
        Stories, "foresee", lambda self, some: foreseen.append(len(some)) or foresee(self, some)
    )
    work.foresee(coming[:4])
    work.foresee(coming[4:])
    outs = await written(work, come)
    assert sum(foreseen) >= sum(one.value is not None for one in come) - 1
    monkeypatch.undo()
    assert outs == await written(await opened(), come)
    assert [out.key for out in of(Channel.DEAD, outs)] == [b"x"]


async def test_where_looking_ahead_fails_each_sketch_is_decided_alone(monkeypatch, caplog):
    def fails(self, some):
        raise RuntimeError("one of them is at fault")

    monkeypatch.setattr(Stories, "foresee", fails)
    work = await opened()
    work.foresee(LOG)
    assert await written(work, LOG) == await written(await opened(), LOG)
    assert "looking sketches up failed" in caplog.text


@pytest.mark.parametrize("again", range(len(LOG)))
async def test_without_transactions_what_is_decided_again_is_decided_as_before(again):
    """The state may be ahead of the committed offset; a story's card is as it was, not as it is by now."""
    whole = await written(await opened(), LOG)
    before = await written(await opened(), LOG[:again])
    repeated = await written(await opened(whole, offset=LOG[again].offset, once=False), LOG[again:])
    assert [*before, *repeated] == whole


@pytest.mark.parametrize("again", range(len(LOG)))
@pytest.mark.parametrize("once", [True, False])
async def test_of_an_offset_that_was_set_back_each_article_gets_the_answer_that_it_got(again, once):
    """Compaction has left the last record of each key alone."""
    before = await written(await opened(), LOG)
    compacted = {out.key: out for out in of(Channel.STORY_STATE, before)}
    left = sorted(compacted.values(), key=before.index)
    work = await opened(left, offset=LOG[again].offset, once=once)
    repeated = await written(work, LOG[again : again + 1])
    if not again and not once:
        return  # nothing is known any more: all is decided anew
    assert not of(Channel.STORY_STATE, repeated)
    if LOG[again].key != b"b":
        (assignment,) = of(Channel.STORY_ARTICLES, repeated)
        assert assignment in before


@pytest.mark.parametrize("lost", range(1, 9))
async def test_what_was_written_without_its_clock_does_not_count(lost):
    """Without transactions a worker may die between the records of one sketch."""
    before = await written(await opened(), LOG[:3])
    state = of(Channel.STORY_STATE, before)
    cut = state[:-lost]
    offsets = [int(dict(out.headers)["sketch-position"]) for out in cut if out.key == b"clock"]
    begin = offsets[-1] + 1 if offsets else 0
    left = [one for one in LOG if one.offset >= begin]
    whole = await written(await opened(), LOG)
    work = await opened(cut, offset=begin, once=False)
    assert latest([*cut, *await written(work, left)]) == latest(whole)


async def test_what_a_frozen_worker_writes_late_does_not_count():
    early, late = await written(await opened(), LOG[:3]), await written(await opened(), LOG)
    rest = late[len(early) :]
    assert latest(late) == (await read([*early, *rest, *early])).values


async def read(outs: Iterable[OutMessage]) -> StoredStories:
    stored = StoredStories()
    for out in of(Channel.STORY_STATE, outs):
        stored.take(as_record(out))
    stored.end(PARTITION)
    return stored


@pytest.mark.parametrize(
    ("identity", "end"), [("another", 3), ("another", 1000), ("t1", 5), ("", 5)], ids=str
)
async def test_stories_go_on_when_the_sketches_topic_is_made_anew_or_lost_its_end(identity, end):
    before = await written(await opened(), LOG)
    work = await opened(before, offset=0, identity=identity, end=end)
    assigned = of(Channel.STORY_ARTICLES, after := await written(work, [message(0, "f"), message(1, "g")]))
    assert [from_bytes(StoryAssignment, out.value).of for out in assigned] == ["a", "a"]
    positions = [int(dict(out.headers)["sketch-position"]) for out in of(Channel.STORY_STATE, after)]
    assert min(positions) == LOG[-1].offset + 1
    more = await written(await opened([*before, *after], offset=2, identity=identity), [message(2, "h")])
    assert from_bytes(StoryAssignment, of(Channel.STORY_ARTICLES, more)[0].value).relation == "reprint"


@pytest.mark.parametrize(
    "bad",
    [
        message(3, "x", None, b"no sketch"),
        message(3, "x", None, b""),
        message(3, None, None),
        RawMessage(*PARTITION, 3, START_MS, b"\xff", None, ()),
    ],
    ids=["other bytes", "empty", "no key", "no text"],
)
async def test_what_is_no_sketch_becomes_a_dead_letter_and_changes_nothing(bad):
    work = await opened()
    outs = await written(work, [*LOG[:2], bad, *LOG[2:]])
    (letter,) = of(Channel.DEAD, outs)
    assert dict(letter.headers)[REASON] == b"undecodable"
    assert dict(letter.headers)["dead-letter-stage"] == b"stories"
    assert [out for out in outs if out is not letter] == await written(await opened(), LOG)


async def test_a_bug_costs_its_article_alone(monkeypatch):
    work = await opened()
    whole = await written(await opened(), [LOG[0], *LOG[2:]])
    first = await written(work, LOG[:1])

    def fails(self, story):
        raise RuntimeError("a bug")

    with monkeypatch.context() as broken:
        broken.setattr("worker.stories.memory.Memory.put_story", fails)
        (letter,) = await work(LOG[1])
    assert dict(letter.headers)[REASON] == b"enrichment-failed"
    rest = await written(work, LOG[2:])
    assert [*first, *rest] == whole


@pytest.mark.parametrize(("seconds", "turns"), [(0.0, len(LOG)), (3600.0, 0)])
async def test_others_have_their_turn_when_decisions_took_so_long(monkeypatch, seconds, turns):
    monkeypatch.setattr("worker.agents.stories._SLICE_SECONDS", seconds)
    work, had = await opened(), 0

    async def decide_all():
        return [await work(one) for one in LOG]

    deciding = asyncio.create_task(decide_all())
    await asyncio.sleep(0)
    while not deciding.done():
        had += 1
        await asyncio.sleep(0)
    assert had == turns


async def test_state_is_restored_beside_the_event_loop(monkeypatch):
    # However fast the machine is, all of it is more than one slice.
    monkeypatch.setattr("worker.agents.stories._SLICE_SECONDS", 0)
    outs = await written(
        await opened(), [message(at, f"a{at}", TEXTS[at % 4] + f" {at}") for at in range(300)]
    )
    values, turns = (await read(outs)).values, 0
    restoring = asyncio.ensure_future(restored_stories(values))
    while not restoring.done():
        await asyncio.sleep(0)
        turns += 1
    assert (await restoring).memory.articles == 300
    assert turns > 5
    assert not values


async def test_records_that_no_worker_wrote_are_passed_over_and_told_of(caplog):
    before = await written(await opened(), LOG)
    foreign = OutMessage(Channel.STORY_STATE, b"s/1", b"forged", ())
    stored = await read([*before, foreign])
    assert stored.values == latest(before)
    assert "no worker wrote" in caplog.text


async def test_a_state_that_lacks_a_record_is_an_error_and_no_other_result():
    before = await written(await opened(), LOG)
    lacking = [out for out in before if not (out.key or b"").startswith(b"s/1")]
    with pytest.raises(ValueError, match="does not fit"):
        await opened(lacking)


async def test_it_tells_how_many_stories_are_open():
    await written(await opened(), LOG)
    assert REGISTRY.get_sample_value("dateline_open_stories") == 2
    assert REGISTRY.get_sample_value("dateline_story_articles") == 4
