"""What goes back, what stays, and what is said of it."""

import asyncio
import math
import os
import time

import pytest
from click.testing import CliRunner

from tests.unit.commands.dead_letters.letters import TIME_MS, letter
from worker.commands.dead_letters.command import command
from worker.commands.dead_letters.original import Obstacle
from worker.commands.dead_letters.outcome import (
    NOTED_LETTERS,
    RedriveNotes,
    RedriveOptions,
    RedriveOutcome,
)
from worker.commands.dead_letters.receipts import Receipts
from worker.commands.dead_letters.redrive import _Redrive
from worker.commands.dead_letters.resend import batch_size, redriven_message
from worker.records.cloudevents import rfc3339
from worker.records.messages import RawMessage, Reason
from worker.settings import Settings


class FakeReader:
    total = passed = 0

    def __init__(self, *letters):
        self._letters = letters

    async def letters(self):
        for one in self._letters:
            yield one


class FakeOriginals:
    topics = {"raw": 1}  # noqa: RUF012

    async def of(self, one):
        if one.truncated_from is not None:
            return Obstacle("truncated", "its original is gone")
        return one.as_raw(topic=one.topic, partition=0, offset=41)


class FakeSender:
    def __init__(self):
        self.sent = []

    async def send(self, originals, receipt):
        self.sent.append((originals, receipt))


class Silent:
    def __init__(self):
        self.said = []

    def update(self, done, text):
        pass

    def say(self, line):
        self.said.append(line)


async def redriven(*letters, options=None, sender=None, receipts=(), limit=1000):
    """The outcome, what was sent, and what was said."""
    sender, outcome, bar = sender or FakeSender(), RedriveOutcome(), Silent()
    options, known, reader = options or RedriveOptions(), Receipts(receipts), FakeReader(*letters)
    one = _Redrive(Settings(), options, outcome, known, FakeOriginals(), sender, reader, bar)
    one._limits["raw"] = limit
    await one.run()
    return outcome, sender.sent, bar.said


def numbered(count, **more):
    return [letter(offset=n, number=n, **more) for n in range(count)]


async def test_letters_travel_in_batches_of_one_partition_each_with_its_receipt():
    _, sent, _ = await redriven(*numbered(450), *numbered(3, partition=4))
    assert [len(originals) for originals, _ in sent] == [200, 200, 50, 3]
    assert [(receipt.partition, receipt.count) for _, receipt in sent] == [
        (3, 200),
        (3, 200),
        (3, 50),
        (4, 3),
    ]
    assert [receipt.letters[0].last for _, receipt in sent] == [199, 399, 449, 2]


async def test_large_letters_travel_in_smaller_batches():
    _, sent, _ = await redriven(*numbered(5, value=b"x" * (2 << 20)), limit=8 << 20)
    assert [len(originals) for originals, _ in sent] == [2, 2, 1]


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        (RedriveOptions(), 2),
        (RedriveOptions(max_redrives=1), 1),
        (RedriveOptions(force=True), 3),
        (RedriveOptions(limit=1), 1),
        (RedriveOptions(limit=2), 2),
    ],
)
async def test_the_guard_and_the_limit_hold_letters_back(options, sent):
    often = (("dead-letter-redriven", b"3"),)
    once = (("dead-letter-redriven", b"1"),)
    outcome, _, said = await redriven(
        letter(offset=1), letter(offset=2, headers=once), letter(offset=3, headers=often), options=options
    )
    assert outcome.sent.total() == sent
    assert all("already" in line for line in said)


async def test_what_was_sent_before_goes_again_only_when_asked():
    _, ((_, receipt),), _ = await redriven(letter(offset=1))
    again, later = letter(offset=1), letter(offset=1, at=TIME_MS + 1)
    assert (await redriven(again, receipts=[receipt]))[0].sent_before == 1
    assert (await redriven(later, receipts=[receipt]))[0].sent.total() == 1
    assert (await redriven(again, receipts=[receipt], options=RedriveOptions(again=True)))[
        0
    ].sent.total() == 1


