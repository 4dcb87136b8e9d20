"""Workers broken on purpose, to prove that the checks notice: a check that never failed proves nothing.

`TRIVIAL_SABOTAGE` names what is done to the worker that starts, joined by commas; each function breaks one
promise.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from worker import topology
from worker.agents import alert, stories
from worker.agents.rules import Rules
from worker.agents.story_rules import matching_stories
from worker.agents.trends import counting_trends
from worker.alerts.book import RuleBook
from worker.channels import Channel
from worker.delivery.kafka.group.member_settings import MemberSettings
from worker.delivery.kafka.sending import NO_GROUPS, OutgoingRecord, send
from worker.delivery.lanes.lane import Lane
from worker.delivery.lanes.publisher import AtLeastOnce, ExactlyOnce
from worker.stories.memory import CLOCK_KEY
from worker.trends.counts import WindowCounts

_ONE_IN = 10
# Long enough to be seen, or to be hit by what kills the worker.
_PAUSE_SECONDS = 0.3
_WITHOUT_RULES_SECONDS = 15.0


def patch(owner: object, name: str, replacement: object) -> None:
    """Replaces an attribute of a class or a module, which has to be there."""
    assert hasattr(owner, name), f"{owner} has no {name}"
    setattr(owner, name, replacement)


def lose() -> None:
    """Now and then leaves out a record, and commits its input's offset all the same."""
    _change(lambda records: [one for one in records if not _unlucky(one, Channel.SEARCH)])


def repeat() -> None:
    """Now and then writes a record twice in one transaction."""
    _change(lambda records: [copy for one in records for copy in [one] * (1 + _unlucky(one, Channel.SEARCH))])


def alter() -> None:
    """Cuts the last byte off every dead letter."""

    def cut(record: OutgoingRecord) -> OutgoingRecord:
        message = record.message
        if message.channel is not Channel.DEAD or message.value is None:
            return record
        return replace(record, message=replace(message, value=message.value[:-1]))

    _change(lambda records: [cut(one) for one in records])


def waver() -> None:
    """Writes a record with other bytes each time."""

    def vary(record: OutgoingRecord) -> OutgoingRecord:
        message = record.message
        if message.channel is not Channel.SEARCH:
            return record
        return replace(record, message=replace(message, value=random.randbytes(8)))

    _change(lambda records: [vary(one) for one in records])


def hurry() -> None:
    """Commits the offset in a transaction of its own, before the records."""
    publish = ExactlyOnce.publish

    async def offset_first(
        self: ExactlyOnce, records: Sequence[OutgoingRecord], next_offset: int, **options: Any
    ) -> None:
        await publish(self, [], next_offset)
        await asyncio.sleep(_PAUSE_SECONDS)
        await publish(self, records, next_offset, **options)

    patch(ExactlyOnce, "publish", offset_first)


def fence_nobody() -> None:
    """Writes records without a transaction: the next owner writes a batch cut short once more."""

    async def bare(
        self: Any,
        records: Sequence[OutgoingRecord],
        next_offset: int,
        *,
        groups: Any = NO_GROUPS,
        **_others: Any,
    ) -> None:
        await send(self._producer, self._topics, records, groups=groups)
        await asyncio.sleep(_PAUSE_SECONDS)
        await self._commit(self._partition, next_offset)

    made = ExactlyOnce.__init__

    def without_transactions(
        self: Any, settings: Any, partition: Any, topics: Any, commit: Any, now_ms: Any
    ) -> None:
        made(self, settings, partition, topics, commit, now_ms)
        self._producer = AtLeastOnce(settings, partition, topics, commit, now_ms)._producer
        self._commit = commit

    patch(ExactlyOnce, "__init__", without_transactions)
    patch(ExactlyOnce, "publish", bare)


def unmatched() -> None:
    """Now and then leaves out a match, and commits its article's offset all the same."""
    _change(lambda records: [one for one in records if not _unlucky(one, Channel.MATCHES)])


def swallow() -> None:
    """Now and then leaves out an alert; its cooldown begins all the same."""
    _change(lambda records: [one for one in records if not _unlucky(one, Channel.ALERTS)])


def echo() -> None:
    """Now and then writes an alert twice in one transaction."""
    _change(lambda records: [copy for one in records for copy in [one] * (1 + _unlucky(one, Channel.ALERTS))])


def forget() -> None:
    """Does not read the cooldowns' state: the next owner knows no silence."""

    async def nothing(*_: Any) -> dict[bytes | None, bytes]:
        return {}

    patch(topology, "read_partition", nothing)


def note_nothing() -> None:
    """Does not write the cooldowns' state."""
    _change(lambda records: [one for one in records if one.message.channel is not Channel.STATE])


def note_apart() -> None:
    """Writes the cooldowns' state in a transaction of its own, before that of its alerts."""
    publish = ExactlyOnce.publish

    async def state_first(
        self: Any, records: Sequence[OutgoingRecord], next_offset: int, **options: Any
    ) -> None:
        state = [one for one in records if one.message.channel is Channel.STATE]
        if state:
            await publish(self, state, self._committed)
            await asyncio.sleep(10 * _PAUSE_SECONDS)
        others = [one for one in records if one.message.channel is not Channel.STATE]
        await publish(self, others, next_offset, **options)
        self._committed = next_offset

    start = ExactlyOnce.start

    async def started(self: Any) -> int | None:
        committed = await start(self)
        self._committed = committed or 0
        return committed

    patch(ExactlyOnce, "start", started)
    patch(ExactlyOnce, "publish", state_first)


