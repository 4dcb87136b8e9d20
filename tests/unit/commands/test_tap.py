"""`dateline tap`: where it begins, how it prints, and that it prints whatever a record holds."""

import json
from contextlib import asynccontextmanager

import pytest
from aiokafka import ConsumerRecord

from tests.unit.commands.shell.fake_client import FakeClient, record
from worker.channels import Channel
from worker.commands import main, tap
from worker.settings import Settings


class FakeConsumer:
    def assign(self, partitions):
        pass


@pytest.fixture
def tapped(monkeypatch, capfd):
    """The lines that `dateline tap` prints of records with these headers."""

    def tapped(channel: Channel, *options: str, headers=(), key=b"a-1", value=b"A day.") -> list[str]:
        topic = Settings().topic(channel)
        record = ConsumerRecord(topic, 3, 17, 1769846400123, 0, key, value, None, 0, 0, headers)

        @asynccontextmanager
        async def consumer(_settings):
            yield FakeConsumer()

        async def nothing(*_arguments):
            return []

        async def read(*_arguments, **_options):
            yield record

        monkeypatch.setattr(tap, "consumer", consumer)
        monkeypatch.setattr(tap, "partitions_of", nothing)
        monkeypatch.setattr(tap, "seek", nothing)
        monkeypatch.setattr(tap, "read_records", read)
        with pytest.raises(SystemExit) as end:
            main(["tap", topic, "--no-follow", *options])
        out, err = capfd.readouterr()
        assert (end.value.code, err) == (0, "")
        return out.splitlines()

    return tapped


@pytest.mark.parametrize("channel", Channel)
def test_a_null_header_value_does_not_end_it(tapped, channel):
    headers = (("dead-letter-reason", b"invalid"), ("dead-letter-error", None), ("h", None))
    (line,) = tapped(channel, "--json", headers=headers)
    assert json.loads(line)["headers"] == {
        "dead-letter-reason": "invalid",
        "dead-letter-error": None,
        "h": None,
    }
    assert tapped(channel, headers=headers)


def test_a_dead_letter_is_a_line_though_some_of_its_headers_are_null(tapped):
    headers = (("h", None), ("dead-letter-reason", b"invalid"), ("dead-letter-error", None))
    (line,) = tapped(Channel.DEAD, headers=headers)
    assert line.endswith(" 3/17 invalid ?/?/?: ? (key a-1, 6 bytes)")


HOSTILE = {
    "null": None,
    "empty": b"",
    "not UTF-8": b"\xff\xfe{\x00",
    "no object": b"[1]",
    "a number": b"1e999",
    "no fields": b"{}",
    "null fields": b'{"id": null, "article": null, "entities": null, "quotes": null, "topics": null}',
    "other kinds": b'{"article": 7, "speaker": "x", "cue": "x", "text": 3, "kind": [], "mention_count": {}}',
    "lists of other kinds": b'{"entities": [1], "quotes": [{}], "topics": [{"name": 1, "confidence": "x"}]}',
    "no mentions": b'{"entities": [{"type": "PERSON", "name": "x", "mentions": 9}]}',
    "no list": b'{"entities": 7, "quotes": 7, "topics": 7}',
    "deep": b'{"article":' * 900 + b"1" + b"}" * 900,
    "deeper": b"[" * 100_000,
    "huge": b'{"headline": "' + b"x" * 1_000_000 + b'"}',
    "controls": '{"headline": "\x9b2J\u202e", "text": "\x7f"}'.encode(),
}
HEADERS = ((), (("h", None), ("h", b"\xff"), ("n\udcff", b"\x1b[2J"), ("dead-letter-reason", b"\xff\x9b")))


@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("channel", Channel)
def test_no_record_ends_it_and_what_is_shown_is_printable(tapped, channel, value):
    for headers in HEADERS:
        for key in (None, b"\xff\x1b[2J"):
            (line,) = tapped(channel, "--json", headers=headers, key=key, value=value)
            assert line.isprintable()
            assert json.loads(line)["offset"] == 17
            shown = tapped(channel, headers=headers, key=key, value=value)
            assert shown
            assert all(line.isprintable() for line in shown)


RECORDS = [
    record(partition, offset, 1000 * offset + partition, key=b"a" if offset % 2 else b"b")
    for partition in (0, 1)
    for offset in range(3, 9)
]


