"""The verdict on the matches, alerts and silences of a run.

Matches are compared with the enriched articles and the rules in force; alerts and silences with what the
matches, decided anew in their order, give.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import orjson
from aiokafka import TopicPartition

from tests.faults.account import KafkaRecord, KafkaRecords, event_name, origin
from tests.faults.replay import Replay
from tests.faults.rules import (
    CHANGING_RULE,
    STANDING_RULES,
    History,
    RulesOutage,
    costs_too_much,
    should_match,
)
from tests.faults.stories.rule_verdict import is_of_story
from worker.channels import Channel
from worker.records.alert_messages import OVERRUN_KEY
from worker.records.alerts import Alert, RuleOverrun, Silence
from worker.records.codec import from_bytes, to_bytes

# A change of a rule has reached every worker within so long, whatever else is broken.
_PROPAGATION_SECONDS = 40.0

RecordsByChannel = dict[Channel, KafkaRecords]


@dataclass
class AlertVerdict:
    """Counts, and the problems in words. `missed`, `twice` and `wrong` are of matches and alerts together."""

    matches: int = 0
    alerts: int = 0
    """How many the matches give."""
    kept_back: int = 0
    """Matches that a cooldown kept from being alerts."""
    overruns: int = 0
    """Articles that cost a rule more than its budget, which was reported."""
    missed: int = 0
    twice: int = 0
    wrong: int = 0
    """What should not be there, or is not what it should be."""
    problems: list[str] = field(default_factory=list)


def compare_alerts(
    outputs: RecordsByChannel,
    *,
    history: History,
    once: bool,
    outages: Collection[RulesOutage] = (),
    remade_at: float = 0.0,
    propagation_seconds: float = _PROPAGATION_SECONDS,
) -> AlertVerdict:
    """The verdict on the committed records of the channels of alerts and of ENRICHED, in order.

    `once` false: repeats are counted, and are no problem. `outages`: when workers may have lacked rules.
    `remade_at`: when the topic of alerts was made anew (s); what was written before is gone with it.
    """
    verdict = AlertVerdict()
    _compare_matches(
        verdict, outputs, history, once=once, outages=outages, propagation_seconds=propagation_seconds
    )
    replay, by_rule = Replay(), defaultdict[str, list[tuple[Alert, float]]](list)
    silences: dict[tuple[int, bytes], Silence] = {}
    for record in outputs[Channel.MATCHES]:
        decided = replay.decide(record)
        silences |= {(record.partition, key): silence for key, silence in decided.silences.items()}
        if decided.alert is None:
            verdict.kept_back += 1
        else:
            by_rule[decided.alert.rule.id].append((decided.alert, record.timestamp / 1000))
    found = defaultdict[str, list[KafkaRecord]](list)
    for record in outputs[Channel.ALERTS]:
        found[(record.key or b"").decode()].append(record)
    for rule_id in sorted(by_rule.keys() | found.keys()):
        _compare_sequence(verdict, rule_id, by_rule[rule_id], found[rule_id], once=once, remade_at=remade_at)
    overruns = [one for one in outputs[Channel.STATE] if _is_overrun(one)]
    state = [one for one in outputs[Channel.STATE] if not _is_overrun(one)]
    _compare_state(verdict, silences, state, once=once)
    _compare_overruns(verdict, outputs[Channel.ENRICHED], overruns, once=once, outages=outages)
    return verdict


def _compare_matches(
    verdict: AlertVerdict,
    outputs: RecordsByChannel,
    history: History,
    *,
    once: bool,
    outages: Collection[RulesOutage],
    propagation_seconds: float,
) -> None:
    texts = {
        origin(record): orjson.loads(record.value)["text"]
        for record in outputs[Channel.ENRICHED]
        if record.value is not None
    }
    found: Counter[tuple[str, str]] = Counter()
    for record in outputs[Channel.MATCHES]:
        if is_of_story(record):
            continue
        rule, one = orjson.loads(record.value or b"")["alert"]["rule"], origin(record)
        found[rule["id"], one] += 1
        if one not in texts or not should_match(rule["id"], texts[one]):
            _wrong(verdict, f"{one} is no match of the rule {rule['id']}, and was made one")
        elif problem := _out_of_force(history, rule, record.timestamp / 1000, propagation_seconds):
            _wrong(verdict, f"{one} was matched by the rule {rule['id']}, {problem}")
    verdict.matches = len(found)
    for (rule_id, one), times in found.items():
        if times > 1:
            verdict.twice += 1
            if once:
                verdict.problems.append(f"{one} was matched {times} times by the rule {rule_id}")
    for record in outputs[Channel.ENRICHED]:
        if record.value is not None and not _is_excused(record, outages):
            _note_missed(verdict, origin(record), texts[origin(record)], found)


def _note_missed(verdict: AlertVerdict, article: str, text: str, found: Counter[tuple[str, str]]) -> None:
    for rule_id in (*STANDING_RULES, CHANGING_RULE):
        if should_match(rule_id, text) and not found[rule_id, article]:
            verdict.missed += 1
            verdict.problems.append(f"{article} was not matched by the rule {rule_id}")


def _is_excused(record: KafkaRecord, outages: Collection[RulesOutage]) -> bool:
    tp = TopicPartition(record.topic, record.partition)
    return any(one.covers(tp, record.offset) for one in outages)


def _out_of_force(history: History, rule: dict[str, str], at: float, propagation_seconds: float) -> str:
    """What is wrong with a match by this version of the rule at that time; empty if nothing is."""
    times = [one for one in history.get(rule["id"], ()) if one.version == rule["version"]]
    if not times:
        return f"of which nobody put the version {rule['version']}"
    if not any(one.since <= at <= one.until + propagation_seconds for one in times):
        return f"whose version {rule['version']} was not in force then"
    return ""


def _compare_sequence(
    verdict: AlertVerdict,
    rule_id: str,
    due: list[tuple[Alert, float]],
    found: KafkaRecords,
    *,
    once: bool,
    remade_at: float,
) -> None:
    """Compares one rule's alerts, all of one partition, with those that its matches give."""
    by_id = {alert.id: to_bytes(alert) for alert, _ in due}
    ids = [from_bytes(Alert, record.value or b"").id for record in found]
    verdict.alerts += len(by_id)
    for one, times in Counter(ids).items():
        if times > 1:
            verdict.twice += 1
            if once:
                verdict.problems.append(f"the alert {one} of the rule {rule_id} came {times} times")
        if one not in by_id:
            _wrong(verdict, f"the alert {one} of the rule {rule_id} is kept back by its cooldown, and came")
    for record, one in zip(found, ids, strict=True):
        if one in by_id and record.value != by_id[one]:
            _wrong(verdict, f"the alert {one} of the rule {rule_id} is not what its match says")
    there = set(ids)
    first = next((place for place, (alert, _) in enumerate(due) if alert.id in there), len(due))
    for place, (alert, at) in enumerate(due):
        if alert.id not in there and not (place < first and at < remade_at):
            verdict.missed += 1
            verdict.problems.append(f"the alert {alert.id} of the rule {rule_id} never came")
    in_order = dict.fromkeys(alert.id for alert, _ in due if alert.id in there)
    if once and list(dict.fromkeys(one for one in ids if one in by_id)) != list(in_order):
        _wrong(verdict, f"the alerts of the rule {rule_id} came in another order than its matches")


