"""What the alert stage had to make of its matches: decides each partition anew, in its order."""

from collections import defaultdict
from dataclasses import dataclass

from tests.faults.account import KafkaRecord
from worker.alerts.cooldown import Cooldowns
from worker.records.alerts import Alert, AlertMatch, Silence
from worker.records.codec import from_bytes


@dataclass(frozen=True)
class Decided:
    """A match, the alert that has to follow, if any, and the silences by the keys of their records."""

    match: AlertMatch
    alert: Alert | None
    silences: dict[bytes, Silence]


class Replay:
    """Takes the committed matches, in order for each partition."""

    def __init__(self) -> None:
        self._cooldowns: dict[int, Cooldowns] = defaultdict(Cooldowns)

    def decide(self, record: KafkaRecord) -> Decided:
        match = from_bytes(AlertMatch, record.value or b"")
        alert, begun, *_ = self._cooldowns[record.partition].decide(match, now_ms=record.timestamp)
        silences = {
            (rule if entity is None else f"{rule}/{entity}").encode(): silence
            for (rule, entity), silence in begun.items()
        }
        return Decided(match, alert, silences)
