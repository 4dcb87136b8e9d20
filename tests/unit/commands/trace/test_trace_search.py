"""A trace finds every record of an article's way, and reads no more for it than keys and times ask for."""

import dataclasses

import orjson
import pytest
from aiokafka import TopicPartition

from tests.unit.commands.trace.trace_records import (
    DEAD,
    RAW,
    TIME_MS,
    alert,
    card,
    enriched,
    letter,
    match,
    note,
    output,
    raw,
    record,
    sent_back,
    sketch,
)
from worker.channels import Channel, topic_name
from worker.commands.shell.part_reader import PartReader, Searched
from worker.commands.shell.terminal import Problem
from worker.commands.trace import search
from worker.commands.trace.identify import Identity, identity_in
from worker.commands.trace.publish import Fate, place_of
from worker.commands.trace.search import Bounds, Search
from worker.commands.trace.wanted import Wanted, wanted_file, wanted_id, wanted_url
from worker.delivery.kafka.records import raw_message
from worker.intake.identity import article_id
from worker.settings import Settings

SETTINGS = Settings(topic_prefix="n.", group="g")
DAY_MS = 24 * 3600 * 1000
ORIGIN = f"{RAW}/0/7"
URL = "https://wire.example/harbour-reopens"
PARTITIONS = 4


class Topics(PartReader):
    """Topics in memory, read as on a cluster; counts what was read of each."""

    def __init__(self, records):
        names = {topic_name(channel, "n."): PARTITIONS for channel in Channel}
        super().__init__(SETTINGS, None, names | {topic_name(Channel.PROGRESS, "n."): 1}, None)
        self.records = sorted(records, key=lambda one: (one.topic, one.timestamp, one.offset))

    async def check_written(self, partition, offset):
        if offset > 1000:
            raise Problem("not written")

    async def count_from(self, topic, partitions, starts):
        return sum(1 for one in self._of(topic, partitions) if one.offset >= starts.get(_tp(one), 0))

    async def at(self, partition, offset):
        there = (one for one in self.records if _tp(one) == partition and one.offset == offset)
        return next(there, None)

    async def scan(self, topic, partitions, window, what, *, starts=None):
        entry = Searched(topic, tuple(partitions), PARTITIONS, window, what)
        self.searched.append(entry)
        for one in self._of(topic, partitions):
            is_late = window.since_ms is not None and one.timestamp < window.since_ms
            is_early = window.until_ms is not None and one.timestamp >= window.until_ms
            if not (is_late or is_early or one.offset < (starts or {}).get(_tp(one), 0)):
                entry.records += 1
                yield one

    def read(self, channel):
        return sum(one.records for one in self.searched if one.topic == topic_name(channel, "n."))

    def _of(self, topic, partitions):
        return [one for one in self.records if one.topic == topic and one.partition in partitions]


def _tp(one):
    return TopicPartition(one.topic, one.partition)


class InThisProcess:
    def __init__(self):
        self.asked = 0

    async def of(self, message):
        self.asked += 1
        return Identity(*identity_in(message, languages=("en",)))


def progress(**offsets):
    """How far the group is in partitions 0 to 3 of the topics, and that it is the one that writes."""
    channels = {
        "raw": Channel.RAW,
        "enriched": Channel.ENRICHED,
        "matches": Channel.MATCHES,
        "stories": Channel.STORIES,
        "notes": Channel.TREND_NOTES,
    }
    stored = {
        f"g/{topic_name(channels[name], 'n.')}/{number}": offset
        for name, offset in offsets.items()
        for number in range(PARTITIONS)
    }
    values = {key: {"offset": offset, "since": None} for key, offset in stored.items()}
    values |= {"writer": {"offset": None, "since": "2026-01-31T08:00:00.000Z"}}
    return [
        record(
            Channel.PROGRESS,
            (0, number),
            orjson.dumps({"group": "g", "topic_id": None} | value),
            key=key.encode(),
        )
        for number, (key, value) in enumerate(values.items())
    ]


