"""The form of a rule: what stands in its fields, and what is wrong there, each at its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from worker.alerts.cooldown import too_long
from worker.alerts.text import condition_from_text
from worker.alerts.typed_rules import PAUSED_SINCE, cooldown_from_text
from worker.alerts.work import too_costly
from worker.desk.pages import query_error
from worker.query.language import QueryError
from worker.query.normal_forms import normalized
from worker.records.rule_problems import describe_problem
from worker.records.rules import RULE, Condition, Cooldown, Rule

MOST_FIELD_CHARS = 1_000
"""Of each field but the query, more than any of them takes."""
RuleProblems = dict[str, Any]
"""By field, or under an empty name for the rule as a whole: `message`, and for the query its place."""
_MOST_ID_CHARS = 100
_PLAIN = ("id", "name", "owner", "expires_at")
# So that a query can be tried before the rule has a name.
_TRIED = {"id": "tried", "name": "tried", "owner": "tried"}


@dataclass(frozen=True, slots=True)
class RuleForm:
    """What stands in the fields, as it was typed. `seen`: the version of the rule that the form began with.

    `paused`: not empty for a rule that was paused then, and stays so.
    """

    id: str = ""
    name: str = ""
    owner: str = ""
    when: str = ""
    cooldown: str = ""
    expires_at: str = ""
    seen: str = ""
    paused: str = ""

    @classmethod
    def of(cls, fields: Mapping[str, str]) -> "RuleForm":
        """The form that was sent. The query is not cut: where it is parsed, one too long is refused."""
        cut = {
            name: fields.get(name, "").strip()[:MOST_FIELD_CHARS]
            for name in (*_PLAIN, "cooldown", "seen", "paused")
        }
        # Forms end their lines with a return, too, which no place of an error counts.
        return cls(**cut, when=fields.get("when", "").replace("\r\n", "\n").strip())

    def with_id(self) -> "RuleForm":
        """The form with an id that is made of the name, where none was typed."""
        return self if self.id else replace(self, id=id_from_name(self.name))

    def read(self) -> tuple[Rule | None, RuleProblems]:
        """The rule, or all that is wrong with it."""
        plain = {name: getattr(self, name) for name in _PLAIN}
        if self.paused and not self.expires_at:
            plain["expires_at"] = PAUSED_SINCE
        return self._read(plain)

    def read_to_try(self) -> tuple[Rule | None, RuleProblems]:
        """The rule with its query and cooldown alone, since only these decide what matches."""
        return self._read(_TRIED)

    def _read(self, plain: Mapping[str, str]) -> tuple[Rule | None, RuleProblems]:
        problems: RuleProblems = {}
        when = self._condition(problems)
        cooldown = self._cooldown(problems)
        fields = {name: text for name, text in plain.items() if text or name != "expires_at"}
        # A query that can't be read hides nothing of the other fields.
        stand_in = when or Condition(source="none")
        try:
            rule: Rule = RULE.validate_python({**fields, "when": stand_in, "cooldown": cooldown})
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                field = problem["loc"][0] if problem["loc"] else ""
                if when is not None or field in plain:
                    problems.setdefault(str(field), {"message": describe_problem(problem)})
            return None, problems
        if when is not None:
            self._add_costs(rule, problems)
        return (None if problems else rule), problems

    def _condition(self, problems: RuleProblems) -> Condition | None:
        if not self.when:
            problems["when"] = {"message": 'takes a query, such as speaker:"Ada Obi" topic:labour'}
            return None
        try:
            return condition_from_text(self.when)
        except QueryError as error:
            problems["when"] = query_error(error, self.when)
            return None

    def _cooldown(self, problems: RuleProblems) -> Cooldown | None:
        try:
            return cooldown_from_text(self.cooldown or "none")
        except ValueError as error:
            problems["cooldown"] = {"message": str(error)}
            return None

    @staticmethod
    def _add_costs(rule: Rule, problems: RuleProblems) -> None:
        if (why := too_costly(rule)) is not None:
            problems["when"] = {"message": why}
        if (why := too_long(rule)) is not None:
            problems["cooldown"] = {"message": why}


def id_from_name(name: str) -> str:
    """`Grèves au port` as `greves-au-port`; empty for a name that has none of these letters and digits."""
    letters = normalized("NFD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", letters))[:_MOST_ID_CHARS].strip("-")
