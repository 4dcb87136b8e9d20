"""A lane and its reader that stay apart are brought together; what is under way is waited for."""

import pytest

from worker.delivery.faust.position_mismatches import LOOKS, PositionMismatches


def mended_after(stands):
    """After how many looks at (wanted, read to) the reader is sent back; None: never."""
    gaps = PositionMismatches()
    for look, (wanted, read_to) in enumerate(stands, 1):
        if back := gaps.look({"tp": wanted}, {"tp": read_to}):
            assert back == {"tp": wanted}
            return look
    return None


@pytest.mark.parametrize(
    ("stands", "after"),
    [
        ([(5, 9)] * 10, LOOKS),
        ([(9, 5)] * 10, LOOKS),  # the log was made anew, and its first records were lost on the way
        ([(5, None)] * 10, LOOKS),
        ([(5, 9), (6, 9), *[(6, 12)] * 10], LOOKS + 2),
        ([(5, 5)] * 10, None),
        ([(n, n + 3) for n in range(10)], None),
        ([(5, 9), (5, 9), (9, 9)] * 5, None),
    ],
)
def test_they_are_apart_for_good_only_when_neither_moves(stands, after):
    assert mended_after(stands) == after
