"""The alert stage: a match becomes an alert, unless its rule's cooldown keeps it back."""

import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from functools import partial

import orjson
from aiokafka import ConsumerRecord, TopicPartition
from pydantic import ValidationError

from worker.alerts.cooldown import Cooldowns, Key
from worker.channels import SPECS, Channel
from worker.delivery.dead_letter import dead_letter
from worker.delivery.stage import Opened, Outputs, Work
from worker.log import event
from worker.records.alerts import AlertMatch, Silence
from worker.records.cloudevents import following
from worker.records.codec import from_bytes, to_bytes
from worker.records.messages import OutMessage, RawMessage, Reason, Rejected, Stage

log = logging.getLogger(__name__)

StateRecord = ConsumerRecord[bytes, bytes]
ReadState = Callable[[int, Callable[[StateRecord], bool]], Awaitable[Iterable[StateRecord]]]
# Of a state record: the offset of the match that it follows from.
MATCH_OFFSET = "match-offset"
# How many matches are decided between two looks for silences that are over.
TIDY_EVERY = 1000


def alerting(*, read_state: ReadState, event_source: str, transactions: bool = True) -> Opened:
    """What a lane does with its matches. `read_state(partition, counts)`: the state of its rules' cooldowns.

    State goes out with the alerts that change it, in one transaction with the matches' offset, and is read
    anew whenever the lane opens: it is what is committed, and what the lane has begun since. Without
    `transactions` there may be more, of matches that were decided and are to be decided once more. It does
    not count, so that they are decided as they were.
    """

    async def opened(partition: TopicPartition, offset: int) -> Work:
        counts = _any if transactions else partial(_is_before, offset)
        records = await read_state(partition.partition, counts)
        return _Keeper(partition.partition, Cooldowns(_silences(records)), event_source).decide

    return opened


class _Keeper:
    """The cooldowns of one partition. Matches come in their order."""

    def __init__(self, partition: int, cooldowns: Cooldowns, event_source: str) -> None:
        self._partition, self._cooldowns, self._event_source = partition, cooldowns, event_source
        self._decided = 0
        self._last_offset = -1

    async def decide(self, message: RawMessage) -> Outputs:
        assert message.offset > self._last_offset, f"{message.origin} comes behind {self._last_offset}"
        self._last_offset = message.offset
        try:
            match = from_bytes(AlertMatch, message.value or b"")
        except (ValidationError, orjson.JSONDecodeError) as error:
            said = " ".join(str(error).split())
            return (dead_letter(message, Rejected(Reason.UNDECODABLE, f"no match: {said}", Stage.ALERT)),)
        return tuple(self._outputs(message, match))

    def _outputs(self, message: RawMessage, match: AlertMatch) -> Iterator[OutMessage]:
        alert, begun = self._cooldowns.decide(match)
        if alert is not None:
            part = f"alert/{alert.rule.id}/{alert.rule.version}"
            headers = following(
                message, source=self._event_source, ce_type=SPECS[Channel.ALERTS].ce_type or "", part=part
            )
            yield OutMessage(Channel.ALERTS, alert.rule.id.encode(), to_bytes(alert), headers)
        for key, silence in begun.items():
            yield self._state(message, key, silence)
        self._decided += 1
        if self._decided % TIDY_EVERY == 0:
            for key in self._cooldowns.over(message.timestamp_ms):
                yield self._state(message, key, None)

    def _state(self, message: RawMessage, key: Key, silence: Silence | None) -> OutMessage:
        """To the partition of the same number, whatever the key's hash says: where this lane looks for it."""
        rule, entity = key
        name = rule if entity is None else f"{rule}/{entity}"
        headers = following(
            message,
            source=self._event_source,
            ce_type=SPECS[Channel.STATE].ce_type or "",
            part=f"silence/{name}",
            json=silence is not None,
        )
        headers = (*headers, (MATCH_OFFSET, b"%d" % message.offset))
        value = None if silence is None else to_bytes(silence)
        return OutMessage(Channel.STATE, name.encode(), value, headers, self._partition)


def _any(_: StateRecord) -> bool:
    return True


def _is_before(offset: int, record: StateRecord) -> bool:
    """Whether it follows from a match before this offset; one that does not say so counts as if it did."""
    match = next((value for name, value in record.headers if name == MATCH_OFFSET), None)
    return not (match and match.isdigit()) or int(match) < offset


def _silences(records: Iterable[StateRecord]) -> Iterator[Silence]:
    for record in records:
        try:
            yield from_bytes(Silence, record.value or b"")
        except (ValidationError, orjson.JSONDecodeError) as error:
            event(log, logging.ERROR, "a cooldown's state can't be read, and is passed over",
                  place=f"{record.topic}/{record.partition}/{record.offset}",
                  error=" ".join(str(error).split()))  # fmt: skip
