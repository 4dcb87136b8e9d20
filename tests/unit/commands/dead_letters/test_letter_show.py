"""What a person sees of a letter: all of it, and nothing that steers the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.commands.dead_letters.letters import letter
from worker.commands.dead_letters import show
from worker.commands.dead_letters.contents import read_article
from worker.commands.dead_letters.lines import ReasonCounts, letter_fields, letter_line
from worker.commands.shell.visible import visible, visible_bytes
from worker.records.messages import Reason


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
