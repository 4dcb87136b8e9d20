"""How `tap` prints a record."""

import io
import json
from datetime import datetime
from pathlib import Path

import pytest
from aiokafka import ConsumerRecord
from rich.console import Console

from worker.channels import Channel
from worker.commands.shown import formats
from worker.commands.shown.formats import as_json, show_record


def record(value: bytes | None, *, key: bytes | None = b"a-1", headers: tuple = ()) -> ConsumerRecord:
    return ConsumerRecord("t", 3, 17, 1769846400123, 0, key, value, None, 0, 0, headers)


@pytest.mark.parametrize(
    ("value", "stands"),
    [
        (b'{"a": [1, 2.50, null]}', {"value": {"a": [1, 2.5, None]}}),
        (b'{\n "a": 1\n}', {"value": {"a": 1}}),
        (b"null", {"value": None}),
        (None, {"value": None}),
        ("Plain “text”".encode(), {"value_text": "Plain “text”"}),
        (b"", {"value_text": ""}),
        (b"\xff\x00", {"value_base64": "/wA="}),
    ],
)
def test_a_value_stands_as_json_else_as_text_else_as_base64(value, stands):
    line = as_json(record(value))
    assert b"\n" not in line
    got = json.loads(line)
    assert {name: got[name] for name in got if name.startswith("value")} == stands


def test_a_json_line_holds_all_of_the_record():
    headers = (("origin", b"t/0/1"), ("odd", b"\xff"), ("twice", b"1"), ("twice", b"2"), ("null", None))
    assert json.loads(as_json(record(b"{}", key=b"\xfe", headers=headers))) == {
        "topic": "t",
        "partition": 3,
        "offset": 17,
        "timestamp": "2026-01-31T08:00:00.123Z",
        "key_base64": "/g==",
        "headers": {"origin": "t/0/1", "odd": {"base64": "/w=="}, "twice": ["1", "2"], "null": None},
        "value": {},
    }


@pytest.mark.parametrize(
    ("timestamp", "shown"),
    [(-1, "1970-01-01T00:00:00.000Z"), (2**63 - 1, "9999-12-31T23:59:59.999Z")],
)
def test_a_timestamp_may_be_any_number(timestamp, shown):
    odd = ConsumerRecord("t", 3, 17, timestamp, 0, None, b"x", None, 0, 0, ())
    assert json.loads(as_json(odd))["timestamp"] == shown
    show_record(Console(file=io.StringIO()), None, odd)


DEAD = (
    ("dead-letter-reason", b"invalid"),
    ("dead-letter-error", b"text is missing"),
    ("dead-letter-topic", b"news.articles.raw.v1"),
    ("dead-letter-partition", b"3"),
    ("dead-letter-offset", b"17"),
)


EXAMPLES = Path(__file__).parents[4] / "schemas" / "examples"


def example(path: str) -> ConsumerRecord:
    return record((EXAMPLES / path).read_bytes())


ABOUT = {"id": "a-1", "headline": "Harbour reopens"}
QUOTE = {"kind": "direct", "text": "Yes.", "cue": None, "speaker": {"text": "She", "name": "Lena Okafor"}}


