"""What a trace is asked about, and whether a record is of it."""

import pytest

from tests.unit.commands.trace.trace_records import TOPICS, raw
from worker.commands.trace.wanted import (
    misread_place,
    names_file,
    names_folder,
    wanted_file,
    wanted_id,
    wanted_place,
    wanted_url,
)
from worker.intake.identity import article_id

URL = "http://Wire.example/2026/harbour-reopens/?utm_source=x"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("n.articles.raw.v1/3/41", ("n.articles.raw.v1", 3, 41)),
        ("raw/3/41", ("n.articles.raw.v1", 3, 41)),
        ("dead/0/0", ("n.articles.dead.v1", 0, 0)),
        ("story-articles/2/15", ("n.story-articles.v1", 2, 15)),
        ("story_articles/2/15", ("n.story-articles.v1", 2, 15)),
        ("elsewhere/3/41", None),
        ("wire-20931", None),
        ("raw/3", None),
        ("raw/3/x", None),
        ("https://wire.example/3/41", None),
    ],
)
def test_a_place_is_that_of_a_topic_of_dateline_s(text, place):
    found = wanted_place(text, TOPICS)
    assert (None if found is None else (*found.place[0], found.place[1])) == place


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rw/3/41", "no place: no topic is called 'rw'; do you mean raw/3/41?"),
        ("zzz/3/41", "no place: no topic is called 'zzz'"),
        (
            "raw/3/x",
            "no place: takes TOPIC/PARTITION/OFFSET, a topic that there is and two numbers, got 'raw/3/x'",
        ),
        (
            "raw/3",
            "no place: takes TOPIC/PARTITION/OFFSET, a topic that there is and two numbers, got 'raw/3'",
        ),
        (
            "other.articles.raw.v1/3/41",
            "no place: takes TOPIC/PARTITION/OFFSET, a topic that there is and two numbers, "
            "got 'other.articles.raw.v1/3/41'",
        ),
        ("wire-1", None),
        ("raw", None),
        ("desk/politics/x-1", None),
        ("https://wire.example/3/41", None),
    ],
)
def test_of_what_looks_like_a_place_and_is_none_the_reason_is_told(text, said):
    assert misread_place(text) == said


def test_a_url_finds_the_article_by_the_id_that_is_made_of_it_and_by_other_spellings():
    wanted = wanted_url(URL)
    assert wanted.ids == {article_id(url="https://wire.example/2026/harbour-reopens", text="")}
    assert wanted.is_named("wire-1", "https://wire.example/2026/harbour-reopens#top")
    assert not wanted.is_named("wire-1", "https://wire.example/2026/another")
    assert not wanted.has_url(7)
    assert wanted_url("wire.example/1") is None


@pytest.mark.parametrize(
    ("wanted", "known_id", "taken_for"),
    [
        (wanted_id("a-1"), "a-1", "the id a-1"),
        (wanted_id("raw/3/x"), "raw/3/x", "the id raw/3/x"),
        (wanted_url("https://wire.example/1"), None, "the url https://wire.example/1"),
        (
            wanted_file("a.txt", b"A ferry.", "text-1", None),
            "text-1",
            "the article in a.txt, of the id text-1",
        ),
        (wanted_file("a.txt", b"{", None, None), None, "the article in a.txt"),
    ],
)
def test_what_was_asked_is_told_as_what_it_was_taken_for(wanted, known_id, taken_for):
    assert (wanted.known_id, wanted.taken_for) == (known_id, taken_for)


def test_a_folder_is_no_file_and_an_odd_name_is_neither(tmp_path):
    assert names_folder(str(tmp_path))
    assert not names_file(str(tmp_path))
    assert not names_folder(str(tmp_path / "none"))
    assert not names_folder("a\0b")


@pytest.mark.parametrize(
    ("wanted", "value", "key", "may_be"),
    [
        (wanted_id("a-1"), b'{"id": "a-1"}', None, True),
        (wanted_id("a-1"), b'{"id": "a-2"}', b"a-1", True),
        (wanted_id("a-1"), b'{"id": "a-2"}', b"k", False),
        (wanted_id("a-1"), None, None, False),
        # Such ids stand nowhere in the record, or may be spelled otherwise there: it has to be read.
        (wanted_id("url-0123"), b"<p>Anything", None, True),
        (wanted_id("m\u00f6we"), b'{"id": "m\\u00f6we"}', None, True),
        (wanted_id("tag:x/1"), b'{"id": "tag:x\\/1"}', None, True),
        (wanted_url(URL), b'{"url": "http:\\/\\/WIRE.example\\/2026\\/harbour-reopens"}', None, True),
        (wanted_url(URL), b'{"url": "https://wire.example/other"}', None, False),
        (wanted_url("https://wire.example/"), b"{}", None, True),
        (wanted_file("a.txt", b"A ferry.", "text-1", None), b"A ferry.", None, True),
        (wanted_file("a.txt", b"A ferry.", "text-1", None), b"A ferry", None, False),
        (wanted_file("a.json", b'{"id":"a-1"}', "a-1", None), b'{ "id": "a-1" }', None, True),
        (wanted_file("a.json", b"{", None, None), b"{", None, True),
    ],
)
def test_a_record_is_read_only_if_its_bytes_may_be_of_the_article(wanted, value, key, may_be):
    assert wanted.may_be(raw(value=value, key=key)) is may_be


def test_a_file_is_one_that_exists(tmp_path):
    (tmp_path / "a.txt").write_text("A ferry left.")
    assert names_file(str(tmp_path / "a.txt"))
    for other in (str(tmp_path), "wire-1", "a\x00b", "x" * 5000):
        assert not names_file(other), other
