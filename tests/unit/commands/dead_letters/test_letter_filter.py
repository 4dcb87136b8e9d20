"""Which letters a filter matches."""

import click
import pytest

from tests.unit.commands.dead_letters.letters import TIME_MS, letter
from worker.commands.dead_letters.filter import Filter, read_filter, read_place
from worker.commands.dead_letters.letter import Letter, read_origin
from worker.intake.identity import article_id
from worker.records.messages import Reason

ODD = letter(
    b'{"id": 12, "text": "T"}',
    headers=(("dead-letter-first-origin", b"first/1/2"), ("Dead-Letter-Reason", b"too-large")),
)


@pytest.mark.parametrize(
    ("filters", "takes"),
    [
        (Filter(), True),
        (Filter(reasons=("invalid", "too-large")), True),
        (Filter(reasons=("too-large",)), False),
        (Filter(topics=("raw",)), True),
        (Filter(topics=("ra",)), False),
        (Filter(error="TEXT IS"), True),
        (Filter(error="headline"), False),
        (Filter(since=TIME_MS), True),
        (Filter(since=TIME_MS + 1), False),
        (Filter(until=TIME_MS), False),
        (Filter(until=TIME_MS + 1), True),
        (Filter(places=((3, 17),)), True),
        (Filter(places=((3, 18),)), False),
        (Filter(ids=("a-1",)), True),
        (Filter(ids=("12",)), True),
        (Filter(ids=("raw/0/41",)), True),
        (Filter(ids=("first/1/2",)), True),
        (Filter(ids=("a",)), False),
        (Filter(ids=("a",), reasons=("invalid",)), False),
        (Filter(ids=("a", "a-1")), True),
    ],
)
def test_a_filter_takes_what_has_all_that_it_names(filters, takes):
    assert filters.matches(ODD) is takes


@pytest.mark.parametrize(
    ("value", "headers", "wanted", "found"),
    [
        (b'{"uri": "urn:n:1"}', (), "urn:n:1", True),
        (b'{"id": null}', (), "None", False),
        (b"[1]", (), "1", False),
        (b"\xff", (), "1", False),
        (None, (("id", b"gone"),), "gone", True),
        (b'{"text": "A day."}', (), article_id(url=None, text="A day."), True),
        (b'{"text": "A day."}', (), "text-0", False),
        (b'{"text": 3}', (), "text-0", False),
    ],
)
def test_an_article_is_found_by_its_id(value, headers, wanted, found):
    assert letter(value, key=None, headers=headers).has_id(wanted) is found


def test_what_is_no_letter_has_no_origin():
    record = letter().record
    bare = Letter(record.__class__(*[*record][:-1], ())) if isinstance(record, tuple) else None
    bare = bare or Letter(type(record)("dead", 0, 1, 0, 0, None, b"", None, 0, 0, ()))
    assert (bare.reason, bare.origin, bare.origin_position, bare.truncated_from, bare.redriven) == (
        "?",
        "?/?/?",
        None,
        None,
        0,
    )


@pytest.mark.parametrize(
    ("text", "origin"),
    [("raw/0/41", ("raw", 0, 41)), ("raw/0", None), ("raw/x/1", None), ("/0/1", None), ("raw/1/2/3", None),
     ("raw/²/1", None)],
)  # fmt: skip
def test_an_origin_is_topic_partition_offset(text, origin):
    found = read_origin(text)
    assert (found and (*found[0], found[1])) == origin


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("3/17", (3, 17)),
        ("dead/3/17", (3, 17)),
        ("news.articles.dead.v1/3/17", (3, 17)),
        ("3", None),
        ("3/", None),
        ("raw/3/17", None),
        ("news.articles.raw.v1/3/17", None),
        ("dead/3", None),
        ("3/-1", None),
    ],
)
def test_a_place_is_partition_and_offset_alone_or_behind_the_letters_topic(text, place):
    assert read_place(text) == place


@pytest.mark.parametrize(
    ("times", "why"),
    [
        ({"since": "end"}, "leave no letter"),
        ({"until": "beginning"}, "leave no letter"),
        ({"since": 2000, "until": 1000}, "not before --until"),
    ],
)
def test_times_that_leave_nothing_are_wrong_usage(times, why):
    options = {"reasons": (), "topics": (), "ids": (), "places": (), "error": None}
    options |= {"since": "beginning", "until": "end"}
    with pytest.raises(click.UsageError, match=why):
        read_filter(options | times)


def test_all_reasons_can_be_filtered_by():
    for reason in Reason:
        assert Filter(reasons=(reason.value,)).matches(letter(reason=reason))