def held(until, **more):
    return letter(reason=Reason.WITHHELD, until=until, **more)


PAST, TO_COME, LATER = "2026-01-31T09:00:00Z", "9000-01-01T00:00:00Z", "9000-06-01T00:00:00Z"
DUE, NOT_DUE, NO_TIME = held(PAST, offset=1), held(TO_COME, offset=2), held(None, offset=3)


async def test_a_withheld_letter_stays_until_its_time_has_come_unless_forced():
    outcome, _, said = await redriven(DUE, NOT_DUE, NO_TIME, letter(offset=4))
    assert (outcome.sent, outcome.left.total()) == ({"withheld": 1, "invalid": 1}, 2)
    assert [line.partition("is left: ")[2] for line in said] == [
        f"withheld until {TO_COME}",
        "its publisher withholds it, and it names no time",
    ]
    forced, _, _ = await redriven(DUE, NOT_DUE, NO_TIME, options=RedriveOptions(force=True))
    assert forced.sent == {"withheld": 3}


async def test_due_takes_what_is_due_and_passes_over_the_rest():
    letters = (DUE, held(LATER, offset=5), NOT_DUE, NO_TIME, letter(offset=4), held("soon", offset=6))
    outcome, sent, said = await redriven(*letters, options=RedriveOptions(due=True))
    assert (outcome.sent, outcome.left, said) == ({"withheld": 1}, {}, [])
    assert [receipt.letters[0].first for _, receipt in sent] == [1]
    assert outcome.as_fields(dry_run=False) == {
        "dry_run": False, "sent": 1, "reasons": {"withheld": 1}, "left": {}, "before": 0,
        "not_due": 2, "without_time": 2, "next_due": TO_COME,
    }  # fmt: skip
    assert outcome.summary(dry_run=False).endswith(
        f"; 2 not due yet, the first at {TO_COME}; 2 without a time"
    )


async def test_one_that_was_sent_back_is_not_due_again():
    _, ((_, receipt),), _ = await redriven(DUE)
    outcome, sent, _ = await redriven(DUE, receipts=[receipt], options=RedriveOptions(due=True))
    assert (outcome.sent_before, sent) == (1, [])


@pytest.mark.parametrize("options", [RedriveOptions(), RedriveOptions(due=True)])
async def test_one_that_is_gone_before_it_is_due_is_counted(options):
    day_ms = 86_400_000
    soon = rfc3339(int(time.time() * 1000) + 2 * day_ms)
    now_ms = int(time.time() * 1000)
    letters = (held(soon, at=now_ms), held(TO_COME, at=now_ms, offset=8), held(None), DUE)
    for kept_ms, lost in ((None, 0), (math.inf, 0), (3.0 * day_ms, 1), (1.0 * day_ms, 2)):
        one = _Redrive(
            Settings(), options, RedriveOutcome(), Receipts(), FakeOriginals(), FakeSender(),
            FakeReader(*letters), Silent(), kept_ms=kept_ms,
        )  # fmt: skip
        one._limits["raw"] = 1000
        await one.run()
        assert one.lost.letters == lost
    assert one.lost.first == f"3/17, due at {soon}"


@pytest.mark.parametrize("words", [("--reason", "invalid"), ("--force",)])
def test_due_excludes_what_contradicts_it(words):
    done = CliRunner().invoke(command, ["redrive", "--due", *words])
    assert (done.exit_code, "--due" in done.output) == (2, True)


