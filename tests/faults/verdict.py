"""The verdict on a run's outputs, as a reader of committed records sees them."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from aiokafka import TopicPartition

from tests.faults.account import KafkaRecord, KafkaRecords, end_offsets, header, origin, read_topic
from tests.faults.alert_verdict import AlertVerdict, compare_alerts
from tests.faults.enricher import EXPECTED_REASONS, PER_ARTICLE, verb_of
from tests.faults.rules import History, RulesOutage
from tests.faults.stories.rule_verdict import StoryRuleVerdict, compare_story_rules
from tests.faults.stories.trend_verdict import TrendVerdict, compare_trends
from tests.faults.stories.verdict import StoryVerdict, compare_stories
from tests.faults.tracing.traced import TraceVerdict, trace_all
from worker.channels import ALERTING, STORY_ALERTING, STORYTELLING, TRENDING, Channel, topic_name
from worker.delivery.kafka.faulty import fault_of
from worker.records.messages import Reason

_TRANSACTIONS_SECONDS = 60.0
ARTICLE_OUTPUTS = (*PER_ARTICLE, Channel.DEAD)


@dataclass
class Verdict:
    """How many inputs were lost, came out twice or without explanation, and each problem in words."""

    inputs: int = 0
    letters: Counter[str] = field(default_factory=Counter)
    """Dead letters by reason."""
    lost: int = 0
    twice: int = 0
    unexplained: int = 0
    problems: list[str] = field(default_factory=list)
    alerting: AlertVerdict = field(default_factory=AlertVerdict)
    stories: StoryVerdict = field(default_factory=StoryVerdict)
    story_rules: StoryRuleVerdict = field(default_factory=StoryRuleVerdict)
    trends: TrendVerdict = field(default_factory=TrendVerdict)
    traced: TraceVerdict = field(default_factory=TraceVerdict)
    """Whether `dateline trace` explains every input; what it does not is no problem of the delivery."""

    @property
    def good(self) -> bool:
        return not self.problems


async def judge(
    brokers: str,
    prefix: str,
    *,
    once: bool,
    history: History,
    remade: dict[Channel, float] | None = None,
    outages: Collection[RulesOutage] = (),
) -> Verdict:
    """Reads all topics to their ends and compares. `once` false: repeats are counted, and are no problem.

    `history`: which rules were in force when; `outages`: when workers may have lacked some. `remade`:
    channels whose topic was made anew, with the time (s): what was written before is gone with it.
    """
    remade = remade or {}
    channels = list(
        dict.fromkeys(
            (
                Channel.RAW,
                *ARTICLE_OUTPUTS,
                *ALERTING,
                *STORYTELLING,
                *STORY_ALERTING,
                *TRENDING,
                Channel.REDRIVEN,
                Channel.PROGRESS,
            )
        )
    )
    left_open = await _left_open(brokers, [topic_name(channel, prefix) for channel in channels])
    read = await asyncio.gather(*(read_topic(brokers, topic_name(channel, prefix)) for channel in channels))
    found = dict(zip(channels, read, strict=True))
    verdict = compare_articles(
        found[Channel.RAW], {channel: found[channel] for channel in ARTICLE_OUTPUTS}, once=once, remade=remade
    )
    verdict.alerting = compare_alerts(
        found, history=history, once=once, outages=outages, remade_at=remade.get(Channel.ALERTS, 0.0)
    )
    verdict.traced = trace_all(found, prefix, alerts_remade_at=remade.get(Channel.ALERTS, 0.0))
    verdict.stories = compare_stories(found, once=once)
    verdict.story_rules = compare_story_rules(found, once=once, outages=outages)
    verdict.trends = compare_trends(found, once=once)
    verdict.problems += [
        *verdict.alerting.problems,
        *verdict.stories.problems,
        *verdict.story_rules.problems,
        *verdict.trends.problems,
    ]
    verdict.problems += [f"a transaction stays open in {tp.topic}/{tp.partition}" for tp in left_open]
    return verdict


async def _left_open(brokers: str, topics: list[str]) -> list[TopicPartition]:
    """Partitions in which an open transaction hides records from readers, though nobody writes any more."""
    deadline = asyncio.get_running_loop().time() + _TRANSACTIONS_SECONDS
    while True:
        stable, all_of_it = (
            await end_offsets(brokers, topics),
            await end_offsets(brokers, topics, committed=False),
        )
        left = [tp for tp, end in all_of_it.items() if stable[tp] < end]
        if not left or asyncio.get_running_loop().time() > deadline:
            return left
        await asyncio.sleep(1)


def compare_articles(
    raw: KafkaRecords, outputs: dict[Channel, KafkaRecords], *, once: bool, remade: dict[Channel, float]
) -> Verdict:
    """The verdict on articles and dead letters. The `part` header tells an article's records apart."""
    found: dict[str, Counter[tuple[Channel, str]]] = defaultdict(Counter)
    letters: dict[str, KafkaRecord] = {}
    written_at: dict[str, float] = {}
    for channel, records in outputs.items():
        for record in records:
            one = origin(record)
            found[one][channel, header(record, "part") or "0"] += 1
            written_at[one] = max(written_at.get(one, 0.0), record.timestamp / 1000)
            if channel is Channel.DEAD:
                letters[one] = record
    verdict = Verdict(inputs=len(raw))
    for record in raw:
        one = f"{record.topic}/{record.partition}/{record.offset}"
        gone = {channel for channel, at in remade.items() if written_at.get(one, 0.0) < at}
        got, letter = found.pop(one, Counter()), letters.get(one)
        _compare_parts(verdict, one, got, letter, once=once, gone=gone)
        for problem in _letter_problems(record, letter):
            verdict.unexplained += 1
            verdict.problems.append(f"{one}: {problem}")
        if letter is not None:
            verdict.letters[header(letter, "dead-letter-reason") or "none"] += 1
    verdict.problems += [f"{one} came out and never went in" for one in found]
    return verdict