def by_key(channel, offset, key="a-1", value=b"{}", **others):
    """An output in the partition of its key."""
    partition = Topics([]).partition_of(topic_name(channel, "n."), key.encode())
    return output(channel, (partition, offset), value, key=key.encode(), article=key, **others)


ENRICHED = by_key(
    Channel.ENRICHED, 5, value=orjson.dumps({"id": "a-1", "entities": [{"id": "x"}], "quotes": [1]})
)
FAR = progress(raw=100, enriched=100, matches=100)
WAY = [
    *FAR,
    raw(),
    ENRICHED,
    by_key(Channel.SEARCH, 4, after_ms=0),
    output(Channel.ENTITIES, (2, 2), key=b"x"),
    output(Channel.QUOTES, (1, 3)),
    match(),
    alert(),
]
OTHERS = [
    made
    for number in range(200, 300)
    for made in (
        raw((0, number), b'{"id": "other"}', key=b"other", after_ms=number * 1000),
        *(
            output(channel, (partition, number), of=f"{RAW}/1/{number}", after_ms=number * 1000)
            for channel in (Channel.ENRICHED, Channel.ENTITIES, Channel.QUOTES, Channel.MATCHES)
            for partition in range(PARTITIONS)
        ),
    )
]
OTHERS = [dataclasses.replace(one, key=b"other") if one.key == b"a-1" else one for one in OTHERS]


async def traced(wanted, records, **options):
    reader, identifier = Topics(records), InThisProcess()
    bounds = Bounds(**({"since_ms": TIME_MS - DAY_MS, "within_ms": 600_000} | options))
    run = Search(SETTINGS, reader, identifier, bounds, now_ms=TIME_MS + 120_000)
    origins = await run.run(wanted)
    return run, reader, [run.ledger.publish(origin) for origin in origins]


def place(text):
    topic, partition, offset = text.split("/")
    return Wanted(text, place=(TopicPartition(topic, int(partition)), int(offset)))


@pytest.mark.parametrize(
    "asked", [wanted_id("a-1"), place(ORIGIN), place(place_of(WAY[-1])), place(place_of(ENRICHED))]
)
async def test_all_that_came_of_an_article_is_found_by_its_id_and_from_every_place(asked):
    _, _, publishes = await traced(asked, [*WAY, *OTHERS])
    assert [publish.origin for publish in publishes] == [ORIGIN]
    assert {record.topic for record in publishes[0].records} == {one.topic for one in WAY[len(FAR) + 1 :]}
    assert publishes[0].is_explained


@pytest.mark.parametrize("asked", [wanted_id("a-1"), place(f"{topic_name(Channel.STORIES, 'n.')}/2/3")])
async def test_the_story_of_an_article_is_found_by_its_id_and_from_its_card(asked):
    own = [sketch(), by_key(Channel.STORY_ARTICLES, 6, after_ms=1500), card()]
    others = [sketch((0, 5), of=f"{RAW}/1/200"), card((2, 4), of=f"{RAW}/1/200")]
    _, reader, publishes = await traced(asked, [*WAY, *own, *others])
    (publish,) = publishes
    found = (*publish.outputs[Channel.SKETCHES], *publish.assignments, *publish.cards)
    assert [place_of(one) for one in found] == [place_of(one) for one in own]
    assert (publish.article, publish.is_explained) == ("a-1", True)
    assert reader.read(Channel.STORY_ARTICLES) == 1


NOTED = [note(), note((0, 3), of=f"{RAW}/1/200", key=b"other")]


@pytest.mark.parametrize("asked", [wanted_id("a-1"), place(f"{topic_name(Channel.TREND_NOTES, 'n.')}/0/2")])
async def test_what_trends_were_told_of_an_article_is_found_by_its_id_and_from_its_note(asked):
    _, reader, (publish,) = await traced(asked, [*WAY, *NOTED])
    assert [place_of(one) for one in publish.notes] == [place_of(NOTED[0])]
    # It has one note, behind which nothing is read.
    assert reader.read(Channel.TREND_NOTES) == 1


