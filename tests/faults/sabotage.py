"""Workers broken on purpose, to see that the checks say so: a check that never failed proves nothing.

`TRIVIAL_SABOTAGE` names what is done to the worker that starts, joined by commas; each function breaks one
promise.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from worker import topology
from worker.agents import alert
from worker.agents.rules import Rules
from worker.alerts.book import RuleBook
from worker.channels import Channel
from worker.delivery.kafka.sending import NO_GROUPS, OutgoingRecord, send
from worker.delivery.lanes.lane import Lane
from worker.delivery.lanes.publisher import AtLeastOnce, ExactlyOnce

ONE_IN = 10
# Long enough to be seen, or to be hit by what kills the worker.
PAUSE_SECONDS = 0.3
BLIND_SECONDS = 15.0


def lose() -> None:
    """Now and then a record is left out, and its input's offset is committed all the same."""
    _change(lambda records: [one for one in records if not _unlucky(one, Channel.SEARCH)])


def repeat() -> None:
    """Now and then a record is written twice in one transaction."""
    _change(lambda records: [copy for one in records for copy in [one] * (1 + _unlucky(one, Channel.SEARCH))])


def alter() -> None:
    """Now and then a dead letter is not its input byte for byte."""

    def cut(record: OutgoingRecord) -> OutgoingRecord:
        message = record.message
        if message.channel is not Channel.DEAD:
            return record
        return replace(record, message=replace(message, value=message.value[:-1]))

    _change(lambda records: [cut(one) for one in records])


def waver() -> None:
    """What is written again has other bytes."""

    def vary(record: OutgoingRecord) -> OutgoingRecord:
        message = record.message
        if message.channel is not Channel.SEARCH:
            return record
        return replace(record, message=replace(message, value=random.randbytes(8)))

    _change(lambda records: [vary(one) for one in records])


def hurry() -> None:
    """The offset is committed in a transaction of its own, before the records are."""
    publish = ExactlyOnce.publish

    async def offset_first(
        self: ExactlyOnce,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None:
        await publish(self, [], next_offset)
        await asyncio.sleep(PAUSE_SECONDS)
        await publish(self, records, next_offset, groups=groups)

    ExactlyOnce.publish = offset_first  # type: ignore[method-assign]


def fence_nobody() -> None:
    """Records go out without a transaction: a batch cut short is written again by whoever comes next."""

    async def bare(
        self: ExactlyOnce,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None:
        await send(self._producer, self._topics, records, groups=groups)
        await asyncio.sleep(PAUSE_SECONDS)
        await self._commit(self._partition, next_offset)

    made = ExactlyOnce.__init__

    def without_transactions(
        self: ExactlyOnce, settings: Any, partition: Any, topics: Any, commit: Any
    ) -> None:
        made(self, settings, partition, topics, commit)
        self._producer = AtLeastOnce(settings, partition, topics, commit)._producer
        self._commit = commit  # type: ignore[attr-defined]

    ExactlyOnce.__init__ = without_transactions  # type: ignore[method-assign]
    ExactlyOnce.publish = bare  # type: ignore[method-assign]


def unmatched() -> None:
    """Now and then a match is left out, and its article's offset is committed all the same."""
    _change(lambda records: [one for one in records if not _unlucky(one, Channel.MATCHES)])


def swallow() -> None:
    """Now and then an alert is left out, and its silence begins all the same."""
    _change(lambda records: [one for one in records if not _unlucky(one, Channel.ALERTS)])


def echo() -> None:
    """Now and then an alert is written twice in one transaction."""
    _change(lambda records: [copy for one in records for copy in [one] * (1 + _unlucky(one, Channel.ALERTS))])


def forget() -> None:
    """The state is not read: whoever comes next knows no silence."""

    async def nothing(*_: Any) -> tuple[()]:
        return ()

    topology.read_partition = nothing  # type: ignore[assignment]


def note_nothing() -> None:
    """The state is not written."""
    _change(lambda records: [one for one in records if one.message.channel is not Channel.STATE])


def note_apart() -> None:
    """The state is written outside of the transaction of its alerts, before it."""
    publish = ExactlyOnce.publish

    async def state_first(
        self: ExactlyOnce,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        groups: Mapping[int, int] = NO_GROUPS,
    ) -> None:
        state = [one for one in records if one.message.channel is Channel.STATE]
        if state:
            await publish(self, state, self._committed)  # type: ignore[attr-defined]
            await asyncio.sleep(10 * PAUSE_SECONDS)
        others = [one for one in records if one.message.channel is not Channel.STATE]
        await publish(self, others, next_offset, groups=groups)
        self._committed = next_offset  # type: ignore[attr-defined]

    start = ExactlyOnce.start

    async def started(self: ExactlyOnce) -> int | None:
        committed = await start(self)
        self._committed = committed or 0  # type: ignore[attr-defined]
        return committed

    ExactlyOnce.start = started  # type: ignore[method-assign]
    ExactlyOnce.publish = state_first  # type: ignore[method-assign]


def disorder() -> None:
    """Matches are decided in the reverse of their order, a batch at a time."""
    work_on, decide = Lane._work_on, alert._Keeper.decide

    async def backwards(self: Lane, arrivals: Sequence[Any]) -> Any:
        worked = await work_on(self, arrivals[::-1])
        return replace(worked, outputs=worked.outputs[::-1])

    async def unasserted(self: Any, message: Any) -> Any:
        self._last_offset = -1
        return await decide(self, message)

    Lane._work_on = backwards  # type: ignore[method-assign]
    alert._Keeper.decide = unasserted  # type: ignore[method-assign]


def start_blindly() -> None:
    """The first articles do not wait for the rules."""
    start = Rules.start

    async def later(self: Rules, **_: Any) -> None:
        async def wait() -> None:
            await asyncio.sleep(BLIND_SECONDS)
            await start(self)

        self._following = asyncio.create_task(wait())

    Rules.start = later  # type: ignore[method-assign]


def believe() -> None:
    """A value that is no rule takes the one before it away."""
    apply = RuleBook.apply

    def taken(self: RuleBook, key: bytes | None, value: bytes | None) -> str | None:
        refused = apply(self, key, value)
        if refused:
            apply(self, key, None)
        return refused

    RuleBook.apply = taken  # type: ignore[method-assign]


def _change(change: Callable[[Sequence[OutgoingRecord]], Sequence[OutgoingRecord]]) -> None:
    """What is published becomes this."""
    for kind in (ExactlyOnce, AtLeastOnce):
        publish = kind.publish

        async def changed(
            self: Any,
            records: Sequence[OutgoingRecord],
            next_offset: int,
            *,
            groups: Mapping[int, int] = NO_GROUPS,
            publish: Any = publish,
        ) -> None:
            await publish(self, change(records), next_offset, groups=groups)

        kind.publish = changed  # type: ignore[method-assign]


def _unlucky(record: OutgoingRecord, channel: Channel) -> bool:
    return record.message.channel is channel and random.randrange(ONE_IN) == 0


_ALL: tuple[Callable[[], None], ...] = (
    lose, repeat, alter, waver, hurry, fence_nobody, unmatched, swallow, echo, forget, note_nothing,
    note_apart, disorder, start_blindly, believe,
)  # fmt: skip
SABOTAGE = {one.__name__: one for one in _ALL}
