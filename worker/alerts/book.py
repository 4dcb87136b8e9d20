"""The rules of their topic as every worker has them: the good ones in force, and why others are not."""

from typing import get_type_hints

from pydantic import TypeAdapter, ValidationError

from worker.alerts.index import RuleIndex
from worker.records.rules import Rule, RuleError, rule_from_bytes

MAX_REFUSAL_CHARS = 1_000
"""Characters of an error."""

_RULE_ID: TypeAdapter[str] = TypeAdapter(get_type_hints(Rule, include_extras=True)["id"])
_NAMED_BYTES = 100


class RuleBook:
    """Takes in the topic's records, in order for each key.

    A value that is no rule leaves the version before in force, and is in `refused` until a good one or a
    tombstone comes.
    """

    def __init__(self) -> None:
        self.index = RuleIndex()
        self.refused: dict[str, str] = {}
        """What is wrong, by the rule's id (`name_of` its key) where its latest value is none."""

    def apply(self, key: bytes | None, value: bytes | None) -> str | None:
        """Takes a record in. What is wrong, if it was refused."""
        name = name_of(key)
        if value is None:
            self.index.remove(name)
            self.refused.pop(name, None)
            return None
        try:
            rule = _read(key, name, value)
            self.index.put(rule)
        except RuleError as error:
            self.refused[name] = str(error)[:MAX_REFUSAL_CHARS]
        except Exception as error:
            # A rule that meets a bug is no reason for every worker to end, or to be left without the others.
            self.refused[name] = f"a bug: {type(error).__name__}: {error}"[:MAX_REFUSAL_CHARS]
        else:
            self.refused.pop(name, None)
        return self.refused.get(name)


def name_of(key: bytes | None) -> str:
    """The rule's id in a record's key; a key that is none as Python writes it: `b'\\xff'`, `None`."""
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