def disorder() -> None:
    """Decides matches in the reverse of their order, a batch at a time."""
    work_on, decide = Lane._work_on, alert._CooldownStage.decide

    async def backwards(self: Lane, arrivals: Sequence[Any], begun: Any) -> Any:
        # The lanes of stories hold on to their order by themselves, and would stand still.
        if not self.partition.topic.endswith(Channel.MATCHES):
            return await work_on(self, arrivals, begun)
        worked = await work_on(self, arrivals[::-1], begun)
        return replace(worked, outputs=worked.outputs[::-1])

    async def unasserted(self: Any, message: Any) -> Any:
        self._last_offset = -1
        return await decide(self, message)

    patch(Lane, "_work_on", backwards)
    patch(alert._CooldownStage, "decide", unasserted)


def mislay() -> None:
    """Now and then does not write what is remembered of a story or an article."""
    _change(
        lambda records: [
            one for one in records if one.message.key == CLOCK_KEY or not _unlucky(one, Channel.STORY_STATE)
        ]
    )


def overlook() -> None:
    """Does not write which rules hold for a story; its matches are written all the same."""
    _change(lambda records: [one for one in records if one.message.channel is not Channel.STORY_RULE_STATE])


def blink() -> None:
    """Does not read which rules hold for stories: the next owner takes all for new."""

    async def nothing(*_: Any) -> dict[bytes | None, bytes]:
        return {}

    def unread(*, read_states: Any, **others: Any) -> Any:
        return matching_stories(read_states=nothing, **others)

    patch(topology, "matching_stories", unread)


def inflate() -> None:
    """Now and then counts an article twice."""
    add = WindowCounts.add

    def added(self: WindowCounts, subject: int, mark: int) -> None:
        for _ in range(1 + (random.randrange(_ONE_IN) == 0)):
            add(self, subject, mark)

    patch(WindowCounts, "add", added)


def lapse() -> None:
    """Does not read which articles are counted: the next owner counts from nothing."""

    async def nothing(*_: Any) -> dict[bytes | None, bytes]:
        return {}

    def unread(*, read_state: Any, **others: Any) -> Any:
        return counting_trends(read_state=nothing, **others)

    patch(topology, "counting_trends", unread)


def unredirect() -> None:
    """Does not write that a story became a part of another, or ended."""

    def is_open(record: OutgoingRecord) -> bool:
        message = record.message
        return message.channel is not Channel.STORIES or b'"status":"open"' in (message.value or b"")

    _change(lambda records: [one for one in records if is_open(one)])


def overtake() -> None:
    """Takes each pair of sketches in the reverse of their order."""
    decide = stories._StoryStage.decide
    held: list[Any] = []

    async def swapped(self: Any, message: Any) -> Any:
        self._last_offset = -1
        if not held:
            held.append(message)
            return ()
        first = held.pop()
        outputs = await decide(self, replace(message, offset=first.offset))
        self._last_offset = -1
        return (*outputs, *await decide(self, replace(first, offset=message.offset)))

    patch(stories._StoryStage, "decide", swapped)


def start_blindly() -> None:
    """Does not wait for the rules before the first article."""
    start = Rules.start

    async def later(self: Rules, **_: Any) -> None:
        async def wait() -> None:
            await asyncio.sleep(_WITHOUT_RULES_SECONDS)
            await start(self)

        self._following = asyncio.create_task(wait())

    patch(Rules, "start", later)


def believe() -> None:
    """Lets a value that is no rule take away the rule before it."""
    apply = RuleBook.apply

    def taken(self: RuleBook, key: bytes | None, value: bytes | None) -> str | None:
        refused = apply(self, key, value)
        if refused:
            apply(self, key, None)
        return refused

    patch(RuleBook, "apply", taken)


def admit() -> None:
    """Lets workers that write other outputs into the group."""
    patch(MemberSettings, "writes_otherwise", lambda *_: False)


def _change(change: Callable[[Sequence[OutgoingRecord]], Sequence[OutgoingRecord]]) -> None:
    """Publishes what `change` makes of each batch's records."""
    for kind in (ExactlyOnce, AtLeastOnce):
        patch(kind, "publish", _changed(kind.publish, change))


def _changed(publish: Any, change: Callable[[Sequence[OutgoingRecord]], Sequence[OutgoingRecord]]) -> Any:
    async def changed(self: Any, records: Sequence[OutgoingRecord], next_offset: int, **options: Any) -> None:
        await publish(self, change(records), next_offset, **options)

    return changed


def _unlucky(record: OutgoingRecord, channel: Channel) -> bool:
    return record.message.channel is channel and random.randrange(_ONE_IN) == 0


_ALL: tuple[Callable[[], None], ...] = (
    lose, repeat, alter, waver, hurry, fence_nobody, unmatched, swallow, echo, forget, note_nothing,
    note_apart, disorder, mislay, overlook, blink, inflate, lapse, unredirect, overtake, start_blindly,
    believe, admit,
)  # fmt: skip
SABOTAGE = {one.__name__: one for one in _ALL}
