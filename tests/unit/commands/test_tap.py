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

    def tapped(channel: Channel, *options: str, headers=()) -> list[str]:
        topic = Settings().topic(channel)
        record = ConsumerRecord(topic, 3, 17, 1769846400123, 0, b"a-1", b"A day.", None, 0, 0, headers)

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