async def test_letters_that_cannot_go_are_named_counted_and_told():
    cut, elsewhere, large = letter(cut=True), letter(topic="gone"), letter(os.urandom(2000))
    outcome, sent, said = await redriven(cut, elsewhere, large, letter())
    assert sum(len(originals) for originals, _ in sent) == 1
    whys = ["its original is gone", "no topic gone on the cluster", "raw takes 1,000 (max.message.bytes)"]
    assert [line.endswith(why) for line, why in zip(said, whys, strict=True)] == [True] * 3
    assert outcome.left == {"truncated": 1, "of a topic that is gone": 1, "too large": 1}
    told = outcome.summary(dry_run=False)
    assert told.startswith("1 letter sent back to raw (1 invalid), 3 left: 1 truncated; 1 of a topic")


async def test_of_thousands_that_stay_a_few_are_named():
    outcome, _, said = await redriven(*numbered(3000, cut=True))
    assert (len(said), outcome.left.total()) == (20, 3000)


async def test_what_is_on_its_way_arrives_and_is_counted_when_ctrl_c_comes():
    class Slow(FakeSender):
        async def send(self, originals, receipt):
            under_way.set()
            await asyncio.sleep(0.05)
            await super().send(originals, receipt)

    under_way, sender, outcome = asyncio.Event(), Slow(), RedriveOutcome()
    one = _Redrive(
        Settings(),
        RedriveOptions(),
        outcome,
        Receipts(),
        FakeOriginals(),
        sender,
        FakeReader(letter()),
        Silent(),
    )
    one._limits["raw"] = 1000
    task = asyncio.create_task(one.run())
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (len(sender.sent), outcome.sent.total()) == (1, 1)


def test_an_original_goes_back_with_its_headers_and_ours_behind_them():
    one = letter(
        headers=(("h", b"\xff"), ("dead-letter-redriven", b"1"), ("dead-letter-first-origin", b"raw/0/3"))
    )
    back = redriven_message(
        one, one.as_raw(topic="raw", partition=0, offset=41), at="2026-01-31T09:00:00.000Z"
    )
    assert back.headers == (
        ("h", b"\xff"),
        ("dead-letter-redriven", b"2"),
        ("dead-letter-redriven-at", b"2026-01-31T09:00:00.000Z"),
        ("dead-letter-redriven-from", b"dead/3/17"),
        ("dead-letter-first-origin", b"raw/0/3"),
    )


def test_a_null_header_value_goes_back_as_null():
    one = letter(headers=(("h", None), ("h", b""), ("dead-letter-redriven", None)))
    back = redriven_message(
        one, one.as_raw(topic="raw", partition=0, offset=41), at="2026-01-31T09:00:00.000Z"
    )
    assert back.headers[:3] == (("h", None), ("h", b""), ("dead-letter-redriven", b"1"))


@pytest.mark.parametrize("compression", ["none", "gzip", "snappy", "lz4", "zstd"])
def test_a_size_counts_as_it_is_compressed(compression):
    odd = (b"\xff".decode(errors="surrogateescape"), b"")
    message = RawMessage("raw", 0, 0, 0, b"k", b"x" * 5000, (odd, ("h", None)))
    assert batch_size(message, 10_000, compression) > 5000
    assert (batch_size(message, 4000, compression) > 4000) == (compression == "none")


async def test_a_page_is_told_what_goes_where_and_nothing_is_printed(capsys):
    notes, outcome = RedriveNotes(), RedriveOutcome()
    letters = [*numbered(NOTED_LETTERS + 50), letter(offset=9, headers=(("dead-letter-redriven", b"3"),))]
    one = _Redrive(
        Settings(), RedriveOptions(dry_run=True), outcome, Receipts(), FakeOriginals(), None,
        FakeReader(*letters), notes, notes=notes,
    )  # fmt: skip
    one._limits["raw"] = 1000
    await one.run()
    assert outcome.sent.total() == NOTED_LETTERS + 50
    assert len(notes.letters) == NOTED_LETTERS
    first = notes.letters[0]
    assert (first["place"], first["to"], first["reason"]) == (letters[0].place, "raw/0", letters[0].reason)
    assert "sent back 3 times already" in notes.lines[0]
    assert capsys.readouterr() == ("", "")
