"""A filter over articles, in the query language that alert rules have."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.forms import forms_of
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance, OverBudget
from worker.query.language import QueryError, parse, terms, unparse

MOST_QUERY_CHARS = 2_000
# A sixth of what a rule may take: there may be a filter for each viewer, and one process for all.
FILTER_STEPS = 5_000


class ArticleFilter:
    """What a query wants of an article. Raises QueryError with the position of the error.

    An article on which the query takes too much work does not match.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MOST_QUERY_CHARS:
            what = f"a filter takes {MOST_QUERY_CHARS:,} characters, got {len(text):,}"
            raise QueryError(what, MOST_QUERY_CHARS, text)
        self.text = text
        if (position := _asks_of_stories(text)) is not None:
            raise QueryError("a filter asks of articles, and this of a story", position, text)
        self._condition = condition_from_text(text)
        self._forms = forms_of(self._condition)

    def wants(self, facts: Facts) -> bool:
        try:
            return holds(self._condition, facts, Allowance(FILTER_STEPS), self._forms)
        except OverBudget:
            return False

    def wants_article(self, fields: Mapping[str, Any]) -> bool:
        """Whether it wants an enriched article, from its fields."""
        return self.wants(Facts(fields))


def _asks_of_stories(text: str) -> int | None:
    """Where a query asks what only a story has, as rules about stories do; None if nowhere."""
    for term in terms(parse(text)):
        # What else is wrong with a term is said of the whole query, with its place there.
        with suppress(QueryError):
            if condition_from_text(unparse(term)).story is not None:
                return term.position
    return None
