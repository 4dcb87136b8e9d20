"""All rules in force, and the few of them that an article could match."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from worker.alerts.anchors import IndexKey, anchors, keys_of
from worker.alerts.evaluate import holds
from worker.alerts.facts import KEYS, Facts
from worker.records.rules import Rule, rule_version


@dataclass(eq=False, slots=True)
class ActiveRule:
    """A rule in force."""

    rule: Rule
    _version: str = ""

    @property
    def version(self) -> str:
        """What the rule says, as a hash. Worked out when it is first asked for: most rules never match."""
        self._version = self._version or rule_version(self.rule)
        return self._version


class RuleIndex:
    """Rules by id, and by what an article must have to match them.

    An article costs as much as it has words and names, and as there are rules that hang on these.
    """

    def __init__(self, rules: Iterable[Rule] = ()) -> None:
        self._held: dict[str, ActiveRule] = {}
        # By kind and value; most values have one rule, which needs no set.
        self._hung: dict[str, dict[str, ActiveRule | set[ActiveRule]]] = {kind: {} for kind in KEYS}
        for rule in rules:
            self.put(rule)

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[ActiveRule]:
        return iter(self._held.values())

    def get(self, rule_id: str) -> ActiveRule | None:
        return self._held.get(rule_id)

    def put(self, rule: Rule) -> None:
        """Takes a rule in, in place of the one before it under the same id."""
        # First what may fail: the rule before it stays whole.
        held, keys = ActiveRule(rule), list(anchors(rule.when, self._crowd))
        self.remove(rule.id)
        self._held[rule.id] = held
        for kind, value in keys:
            before = self._hung[kind].setdefault(value, held)
            if isinstance(before, set):
                before.add(held)
            elif before is not held:
                self._hung[kind][value] = {before, held}

    def remove(self, rule_id: str) -> None:
        """Takes a rule out, if it is there."""
        held = self._held.pop(rule_id, None)
        for kind, value in keys_of(held.rule.when) if held else ():
            found = self._hung[kind].get(value)
            if isinstance(found, set):
                found.discard(held)
            if found is held or found == set():
                del self._hung[kind][value]

    def candidates(self, facts: Facts) -> set[str]:
        """The ids of all rules that an article could match."""
        return {held.rule.id for held in self._candidates(facts)}

    def matches(self, facts: Facts) -> list[ActiveRule]:
        """The rules that an article matches, by id. Whether they have expired is not looked at."""
        found = [held for held in self._candidates(facts) if holds(held.rule.when, facts)]
        return sorted(found, key=lambda held: held.rule.id)

    def _candidates(self, facts: Facts) -> set[ActiveRule]:
        candidates: set[ActiveRule] = set()
        for kind, hung in self._hung.items():
            for value in hung.keys() & KEYS[kind](facts) if hung else ():
                found = hung[value]
                if isinstance(found, set):
                    candidates |= found
                else:
                    candidates.add(found)
        return candidates

    def _crowd(self, key: IndexKey) -> int:
        """How many rules hang on it."""
        kind, value = key
        found = self._hung[kind].get(value)
        return len(found) if isinstance(found, set) else int(found is not None)
