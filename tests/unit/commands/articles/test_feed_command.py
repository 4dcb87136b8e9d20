"""`dateline feed`: its usage, and what it sends for a retraction."""

import asyncio
import json
import threading
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaTimeoutError, TopicAuthorizationFailedError
from aiokafka.structs import RecordMetadata
from click.testing import CliRunner

from worker.commands.articles import feed
from worker.commands.articles.documents import InputDocument
from worker.commands.articles.feed import command
from worker.commands.shell import terminal


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((), "nothing to send: name a file, a folder, - for standard input, or --retract ID"),
        (("--retract", ""), "--retract takes an article's id, got an empty one"),
        (("a.txt", "--retract", "a-1", "--retract", ""), "--retract takes an article's id, got an empty one"),
    ],
)
def test_wrong_usage_says_what_is_right(words, error):
    done = CliRunner().invoke(command, [*words, "--brokers", "127.0.0.1:1"])
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, f"Error: {error}")


class FakeProducer:
    """Keeps what is sent, and acknowledges it at once, but refuses or leaves alone values that say so."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    async def send(self, topic: str, **record: Any) -> "asyncio.Future[RecordMetadata]":
        self.sent.append({"topic": topic, **record})
        acknowledged = asyncio.get_running_loop().create_future()
        place = TopicPartition(topic, len(self.sent) % 3)
        metadata = RecordMetadata(*place, place, 100 + len(self.sent), 1000, 0, 0)
        match record["value"]:
            case b"refuse":
                acknowledged.set_exception(TopicAuthorizationFailedError("raw"))
            case b"lose":
                acknowledged.set_exception(KafkaTimeoutError())
            case b"later":
                asyncio.get_running_loop().call_later(0.8, acknowledged.set_result, metadata)
            case b"never":
                pass
            case _:
                acknowledged.set_result(metadata)
        return acknowledged


@pytest.fixture
def producer() -> FakeProducer:
    return FakeProducer()


@pytest.fixture
def sent(monkeypatch, producer) -> list[dict[str, Any]]:

    @asynccontextmanager
    async def connected(*_settings: Any, **_options: Any) -> AsyncIterator[FakeProducer]:
        yield producer

    async def largest_record(*_topic: Any) -> int:
        return 1_000_000

    async def right_clock(_settings: Any) -> None:
        return None

    monkeypatch.setattr(feed, "refuse_a_wrong_clock", right_clock)
    monkeypatch.setattr(feed, "producer", connected)
    monkeypatch.setattr(feed, "largest_record", largest_record)
    return producer.sent


def test_a_retraction_is_a_null_value_under_the_articles_id_and_needs_no_path(sent):
    done = CliRunner().invoke(command, ["--retract", "a-1", "--retract", "möwe", "--prefix", "p."])
    assert (done.exit_code, done.stderr) == (0, "2 records sent to p.articles.raw.v1\n")
    assert sent == [
        {"topic": "p.articles.raw.v1", "key": key, "value": None, "headers": []}
        for key in (b"a-1", "möwe".encode())
    ]


@pytest.mark.parametrize("value", [None, b"", b"\xff"])
def test_a_header_of_an_exported_letter_is_sent_as_it_was_also_if_it_is_null(sent, tmp_path, value):
    header = {"name": "h", "value": None} if value is None else {"name": "h", "value_base64": _base64(value)}
    letter = {"key": "a-1", "value": "A ferry left.", "headers": [header]}
    (tmp_path / "one.letters.jsonl").write_text(json.dumps(letter) + "\n")
    done = CliRunner().invoke(command, [str(tmp_path)])
    assert (done.exit_code, done.stderr) == (0, "1 record sent to news.articles.raw.v1\n")
    assert sent[0]["headers"] == [("h", value)]


def _base64(data: bytes) -> str:
    return b64encode(data).decode()


def test_retractions_are_sent_before_the_articles(sent, tmp_path):
    (tmp_path / "a.txt").write_text("A ferry left.")
    done = CliRunner().invoke(command, [str(tmp_path / "a.txt"), "--retract", "a-1"])
    assert done.exit_code == 0
    assert [(record["key"], record["value"]) for record in sent] == [(b"a-1", None), (None, b"A ferry left.")]


def test_with_json_each_record_s_id_and_place_is_printed_and_nothing_else(sent, tmp_path):
    (tmp_path / "a.jsonl").write_text('{"id": "wire-1", "text": "A ferry."}\n{"id": 7, "text": "Two."}\n')
    (tmp_path / "b.txt").write_text("A ferry left.")
    done = CliRunner().invoke(command, [str(tmp_path), "--retract", "m\x1b", "--json"])
    assert (done.exit_code, done.stderr) == (0, "4 records sent to news.articles.raw.v1\n")
    topic = "news.articles.raw.v1"
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"id": "m\x1b", "topic": topic, "partition": 1, "offset": 101},
        {"id": "wire-1", "topic": topic, "partition": 2, "offset": 102},
        {"id": "7", "topic": topic, "partition": 0, "offset": 103},
        {"id": None, "topic": topic, "partition": 1, "offset": 104},
    ]
    assert done.stdout.replace("\n", "").isprintable()


class FakeDocuments:
    """Documents with these values; then the input is silent for some seconds, as standard input may be."""

    total_bytes = None
    passed_over = 0
    bytes_read = 0
    values: tuple[bytes, ...] = ()
    silent = 0.0

    def __init__(self, *_paths: Any, **_options: Any) -> None:
        pass

    def __iter__(self):
        for number, value in enumerate(self.values, start=1):
            self.bytes_read += len(value)
            yield InputDocument("-", number, "text/plain", value)
        # A thread that reads standard input can't be ended either.
        threading.Event().wait(self.silent)


@pytest.fixture
def fed(monkeypatch, sent):
    """The exit code and messages of `dateline feed -` with these values, and how many seconds it took."""

    def fed(*values: bytes, silent: float = 0.0) -> tuple[int, list[str], float]:
        documents = type("Documents", (FakeDocuments,), {"values": values, "silent": silent})
        monkeypatch.setattr(feed, "InputDocuments", documents)
        monkeypatch.setattr(feed, "_FLUSH_SECONDS", 0.2)
        started = time.monotonic()
        done = CliRunner().invoke(command, ["-"])
        return done.exit_code, done.stderr.splitlines(), time.monotonic() - started

    return fed


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"refuse", "refused by news.articles.raw.v1 on 127.0.0.1:9092: TopicAuthorizationFailed"),
        (b"lose", "not acknowledged by news.articles.raw.v1 on 127.0.0.1:9092: KafkaTimeout"),
    ],
)
def test_a_refusal_is_said_at_once_though_the_input_goes_on(fed, sent, value, said):
    code, lines, seconds = fed(b"fine", value, silent=60)
    assert (code, len(lines)) == (1, 2)
    assert lines[0].startswith(f"dateline: -:2: {said}")
    assert lines[0].endswith("; what follows was not sent")
    assert lines[1] == "1 record sent to news.articles.raw.v1, 1 failed"
    assert seconds < 30


def test_after_a_refusal_nothing_more_is_sent(fed, sent):
    code, lines, _ = fed(b"refuse", *[b"fine"] * 2000)
    assert code == 1
    assert lines[0].startswith("dateline: -:1: refused by ")
    assert len(sent) < 100


def test_progress_counts_what_was_acknowledged_while_input_and_brokers_are_silent(monkeypatch, fed):
    monkeypatch.setattr(feed, "_SHOW_SECONDS", 0.05)
    monkeypatch.setattr(terminal, "PLAIN_PROGRESS_SECONDS", 0.1)
    code, lines, _ = fed(b"fine", b"later", b"fine", silent=0.4)
    assert "2 records sent, 1 on their way" in lines
    assert (code, lines[-1]) == (0, "3 records sent to news.articles.raw.v1")


def test_what_is_unknown_at_the_end_is_counted_apart(fed):
    code, lines, _ = fed(b"fine", b"never", b"refuse")
    assert code == 1
    assert lines[-1] == "1 record sent to news.articles.raw.v1, 1 failed, 1 not acknowledged"
