"""The verdict on the story rules of a run: matches and state are what the records of stories give.

The committed records of stories are taken once more, in their order, by the code without Kafka. What the
workers matched must be the same, byte for byte, whoever had the lanes in between. What becomes of matches is
compared with all others, in `alert_verdict`.
"""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

import orjson
from aiokafka import TopicPartition

from tests.faults.account import KafkaRecord, KafkaRecords, event_name
from tests.faults.stories.rules import STORY_RULES
from tests.faults.stories.verdict import EVENT_SOURCE
from worker.alerts.index import RuleIndex
from worker.alerts.story_cards import story_time_ms
from worker.alerts.story_watch import StoryWatch
from worker.channels import Channel
from worker.delivery.kafka.records import raw_message
from worker.query.words import at_once
from worker.records.alert_messages import match_message
from worker.records.alerts import AlertMatch


class Outage(Protocol):
    """A time in which workers may lack rules."""

    def covers(self, tp: TopicPartition, offset: int) -> bool:
        """Whether a worker may have looked at this record in that time."""
        ...


@dataclass
class StoryRuleVerdict:
    """Counts, and the problems in words.

    `excused`: stories that changed while workers may have lacked rules.
    """

    records: int = 0
    matches: int = 0
    excused: int = 0
    missed: int = 0
    twice: int = 0
    wrong: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass
class _Due:
    """What the records give: matches by `event_name`, with rule and story, and the state of stories."""

    matches: dict[tuple[bytes, bytes], tuple[str, str, bytes | None]] = field(default_factory=dict)
    states: dict[str, bytes] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)


def compare_story_rules(
    outputs: dict[Channel, KafkaRecords], *, once: bool, outages: Collection[Outage] = ()
) -> StoryRuleVerdict:
    """The verdict on the committed records of STORIES, MATCHES and STORY_RULE_STATE, in order.

    `once` false: what is matched again is counted, and is no problem. `outages`: when workers may have lacked
    rules; what was matched of a story that changed then, and later, is not compared.
    """
    verdict = StoryRuleVerdict(records=len(outputs[Channel.STORIES]))
    due = _replayed(outputs[Channel.STORIES], outages)
    verdict.excused = len(due.excused)
    _compare_matches(verdict, due, outputs[Channel.MATCHES], once=once)
    if once:
        _compare_states(verdict, due, outputs[Channel.STORY_RULE_STATE])
    return verdict


def is_of_story(match: KafkaRecord) -> bool:
    """Whether a story, and no article, was matched."""
    return orjson.loads(match.value or b"").get("alert", {}).get("story") is not None


def _replayed(records: KafkaRecords, outages: Collection[Outage]) -> _Due:
    index, due = RuleIndex(STORY_RULES), _Due()
    watches: dict[int, StoryWatch] = defaultdict(StoryWatch)
    for record in records:
        if record.value is None:
            continue
        message = raw_message(record)
        card = orjson.loads(record.value)
        if any(one.covers(TopicPartition(record.topic, record.partition), record.offset) for one in outages):
            due.excused.add(card["id"])
        watch = watches[record.partition]
        time_ms = story_time_ms(message.headers, message.timestamp_ms)
        watched = at_once(watch.take(index, card, offset=record.offset, time_ms=time_ms))
        for found in watched.found:
            assert isinstance(found, AlertMatch), f"no rule of the run is at a limit: {found}"
            out = match_message(message, found, event_source=EVENT_SOURCE)
            due.matches[event_name(out)] = found.alert.rule.id, card["id"], out.value
        for story, value in watched.changes.items():
            if value is None:
                due.states.pop(story, None)
            else:
                due.states[story] = value
    return due


def _compare_matches(verdict: StoryRuleVerdict, due: _Due, found: KafkaRecords, *, once: bool) -> None:
    matches = [record for record in found if is_of_story(record)]
    times = Counter(map(event_name, matches))
    verdict.matches = len(times)
    for record in matches:
        _compare_match(verdict, due, record, once=once)
    for (_, event_id), count in times.items():
        if count > 1:
            verdict.twice += 1
            if once:
                verdict.problems.append(f"the match {event_id.decode()} of a story came {count} times")
    for name, (rule_id, story, _) in due.matches.items():
        if name not in times and story not in due.excused:
            verdict.missed += 1
            verdict.problems.append(f"the rule {rule_id} began to hold for {story}, and did not match it")


def _compare_match(verdict: StoryRuleVerdict, due: _Due, record: KafkaRecord, *, once: bool) -> None:
    alert, name = orjson.loads(record.value or b"")["alert"], event_name(record)
    rule_id, story = alert["rule"]["id"], alert["story"]["id"]
    if story in due.excused:
        return
    if name in due.matches:
        if record.value != due.matches[name][2]:
            _wrong(verdict, f"the match of {story} by the rule {rule_id} is not what its record gives")
    elif once:
        _wrong(verdict, f"the rule {rule_id} did not begin to hold for {story}, and matched it")
    else:
        verdict.twice += 1


def _compare_states(verdict: StoryRuleVerdict, due: _Due, found: KafkaRecords) -> None:
    latest = {(record.key or b"").decode(): record.value for record in found}
    kept = {story: value for story, value in latest.items() if value is not None}
    for story in sorted((due.states.keys() | kept.keys()) - due.excused):
        if due.states.get(story) != kept.get(story):
            what = "has another" if story in kept else "lacks the"
            _wrong(verdict, f"the story rules' state {what} record {story}")


def _wrong(verdict: StoryRuleVerdict, problem: str) -> None:
    verdict.wrong += 1
    verdict.problems.append(problem)
