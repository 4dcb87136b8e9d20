"""What one look at a lane says: how far behind it is, and whether it moves."""

from dataclasses import replace

import pytest
from aiokafka import TopicPartition

from worker.delivery.kafka.lag import Lag, ReadPosition
from worker.delivery.lanes.status import LaneStatus
from worker.delivery.lanes.views import LaneSnapshot, lag_of, progress_of

PARTITION = TopicPartition("raw", 3)
STATUS = LaneStatus(next=10, delivered=10, waiting=0, in_flight=0, failures=0, start_overs=0, prepared=True)
# Everything read is delivered; behind it there is a transaction marker, at offset 10.
IDLE = LaneSnapshot(
    STATUS,
    ReadPosition(read_to=10, position=11, last_stable=11),
    in_progress=0,
    finished=7,
    has_room=True,
    lacks_resources=False,
)
BEHIND = replace(IDLE, status=replace(STATUS, delivered=6))


@pytest.mark.parametrize(
    ("lane", "lag"),
    [
        (IDLE, Lag(position=11, last_stable=11)),
        (replace(IDLE, read=None), None),
        (replace(IDLE, read=ReadPosition(read_to=10, position=10, last_stable=15)), Lag(10, 15)),
        (BEHIND, Lag(6, 11)),
        # Read and on its way to the lane: the markers behind it do not count as delivered.
        (replace(IDLE, read=ReadPosition(read_to=12, position=14, last_stable=14)), Lag(10, 14)),
    ],
)
def test_lag_goes_from_what_is_delivered_to_what_may_be_read(lane, lag):
    assert lag_of(lane) == lag


@pytest.mark.parametrize(
    ("lane", "waiting"),
    [
        (IDLE, False),
        (replace(IDLE, read=None), None),
        (BEHIND, True),
        (replace(BEHIND, read=None), True),
        (replace(IDLE, read=ReadPosition(read_to=10, position=10, last_stable=15)), True),
    ],
)
def test_work_waits_where_something_is_undelivered_and_is_unknown_where_no_leader_answered(lane, waiting):
    assert progress_of(PARTITION, lane).waiting is waiting


@pytest.mark.parametrize(
    ("lane", "blocked"),
    [
        (IDLE, False),
        (replace(IDLE, has_room=False), True),
        (replace(BEHIND, has_room=False), False),
        (replace(BEHIND, status=replace(BEHIND.status, prepared=False)), True),
        (replace(BEHIND, lacks_resources=True), True),
        (replace(BEHIND, lacks_resources=True, in_progress=1), False),
        (replace(IDLE, has_room=False, in_progress=1), False),
    ],
)
def test_a_lane_is_blocked_where_others_hold_what_it_needs(lane, blocked):
    assert progress_of(PARTITION, lane).blocked is blocked


def test_the_watchdog_gets_the_lane_s_counts():
    progress = progress_of(PARTITION, replace(BEHIND, in_progress=2))
    assert (progress.partition, progress.delivered) == (PARTITION, 6)
    assert (progress.in_progress, progress.finished) == (2, 7)
