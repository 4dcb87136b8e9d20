"""The alert stage: a match becomes an alert unless its rule's cooldown suppresses it.

A rule at the limit of its cooldowns is suspended for entities that it holds no silence of. That is counted,
logged, and written beside the cooldowns' state, where `dateline rules list` finds it.
"""

import asyncio
import logging
from collections.abc import Iterator, Mapping
from functools import partial

import orjson
from aiokafka import TopicPartition
from pydantic import ValidationError

from worker import metrics
from worker.agents.rejection import letter_of
from worker.agents.state_records import ReadState, StateRecord, follows_from_before
from worker.alerts.cooldown import LIMITS, Cooldowns, Decision, SilenceKey
from worker.channels import Channel
from worker.delivery.lanes.stage import Outputs, Work, WorkFactory
from worker.log import log_event
from worker.records.alert_messages import OVERRUN_KEY, alert_message, overrun_message
from worker.records.alerts import AlertMatch, RuleOverrun, Silence
from worker.records.cloudevents import following_id
from worker.records.codec import from_bytes, to_bytes
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason

log = logging.getLogger(__name__)

# A state record's header with the offset of the match that it follows from.
MATCH_OFFSET = "match-offset"
# While a rule is suspended it is reported again after so long, and of so many rules that is remembered.
_REPORT_MS = 3_600_000
_MAX_REPORTED = 10_000
# So many records are read before others have their turn: a few milliseconds' work.
_LOADED_AT_ONCE = 500
# How much of a state record's key stands in the log.
_LOGGED_CHARS = 200


def alerting(*, read_state: ReadState, event_source: str, transactions: bool = True) -> WorkFactory:
    """Makes the work of an alert lane. `read_state(partition, is_relevant)` reads the cooldowns' state.

    The state is written in the same transaction as the alerts that change it and the offset of their matches.
    The lane reads it whenever it opens, after fencing the former owner. Without `transactions` the state may
    be ahead of the committed offset; state of matches that will be decided again is then ignored, so that
    they are decided as before.
    """

    async def opened(partition: TopicPartition, offset: int) -> Work:
        is_relevant = _is_silence if transactions else partial(_is_before, offset)
        values = await read_state(partition.partition, is_relevant)
        cooldowns = await _restored(values, partition.partition)
        return _CooldownStage(partition.partition, cooldowns, event_source).decide

    return opened


class _CooldownStage:
    """Decides the matches of one partition, in their order, by its cooldowns."""

    def __init__(self, partition: int, cooldowns: Cooldowns, event_source: str) -> None:
        self._partition, self._cooldowns, self._event_source = partition, cooldowns, event_source
        self._last_offset = -1
        self._reported_ms: dict[str, int] = {}

    async def decide(self, message: RawMessage) -> Outputs:
        assert message.offset > self._last_offset, f"{message.origin} comes behind {self._last_offset}"
        self._last_offset = message.offset
        try:
            match = from_bytes(AlertMatch, message.value or b"")
        except (ValidationError, orjson.JSONDecodeError) as error:
            return (letter_of(message, Reason.UNDECODABLE, f"no match: {error}", FailedStep.ALERT),)
        try:
            return tuple(self._outputs(message, match))
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
            log_event(log, logging.ERROR, "deciding on a match failed", origin=message.origin, error=said)
            return (letter_of(message, Reason.ENRICHMENT_FAILED, said, FailedStep.ALERT),)

    def _outputs(self, message: RawMessage, match: AlertMatch) -> Iterator[OutMessage]:
        decision = self._cooldowns.decide(match, now_ms=message.timestamp_ms)
        if decision.alert is not None:
            yield alert_message(message, decision.alert, event_source=self._event_source)
        for key, silence in decision.begun.items():
            yield self._state(message, key, to_bytes(silence))
        for key in decision.ended:
            yield self._state(message, key, None)
        if decision.over is not None:
            yield from self._overrun(message, match, decision)

    def _overrun(self, message: RawMessage, match: AlertMatch, decision: Decision) -> Iterator[OutMessage]:
        """Counts a match that a limit kept back, and reports its rule unless that was done of late."""
        assert decision.over is not None
        metrics.COOLDOWN_OVERRUNS.labels(decision.over).inc()
        rule, now_ms = match.alert.rule, message.timestamp_ms
        reported_ms = self._reported_ms.get(rule.id)
        if reported_ms is not None and now_ms < reported_ms + _REPORT_MS:
            return
        self._reported_ms.pop(rule.id, None)
        if len(self._reported_ms) >= _MAX_REPORTED:
            del self._reported_ms[next(iter(self._reported_ms))]
        self._reported_ms[rule.id] = now_ms
        overrun = RuleOverrun(
            rule=rule.id,
            version=rule.version,
            article=match.alert.article.id,
            at=match.alert.at,
            limit=decision.over,
            most=LIMITS.of(decision.over),
        )
        log_event(
            log,
            logging.WARNING,
            "rule suspended until cooldowns end; it raises no alert about what it holds no silence of",
            rule=overrun.rule,
            version=overrun.version,
            limit=overrun.limit,
            most=overrun.most,
            held=len(self._cooldowns),
            origin=message.origin,
        )
        yield overrun_message(message, overrun)

    def _state(self, message: RawMessage, key: SilenceKey, value: bytes | None) -> OutMessage:
        """A state record, sent to the partition of the lane's own number, where the lane reads it."""
        rule, entity = key
        name = rule if entity is None else f"{rule}/{entity}"
        # Fewer headers than usual: there are many such records, and a lane reads all of its state at once.
        headers = (*following_id(message, f"silence/{name}"), (MATCH_OFFSET, b"%d" % message.offset))
        return OutMessage(Channel.STATE, name.encode(), value, headers, self._partition)


def _is_silence(record: StateRecord) -> bool:
    return not (record.key or b"").startswith(OVERRUN_KEY.encode())


def _is_before(offset: int, record: StateRecord) -> bool:
    return _is_silence(record) and follows_from_before(record, MATCH_OFFSET, offset)


async def _restored(values: Mapping[bytes | None, bytes], partition: int) -> Cooldowns:
    """The cooldowns of these values; others have their turn in between."""
    cooldowns, beyond = Cooldowns(), 0
    for number, (key, value) in enumerate(values.items(), start=1):
        beyond += not _restore(cooldowns, partition, key, value)
        if number % _LOADED_AT_ONCE == 0:
            await asyncio.sleep(0)
    if beyond:
        log_event(
            log,
            logging.WARNING,
            "cooldowns' state is beyond its limits; what is beyond is suspended until cooldowns end",
            partition=partition,
            held=len(cooldowns),
            beyond=beyond,
        )
    return cooldowns


def _restore(cooldowns: Cooldowns, partition: int, key: bytes | None, value: bytes) -> bool:
    """False if the silence is beyond the limits."""
    try:
        return cooldowns.restore(from_bytes(Silence, value))
    except (ValidationError, orjson.JSONDecodeError, OverflowError) as error:
        log_event(
            log,
            logging.ERROR,
            "a cooldown's state can't be read, and is passed over",
            partition=partition,
            key=(key or b"").decode(errors="backslashreplace")[:_LOGGED_CHARS],
            error=" ".join(str(error).split()),
        )
        return True