async def test_that_an_article_was_taken_out_of_trends_is_found_too():
    gone = by_key(Channel.ENRICHED, 5, value=None)
    _, _, (publish,) = await traced(wanted_id("a-1"), [*FAR, raw(value=None), gone, note(retracts=True)])
    assert [one.value for one in publish.notes] == [None]


@pytest.mark.parametrize("asked", [wanted_id("a-1"), place(f"{topic_name(Channel.ALERTS, 'n.')}/1/10")])
async def test_what_rules_about_stories_made_of_an_article_is_found_by_its_id_and_from_its_alert(asked):
    about = {"rule": "grows", "story": "s-1"}
    own = [card(), match((1, 3), **about), alert((1, 10), **about)]
    _, _, (publish,) = await traced(asked, [*WAY, *own, match((1, 4), of=f"{RAW}/1/200", **about)])
    found = {one.rule["id"]: (one.story or {}).get("id") for one in publish.matches}
    assert found == {"storms": None, "grows": "s-1"}
    assert [len(one.alerts) for one in publish.matches] == [1, 1]
    assert (publish.article, publish.is_explained) == ("a-1", True)


@pytest.mark.parametrize(
    ("known", "watched", "counted"),
    [
        ({}, None, None),
        ({"stories": 3}, False, None),
        ({"stories": 4, "notes": 2}, True, False),
        ({"notes": 3}, None, True),
    ],
)
async def test_what_waits_for_a_stage_that_is_on_is_told(known, watched, counted):
    """Of a stage that is off nothing is stored, and nothing waits for it."""
    records = [*progress(raw=100, enriched=100, matches=100, **known), *WAY[len(FAR) :], card(), *NOTED]
    _, _, (publish,) = await traced(wanted_id("a-1"), records)
    assert (publish.watched, publish.counted) == (watched, counted)


@pytest.mark.parametrize(
    ("there", "missed"),
    [((), 0), ((Channel.TRENDS,), 1), ((Channel.TRENDS, Channel.TREND_NOTES), 0)],
)
async def test_where_there_are_trends_their_notes_are_named_if_they_are_missing(there, missed):
    class Fewer(Topics):
        def all_of(self, topic):
            gone = {topic_name(one, "n.") for one in {Channel.TRENDS, Channel.TREND_NOTES} - {*there}}
            return range(0) if topic in gone else super().all_of(topic)

    bounds = Bounds(since_ms=TIME_MS - DAY_MS, within_ms=600_000)
    run = Search(SETTINGS, Fewer(WAY), InThisProcess(), bounds, now_ms=TIME_MS + 120_000)
    await run.run(wanted_id("a-1"))
    assert sum("no such topic" in words for words in run.unsearched) == missed


@pytest.mark.parametrize(
    ("there", "missed"), [((), 0), ((Channel.SKETCHES,), 2), ((Channel.SKETCHES, Channel.STORIES), 1)]
)
async def test_where_there_are_stories_a_topic_of_theirs_that_is_missing_is_named(there, missed):
    stories = {Channel.SKETCHES, Channel.STORY_ARTICLES, Channel.STORIES}

    class Fewer(Topics):
        def all_of(self, topic):
            gone = {topic_name(channel, "n.") for channel in stories - {*there}}
            return range(0) if topic in gone else super().all_of(topic)

    bounds = Bounds(since_ms=TIME_MS - DAY_MS, within_ms=600_000)
    run = Search(SETTINGS, Fewer(WAY), InThisProcess(), bounds, now_ms=TIME_MS + 120_000)
    await run.run(wanted_id("a-1"))
    assert sum("no such topic" in words for words in run.unsearched) == missed


