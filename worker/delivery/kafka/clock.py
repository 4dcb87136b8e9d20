"""The brokers' time, and how far the clock of this machine is off it.

A record that is produced to the clock topic gets its time from the broker (`LogAppendTime`), and the broker
says in its answer which time that was. No other answer of a broker has its time. Between two such readings
the monotonic clock, which nobody sets, tells what the brokers' time is.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.connection import client_name, client_options, without_making_topics
from worker.delivery.kafka.errors import AUTHORIZATION_ERRORS, FatalError, causes, describe
from worker.delivery.kafka.preflight import can_create_topics
from worker.delivery.kafka.sending import discard, load_topics
from worker.log import log_event
from worker.settings import Settings

log = logging.getLogger(__name__)

READ_SECONDS = 10.0
EVERY_SECONDS = 60.0
# A clock that was set is noticed within this time even if nothing is delivered.
LOOK_SECONDS = 5.0
LOG_APPEND_TIME = 1
_UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
_HOW_TO_SET = "set the clock, for example by NTP"


class ClockUnread(Exception):
    """The brokers' time can't be learned; the message says why, and what to do."""


class ClockOff(FatalError):
    """This machine's clock is too far off the brokers': what is written with it might be deleted at once."""


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What one broker said: its time is the monotonic clock plus `base_seconds`.

    It may be off by `error_seconds`. `broker`: the broker's id and address.
    """

    base_seconds: float
    error_seconds: float
    broker: str
    read_at: float

    def ahead_seconds(self, wall_seconds: float) -> float:
        """How far a clock that shows `wall_seconds` now is ahead of the broker's; below 0 if it is behind."""
        return wall_seconds - (self.base_seconds + time.monotonic())

    def is_beyond(self, ahead_seconds: float, limit_seconds: float) -> bool:
        """Whether the clock is off by more than the limit, even if all of the error is in its favour."""
        return abs(ahead_seconds) - self.error_seconds > limit_seconds


@dataclass(frozen=True, slots=True)
class ClockStatus:
    """For the health page and the metrics. `failure`: why the last reading failed; None if it did not."""

    ahead_seconds: float | None = None
    error_seconds: float | None = None
    broker: str | None = None
    read_seconds_ago: float | None = None
    failure: str | None = None


async def read_clock(settings: Settings) -> ClockReading:
    """Asks the leader of the clock topic for its time. Raises ClockUnread."""
    topic = settings.topic(Channel.CLOCK)
    try:
        async with asyncio.timeout(READ_SECONDS), _producer(settings) as producer:
            return await _read(producer, topic)
    except ClockUnread:
        raise
    except TimeoutError:
        raise ClockUnread(f"no answer about {topic} within {READ_SECONDS:g} s") from None
    except Exception as error:  # whatever it is, the worker can go on without
        raise ClockUnread(_why(error, topic)) from error


@asynccontextmanager
async def _producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **client_options(settings),
        client_id=client_name(settings),
        # The leader's answer alone comes sooner, and so says more exactly which moment it was.
        acks=1,
        request_timeout_ms=int(READ_SECONDS * 1000),
    )
    without_making_topics(producer.client)
    try:
        await producer.start()
        yield producer
    finally:
        await discard(producer)


async def _read(producer: AIOKafkaProducer, topic: str) -> ClockReading:
    if not await can_create_topics(producer.client):
        raise ClockUnread("these brokers do not tell their time")
    await load_topics(producer.client, [topic], tries=2)
    before = time.monotonic()
    written = await producer.send_and_wait(topic, b"", partition=0)
    after = time.monotonic()
    if written.timestamp_type != LOG_APPEND_TIME:
        raise ClockUnread(
            f"{topic} has message.timestamp.type CreateTime and takes LogAppendTime: alter the topic"
        )
    leader = producer.client.cluster.leader_for_partition(written.topic_partition)
    node = producer.client.cluster.broker_metadata(leader)
    return ClockReading(
        base_seconds=written.timestamp / 1000 - (before + after) / 2,
        # The broker's answer is in whole milliseconds.
        error_seconds=(after - before) / 2 + 0.001,
        broker=f"{leader} ({node.host}:{node.port})" if node else str(leader),
        read_at=after,
    )


def _why(error: BaseException, topic: str) -> str:
    if any(isinstance(cause, AUTHORIZATION_ERRORS) for cause in causes(error)):
        return f"the cluster refuses this user to write the topic {topic}; see its ACLs"
    return str(error) if isinstance(error, FatalError) else describe(error)


