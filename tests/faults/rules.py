"""The rules that a run's articles are held against: put, changed, spoiled, taken away, and put once more.

What each of them has to match is said here in words of its own, by the words of the text.
"""

import asyncio
import itertools
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaProducer

from tests.faults.account import CLIENT_ERRORS
from tests.faults.enricher import NAMES
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

# A word of every article, and one of some.
ALL, SOME = "article", "harbour"
COOLDOWN_SECONDS = 2
WRITE_SECONDS = 60.0
NO_RULE = b'{"name": "no rule at all"}'
# In force from before the first article to the end, and whether they stay as they are.
STANDING = ("every", "some", "quiet", "people")
CHANGING = "changing"


@dataclass
class InForce:
    """One version of a rule, from when it was being put until another was there, or none (s, the clock's)."""

    version: str
    since: float
    until: float = float("inf")


History = Mapping[str, Sequence[InForce]]


def takes(rule_id: str, text: str) -> bool:
    """Whether a rule of the run has to match an article of this text, as long as it is in force."""
    words = set(text.split())
    match rule_id.partition("-")[0]:
        case "every" | "quiet":
            return ALL in words
        case "some" | "changing" | "passing":
            return SOME in words
        case "people":
            return not words.isdisjoint(NAMES)
    return False


class Rules:
    """Writes the rules of a run, whatever the faults leave of the cluster, and remembers them."""

    def __init__(self, brokers: str, prefix: str, *, cooldown_seconds: int = COOLDOWN_SECONDS) -> None:
        self.history: dict[str, list[InForce]] = defaultdict(list)
        self._brokers, self._topic = brokers, topic_name(Channel.RULES, prefix)
        self._cooldown_seconds = cooldown_seconds
        self._numbers = itertools.count(1)
        self._rules: dict[str, Rule] = {}
        self._spoiled: set[str] = set()

    def __len__(self) -> int:
        """How many are in force."""
        return len(self._rules)

    async def put_all(self) -> None:
        """Those that stand, the first version of the one that changes, and a value that is no rule."""
        everything, cooldown = _phrase(ALL), self._cooldown_seconds
        await self._put(_rule("every", everything))
        await self._put(_rule("some", _phrase(SOME)))
        await self._put(_rule("quiet", everything, Cooldown(seconds=cooldown)))
        person = Condition(entity=EntityCondition(type="PERSON"))
        await self._put(_rule("people", person, Cooldown(seconds=cooldown, per="entity")))
        await self.change()
        await self.spoil("broken")

    async def change(self) -> None:
        """A new version of the rule that changes, which matches the same articles."""
        number = next(self._numbers)
        await self._put(_rule(CHANGING, Condition(any=(_phrase(SOME), _phrase(f"version {number}")))))

    async def spoil(self, rule_id: str) -> None:
        """A value that is no rule: the version before, if there was one, stays in force."""
        await self._write([(rule_id, NO_RULE)])
        self._spoiled.add(rule_id)

    async def come(self) -> str:
        """A rule more; its id."""
        rule = _rule(f"passing-{next(self._numbers)}", _phrase(SOME))
        await self._put(rule)
        return rule.id

    async def go(self, rule_id: str) -> None:
        """Takes a rule away."""
        await self._write([(rule_id, None)])
        del self._rules[rule_id]
        self.history[rule_id][-1].until = time.time()

    async def put_again(self) -> None:
        """Everything there was, into a topic made anew."""
        await self._write([(rule.id, rule_to_bytes(rule)) for rule in self._rules.values()])
        await self._write([(rule_id, NO_RULE) for rule_id in sorted(self._spoiled)])

    async def _put(self, rule: Rule) -> None:
        before = self.history[rule.id][-1:]
        self.history[rule.id].append(InForce(rule_version(rule), time.time()))
        await self._write([(rule.id, rule_to_bytes(rule))])
        for one in before:
            one.until = time.time()
        self._rules[rule.id] = rule
        self._spoiled.discard(rule.id)

    async def _write(self, values: Sequence[tuple[str, bytes | None]]) -> None:
        """Again and again until all are there: the same value twice is the same rule."""
        async with asyncio.timeout(WRITE_SECONDS):
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