async def test_it_reads_the_partition_of_the_id_and_stops_when_all_is_found():
    run, reader, _ = await traced(wanted_id("a-1"), [*WAY, *OTHERS])
    (enriched_part,) = [one for one in reader.searched if one.topic == ENRICHED.topic]
    assert enriched_part.partitions == (ENRICHED.partition,)
    assert (reader.read(Channel.ENTITIES), reader.read(Channel.QUOTES)) == (1, 1)
    assert reader.read(Channel.RAW) <= 100
    assert any("other partitions than the id's" in words for words in run.unsearched)
    _, wide, _ = await traced(wanted_id("a-1"), [*WAY, *OTHERS], all_partitions=True)
    assert wide.read(Channel.ENRICHED) == 401


async def test_from_a_place_it_stops_at_what_came_of_it():
    _, reader, _ = await traced(place(ORIGIN), [*WAY, *OTHERS])
    assert reader.read(Channel.ENRICHED) == 1


async def test_every_publish_is_told_oldest_first_and_a_retraction_too():
    again, gone = f"{RAW}/0/8", f"{RAW}/0/9"
    records = [
        *FAR,
        raw((0, 9), None, after_ms=9000),
        raw((0, 8), after_ms=5000),
        raw(),
        by_key(Channel.ENRICHED, 5),
        by_key(Channel.ENRICHED, 6, of=again, after_ms=6000),
        by_key(Channel.ENRICHED, 7, value=None, of=gone, after_ms=9500),
    ]
    _, _, publishes = await traced(wanted_id("a-1"), records)
    assert [(one.origin, one.fate) for one in publishes] == [
        (ORIGIN, Fate.ENRICHED),
        (again, Fate.ENRICHED),
        (gone, Fate.RETRACTED),
    ]


CHAIN = [
    *FAR,
    raw(),
    letter(),
    sent_back(),
    letter((0, 4), of=sent_back(), after_ms=61_000),
    sent_back((0, 9), letter_at="0/4", after_ms=120_000),
    by_key(Channel.ENRICHED, 5, of=f"{RAW}/0/9", after_ms=121_000),
]


def receipt(offset, at):
    value = {
        "topic": DEAD,
        "partition": 0,
        "letters": [{"first": offset, "last": offset, "latest": TIME_MS + DAY_MS}],
        "count": 1,
        "at": f"2026-01-31T08:{at}.000Z",
        "by": "dateline/0.1.0 ops",
    }
    return record(Channel.REDRIVEN, (0, offset), orjson.dumps(value), after_ms=60_000)


@pytest.mark.parametrize(
    "asked",
    [wanted_id("a-1"), *(place(f"{RAW}/0/{offset}") for offset in (7, 8, 9)), place(f"{DEAD}/0/4")],
)
async def test_what_was_sent_back_is_followed_both_ways_from_wherever_one_begins(asked):
    receipts = [receipt(3, "01:00"), receipt(4, "02:00")]
    _, _, publishes = await traced(asked, [*CHAIN, *receipts])
    assert [(one.origin, one.fate) for one in publishes] == [
        (ORIGIN, Fate.DEAD),
        (f"{RAW}/0/8", Fate.DEAD),
        (f"{RAW}/0/9", Fate.ENRICHED),
    ]
    assert {one.first_origin for one in publishes} == {ORIGIN}


@pytest.mark.parametrize(
    ("value", "article"),
    [
        (orjson.dumps({"id": "wire-1", "url": URL, "text": "A ferry left."}), "wire-1"),
        (orjson.dumps({"url": URL, "text": "A ferry left."}), article_id(url=URL, text="")),
    ],
)
async def test_a_url_finds_what_was_enriched_what_waits_and_what_died(value, article):
    written = by_key(Channel.ENRICHED, 5, article, orjson.dumps({"id": article, "url": URL}))
    dead, waiting = raw((0, 8), value, key=None, after_ms=10), raw((0, 200), value, key=None, after_ms=20)
    records = [*FAR, raw(value=value, key=None), written, dead, letter(of=dead), waiting, *OTHERS[:40]]
    _, _, publishes = await traced(
        wanted_url(URL.upper().replace("HARBOUR-REOPENS", "harbour-reopens")), records
    )
    assert [one.fate for one in publishes] == [Fate.ENRICHED, Fate.DEAD, Fate.WAITING]


