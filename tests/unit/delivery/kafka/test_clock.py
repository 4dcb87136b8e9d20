"""When a clock counts as off, what is said then, and that no record gets a time that was not checked."""

import asyncio
import itertools

import pytest

from worker.delivery.kafka import clock
from worker.delivery.kafka.clock import (
    BrokerClock,
    ClockOff,
    ClockReading,
    ClockUnread,
    off_by,
    read_clock,
)
from worker.delivery.kafka.errors import ErrorKind, error_kind
from worker.settings import Settings

SETTINGS = Settings(max_clock_skew_seconds=60)
NOW = 1_800_000_000.0
DAY = 86_400


class Clocks:
    """The wall clock, the monotonic one and the brokers', which tests set."""

    def __init__(self):
        self.brokers, self.monotonic, self.skew = NOW, 100.0, 0.0
        self.error_seconds, self.asked, self.failure = 0.01, 0, None

    def pass_seconds(self, seconds):
        self.brokers += seconds
        self.monotonic += seconds

    def wall(self):
        return self.brokers + self.skew

    async def read(self, settings):
        self.asked += 1
        await asyncio.sleep(0)
        if self.failure:
            raise ClockUnread(self.failure)
        return ClockReading(
            self.brokers - self.monotonic, self.error_seconds, "2 (kafka-2:9092)", self.monotonic
        )


@pytest.fixture
def clocks(monkeypatch):
    clocks = Clocks()
    monkeypatch.setattr(clock.time, "time", clocks.wall)
    monkeypatch.setattr(clock.time, "monotonic", lambda: clocks.monotonic)
    return clocks


@pytest.mark.parametrize(
    ("skew", "error_seconds", "is_off"),
    [
        (0, 0.01, False),
        (59, 0.01, False),
        (-59, 0.01, False),
        (61, 0.01, True),
        (-61, 0.01, True),
        # The answer took ten seconds: up to five of the skew may be the way's.
        (64, 5, False),
        (66, 5, True),
        (-60 * DAY, 0.01, True),
        (2 * 3600, 0.01, True),
    ],
)
async def test_a_clock_is_off_where_even_the_error_of_the_reading_does_not_explain_it(
    clocks, skew, error_seconds, is_off
):
    clocks.skew, clocks.error_seconds = skew, error_seconds
    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    if is_off:
        with pytest.raises(ClockOff):
            await broker_clock.check()
    else:
        await broker_clock.check()
        assert await broker_clock.now_ms() == int((NOW + skew) * 1000)


async def test_the_end_names_the_clock_how_far_it_is_off_and_who_said_so(clocks):
    clocks.skew = -60 * DAY
    with pytest.raises(ClockOff) as off:
        await BrokerClock(SETTINGS, read=clocks.read).check()
    assert error_kind(off.value) is ErrorKind.FATAL
    assert str(off.value) == (
        "the clock of this machine is 60.0 days (5,184,000 s) behind that of broker 2 (kafka-2:9092): "
        "it shows 2026-11-16T08:00:00Z, the broker's 2027-01-15T08:00:00Z, and at most 60 s are allowed "
        "(DATELINE_MAX_CLOCK_SKEW_SECONDS); nothing was written with this clock; "
        "set the clock, for example by NTP"
    )


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (-5_184_000, "60.0 days (5,184,000 s) behind"),
        (7200, "2.0 hours (7,200 s) ahead of"),
        (-150, "2.5 minutes (150 s) behind"),
        (61.5, "61.500 s ahead of"),
        (-0.012, "0.012 s behind"),
    ],
)
def test_a_difference_is_said_in_a_unit_that_fits(ahead, said):
    assert off_by(ahead) == said


@pytest.mark.parametrize("skew", [-60 * DAY, -3 * 3600, 2 * 3600])
async def test_a_clock_that_is_set_under_way_gives_no_time_from_that_moment(clocks, skew):
    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    await broker_clock.check()
    await broker_clock.now_ms()
    clocks.pass_seconds(7)
    clocks.skew = skew
    with pytest.raises(ClockOff, match="nothing was written with this clock"):
        await broker_clock.now_ms()


async def test_while_all_is_well_no_delivery_asks_a_broker(clocks):
    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    await broker_clock.check()
    for _ in range(100):
        clocks.pass_seconds(1)
        await broker_clock.now_ms()
    assert clocks.asked == 1


async def test_after_a_sleep_in_which_the_monotonic_clock_stood_still_the_brokers_are_asked_anew(clocks):
    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    await broker_clock.check()
    clocks.brokers += 3600
    times = await asyncio.gather(*(broker_clock.now_ms() for _ in range(5)))
    assert set(times) == {int((NOW + 3600) * 1000)}
    assert clocks.asked == 2


async def test_a_clock_that_seems_to_be_off_gives_no_time_while_the_brokers_are_silent(clocks):
    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    await broker_clock.check()
    clocks.skew, clocks.failure = -7200, "no answer"
    with pytest.raises(ClockUnread) as unread:
        await broker_clock.now_ms()
    assert error_kind(unread.value) is ErrorKind.ABORTABLE  # tried again, a few times
    clocks.skew = 0
    assert await broker_clock.now_ms() == int(NOW * 1000)


async def test_where_the_time_can_not_be_learned_the_worker_goes_on_and_says_so_once(clocks, caplog):
    clocks.failure = "missing on the cluster: news.clock.v1"
    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    assert broker_clock.status().ahead_seconds is None
    await broker_clock.check()
    await broker_clock.check()
    assert await broker_clock.now_ms() == int(NOW * 1000)
    assert [record.getMessage() for record in caplog.records].count("clock can't be checked") == 1
    assert broker_clock.status().failure == clocks.failure
    clocks.failure, clocks.skew = None, 7200
    with pytest.raises(ClockOff, match="records were written with this clock before it could be checked"):
        await broker_clock.check()


async def test_the_watch_asks_every_minute_and_soon_after_the_clock_was_set(clocks, monkeypatch):
    naps, reasons = itertools.count(), []

    async def nap(seconds):
        if next(naps) == 30:
            clocks.skew = 7200
        clocks.pass_seconds(seconds)

    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    await broker_clock.check()
    with monkeypatch.context() as patched:
        patched.setattr(clock.asyncio, "sleep", nap)
        await broker_clock.run(reasons.append)
    assert next(naps) == 32
    assert clocks.asked == 1 + 2 + 1
    assert [reason[:62] for reason in reasons] == [
        "the clock of this machine is 2.0 hours (7,200 s) ahead of that"
    ]


async def test_the_state_says_how_far_off_the_clock_is_and_by_whom(clocks):
    clocks.skew = 1.5
    broker_clock = BrokerClock(SETTINGS, read=clocks.read)
    await broker_clock.check()
    clocks.pass_seconds(20)
    status = broker_clock.status()
    assert (status.ahead_seconds, status.error_seconds) == (1.5, 0.01)
    assert (status.broker, status.read_seconds_ago, status.failure) == ("2 (kafka-2:9092)", 20, None)


async def test_brokers_that_are_away_leave_the_time_unread():
    with pytest.raises(ClockUnread):
        await read_clock(Settings(brokers="127.0.0.1:1"))
