"""What a person sees of a letter: all of it, and nothing that steers the terminal."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.commands.dead_letters.letters import letter
from tests.unit.stories.logs import name, sketch
from tests.unit.trends.plain_counts import NOON_MS
from worker.channels import Channel
from worker.commands.dead_letters import show
from worker.commands.dead_letters.contents import read_article, read_value
from worker.commands.dead_letters.lines import ReasonCounts, letter_fields, letter_line
from worker.commands.shell.visible import visible, visible_bytes
from worker.field_paths import FieldPath
from worker.records.messages import FIRST_STEPS, Reason
from worker.settings import Settings
from worker.stories.sketch_codec import sketch_bytes
from worker.topology import STAGES
from worker.trends.note import Kind, Note, Subject, note_bytes

EXAMPLES = Path(__file__).parents[4] / "schemas" / "examples"


@given(st.binary(max_size=60))
def test_no_bytes_give_a_character_that_is_not_printable(data):
    assert visible_bytes(data, most=50).isprintable()


@given(st.text(max_size=60))
def test_no_text_does(text):
    assert visible(text, most=50).isprintable()


@pytest.mark.parametrize(
    ("data", "shown"),
    [(None, "null"), (b"", ""), (b"\x1b[2J\x9b", "\\x1b[2J\\x9b"),
     ("\u202e\u00f6\U000e0001".encode(), "\\u202e\u00f6\\U000e0001"),
     (b"abcdef" * 3, "abcdefabcd…"), ("aaaaaaaaa\u00f6".encode(), "aaaaaaaaa\\xc3…")],
)  # fmt: skip
def test_what_is_not_printable_is_written_out(data, shown):
    assert visible_bytes(data, most=10) == shown


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (b'{"id": "a", "text": "A day.\\u001b"}', {"id": "a", "language": "en", "": "A day.\\x1b"}),
        (None, {"retraction": "of article a-1"}),
        (b'{"id": "a", "text": ', {"place": "line 1, column 21: Expecting value"}),
        (b'{"text": "\xff"}', {"place": 'byte 10: {"text": " ⟶ \\xff"}'}),
        (b'{"text": 3, "headline": "H"}', {"text": "3", "headline": '"H"'}),
        (b"[" * 5000, {"begins": "[" * 600 + "…"}),
    ],
)  # fmt: skip
def test_an_article_is_shown_as_far_as_it_can_be_read(value, rows):
    shown = read_article(letter(value).as_raw(), languages=("en",)).rows
    assert all(text.replace("\n", "").isprintable() and label.isprintable() for label, text in shown)
    assert dict(shown).items() >= rows.items()


SKETCH = sketch(
    "ferry-7",
    "The ferry ran aground off Callao on Monday.",
    origin="raw/3/41",
    headline="Ferry aground",
    source="Harbour Post",
    published_at="2027-01-15T11:30:00Z",
    entities=[name("PERSON", "Ada Okafor", 0.5), name("GPE", "Callao", 0.3)],
)
NOTE = Note(
    NOON_MS,
    "c8e862933194",
    True,
    (Subject(Kind.PERSON, "person:ada-okafor", "Ada Okafor"), Subject(Kind.TOPIC, "medtop:1", "a\u202eb")),
)
OF_STAGES = {
    Channel.RAW: (b'{"id": "a", "text": "A day."}', {"id": "a", "": "A day."}),
    Channel.ENRICHED: (
        (EXAMPLES / "articles.enriched.v1/full.json").read_bytes(), {"language": "en"}
    ),
    Channel.MATCHES: (
        (EXAMPLES / "alert-matches.v1/per-entity.json").read_bytes(),
        {
            "match": "of rule dock-strikes (Dock strikes in Peru; labour desk)",
            "article": "callao-7",
            "headline": "Dockers of Callao to walk out",
            "why": "topic:labour[confidence>=0.6]  medtop:09000000",
        },
    ),
    Channel.SKETCHES: (
        sketch_bytes(SKETCH),
        {
            "sketch": "of article ferry-7, from raw/3/41",
            "headline": "Ferry aground",
            "published": "2027-01-15T11:30:00.000Z",
            "words": "8",
            "people": "Ada Okafor (person:ada-okafor)",
            "places": "Callao (gpe:callao)",
        },
    ),
    Channel.STORIES: (
        (EXAMPLES / "stories.v1/open.json").read_bytes(),
        {
            "story": "c8e862933194bbcab54bc44a, version 2",
            "headline": "Ferry aground off Callao, all ashore",
            "articles": "2 of 2 sources (1 independent), 1 copy",
        },
    ),
    Channel.TREND_NOTES: (
        note_bytes(NOTE),
        {
            "note": "of article a-1, a copy",
            "story": "c8e862933194",
            "counted at": "2027-01-15T12:00:00.000Z",
            "people": "Ada Okafor (person:ada-okafor)",
            "topics": "a\\u202eb (medtop:1)",
        },
    ),
}  # fmt: skip
SETTINGS = Settings(brokers="broker:9092")


def rows_of(channel, value, **fields):
    one = letter(value, topic=SETTINGS.topic(channel), **fields).as_raw()
    return read_value(one, channel=channel, languages=("en",)).rows


def test_what_each_stage_reads_has_a_case_here():
    assert OF_STAGES.keys() == {stage.reads for stage in STAGES} == FIRST_STEPS.keys()


@pytest.mark.parametrize("channel", OF_STAGES)
def test_a_letter_of_each_stage_shows_what_its_record_is(channel):
    value, rows = OF_STAGES[channel]
    shown = rows_of(channel, value)
    assert dict(reversed(shown)).items() >= rows.items()
    assert "unreadable" not in dict(shown)
    assert all(text.replace("\n", "").isprintable() for _, text in shown)


@pytest.mark.parametrize(
    ("channel", "value", "why"),
    [
        (Channel.MATCHES, b'{"alert": 3}', "not read as a match: "),
        (Channel.SKETCHES, b"\x1bno", "not read as a sketch: no sketch of this version: "),
        (Channel.STORIES, b'{"id": "a"}', "not read as a story: "),
        (Channel.STORIES, b"[1]", "not read as a story: "),
        (
            Channel.TREND_NOTES,
            b'[2,0,"s",false,[]]',
            "not read as a note: no note of an article of this version: version 2",
        ),
        (Channel.TREND_NOTES, b"", "not read as a note: no note of an article of this version: "),
    ],
)
def test_a_record_that_its_stage_can_not_read_says_why_and_how_it_begins(channel, value, why):
    shown = dict(rows_of(channel, value))
    assert shown["unreadable"].startswith(why)
    assert shown["unreadable"].isprintable()
    assert ("begins" in shown) == bool(value)


@pytest.mark.parametrize(
    ("channel", "row"),
    [
        (Channel.RAW, ("retraction", "of article a-1")),
        (Channel.ENRICHED, ("retraction", "of article a-1")),
        (Channel.SKETCHES, ("sketch", "null: article a-1 was taken back")),
        (Channel.TREND_NOTES, ("note", "null: article a-1 was taken back")),
        (Channel.MATCHES, ("match", "null: no match of a-1")),
        (Channel.STORIES, ("story", "null: no record of story a-1")),
    ],
)
def test_a_null_value_is_what_it_means_in_its_topic(channel, row):
    assert rows_of(channel, None) == [row]


def test_fields_of_publishers_are_not_looked_for_in_an_enriched_article():
    value, _ = OF_STAGES[Channel.ENRICHED]
    paths = (FieldPath("text", ("body",)),)
    one = letter(value).as_raw()
    shown = read_value(one, channel=Channel.ENRICHED, languages=("en",), field_paths=paths).rows
    assert "text" in dict(shown)
    assert "unreadable" not in dict(shown)


async def test_the_topic_of_a_letters_origin_says_what_it_holds():
    value, rows = OF_STAGES[Channel.TREND_NOTES]
    one = letter(value, topic=SETTINGS.topic(Channel.TREND_NOTES))
    shown = await show.letter_contents(one, one.as_raw(), sent_back=False, settings=SETTINGS)
    assert dict(shown.rows).items() >= rows.items()


def test_a_letter_is_a_line():
    headers = (("dead-letter-redriven", b"2"),)
    line = letter_line(letter(key=b"\x1b", headers=headers, cut=True, error="a\nb"), sent_back=True)
    assert line == (
        "2026-01-31T08:00:00.123Z 3/17 invalid raw/0/41: a b "
        "(key \ufffd, truncated from 2 bytes, came back 2 times, sent back)"
    )


def test_a_withheld_letter_says_until_when_and_shows_its_article():
    value = b'{"id": "a", "text": "A day.", "embargoed": "9000-01-01T00:00:00Z"}'
    one = letter(value, reason=Reason.WITHHELD, until="9000-01-01T00:00:00Z")
    assert "until 9000-01-01T00:00:00Z" in letter_line(one)
    assert letter_fields(one, sent_back=False)["until"] == "9000-01-01T00:00:00Z"
    assert letter_fields(letter(), sent_back=False)["until"] is None
    assert ("until", "9000-01-01T00:00:00Z") in show._about(one, sent_back=False)
    assert ("", "A day.") in read_article(one.as_raw(), languages=("en",)).rows
    assert one.has_id("a")


@pytest.mark.parametrize(
    ("timestamp_ms", "time"), [(-1, "1970-01-01T00:00:00.000Z"), (1 << 62, "9999-12-31T23:59:59.999Z")]
)
def test_a_letter_of_any_timestamp_is_a_line(timestamp_ms, time):
    assert letter_line(letter(at=timestamp_ms)).startswith(f"{time} 3/17 invalid ")


NULL_HEADERS = (("h", None), ("content-type", None), ("dead-letter-redriven", None), ("dead-letter-x", None))


def test_a_letter_with_null_header_values_is_listed_as_one_without_them():
    odd, plain = letter(headers=NULL_HEADERS), letter()
    assert letter_line(odd) == letter_line(plain)
    assert letter_fields(odd, sent_back=False) == letter_fields(plain, sent_back=False)
    assert odd.text("dead-letter-x") == "?"


def test_null_header_values_of_the_publisher_are_shown():
    rows = show._message(letter(headers=NULL_HEADERS))
    assert rows[1:3] == [("headers", "h: null"), ("", "content-type: null")]
    one = letter(b'{"text": "A day."}', headers=NULL_HEADERS)
    assert ("text", "6 characters") in read_article(one.as_raw(), languages=("en",)).rows


def test_letters_are_counted_by_reason_the_most_frequent_first():
    counts = ReasonCounts()
    for reason, at in ((Reason.INVALID, 5), (Reason.TOO_LARGE, 2), (Reason.TOO_LARGE, 1_000_000)):
        counts.add(letter(reason=reason, at=at), sent_back=at == 2)
    rows = [line.split() for line in counts.lines()]
    assert [row[:3] for row in rows[1:]] == [["too-large", "2", "1"], ["invalid", "1", "0"]]
    assert rows[1][3:] == ["1970-01-01T00:00:00.002Z", "1970-01-01T00:16:40.000Z"]
    assert counts.as_fields()["letters"] == 3
    assert ReasonCounts().lines() == ["no letters"]
