"""The rules of the rules topic as a worker has them: the valid ones in force, and why others are refused."""

from typing import get_type_hints

from pydantic import TypeAdapter, ValidationError

from worker.alerts.index import RuleIndex
from worker.records.rules import Rule, RuleError, rule_from_bytes

MAX_REFUSAL_CHARS = 1_000
"""How much of an error is kept."""

MAX_RULES = 250_000
"""How many rules can be in force. More than twice as many as were measured (docs/alerts.md)."""
MAX_REFUSED_RULES = 1_000
"""How many refused rules are named, each with its error; beyond that they are only reported as they come."""

_RULE_ID: TypeAdapter[str] = TypeAdapter(get_type_hints(Rule, include_extras=True)["id"])
_NAMED_BYTES = 100


class RuleBook:
    """Applies the topic's records, in their order for each key.

    A value that is no valid rule leaves the rule's previous version in force. Its error stays in `refused`
    until a valid rule or a tombstone follows under the same key. A rule beyond the first MAX_RULES is refused
    likewise: it is not kept, and has to be put again once there is room.
    """

    def __init__(self) -> None:
        self.index = RuleIndex()
        self.refused: dict[str, str] = {}
        """Errors of rules whose newest value is no valid rule, by rule id (`name_of` the record's key).

        At most MAX_REFUSED_RULES of them.
        """

    def apply(self, key: bytes | None, value: bytes | None) -> str | None:
        """Applies a record. Returns the error if it was refused."""
        name = name_of(key)
        if value is None:
            self.index.remove(name)
            self.refused.pop(name, None)
            return None
        try:
            rule = _read(key, name, value)
            if len(self.index) >= MAX_RULES and self.index.get(rule.id) is None:
                raise RuleError(f"{len(self.index):,} rules are in force, and no more can be: delete some")
            self.index.put(rule)
        except RuleError as error:
            return self._refuse(name, str(error))
        except Exception as error:
            # A rule that meets a bug must neither end every worker nor keep the other rules from them.
            return self._refuse(name, f"a bug: {type(error).__name__}: {error}")
        self.refused.pop(name, None)
        return None

    def _refuse(self, name: str, error: str) -> str:
        error = error[:MAX_REFUSAL_CHARS]
        if name in self.refused or len(self.refused) < MAX_REFUSED_RULES:
            self.refused[name] = error
        return error


def name_of(key: bytes | None) -> str:
    """The rule id in a record's key; for a key that is no rule id its repr: `b'\\xff'`, `None`."""
    try:
        return _RULE_ID.validate_python((key or b"").decode())
    except (UnicodeDecodeError, ValidationError):
        return repr(key and key[:_NAMED_BYTES])


def _read(key: bytes | None, name: str, value: bytes) -> Rule:
    if key is None or name.encode() != key:
        raise RuleError(f"the key is no rule id: {name}")
    rule = rule_from_bytes(value)
    if rule.id != name:
        raise RuleError(f"id: takes the record's key {name!r}, got {rule.id!r}")
    return rule