def off_by(ahead_seconds: float) -> str:
    """`60.0 days behind`, `2.0 hours ahead of`, `0.012 s behind`: to be followed by whose clock it is off."""
    size, direction = abs(ahead_seconds), "ahead of" if ahead_seconds > 0 else "behind"
    for seconds, unit in _UNITS:
        # Rounded as it will be shown: two hours less some milliseconds are no 120.0 minutes.
        if round(size / seconds, 1) >= 2:
            return f"{size / seconds:.1f} {unit} ({size:,.0f} s) {direction}"
    return f"{size:.3f} s {direction}"


async def check_clock(settings: Settings) -> ClockReading:
    """Reads the brokers' time. Raises ClockOff if this machine's clock is too far off it, or ClockUnread."""
    reading = await read_clock(settings)
    _judge(reading, settings.max_clock_skew_seconds, "")
    return reading


def _judge(reading: ClockReading, limit_seconds: float, addition: str) -> None:
    wall = time.time()
    ahead = reading.ahead_seconds(wall)
    if reading.is_beyond(ahead, limit_seconds):
        raise ClockOff(
            f"the clock of this machine is {off_by(ahead)} that of broker {reading.broker}: it shows "
            f"{_moment(wall)}, the broker's {_moment(wall - ahead)}, and at most {limit_seconds:g} s are "
            f"allowed (DATELINE_MAX_CLOCK_SKEW_SECONDS); {addition}{_HOW_TO_SET}"
        )


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class BrokerClock:
    """Watches this machine's clock, and gives the time that records are written with.

    No record gets a time that is too far off the brokers': `now_ms` compares it with the last reading, and
    reads anew before it decides that the clock is off, because the monotonic clock may have stood still while
    the machine slept. Until a first reading succeeds the time is given unchecked.
    """

    def __init__(
        self, settings: Settings, *, read: Callable[[Settings], Awaitable[ClockReading]] = read_clock
    ) -> None:
        self._settings, self._read_clock = settings, read
        self._reading: ClockReading | None = None
        self._failure: str | None = None
        self._gave_unchecked = False
        self._asking = asyncio.Lock()

    async def now_ms(self) -> int:
        """This machine's time, once it is known not to be too far off.

        Raises ClockOff if it is, and ClockUnread if it seems to be and the brokers can't be asked.
        """
        now = time.time()
        if self._is_suspicious(now):
            async with self._asking:
                now = time.time()
                if self._is_suspicious(now):
                    await self._read()
                    now = time.time()
        self._gave_unchecked = self._gave_unchecked or self._reading is None
        return int(now * 1000)

    async def check(self) -> None:
        """Reads the brokers' time. Raises ClockOff; if the brokers' time can't be learned, that is logged."""
        async with self._asking:
            try:
                await self._read()
            except ClockUnread:
                return

    async def run(self, end: Callable[[str], None]) -> None:
        """Checks the clock every minute and soon after it was set. If it is off, calls `end` and says why."""
        next_check = time.monotonic() + EVERY_SECONDS
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if time.monotonic() < next_check and not self._is_suspicious(time.time()):
                continue
            next_check = time.monotonic() + EVERY_SECONDS
            try:
                await self.check()
            except ClockOff as off:
                end(str(off))
                return

    def status(self) -> ClockStatus:
        """For the health page and the metrics."""
        reading = self._reading
        if reading is None:
            return ClockStatus(failure=self._failure)
        return ClockStatus(
            ahead_seconds=round(reading.ahead_seconds(time.time()), 3),
            error_seconds=round(reading.error_seconds, 3),
            broker=reading.broker,
            read_seconds_ago=round(time.monotonic() - reading.read_at, 1),
            failure=self._failure,
        )

    def _is_suspicious(self, wall_seconds: float) -> bool:
        reading = self._reading
        return reading is not None and reading.is_beyond(
            reading.ahead_seconds(wall_seconds), self._settings.max_clock_skew_seconds
        )

    async def _read(self) -> None:
        try:
            reading = await self._read_clock(self._settings)
        except ClockUnread as error:
            metrics.CLOCK_READ_FAILURES.inc()
            if str(error) != self._failure:
                log_event(log, logging.WARNING, "clock can't be checked", error=str(error))
            self._failure = str(error)
            raise
        self._failure = None
        written = (
            "records were written with this clock before it could be checked"
            if self._gave_unchecked
            else "nothing was written with this clock"
        )
        _judge(reading, self._settings.max_clock_skew_seconds, f"{written}; ")
        self._reading = reading