@pytest.mark.parametrize(
    ("channel", "shown", "line"),
    [
        (
            Channel.QUOTES,
            record(json.dumps(QUOTE | {"article": ABOUT}).encode()),
            "Lena Okafor: “Yes.”  [Harbour reopens]",
        ),
        (
            Channel.ENTITIES,
            record(b'{"name": "Lena", "type": "PERSON", "mention_count": 2, "article": {"id": "a-1"}}'),
            "PERSON Lena ×2  [a-1]",
        ),
        (Channel.RAW, record(b'{"headline": "Harbour reopens"}'), "a-1 Harbour reopens"),
        (Channel.RAW, record(b'{"title": "Harbour\\u001b[2J reopens"}'), "a-1 Harbour\ufffd[2J reopens"),
        (Channel.RAW, record(b"Just a text.", key=None), "- Just a text."),
        (Channel.RAW, record(None), "a-1 retracted"),
        (None, record(b"\xff [red]x[/red]"), "a-1 \ufffd [red]x[/red]"),
        (
            Channel.DEAD,
            record(b"{}", headers=DEAD),
            "invalid news.articles.raw.v1/3/17: text is missing (key a-1, 2 bytes)",
        ),
        (
            Channel.RULES,
            example("alert-rules.v1/minimal.json"),
            'a-1 The harbour at Porthaven (city desk): "Porthaven harbour"',
        ),
        (
            Channel.RULES,
            record(b'{"id": "a-1"}'),
            "a-1 no rule: name is missing; owner is missing; when is missing",
        ),
        (Channel.RULES, record(None), "a-1 deleted"),
        (
            Channel.ALERTS,
            example("alerts.v1/speaker-and-topic.json"),
            "dock-strikes Dock strikes in Peru: Dockers of Callao to walk out  "
            "[topic:labour[confidence>=0.6]  medtop:09000000]",
        ),
        (Channel.ALERTS, record(b'{"id": "\\u001b"}'), 'a-1 {"id": "\\u001b"}'),
        (
            Channel.MATCHES,
            example("alert-matches.v1/per-entity.json"),
            "dock-strikes Dock strikes in Peru: Dockers of Callao to walk out  "
            "[topic:labour[confidence>=0.6]  medtop:09000000]",
        ),
        (
            Channel.STATE,
            example("alert-state.v1/per-entity.json"),
            "dock-strikes about gpe:peru silent until 2025-01-13T10:00:04.250Z",
        ),
        (
            Channel.STATE,
            example("alert-state.v1/per-rule.json"),
            "harbour silent until 2025-01-14T09:00:04.250Z",
        ),
        (
            Channel.STATE,
            record(
                b'{"rule":"r1","version":"0","article":"a-9","at":"2025-01-13T09:00:00Z","limit":"steps","most":3}'
            ),
            "r1 over its budget on a-9",
        ),
        (Channel.STATE, record(None), "a-1 over"),
        (
            Channel.STORY_ARTICLES,
            example("story-articles.v1/copy.json"),
            "daily-881 in c8e862933194bbcab54bc44a, excerpt of callao-ferry (100% of it), Reuters",
        ),
        (Channel.STORY_ARTICLES, record(None), "a-1 retracted"),
        (Channel.STORIES, record(b'{"id": 3}'), 'a-1 {"id": 3}'),
        (
            Channel.STORIES,
            record(
                b'{"headline":"Ferry","status":"open",'
                b'"counts":{"articles":2,"unique":1,"reprints":1,"sources":2,"independent_sources":1}}'
            ),
            "2 articles, 1 copy, 1 independent source: Ferry  [open]",
        ),
        (
            Channel.TRENDS,
            example("trends.v1/person-in-an-hour.json"),
            "2027-01-15 08h person Ada Okafor: 14 articles, 5 copies, 2 stories  [burst, 0.4 expected]",
        ),
        (
            Channel.TRENDS,
            example("trends.v1/topic-on-a-day.json"),
            "2027-01-15 topic labour: 212 articles, 81 copies, 48 stories",
        ),
        (Channel.TREND_STATE, record(None, key=b"a/7"), "a/7 forgotten"),
        (Channel.SKETCHES, record(bytes(1200)), "1,200 bytes"),
        (Channel.STORY_STATE, record(None, key=b"s/7"), "s/7 forgotten"),
        (Channel.DEAD, record(None, key=None), "? ?/?/?: ? (key -, 0 bytes)"),
        (
            Channel.DEAD,
            record(b"{}", headers=(*DEAD, ("dead-letter-error", None), ("from somebody else", None))),
            "invalid news.articles.raw.v1/3/17: ? (key a-1, 2 bytes)",
        ),
    ],
)
def test_a_person_reads_a_line(channel, shown, line):
    out = io.StringIO()
    show_record(Console(file=out, soft_wrap=True), channel, shown)
    assert out.getvalue() == f"2026-01-31 08:00:00 3/17 {line}\n"


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2026-01-31T23:59:59+00:00", "08:00:00"),
        ("2026-02-01T00:00:00+00:00", "2026-01-31 08:00:00"),
        ("2026-01-30T23:59:59+00:00", "2026-01-31 08:00:00"),
    ],
)
def test_the_time_has_its_date_if_that_is_not_today(now, shown, monkeypatch):
    monkeypatch.setattr(formats.time, "time_ns", lambda: int(datetime.fromisoformat(now).timestamp()) * 10**9)
    out = io.StringIO()
    show_record(Console(file=out, soft_wrap=True), Channel.SKETCHES, record(b"abc"))
    assert out.getvalue() == f"{shown} 3/17 3 bytes\n"


def test_a_person_sees_a_story_as_a_card():
    out = io.StringIO()
    show_record(Console(file=out, width=100), Channel.STORIES, example("stories.v1/open.json"))
    shown = out.getvalue()
    for text in (
        "Ferry aground off Callao, all ashore",
        "2 of 2 sources (1 independent), 1 copy",
        "wire.example, Reuters",
        "daily-881  [excerpt]",
        "Ada Okafor ×2",
        "Ada Okafor: “Nobody was hurt",
    ):
        assert text in shown
