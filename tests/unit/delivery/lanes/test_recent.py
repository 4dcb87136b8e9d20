"""A record of progress says what its lane did in the five minutes before it."""

import pytest

from worker.delivery.lanes.recent import RecentDeliveries
from worker.records.progress import Lately


def told(deliveries, *, begun_at=0, offset=100):
    """What the last delivery tells. A delivery: when, how many inputs, and the offset behind it."""
    recent = RecentDeliveries(offset, at=begun_at)
    lately = None
    for at, inputs, behind in deliveries:
        lately = recent.told_with(inputs, at=at)
        recent.add(inputs, behind, at=at)
    return lately


@pytest.mark.parametrize(
    ("deliveries", "lately"),
    [
        # The lane has just begun: the time since then.
        ([(2, 5, 110)], Lately(seconds=2, offset=100, records=5)),
        ([(2, 5, 110), (12, 3, 120)], Lately(seconds=12, offset=100, records=8)),
        # Offsets are not records: transaction markers take some.
        ([(2, 1, 102), (4, 1, 104), (6, 1, 106)], Lately(seconds=6, offset=100, records=3)),
        # What was delivered longer ago than five minutes does not count.
        ([(2, 5, 110), (200, 3, 120), (400, 1, 121)], Lately(seconds=300, offset=110, records=4)),
        # After a rest: it stood where it stands, and has delivered nothing but this.
        ([(2, 5, 110), (9000, 1, 111)], Lately(seconds=300, offset=110, records=1)),
        # A retry of a begun partition without inputs.
        ([(0, 0, 100)], Lately(seconds=0, offset=100, records=0)),
    ],
)
def test_a_lane_tells_what_it_delivered_lately(deliveries, lately):
    assert told(deliveries) == lately


def test_a_lane_that_delivers_all_the_time_is_exact_to_ten_seconds_and_remembers_little():
    recent = RecentDeliveries(0, at=0)
    for tenth in range(1, 20_000):
        at = tenth / 10
        lately = recent.told_with(1, at=at)
        recent.add(1, tenth, at=at)
        if at > 320:
            assert lately.seconds == 300
            assert 3000 <= lately.records <= 3101
            assert tenth - 3101 <= lately.offset <= tenth - 3000
    assert len(recent._marks) < 40
