"""Which of several groups that begin to write is the one that does."""

import pytest

from worker.delivery.kafka.progress import first_since
from worker.records.progress import GroupProgress


def writer(group):
    return GroupProgress(group=group, offset=None, topic_id=None, since=f"since {group}")


A, B, C, D = map(writer, "ABCD")


@pytest.mark.parametrize(
    ("before", "after", "first"),
    [
        ([], [A], A),
        ([], [A, B], A),
        ([A], [A, C], C),
        ([A], [A, C, D], C),
        ([A], [C, D], C),  # compaction has taken the former one away
        ([A, B, A], [A, B, A, C], C),  # B came second once, and recorded A again
        ([A, B, A], [B, A, C, D, C], C),
    ],
)
def test_the_first_group_behind_the_former_one_writes(before, after, first):
    assert first_since(before, after) == first