def _compare_parts(
    verdict: Verdict,
    one: str,
    got: Counter[tuple[Channel, str]],
    letter: KafkaRecord | None,
    *,
    once: bool,
    gone: Collection[Channel],
) -> None:
    """Compares the records of one input with those that are due; what `gone` channels held is not missed."""
    due = _due(letter)
    missing = {part for part in due - got.keys() if part[0] not in gone}
    if missing:
        verdict.lost += 1
        verdict.problems.append(f"{one} has no {_words(missing)}")
    extra = got.keys() - due
    if extra and (once or not _is_refused(letter)):
        verdict.problems.append(f"{one} came out as {_words(extra)} as well as {_words(due)}")
    if any(times > 1 for times in got.values()):
        verdict.twice += 1
        if once:
            verdict.problems.append(f"{one} came out more than once: {dict(got)}")


def _is_refused(letter: KafkaRecord | None) -> bool:
    """Whether the cluster refused a record: without transactions the article's other records stay."""
    return letter is not None and header(letter, "dead-letter-reason") == Reason.PUBLISH_REJECTED


def _words(parts: Iterable[tuple[Channel, str]]) -> str:
    return ", ".join(sorted(f"{channel} {part}" for channel, part in parts))


def _due(letter: KafkaRecord | None) -> set[tuple[Channel, str]]:
    if letter is not None:
        return {(Channel.DEAD, "0")}
    return {(channel, str(part)) for channel, parts in PER_ARTICLE.items() for part in range(parts)}


def _letter_problems(raw: KafkaRecord, letter: KafkaRecord | None) -> Iterator[str]:
    """What is wrong with the letter of this input, or with its absence."""
    verb = verb_of(raw.value)
    expected = EXPECTED_REASONS[verb] if verb else None
    if (fault := fault_of(raw)) is not None:
        expected = fault.reason
    if letter is None:
        if expected is not None:
            yield f"no dead letter, {expected.value} expected"
        return
    reason = header(letter, "dead-letter-reason")
    if expected is None or reason != expected.value:
        yield f"dead letter, {reason} ({header(letter, 'dead-letter-error')}), {expected} expected"
    # What was sent back has headers that say so, which its letter replaces.
    originals, own = (
        [one for one in record.headers if not one[0].startswith("dead-letter-")] for record in (letter, raw)
    )
    if (letter.key, letter.value, originals) != (raw.key, raw.value, own):
        yield "its dead letter is not the input byte for byte"