async def test_a_file_that_can_not_be_read_is_found_by_its_bytes():
    broken = raw(value=b'{"id": ', key=None)
    _, _, publishes = await traced(
        wanted_file("a.json", b'{"id": ', None, None), [*FAR, broken, letter(of=broken), *OTHERS]
    )
    assert [(one.origin, one.fate) for one in publishes] == [(ORIGIN, Fate.DEAD)]


async def test_among_many_that_wait_those_of_the_key_s_partition_are_searched_and_it_is_said(monkeypatch):
    monkeypatch.setattr(search, "WAITING_RECORDS", 10)
    run, reader, publishes = await traced(wanted_id("other-1"), [*progress(raw=0), *OTHERS])
    assert publishes == []
    assert any("100 offsets wait to be enriched" in words for words in run.unsearched)
    searched = [one for one in reader.searched if one.topic == RAW]
    assert [one.partitions for one in searched] == [(reader.partition_of(RAW, b"other-1"),)]
    _, wide, _ = await traced(wanted_id("other-1"), [*progress(raw=0), *OTHERS], all_partitions=True)
    assert wide.read(Channel.RAW) == 100


async def test_what_is_older_than_asked_for_is_not_read_and_it_is_said():
    run, _, publishes = await traced(wanted_id("a-1"), WAY, since_ms=TIME_MS + 50_000)
    assert publishes == []
    assert "what was published earlier (--since)" in run.unsearched


async def test_matches_later_than_asked_for_are_not_read_and_none_is_said_to_be_kept_back():
    late = dataclasses.replace(alert(), timestamp=TIME_MS + 400_000)
    run, _, (publish,) = await traced(wanted_id("a-1"), [*WAY[:-1], late], within_ms=-30_000)
    assert [match.fate for match in publish.matches] == ["unknown"]
    assert any("(--within)" in words for words in run.unsearched)


async def test_a_place_without_a_record_is_a_problem_in_words():
    for asked, words in [
        (place(f"{RAW}/0/2000"), "not written"),
        (place(f"{DEAD}/0/99"), "has no record"),
        (place(f"{topic_name(Channel.PROGRESS, 'n.')}/0/0"), "comes from no raw record"),
    ]:
        with pytest.raises(Problem, match=words):
            await traced(asked, WAY)


async def test_a_record_of_a_batch_that_was_not_read_is_told_by_the_letter_that_stands_for_it():
    from worker.records.messages import BatchFault

    unread = letter(of=raw((0, 9), b"", key=None), fault=BatchFault("too much", offsets="5 to 9"))
    _, _, publishes = await traced(place(ORIGIN), [*FAR, unread])
    assert ORIGIN in [one.origin for one in publishes if one.fate is Fate.DEAD]


async def test_what_may_not_be_seen_is_named():
    reader = Topics(WAY)
    reader.topics = {name: count for name, count in reader.topics.items() if "alerts" not in name}
    run = Search(SETTINGS, reader, InThisProcess(), Bounds(None, 1000), now_ms=TIME_MS)
    await run.run(wanted_id("a-1"))
    assert "n.alerts.v1: there is no such topic, or no right to see it" in run.unsearched


def test_an_identity_is_read_of_a_letter_without_the_headers_of_workers():
    assert identity_in(raw_message(raw(value=b'{"id": "a-1", "text": "A."}')), languages=("en",)) == (
        "a-1",
        None,
    )
    assert identity_in(raw_message(raw(value=None)), languages=("en",)) == ("a-1", None)
    assert identity_in(raw_message(raw(value=b"{")), languages=("en",)) == (None, None)
    assert enriched().partition == 3
