"""Which letters were sent back before, as the receipts say."""

import random

import pytest

from tests.unit.commands.dead_letters.letters import TIME_MS, letter
from worker.commands.dead_letters.receipts import Receipts, receipt_of
from worker.records.codec import from_bytes, to_bytes
from worker.records.redriven import Receipt


def at_offset(offset, *, number=None, partition=3, at=TIME_MS):
    return letter(partition=partition, offset=offset, at=at, number=offset if number is None else number)


def receipt(*letters):
    return receipt_of(letters, at="2026-01-31T09:00:00Z")


def test_letters_that_follow_each_other_are_one_range_and_markers_between_them_break_none():
    made = receipt(at_offset(5, number=1), at_offset(7, number=2), at_offset(9, number=4))
    assert [(each.first, each.last) for each in made.letters] == [(5, 7), (9, 9)]
    assert made.count == 3
    assert from_bytes(Receipt, to_bytes(made)) == made


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        (at_offset(5), True),
        (at_offset(6), True),
        (at_offset(4), False),
        (at_offset(7), False),
        (at_offset(5, partition=4), False),
        (at_offset(5, at=TIME_MS + 1), False),  # the topic was made anew
    ],
)
def test_a_letter_is_known_by_its_place_and_time(asked, known):
    assert Receipts([receipt(at_offset(5), at_offset(6))]).has(asked) is known


def test_no_receipts_know_nothing():
    assert not Receipts().has(at_offset(0))


def test_any_overlapping_receipts_know_what_a_set_knows():
    chance = random.Random(7)
    for _ in range(50):
        sent: set[int] = set()
        receipts = []
        for _ in range(chance.randint(1, 12)):
            first = chance.randint(0, 80)
            offsets = sorted(set(range(first, first + chance.randint(2, 30))) - {chance.randint(0, 110)})
            sent |= set(offsets)
            receipts.append(receipt(*map(at_offset, offsets)))
        known = Receipts(receipts)
        assert {offset for offset in range(120) if known.has(at_offset(offset))} == sent
