"""`dateline tap` prints whatever a record holds."""

import json
from contextlib import asynccontextmanager

import pytest
from aiokafka import ConsumerRecord

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
    "huge": b'{"headline": "' + b"x" * 8_000_000 + b'"}',
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
