"""The rules in force, indexed so that an article is compared only with the few rules it could match."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from worker.alerts.anchors import IndexKey, anchors, keys_of
from worker.alerts.evaluate import holds
from worker.alerts.facts import KEYS, Facts
from worker.alerts.forms import Forms, forms_of
from worker.alerts.work import PAUSE_STEPS, Allowance, OverBudget, steps_for_each
from worker.query.words import at_once
from worker.records.rules import Rule, asks_about_stories, rule_version, walk


@dataclass(eq=False, slots=True)
class ActiveRule:
    """A rule in force."""

    rule: Rule
    forms: Forms
    """Its names and phrases as they are compared."""
    _version: str = ""

    @property
    def version(self) -> str:
        """A hash of what the rule says. Computed when it is first asked for, since most rules never match."""
        self._version = self._version or rule_version(self.rule)
        return self._version


_RulesByKey = dict[str, dict[str, ActiveRule | set[ActiveRule]]]


class RuleIndex:
    """Rules by id, and by the keys of which an article must have one to match them.

    The cost of an article grows with its words and names, and with the number of rules under these keys.
    Story rules have keys of their own: articles match none of them, and stories no other rules.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._by_id: dict[str, ActiveRule] = {}
        # By kind and value of the key. Most keys have one rule: it stands there without a set around it.
        self._by_key: _RulesByKey = {kind: {} for kind in KEYS}
        self._by_story_key: _RulesByKey = {kind: {} for kind in KEYS}
        self._story_rules = self._stem_rules = 0
        for rule in rules:
            self.put(rule)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[ActiveRule]:
        return iter(self._by_id.values())

    @property
    def story_rules(self) -> int:
        """How many of the rules are story rules."""
        return self._story_rules

    def get(self, rule_id: str) -> ActiveRule | None:
        return self._by_id.get(rule_id)

    def put(self, rule: Rule) -> None:
        """Adds a rule; it replaces the rule of the same id."""
        # Whatever can fail comes first, so that a failure leaves the old rule in place.
        active = ActiveRule(rule, forms_of(rule.when))
        by_key = self._keys_for(rule)
        keys = list(anchors(rule.when, partial(_rules_at, by_key), active.forms))
        self.remove(rule.id)
        self._by_id[rule.id] = active
        self._story_rules += by_key is self._by_story_key
        self._stem_rules += _asks_for_stems(rule)
        for kind, value in keys:
            before = by_key[kind].setdefault(value, active)
            if isinstance(before, set):
                before.add(active)
            elif before is not active:
                by_key[kind][value] = {before, active}

    def remove(self, rule_id: str) -> None:
        """Removes a rule, if there is one of this id."""
        active = self._by_id.pop(rule_id, None)
        if active is None:
            return
        by_key = self._keys_for(active.rule)
        self._story_rules -= by_key is self._by_story_key
        self._stem_rules -= _asks_for_stems(active.rule)
        for kind, value in keys_of(active.rule.when, active.forms):
            found = by_key[kind].get(value)
            if isinstance(found, set):
                found.discard(active)
            if found is active or found == set():
                del by_key[kind][value]

    def candidates(self, facts: Facts) -> set[str]:
        """The ids of all rules that an article could match."""
        return {active.rule.id for active in at_once(self._find_candidates(facts))}

    def matches(self, facts: Facts) -> list[ActiveRule]:
        """The rules that an article matches, ordered by id; expired ones are among them."""
        return [active for active, allowance in at_once(self.find_matches(facts)) if not allowance.is_over]

    def find_matches(self, facts: Facts) -> Generator[None, None, list[tuple[ActiveRule, Allowance]]]:
        """Returns the rules that an article matches, ordered by id, with what is left of their allowances.

        A rule that is over its allowance is among them: whether it matches is not known. Others may have
        their turn at each `yield`.
        """
        candidates = yield from self._find_candidates(facts)
        allowance = Allowance(steps_for_each(len(candidates)))
        found: list[tuple[ActiveRule, Allowance]] = []
        work = 0
        for active in candidates:
            allowance.left = allowance.given
            try:
                keep = holds(active.rule.when, facts, allowance, active.forms)
            except OverBudget:
                keep = True
            if keep:
                found.append((active, Allowance(allowance.given, allowance.left)))
            work += allowance.given - allowance.left
            if work > PAUSE_STEPS:
                work = 0
                yield
        return sorted(found, key=lambda one: one[0].rule.id)

    def _find_candidates(self, facts: Facts) -> Generator[None, None, set[ActiveRule]]:
        """Returns all rules that an article could match. Others may have their turn at each `yield`."""
        yield from facts.prepare(stems=self._stem_rules > 0)
        candidates: set[ActiveRule] = set()
        by_key = self._by_key if facts.story is None else self._by_story_key
        for kind, rules in by_key.items():
            for value in rules.keys() & KEYS[kind](facts) if rules else ():
                found = rules[value]
                if isinstance(found, set):
                    candidates |= found
                else:
                    candidates.add(found)
            if facts.is_long:
                yield
        return candidates

    def _keys_for(self, rule: Rule) -> _RulesByKey:
        return self._by_story_key if asks_about_stories(rule.when) else self._by_key


def _asks_for_stems(rule: Rule) -> bool:
    return any(part.stem is not None for _, part in walk(rule.when))


def _rules_at(by_key: _RulesByKey, key: IndexKey) -> int:
    """How many rules are indexed under a key."""
    kind, value = key
    found = by_key[kind].get(value)
    return len(found) if isinstance(found, set) else int(found is not None)
