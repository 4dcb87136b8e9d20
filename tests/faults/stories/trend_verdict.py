"""The verdict on the trends of a run: counts and state are what the notes of articles give.

The committed notes are taken once more, in their order, by the code without Kafka. Each count that workers
wrote must be one of those that the notes give for its key, in their order; a batch leaves out all but its
latest. The last of each key must be the last that is due, whoever had the lane in between.
"""

from collections import defaultdict
from dataclasses import dataclass

from tests.faults.account import KafkaRecords
from tests.faults.stories.verdict import EVENT_SOURCE, Event, ReplayVerdict, event_of
from worker.channels import Channel
from worker.delivery.kafka.records import raw_message
from worker.stories.packing import StateError
from worker.trends.messages import trend_messages
from worker.trends.trends import Trends


@dataclass
class TrendVerdict(ReplayVerdict):
    """Counts. `uncounted`: articles that are too late for any window."""

    notes: int = 0
    records: int = 0
    keys: int = 0
    uncounted: int = 0


def compare_trends(outputs: dict[Channel, KafkaRecords], *, once: bool) -> TrendVerdict:
    """The verdict on the committed records of TREND_NOTES, TRENDS and TREND_STATE, in order.

    `once` false: counts that are written again, and so behind later ones, are counted, and are no problem.
    """
    verdict = TrendVerdict(notes=len(outputs[Channel.TREND_NOTES]), records=len(outputs[Channel.TRENDS]))
    due = defaultdict[bytes, list[Event]](list)
    trends = Trends()
    for record in outputs[Channel.TREND_NOTES]:
        try:
            taken = trends.take((record.key or b"").decode(), record.value, record.timestamp)
        except StateError:
            continue  # it became a dead letter
        verdict.uncounted += taken.uncounted is not None
        for out in trend_messages(raw_message(record), taken, event_source=EVENT_SOURCE):
            if out.channel is Channel.TRENDS:
                due[out.key or b""].append(event_of(out))
    _compare_counts(verdict, due, outputs[Channel.TRENDS], once=once)
    if once:
        _compare_state(verdict, dict(trends.records()), outputs[Channel.TREND_STATE])
    return verdict


def _compare_counts(
    verdict: TrendVerdict, due: dict[bytes, list[Event]], records: KafkaRecords, *, once: bool
) -> None:
    found = defaultdict[bytes, list[Event]](list)
    for record in records:
        found[record.key or b""].append(event_of(record))
    verdict.keys = len(due)
    for key in sorted(due.keys() | found.keys()):
        want, got, name = due.get(key, []), found.get(key, []), key.decode(errors="replace")
        verdict.twice += len(got) - len(set(got))
        if set(got) - set(want):
            verdict.note(f"{Channel.TRENDS} has counts of {name} that its notes do not give")
        elif want[-1] not in got or (once and want[-1] != got[-1]):
            verdict.note(f"{Channel.TRENDS} does not end with the count of {name} that is due")
        elif once and not _is_part_of(got, want):
            verdict.note(f"{Channel.TRENDS} has counts of {name} in another order, or twice")


def _is_part_of(got: list[Event], want: list[Event]) -> bool:
    """Whether all of `got` are in `want`, in this order."""
    left = iter(want)
    return all(one in left for one in got)


def _compare_state(verdict: TrendVerdict, due: dict[bytes, bytes], records: KafkaRecords) -> None:
    kept = {record.key: record.value for record in records if record.key is not None}
    for key in sorted(due.keys() | {key for key, value in kept.items() if value is not None}):
        if due.get(key) != kept.get(key):
            what = "has another" if kept.get(key) is not None else "lacks the"
            verdict.note(f"the trends' state {what} record {key.decode(errors='replace')}")
