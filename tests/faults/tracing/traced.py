"""Whether `dateline trace` explains every article of a run: one reading of the topics serves all of them.

Each raw record must have an end, with all that came of it and nothing else. What came of it is counted here
by other means than trace's: by the harness's own reading of the headers.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from tests.faults.account import KafkaRecord, KafkaRecords, header, origin
from worker.channels import Channel, topic_name
from worker.commands.trace.ledger import Ledger, delivered_offsets
from worker.commands.trace.publish import Fate, MatchFate, Publish, place_of
from worker.delivery.kafka.progress import StoredProgress

_OF_AN_ARTICLE = (
    Channel.ENRICHED,
    Channel.SEARCH,
    Channel.ENTITIES,
    Channel.QUOTES,
    Channel.SKETCHES,
    Channel.DEAD,
    Channel.MATCHES,
    Channel.ALERTS,
    Channel.STORY_ARTICLES,
    Channel.STORIES,
    Channel.TREND_NOTES,
)


@dataclass
class TraceVerdict:
    """How many raw records ended how, and what is wrong, in words."""

    fates: Counter[str] = field(default_factory=Counter)
    alerts: int = 0
    sent_back: int = 0
    problems: list[str] = field(default_factory=list)


def trace_all(
    found: Mapping[Channel, KafkaRecords], prefix: str, *, alerts_remade_at: float = 0.0
) -> TraceVerdict:
    """Traces every raw record of a run. `found`: all that its topics hold.

    `alerts_remade_at`: when the topic of alerts was made anew (s); alerts from before are gone.
    """
    ledger = Ledger({topic_name(channel, prefix): channel for channel in Channel})
    for records in found.values():
        for record in records:
            ledger.add(record)
    progress = StoredProgress()
    progress.apply(found[Channel.PROGRESS])
    read = {
        TopicPartition(record.topic, record.partition) for records in found.values() for record in records
    }
    ledger.delivered = delivered_offsets(progress, read, otherwise=f"{prefix}dateline")
    due = _due(found, prefix)
    verdict = TraceVerdict()
    for raw in found[Channel.RAW]:
        publish = ledger.publish(place_of(raw))
        verdict.fates[publish.fate.value] += 1
        verdict.alerts += sum(len(match.alerts) for match in publish.matches)
        verdict.problems += _unexplained(publish, alerts_remade_at)
        _compare(verdict, publish, due.pop(publish.origin, set()))
        _check_return(verdict, ledger, raw, publish)
    verdict.problems += [f"trace: {one} came out, and trace knows no such raw record" for one in due]
    return verdict


def _due(found: Mapping[Channel, KafkaRecords], prefix: str) -> dict[str, set[str]]:
    """The places of all that came of each raw record."""
    due: dict[str, set[str]] = defaultdict(set)
    for channel in _OF_AN_ARTICLE:
        for record in found[channel]:
            due[origin(record)].add(place_of(record))
    return due


def _unexplained(publish: Publish, alerts_remade_at: float) -> list[str]:
    """What is left open about a raw record."""
    if publish.fate not in (Fate.ENRICHED, Fate.DEAD, Fate.RETRACTED):
        return [f"trace: {publish.origin} is {publish.fate}"]
    if publish.fate is Fate.ENRICHED and not publish.matched:
        return [f"trace: nobody knows whether {publish.origin} was matched"]
    if publish.told is False:
        return [f"trace: {publish.origin} has a sketch and waits for its story"]
    if False in (publish.watched, publish.counted):
        return [f"trace: the story of {publish.origin} waits for the rules, or its note to be counted"]
    return [
        f"trace: the match {place_of(match.record)} of {publish.origin} is {match.fate}"
        for match in publish.matches
        if match.fate not in (MatchFate.ALERT, MatchFate.KEPT_BACK)
        and match.record.timestamp / 1000 >= alerts_remade_at
    ]


def _compare(verdict: TraceVerdict, publish: Publish, due: set[str]) -> None:
    """Compares what trace tells with what is there, reports of rules over their budget aside."""
    told = {place_of(one) for one in (*publish.records, *publish.cards)}
    told -= {place_of(one) for one in publish.overruns}
    if told != due:
        verdict.problems.append(
            f"trace: of {publish.origin} it tells {sorted(told - due)} wrongly, and not {sorted(due - told)}"
        )


def _check_return(verdict: TraceVerdict, ledger: Ledger, raw: KafkaRecord, publish: Publish) -> None:
    """A raw record that was sent back, and the letter it was, know each other."""
    letter = header(raw, "dead-letter-redriven-from")
    if letter is None:
        return
    verdict.sent_back += 1
    first = ledger.publish(publish.first_origin)
    returned = {
        f"{one.letter.record.topic}/{one.letter.place}": (one.as_raw, one.has_receipt)
        for one in first.letters
    }
    if publish.redriven_from != letter or returned.get(letter) != ((publish.origin,), True):
        verdict.problems.append(f"trace: {publish.origin} was sent back from {letter}: {returned}")
