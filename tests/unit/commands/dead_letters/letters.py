"""Dead letters for tests, without a broker."""

from aiokafka import ConsumerRecord

from worker.commands.dead_letters.letter import Letter
from worker.delivery.lanes.dead_letter import dead_letter, truncated
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected

TIME_MS = 1769846400123


def letter(value=b"{}", *, key=b"a-1", headers=(), partition=3, offset=17, at=TIME_MS, number=0, cut=False,
           reason=Reason.INVALID, error="text is missing", topic="raw", until=None):  # fmt: skip
    """As a reader of the dead letters' topic gets it; `at`: its Kafka timestamp."""
    raw = RawMessage(topic, 0, 41, 1000, key, value, headers)
    out = dead_letter(raw, Rejected(reason, error, FailedStep.DECODE, until=until))
    out = truncated(out) if cut else out
    return Letter(
        ConsumerRecord("dead", partition, offset, at, 0, out.key, out.value, None, 0, 0, out.headers), number
    )
