"""`dateline dead-letters` against Apache Kafka: listed, shown, exported, and sent back, each once."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from tests.faults.account import header, produce_values, read_topic, settled
from worker.channels import Channel, topic_name
from worker.delivery.kafka import wire
from worker.delivery.lanes.dead_letter import dead_letter, truncated
from worker.records.cloudevents import rfc3339
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected

REASONS = {
    Reason.INVALID: "text takes a string, got a number",
    Reason.UNDECODABLE: "the value is not JSON",
    Reason.TOO_LARGE: "the text has 9 characters, the limit is 8",
}
ODD_NAME = b"od\xffd".decode(errors="surrogateescape")
HEADERS = (("content-type", b"text/plain"), (ODD_NAME, b"\xfe\x00"), ("twice", b"1"), ("twice", None))


def letter_of(raw, reason=Reason.INVALID, **changes):
    """The letter that a worker makes of this raw record."""
    letter = dead_letter(raw, Rejected(reason, REASONS[reason], FailedStep.DECODE))
    return truncated(letter) if changes.get("cut") else letter


def raw(prefix, offset, value=b"{}", *, key=b"k", headers=(), partition=0, topic=None):
    name = topic or topic_name(Channel.RAW, prefix)
    return RawMessage(name, partition, offset, 1000 + offset, key, value, headers)


async def put(brokers, prefix, letters, *, partition=0):
    """Writes letters to one partition of their topic."""
    producer = AIOKafkaProducer(bootstrap_servers=brokers)
    async with producer:
        waiting = []
        for letter in letters:
            batch = wire.new_batch(producer, [letter.headers])
            batch.append(timestamp=None, key=letter.key, value=letter.value, headers=list(letter.headers))
            topic = topic_name(Channel.DEAD, prefix)
            waiting.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*waiting)


async def sent_back(brokers, prefix):
    return await read_topic(brokers, topic_name(Channel.RAW, prefix))


def running(brokers, prefix, *words, **settings):
    environ = {name: value for name, value in os.environ.items() if not name.startswith("DATELINE_")}
    environ |= {"DATELINE_BROKERS": brokers, "DATELINE_TOPIC_PREFIX": prefix, **settings}
    return subprocess.Popen(
        [sys.executable, "-m", "worker", "dead-letters", "redrive", *words],
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


async def until_sent(brokers, prefix, count, process):
    """Until that many offsets of the raw topic are taken, or the redrive has ended."""
    partition = TopicPartition(topic_name(Channel.RAW, prefix), 0)
    consumer = AIOKafkaConsumer(bootstrap_servers=brokers)
    deadline = time.monotonic() + 90
    async with consumer:
        while (await consumer.end_offsets([partition]))[partition] < count and process.poll() is None:
            assert time.monotonic() < deadline, "nothing is sent"
            await asyncio.sleep(0.02)


async def test_letters_are_listed_and_counted_as_the_filters_say(dateline, brokers, topics):
    old = raw(topics, 7, b'{"id": "wire-7"}', topic="elsewhere")
    await put(brokers, topics, [letter_of(raw(topics, n, key=b"k%d" % n)) for n in range(3)])
    await put(brokers, topics, [letter_of(old, Reason.TOO_LARGE)])
    middle = time.time()
    await put(brokers, topics, [letter_of(raw(topics, 9, b"\xff"), Reason.UNDECODABLE)])
    when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(middle)) + f".{int(middle * 1000) % 1000 + 1:03d}"
    origin = f"{topic_name(Channel.RAW, topics)}/0/2"

    def places(*words):
        done = dateline("dead-letters", "list", "--json", *words)
        return [json.loads(line)["offset"] for line in done.stdout.splitlines()]

    for words, expected in {
        ("--reason", "invalid"): [0, 1, 2],
        ("--source", "elsewhere", "--error", "THE LIMIT IS"): [3],
        ("--id", "wire-7", "--id", origin): [2, 3],
        ("--at", "0/4", "--at", "0/0"): [0, 4],
        ("--since", when, "--until", "end"): [4],
    }.items():
        assert places(*words) == expected, words
    counts = json.loads(dateline("dead-letters", "list", "--counts", "--json").stdout)
    assert {reason: count["letters"] for reason, count in counts["reasons"].items()} == {
        "invalid": 3,
        "too-large": 1,
        "undecodable": 1,
    }
    done = dateline("dead-letters", "list", "--limit", "1")
    assert len(done.stdout.splitlines()) == 1
    assert [line.split()[:2] for line in done.stderr.splitlines() if line][1:2] == [["invalid", "3"]]


async def test_a_letter_is_shown_whole_and_cannot_steer_the_terminal(dateline, brokers, topics):
    value = b'{"id": "w-1", "headline": "\x1b[2J\xe2\x80\xae", "text": '
    headers = ((ODD_NAME, b"\x1b]0;title\x07"), ("content-type", b"application/json"))
    await put(brokers, topics, [letter_of(raw(topics, 5, value, key=b"\x1bkey", headers=headers))])
    shown = dateline("dead-letters", "show", "0/0").stdout
    assert all(char.isprintable() or char == "\n" for char in shown)
    for line in (r"key            \x1bkey", r"od\xffd: \x1b]0;title\x07", "place          line 1, column 28"):
        assert line in shown, shown
    assert "no such letter" in dateline("dead-letters", "show", "another", code=1).stderr
    (one,) = (json.loads(line) for line in dateline("dead-letters", "show", "--json").stdout.splitlines())
    assert one["letter"]["reason"] == "invalid"
    assert one["headers"][r"od\xffd"] == "\x1b]0;title\x07"


async def test_what_is_exported_is_fed_again_byte_for_byte(dateline, brokers, topics, tmp_path):
    originals = [
        raw(topics, 0, b"\xff\x00\r\n", key=b"\xfe", headers=HEADERS),
        raw(topics, 1, None, key=b"retract me"),
        raw(topics, 2, b"", key=None, headers=(("content-type", b"text/html"),)),
    ]
    await put(brokers, topics, [letter_of(original) for original in originals])
    folder, lines = tmp_path / "out", tmp_path / "all.letters.jsonl"
    dateline("dead-letters", "export", str(folder))
    dateline("dead-letters", "export", "--jsonl", str(lines))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert len(before) == 5
    assert before[f"{topic_name(Channel.DEAD, topics)}-0-0.value"] == b"\xff\x00\r\n"
    dateline("dead-letters", "export", str(folder))
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    dateline("feed", str(folder))
    dateline("feed", str(lines))
    expected = [(one.key, one.value, one.headers) for one in originals]
    fed = await sent_back(brokers, topics)
    assert [(one.key, one.value, tuple(one.headers)) for one in fed] == expected * 2

    mended = folder / f"{topic_name(Channel.DEAD, topics)}-0-0.value"
    mended.write_bytes(b"mended")
    assert "is there and differs" in dateline("dead-letters", "export", str(folder), code=3).stderr
    assert mended.read_bytes() == b"mended"


async def test_originals_go_back_as_they_came_and_once(dateline, brokers, prefix, create_topics):
    await create_topics(brokers, prefix, partitions=2)
    originals = [
        raw(prefix, 40, b"\xff\x00", key=b"\xfe", headers=HEADERS, partition=1),
        raw(prefix, 41, None, key=b"gone", partition=0),
        raw(prefix, 42, b"{}", key=None, partition=1),
    ]
    await put(brokers, prefix, [letter_of(one) for one in originals], partition=1)

    tried = dateline("dead-letters", "redrive", "--dry-run")
    assert len(tried.stdout.splitlines()) == 3
    assert "3 letters would be sent back" in tried.stderr
    for channel in (Channel.RAW, Channel.REDRIVEN):
        assert await read_topic(brokers, topic_name(channel, prefix), committed=False) == []

    dateline("dead-letters", "redrive", "--id", "gone")
    done = dateline("dead-letters", "redrive", "--json")
    assert json.loads(done.stdout) == {
        "dry_run": False,
        "sent": 2,
        "reasons": {"invalid": 2},
        "left": {},
        "before": 1,
    }
    back = sorted(await sent_back(brokers, prefix), key=lambda one: header(one, "dead-letter-first-origin"))
    assert [(one.partition, one.key, one.value) for one in back] == [
        (0, b"gone", None),
        (1, b"\xfe", b"\xff\x00"),
        (1, None, b"{}"),
    ]
    first = back[1]
    assert tuple(first.headers[:4]) == HEADERS
    ours = dict(first.headers[4:])
    assert ours.pop("dead-letter-redriven-at").startswith(b"20")
    assert ours == {
        "dead-letter-redriven": b"1",
        "dead-letter-redriven-from": f"{topic_name(Channel.DEAD, prefix)}/1/0".encode(),
        "dead-letter-first-origin": originals[0].origin.encode(),
    }
    for words in ((), ("--reason", "invalid"), ("--force",)):
        dateline("dead-letters", "redrive", *words)
    assert len(await sent_back(brokers, prefix)) == 3
    assert dateline("dead-letters", "list", "--waiting").stdout == ""
    dateline("dead-letters", "redrive", "--again", "--limit", "2")
    assert len(await sent_back(brokers, prefix)) == 5


@pytest.mark.parametrize("delivery", ["exactly-once", pytest.param("at-least-once", marks=pytest.mark.long)])
async def test_a_redrive_killed_again_and_again_loses_nothing(dateline, brokers, topics, delivery):
    count = 2000
    kinds = (Reason.INVALID, Reason.TOO_LARGE)
    await put(brokers, topics, [letter_of(raw(topics, n), kinds[n % 2]) for n in range(count)])
    environ = {"DATELINE_DELIVERY": delivery}
    for aim in (1, 500):
        process = running(brokers, topics, "--rate", "400", **environ)
        await until_sent(brokers, topics, aim, process)
        assert process.poll() is None, "it ended before it was killed"
        process.kill()
        process.wait()
    dateline("dead-letters", "redrive", "--reason", "too-large", **environ)
    dateline("dead-letters", "redrive", **environ)

    times = Counter(header(one, "dead-letter-first-origin") for one in await sent_back(brokers, topics))
    assert set(times) == {raw(topics, n).origin for n in range(count)}
    repeated = sum(times.values()) - count
    if delivery == "exactly-once":
        assert repeated == 0
    else:
        assert repeated <= 2 * 200


async def test_of_two_redrives_at_once_one_sends(dateline, brokers, topics):
    await put(brokers, topics, [letter_of(raw(topics, n)) for n in range(600)])
    slow = running(brokers, topics, "--rate", "20")
    await until_sent(brokers, topics, 20, slow)
    dateline("dead-letters", "redrive")
    _, said = slow.communicate(timeout=60)
    assert slow.returncode == 1, said
    assert "another redrive" in said
    times = Counter(header(one, "dead-letter-first-origin") for one in await sent_back(brokers, topics))
    assert len(times) == 600
    assert set(times.values()) == {1}


async def test_a_letter_that_came_back_too_often_stays_unless_forced(dateline, brokers, topics):
    before = (("dead-letter-redriven", b"3"), ("dead-letter-first-origin", b"news/0/1"))
    await put(brokers, topics, [letter_of(raw(topics, 1, headers=before)), letter_of(raw(topics, 2))])
    done = dateline("dead-letters", "redrive", code=3)
    assert "0/0 of" in done.stderr
    assert "sent back 3 times already" in done.stderr
    assert len(await sent_back(brokers, topics)) == 1
    assert "1 letter would" in dateline("dead-letters", "redrive", "--max-redrives", "4", "--dry-run").stderr
    dateline("dead-letters", "redrive", "--force")
    forced = (await sent_back(brokers, topics))[1]
    assert header(forced, "dead-letter-redriven") == "4"
    assert header(forced, "dead-letter-first-origin") == "news/0/1"


async def test_a_truncated_letter_is_sent_back_whole_or_stays(dateline, brokers, topics):
    await produce_values(brokers, topic_name(Channel.RAW, topics), [b"an article of some length"])
    (there,) = await sent_back(brokers, topics)
    whole = raw(topics, there.offset, there.value, key=there.key)
    gone = raw(topics, 77, b"no longer there")
    other = raw(topics, there.offset, b"another article", key=there.key)
    await put(brokers, topics, [letter_of(one, cut=True) for one in (whole, gone, other)])
    done = dateline("dead-letters", "redrive", code=3)
    assert "2 truncated, their originals gone" in done.stderr
    assert [one.value for one in await sent_back(brokers, topics)] == [b"an article of some length"] * 2


async def test_due_sends_back_what_is_due_once_and_warns_of_what_is_gone_before(dateline, brokers, topics):
    """The letters are those that a worker makes of embargoes that are over, to come, and too far ahead."""

    def held(offset, until):
        rejected = Rejected(Reason.WITHHELD, "embargoed", FailedStep.DECODE, until=until)
        return dead_letter(raw(topics, offset, b"%d" % offset), rejected)

    soon = rfc3339(int(time.time() * 1000) + 3_600_000)
    letters = [held(0, "2026-01-31T08:00:00Z"), held(1, soon), held(2, "2099-01-01T00:00:00Z"), held(3, None)]
    await put(brokers, topics, [*letters, letter_of(raw(topics, 4))])

    tried = dateline("dead-letters", "redrive", "--due", "--dry-run")
    assert [line.split()[1] for line in tried.stdout.splitlines()] == ["0/0"]
    assert await sent_back(brokers, topics) == []
    done = dateline("dead-letters", "redrive", "--due", "--json")
    assert json.loads(done.stdout) == {
        "dry_run": False,
        "sent": 1,
        "reasons": {"withheld": 1},
        "left": {},
        "before": 0,
        "not_due": 2,
        "without_time": 1,
        "next_due": soon,
    }
    assert "1 letter may be gone before it is due, the first 0/2, due at 2099-01-01T00:00:00Z" in done.stderr
    (back,) = await sent_back(brokers, topics)
    assert (back.value, header(back, "dead-letter-until")) == (b"0", None)
    dateline("dead-letters", "redrive", "--due")
    assert len(await sent_back(brokers, topics)) == 1
    left = dateline("dead-letters", "redrive", "--reason", "withheld", code=3).stderr
    assert f"0/1 of {raw(topics, 1).origin} is left: withheld until {soon}" in left
    listed = [json.loads(line) for line in dateline("dead-letters", "list", "--json").stdout.splitlines()]
    assert [one["until"] for one in listed[1:4]] == [soon, "2099-01-01T00:00:00Z", None]


async def test_an_article_that_dies_again_keeps_its_first_origin_and_counts(
    dateline, brokers, topics, start_worker
):
    worker = start_worker(topics)
    worker.wait_until_ready()
    bad = json.dumps({"do": "reject", "why": "a bad one"}).encode()
    await produce_values(brokers, topic_name(Channel.RAW, topics), [bad])
    for _ in range(2):
        await settled(brokers, topics, [Channel.ENRICHED])
        dateline("dead-letters", "redrive", "--max-redrives", "2")
    account = await settled(brokers, topics, [Channel.ENRICHED])
    letters = sorted(account.letters.values(), key=lambda letter: letter.offset)
    assert [header(letter, "dead-letter-redriven") for letter in letters] == [None, "1", "2"]
    assert {header(letter, "dead-letter-first-origin") for letter in letters[1:]} == {
        f"{topic_name(Channel.RAW, topics)}/0/0"
    }
    assert [letter.value for letter in letters] == [bad] * 3
    dateline("dead-letters", "redrive", "--max-redrives", "2", code=3)
    assert worker.stop() == 0