@pytest.fixture
def watched(monkeypatch, capfd):
    """The lines, messages and exit code of `dateline tap` on RECORDS, which is interrupted once it waits."""

    def watched(*options: str, records=RECORDS) -> tuple[list[str], list[str], int]:
        client = FakeClient(records, begins={0: 3, 1: 3}, ends={0: 10, 1: 10})

        @asynccontextmanager
        async def consumer(_settings):
            yield client

        async def partitions_of(*_arguments):
            return client.partitions

        def wait(text):
            say(text)
            raise KeyboardInterrupt

        say = tap.say
        monkeypatch.setattr(tap, "consumer", consumer)
        monkeypatch.setattr(tap, "partitions_of", partitions_of)
        monkeypatch.setattr(tap, "say", lambda text: (wait if text.startswith("waiting") else say)(text))
        with pytest.raises(SystemExit) as end:
            main(["tap", "quotes", *options])
        monkeypatch.setattr(tap, "say", say)
        out, err = capfd.readouterr()
        # Click ends the line of an interrupted command.
        return out.splitlines(), [line for line in err.splitlines() if line], end.value.code

    return watched


def places(lines: list[str]) -> list[str]:
    return [f"{json.loads(line)['partition']}/{json.loads(line)['offset']}" for line in lines]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ("--last 3", "1/7 0/8 1/8"),
        ("--last 1", "1/8"),
        ("--last 2 --key a", "0/7 1/7"),
        ("--last 2 --partition 0", "0/7 0/8"),
        ("--last 3 --limit 2", "1/7 0/8"),
        ("--last 1000 --partition 1", "1/3 1/4 1/5 1/6 1/7 1/8"),
        ("--partition 1 --offset 6", "1/6 1/7 1/8"),
        ("--partition 1 --offset 10", ""),
        ("--partition 0 --from beginning --limit 2", "0/3 0/4"),
        ("--partition 0 --partition 1 --from beginning --limit 3", "0/3 1/3 0/4"),
        ("--from end", ""),
    ],
)
def test_it_begins_where_it_is_told_to_and_then_waits_or_ends(watched, options, shown):
    words = [*options.split(), "--format", "json"]
    out, err, code = watched(*words, "--no-follow")
    assert (places(out), err, code) == (shown.split(), [], 0)
    out, err, code = watched(*words)
    assert places(out) == shown.split()
    if "--limit" in words:
        assert (err, code) == ([], 0)
    else:
        assert (err[-1].partition(" ")[0], code) == ("waiting", 130)


def test_it_says_that_it_waits_and_how_what_is_there_is_seen(watched):
    new = "waiting for new records of news.quotes.v1; --last N shows the last there are; Ctrl-C ends it"
    assert watched() == ([], [new], 130)
    assert watched("--from", "beginning")[1] == ["waiting for more records of news.quotes.v1; Ctrl-C ends it"]


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("--partition 2", 1, "dateline: news.quotes.v1 has no partition 2: it has 0 to 1"),
        (
            "--partition 1 --offset 2",
            1,
            "news.quotes.v1/1 has no offset 2: it begins at 3 and ends before 10",
        ),
        ("--partition 1 --offset 11", 1, "news.quotes.v1/1 has no offset 11"),
        ("--offset 3", 2, "--offset takes one --partition"),
        ("--offset 3 --partition 1 --partition 0", 2, "--offset takes one --partition"),
        ("--last 3 --from 1h", 2, "--from, --last and --offset exclude each other"),
        ("--last 3 --offset 3 --partition 0", 2, "--from, --last and --offset exclude each other"),
        ("--last 0", 2, "'--last'"),
        ("--json --format line", 2, "--json is --format json, got --format line as well"),
        ("--format xml", 2, "'xml' is not one of 'auto', 'line', 'value', 'json'"),
    ],
)
def test_what_can_not_be_is_said(watched, options, code, said):
    out, err, ended = watched(*options.split())
    assert (out, ended) == ([], code)
    assert said in err[-1]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b'{"a": 1.50}', '{"a": 1.50}'),
        (b'{"a":\n 1}', '{"a":1}'),
        (b"A day.\nAnother.", "A day.\\x0aAnother."),
        (b"\xff\x1b[2J", "\\xff\\x1b[2J"),
        (None, "null"),
        (b"", ""),
    ],
)
def test_a_value_alone_is_a_line(watched, value, shown):
    assert watched("--format", "value", "--last", "1", records=[record(0, 3, 3, value=value)])[0] == [shown]


def test_enriched_articles_are_cards_or_lines(tapped):
    value = b'{"id": "a-1", "headline": "A ferry left", "entities": [], "quotes": [], "topics": []}'
    assert tapped(Channel.ENRICHED, value=value)[0] == "A ferry left  (a-1)"
    (line,) = tapped(Channel.ENRICHED, "--format", "line", value=value)
    assert line.endswith(" 3/17 a-1 A ferry left")