def _compare_state(
    verdict: AlertVerdict, silences: dict[tuple[int, bytes], Silence], state: KafkaRecords, *, once: bool
) -> None:
    latest: dict[tuple[int, bytes], bytes | None] = {}
    for record in state:
        latest[record.partition, record.key or b""] = record.value
    for place, silence in silences.items():
        if latest.get(place) != to_bytes(silence):
            _wrong(
                verdict, f"the state has {latest.get(place)!r} of {_name(place)}, not {to_bytes(silence)!r}"
            )
    for place in latest.keys() - silences.keys():
        _wrong(verdict, f"the state has {_name(place)}, of which no alert has begun a silence")
    if once:
        verdict.problems += _written_twice(state)


def _compare_overruns(
    verdict: AlertVerdict,
    enriched: KafkaRecords,
    overruns: KafkaRecords,
    *,
    once: bool,
    outages: Collection[RulesOutage],
) -> None:
    """Compares the reports of rules over their budget with the articles that cost too much."""
    articles = [(one, orjson.loads(one.value)) for one in enriched if one.value is not None]
    due = {
        (rule_id, article["id"]): _is_excused(one, outages)
        for one, article in articles
        for rule_id in STANDING_RULES
        if costs_too_much(rule_id, article["text"])
    }
    found = [from_bytes(RuleOverrun, one.value or b"") for one in overruns]
    told = {(one.rule, one.article) for one in found}
    verdict.overruns = len(told)
    for rule_id, article in told - due.keys():
        _wrong(verdict, f"the rule {rule_id} is reported over its budget on {article}, and is not")
    for (rule_id, article), is_excused in due.items():
        if (rule_id, article) not in told and not is_excused:
            verdict.missed += 1
            verdict.problems.append(f"nobody reported the rule {rule_id} over its budget on {article}")
    if once:
        verdict.problems += _written_twice(overruns)


def _is_overrun(record: KafkaRecord) -> bool:
    return (record.key or b"").startswith(OVERRUN_KEY.encode())


def _written_twice(state: KafkaRecords) -> Iterator[str]:
    for (_, event_id), times in Counter(map(event_name, state)).items():
        if times > 1:
            yield f"the silence {event_id.decode()} was written {times} times"


def _name(place: tuple[int, bytes]) -> str:
    return f"{place[1].decode()} in partition {place[0]}"


def _wrong(verdict: AlertVerdict, problem: str) -> None:
    verdict.wrong += 1
    verdict.problems.append(problem)
