"""The alert rules of a run: what each must match, and a feeder that puts, changes and removes them.

`should_match` says it independently of the rules' own conditions, by the words of the text.
"""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer, TopicPartition

from tests.faults.account import CLIENT_ERRORS
from tests.faults.enricher import PERSON_NAMES
from tests.faults.stories.rules import STORY_RULES
from worker.alerts.work import RULE_STEPS
from worker.channels import Channel, topic_name
from worker.records.rules import (
    Condition,
    Cooldown,
    EntityCondition,
    PhraseCondition,
    Rule,
    rule_to_bytes,
    rule_version,
)

# A word of every article, and one of some of them.
WORD_OF_ALL, WORD_OF_SOME = "article", "harbour"
# One rule looks for these side by side. An article that has them too often costs it more than its budget.
NEAR_WORDS = ("aa", "bb")
_COOLDOWN_SECONDS = 2
_WRITE_SECONDS = 60.0
_NO_RULE = b'{"name": "no rule at all"}'
# Ids of the rules about articles in force from before the first one to the end: unchanged, and changed on
# the way.
STANDING_RULES = ("every", "some", "quiet", "people", "costly")
CHANGING_RULE = "changing"


@dataclass
class VersionInForce:
    """One version of a rule, from when its put began until it was replaced or removed (epoch seconds)."""

    version: str
    since: float
    until: float = float("inf")


History = Mapping[str, Sequence[VersionInForce]]


@dataclass
class RulesOutage:
    """A time in which workers may lack rules, in offsets of the enriched topic.

    From what was committed when it began, up to where the topic ended when it was over.
    """

    since: Mapping[TopicPartition, int]
    until: Mapping[TopicPartition, int] | None = None
    """None while it lasts."""

    def covers(self, tp: TopicPartition, offset: int) -> bool:
        """Whether a worker may have looked at this record in that time."""
        return self.since.get(tp, 0) <= offset and (self.until is None or offset < self.until.get(tp, 0))


def should_match(rule_id: str, text: str) -> bool:
    """Whether a rule of the run must match an article of this text while it is in force."""
    words = set(text.split())
    if costs_too_much(rule_id, text):
        return False
    match rule_id.partition("-")[0]:
        case "every" | "quiet":
            return WORD_OF_ALL in words
        case "some" | "changing" | "passing":
            return WORD_OF_SOME in words
        case "people":
            return not words.isdisjoint(PERSON_NAMES)
        case "costly":
            return words.issuperset(NEAR_WORDS)
    return False


def costs_too_much(rule_id: str, text: str) -> bool:
    """Whether a rule of the run takes more work on such an article than its budget."""
    return rule_id == "costly" and sum(map(text.split().count, NEAR_WORDS)) > RULE_STEPS


class RuleFeeder:
    """Writes the rules of a run, in whatever state the cluster is, and records which were in force when."""

    def __init__(self, brokers: str, prefix: str, *, cooldown_seconds: int = _COOLDOWN_SECONDS) -> None:
        self.history: dict[str, list[VersionInForce]] = defaultdict(list)
        self._brokers, self._topic = brokers, topic_name(Channel.RULES, prefix)
        self._cooldown_seconds = cooldown_seconds
        self._numbers = itertools.count(1)
        self._rules: dict[str, Rule] = {}
        self._invalid: set[str] = set()

    def __len__(self) -> int:
        """How many are in force."""
        return len(self._rules)

    async def put_all(self) -> None:
        """Puts the standing rules, the first version of the changing one, and an invalid value."""
        everything, cooldown = _phrase(WORD_OF_ALL), self._cooldown_seconds
        await self._put(_rule("every", everything))
        await self._put(_rule("some", _phrase(WORD_OF_SOME)))
        await self._put(_rule("quiet", everything, Cooldown(seconds=cooldown)))
        person = Condition(entity=EntityCondition(type="PERSON"))
        await self._put(_rule("people", person, Cooldown(seconds=cooldown, per="entity")))
        side_by_side = PhraseCondition(text=" ".join(NEAR_WORDS), near=0)
        await self._put(_rule("costly", Condition(phrase=side_by_side)))
        for rule in STORY_RULES:
            await self._put(rule)
        await self.change()
        await self.put_invalid("broken")

    async def change(self) -> None:
        """Puts a new version of the changing rule, which matches the same articles."""
        number = next(self._numbers)
        await self._put(
            _rule(CHANGING_RULE, Condition(any=(_phrase(WORD_OF_SOME), _phrase(f"version {number}"))))
        )

    async def put_invalid(self, rule_id: str) -> None:
        """Puts a value that is no rule: the version before, if there was one, stays in force."""
        await self._write([(rule_id, _NO_RULE)])
        self._invalid.add(rule_id)

    async def add(self) -> str:
        """Puts one more rule; returns its id."""
        rule = _rule(f"passing-{next(self._numbers)}", _phrase(WORD_OF_SOME))
        await self._put(rule)
        return rule.id

    async def remove(self, rule_id: str) -> None:
        """Removes a rule."""
        await self._write([(rule_id, None)])
        del self._rules[rule_id]
        self.history[rule_id][-1].until = time.time()

    async def put_again(self) -> None:
        """Puts all rules and invalid values once more, into a topic that was made anew."""
        await self._write([(rule.id, rule_to_bytes(rule)) for rule in self._rules.values()])
        await self._write([(rule_id, _NO_RULE) for rule_id in sorted(self._invalid)])

    async def _put(self, rule: Rule) -> None:
        before = self.history[rule.id][-1:]
        self.history[rule.id].append(VersionInForce(rule_version(rule), time.time()))
        await self._write([(rule.id, rule_to_bytes(rule))])
        for one in before:
            one.until = time.time()
        self._rules[rule.id] = rule
        self._invalid.discard(rule.id)

    async def _write(self, values: Sequence[tuple[str, bytes | None]]) -> None:
        """Tries again until all are written: the same value twice is the same rule."""
        async with asyncio.timeout(_WRITE_SECONDS):
            while True:
                producer = AIOKafkaProducer(bootstrap_servers=self._brokers, enable_idempotence=True)
                try:
                    await producer.start()
                    for rule_id, value in values:
                        await producer.send_and_wait(self._topic, value, key=rule_id.encode())
                    return
                except CLIENT_ERRORS:
                    await asyncio.sleep(0.5)
                finally:
                    await producer.stop()


def _phrase(text: str) -> Condition:
    return Condition(phrase=PhraseCondition(text=text))


def _rule(rule_id: str, when: Condition, cooldown: Cooldown | None = None) -> Rule:
    return Rule(id=rule_id, name=f"the rule {rule_id}", owner="faults", when=when, cooldown=cooldown)
