"""The command line against Apache Kafka, as a person or a script would call it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from tests.kafka.delivery.administration import administration, create_topic
from worker.channels import SPECS, Channel

OFF_BY_DEFAULT = {Channel.TREND_NOTES, Channel.TRENDS, Channel.TREND_STATE}


def records(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_topics_are_made_once_and_then_are_as_they_should_be(dateline, prefix):
    expected = len(SPECS) - len(OFF_BY_DEFAULT)
    missing = dateline("topics", "check", code=1).stdout.splitlines()
    assert missing[0] == f"{prefix}articles.raw.v1: missing"
    assert len(missing) == expected
    planned = dateline("topics", "create", "--dry-run").stdout
    assert len(dateline("topics", "check", code=1).stdout.splitlines()) == expected
    assert dateline("topics", "create").stdout == planned.replace("would be made", "made")
    assert dateline("topics", "check").stdout == f"{expected} topics are as they should be\n"
    again = dateline("topics", "create").stdout.splitlines()
    assert again[0] == f"{prefix}articles.raw.v1: there already, left as it is"


def test_a_check_says_line_by_line_what_a_worker_needs(dateline, prefix):
    lines = dateline("check", code=1).stdout.splitlines()
    assert lines[2] == f"problem  topics    {prefix}articles.raw.v1: missing"
    (said,) = (line for line in lines if f"no topic {prefix}articles.raw.v1 on " in line)
    assert said.startswith("problem  topics    ")
    assert "`dateline topics create` makes" in said
    dateline("topics", "create")
    lines = dateline("check").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["ok", what]
        for what in ("settings", "brokers", "topics", "producer", "rights", "group", "clock", "pipeline")
    ]


async def test_a_topic_that_somebody_made_otherwise_differs_line_by_line(dateline, brokers, prefix):
    config = {"max.message.bytes": "2000", "cleanup.policy": "delete"}
    async with administration(brokers) as admin:
        await create_topic(admin, f"{prefix}search.v1", config=config)
    assert dateline("topics", "create").stderr.startswith(f"  differs: {prefix}search.v1: partitions are 1")
    lines = dateline("topics", "check", code=1).stdout.splitlines()
    assert [line.removeprefix(f"{prefix}search.v1: ").split()[0] for line in lines] == [
        "partitions",
        "cleanup.policy",
        "max.message.bytes",
    ]


def test_what_cannot_be_made_is_one_line(dateline):
    done = dateline("topics", "create", code=1, DATELINE_REPLICATION="9")
    assert len(done.stderr.splitlines()) == 1
    assert "could not be made" in done.stderr


def test_all_kinds_of_files_are_fed_and_tapped(dateline, tmp_path: Path):
    (tmp_path / "a.txt").write_text("A ferry left.")
    (tmp_path / "b.json").write_text('{"uri": "urn:n:1", "bodies": []}')
    (tmp_path / "c.jsonl").write_text('{"id": "c1"}\n\n{"id": 2}\n')
    (tmp_path / "d.html").write_text("<p>A ferry left.</p>")
    dateline("topics", "create")
    done = dateline("feed", str(tmp_path), "-", "--retract", "gone", stdin=b'{"id": "from stdin"}\n')
    assert done.stderr.endswith("7 records sent to " + done.stderr.split()[-1] + "\n")
    got = {
        (
            record["headers"].get("content-type"),
            record["key"],
            record.get("value_text") or str(record["value"]),
        )
        for record in records(dateline("tap", "raw", "--no-follow", "--json"))
    }
    assert got == {
        ("text/plain", None, "A ferry left."),
        ("application/vnd.iptc.newsinjson", "urn:n:1", "{'uri': 'urn:n:1', 'bodies': []}"),
        ("application/json", "c1", "{'id': 'c1'}"),
        ("application/json", "2", "{'id': 2}"),
        ("text/html", None, "<p>A ferry left.</p>"),
        ("application/json", "from stdin", "{'id': 'from stdin'}"),
        (None, "gone", "None"),
    }
    assert len(records(dateline("tap", "raw", "--no-follow", "--json", "--limit", "3"))) == 3
    (one,) = records(dateline("tap", "raw", "--no-follow", "--json", "--key", "c1"))
    assert one["value"] == {"id": "c1"}
    assert len(records(dateline("tap", "raw", "--no-follow", "--json", "--from", "10m"))) == 7
    assert dateline("tap", "raw", "--no-follow", "--from", "end").stdout == ""


def test_a_record_too_large_for_the_topic_fails_alone(dateline, prefix, tmp_path: Path):
    noise = os.urandom(1 << 20).hex()
    lines = ['{"id": "1"}', json.dumps({"id": "2", "text": noise[: (1 << 20) - 24]}), '{"id": "3"}']
    lines += [json.dumps({"id": "4", "text": noise}), '{"id": "5"}']
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join(lines))
    dateline("topics", "create", DATELINE_PARTITIONS="1")
    done = dateline("feed", str(path), str(tmp_path / "no.txt"), code=1)
    said = done.stderr.splitlines()
    assert f"dateline: {path}:2: too large for" in done.stderr
    assert f"dateline: {path}:4: larger than 1,048,576 bytes" in said
    assert f"dateline: {tmp_path}/no.txt: No such file or directory" in said
    assert said[-1] == f"3 records sent to {prefix}articles.raw.v1, 3 failed"
    assert [r["key"] for r in records(dateline("tap", "raw", "--no-follow", "--json"))] == ["1", "3", "5"]


async def test_a_reader_that_stops_at_the_end_sees_what_is_committed_and_never_waits_for_more(
    dateline, brokers, prefix
):
    dateline("topics", "create")
    topic = f"{prefix}quotes.v1"
    open_one = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{prefix}open")
    producer = AIOKafkaProducer(bootstrap_servers=brokers, transactional_id=f"{prefix}done")
    async with producer, open_one:
        for value, commits in ((b"1", True), (b"2", False), (b"3", True)):
            await producer.begin_transaction()
            await producer.send_and_wait(topic, value, partition=0)
            await (producer.commit_transaction() if commits else producer.abort_transaction())
        await open_one.begin_transaction()
        await open_one.send_and_wait(topic, b"4", partition=0)
        await producer.begin_transaction()
        await producer.send_and_wait(topic, b"5", partition=1)
        await producer.commit_transaction()
        seen = sorted(
            record["value"] for record in records(dateline("tap", "quotes", "--no-follow", "--json"))
        )
        await open_one.abort_transaction()
    assert seen == [1, 3, 5]


@pytest.mark.parametrize("command", [("feed", "-"), ("tap", "raw")])
def test_a_topic_that_is_not_there_is_said_and_not_made(dateline, prefix, command):
    assert f"no topic {prefix}articles.raw.v1" in dateline(*command, stdin=b"{}", code=1).stderr
    assert f"{prefix}articles.raw.v1: missing" in dateline("topics", "check", code=1).stdout


def test_a_reader_that_has_enough_ends_the_pipe(dateline, brokers, prefix, tmp_path: Path):
    (tmp_path / "a.jsonl").write_text(
        "".join(f'{{"id": "{n}", "text": "{"words " * 50}"}}\n' for n in range(2000))
    )
    dateline("topics", "create")
    dateline("feed", str(tmp_path))
    tap = f"{sys.executable} -m worker tap raw --from beginning --brokers {brokers} --prefix {prefix}"
    for form in ("", " --json"):
        done = subprocess.run(
            ["bash", "-c", f"{tap}{form} | head -1; echo ${{PIPESTATUS[0]}}"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (len(done.stdout.splitlines()), done.stdout.split()[-1], done.stderr) == (2, "141", "")
