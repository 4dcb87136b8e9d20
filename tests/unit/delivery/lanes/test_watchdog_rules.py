"""A worker that stands still is ended; one that is idle, slow, waiting for others or cut off is not."""

from dataclasses import replace

import pytest
from aiokafka import TopicPartition

from worker.delivery.lanes.watchdog import LaneProgress, StallLimits, Watchdog, WorkerProgress

LIMITS = StallLimits(stall=100, article=50, articles_ahead=4, rebalance=300)
FINE = WorkerProgress(
    cluster_answers=True, consumer_connected=True, assigned=True, reading=True, pool_ready=True
)
STUCK = LaneProgress(TopicPartition("raw", 3), 7, waiting=True, in_progress=0, finished=2, blocked=False)
OTHER = replace(STUCK, partition=TopicPartition("raw", 4))


def seconds_until_it_ends(views, limits=LIMITS, most=1000):
    """After how many looks, a second apart, at these views in turn; None: it never does."""
    ended, now = [], views[0]
    dog = Watchdog(limits, look=lambda: now, end=ended.append)
    for second in range(most):
        now = views[second % len(views)]
        dog.look(1.0)
        if ended:
            assert dog.stalled == ended[0]
            return second, ended[0]
    assert dog.stalled is None
    return None


def with_lanes(*lanes):
    return replace(FINE, lanes=lanes)


@pytest.mark.parametrize(
    ("view", "after", "reason"),
    [
        (
            with_lanes(STUCK),
            100,
            "raw/3 has articles waiting and delivered nothing from offset 7 on for 100 s",
        ),
        (with_lanes(replace(STUCK, in_progress=2)), 150, "for 150 s"),
        (replace(FINE, assigned=False), 300, "assigned nothing"),
        (replace(FINE, reading=False), 300, "does not read"),
        (replace(FINE, consumer_connected=False), 300, "hears nothing, though the cluster answers"),
    ],
)
def test_what_stands_still_for_too_long_is_ended(view, after, reason):
    seconds, said = seconds_until_it_ends([view])
    assert after <= seconds <= after + 2
    assert reason in said


@pytest.mark.parametrize(
    "view",
    [
        FINE,
        with_lanes(replace(STUCK, waiting=False)),
        with_lanes(replace(STUCK, blocked=True)),
        replace(with_lanes(STUCK), pool_ready=False),
        replace(with_lanes(STUCK), cluster_answers=False, consumer_connected=False),
        replace(FINE, cluster_answers=False, consumer_connected=False, assigned=False, reading=False),
    ],
)
def test_what_has_nothing_to_do_or_can_not_is_left_alone(view):
    assert seconds_until_it_ends([view]) is None


@pytest.mark.parametrize("sign", ["delivered", "finished"])
def test_one_that_is_slow_is_left_alone(sign):
    slowly = [with_lanes(replace(STUCK, in_progress=1, **{sign: n // 90})) for n in range(1000)]
    assert seconds_until_it_ends(slowly) is None


def test_an_article_that_never_ends_is_found_beside_others_that_do():
    busy = [with_lanes(replace(STUCK, in_progress=1), replace(OTHER, finished=n)) for n in range(1000)]
    seconds, said = seconds_until_it_ends(busy)
    assert 300 <= seconds <= 302
    assert "raw/3" in said


def test_an_article_that_waited_behind_slow_ones_has_its_time():
    slow_ones = [
        with_lanes(replace(STUCK, in_progress=1), replace(OTHER, in_progress=1, finished=n // 140))
        for n in range(290)
    ]
    assert seconds_until_it_ends(slow_ones, most=290) is None


def test_a_group_that_rebalances_again_and_again_is_no_sign_of_life():
    around = [
        *[with_lanes(STUCK)] * 3,
        replace(FINE, assigned=False),
        with_lanes(replace(STUCK, waiting=None)),
    ]
    seconds, said = seconds_until_it_ends(around)
    assert 160 <= seconds <= 175
    assert "raw/3" in said
    never_reading = [replace(FINE, reading=False, assigned=assigned) for assigned in (True, False)]
    assert "does not read" in seconds_until_it_ends(never_reading)[1]


def test_time_in_which_the_cluster_was_away_does_not_count():
    away = replace(with_lanes(STUCK), cluster_answers=False, consumer_connected=False)
    assert seconds_until_it_ends([with_lanes(STUCK)] * 90 + [away]) is None
