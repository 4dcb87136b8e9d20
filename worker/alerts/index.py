"""All rules in force, and the few of them that an article could match."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.words import folded, words_of
from worker.records.rules import Condition, EntityCondition, Rule, rule_version

Key = tuple[str, ...]
_ANY = ("any",)
"""The anchor of a rule that nothing in an article has to be there for."""

# How many articles have such a thing, roughly: a rule hangs on the rarest that it needs.
_COMMONNESS = {
    "id": 1, "name": 1, "speaker": 1, "speaker id": 1, "words": 1, "link": 20, "word": 20, "source": 30,
    "topic": 300, "type": 900, "language": 1000, "any": 100_000,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Held:
    """A rule in force. `version` says what it says.

    An article that matches has one of `anchors`, by which the rule is found, and all of `needs`.
    """

    rule: Rule
    version: str
    anchors: frozenset[Key]
    needs: frozenset[Key]


class RuleIndex:
    """Rules by id, and by what an article must have to match them.

    An article costs as much as it has words and names, and as there are rules that hang on these.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._held: dict[str, Held] = {}
        self._by_anchor: dict[Key, set[str]] = {_ANY: set()}
        for rule in rules:
            self.put(rule)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[Held]:
        return iter(self._held.values())

    def get(self, rule_id: str) -> Held | None:
        return self._held.get(rule_id)

    def put(self, rule: Rule) -> None:
        """Takes a rule in, in place of the one before it under the same id."""
        self.remove(rule.id)
        held = Held(rule, rule_version(rule), frozenset(anchors(rule.when)), frozenset(needs(rule.when)))
        self._held[rule.id] = held
        for anchor in held.anchors:
            self._by_anchor.setdefault(anchor, set()).add(rule.id)

    def remove(self, rule_id: str) -> None:
        """Takes a rule out, if it is there."""
        held = self._held.pop(rule_id, None)
        for anchor in held.anchors if held else ():
            hung = self._by_anchor[anchor]
            hung.discard(rule_id)
            if not hung and anchor != _ANY:
                del self._by_anchor[anchor]

    def candidates(self, facts: Facts) -> set[str]:
        """The ids of all rules that an article could match."""
        if not self._held:
            return set()
        keys = set(facts.anchors())
        found: set[str] = set().union(
            *(self._by_anchor[key] for key in keys & self._by_anchor.keys() | {_ANY})
        )
        return {rule_id for rule_id in found if self._held[rule_id].needs <= keys}

    def matches(self, facts: Facts) -> list[Held]:
        """The rules that an article matches, by id. Whether they have expired is not looked at."""
        candidates = (self._held[rule_id] for rule_id in sorted(self.candidates(facts)))
        return [held for held in candidates if holds(held.rule.when, facts)]


def anchors(condition: Condition) -> set[Key]:
    """Of these, an article that matches has at least one."""
    if condition.all is not None:
        return min((anchors(part) for part in condition.all), key=_commonness)
    if condition.any is not None:
        return set().union(*(anchors(part) for part in condition.any))
    if condition.entity is not None:
        return {min(_entity_anchors(condition.entity), key=lambda key: _COMMONNESS[key[0]])}
    if condition.speaker is not None:
        name, speaker_id = condition.speaker.name, condition.speaker.id
        return {("speaker id", speaker_id) if speaker_id else ("speaker", folded(name or ""))}
    if condition.topic is not None:
        return {("topic", condition.topic.code)}
    if condition.phrase is not None:
        return {_phrase_anchor(words_of(condition.phrase.text), side_by_side=condition.phrase.near is None)}
    if condition.source is not None:
        return {("source", folded(condition.source))}
    if condition.language is not None:
        return {("language", condition.language.lower())}
    return {_ANY}  # a `not`


def needs(condition: Condition) -> set[Key]:
    """Of these, an article that matches has every one: what it would be in vain to look closer without."""
    if condition.all is not None:
        return set().union(*(needs(part) for part in condition.all))
    found = anchors(condition)
    return found if len(found) == 1 and _ANY not in found else set()


def _entity_anchors(entity: EntityCondition) -> Iterator[Key]:
    if entity.id:
        yield ("id", entity.id)
    if entity.name:
        yield ("name", folded(entity.name))
    for scheme, value in (entity.links or {}).items():
        yield ("link", scheme, value)
    if entity.type:
        yield ("type", entity.type)


def _phrase_anchor(words: list[str], *, side_by_side: bool) -> Key:
    """Its longest word, or its longest two that stand side by side: long words are rare."""
    if not side_by_side or len(words) == 1:
        return ("word", max(words, key=len))
    return ("words", *max(pairwise(words), key=lambda pair: len(pair[0]) + len(pair[1])))


def _commonness(keys: set[Key]) -> int:
    return sum(_COMMONNESS[key[0]] for key in keys)
