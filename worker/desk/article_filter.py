"""A filter over articles, in the query language that alert rules have."""

from contextlib import suppress

from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.forms import forms_of
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance, OverBudget
from worker.query.language import COUNTED, QueryError, Term, parse, terms, unparse
from worker.records.rules import walk

MOST_QUERY_CHARS = 2_000
# A sixth of what a rule may take: there may be a filter for each viewer, and one process for all.
FILTER_STEPS = 5_000
_OF_STORIES = ("story", *COUNTED)


class ArticleFilter:
    """What a query wants of an article. Raises QueryError with the position of the error.

    An article on which the query takes too much work does not match.
    """

    def __init__(self, text: str) -> None:
        if len(text) > MOST_QUERY_CHARS:
            what = f"a filter takes {MOST_QUERY_CHARS:,} characters, got {len(text):,}"
            raise QueryError(what, MOST_QUERY_CHARS, text, end=len(text))
        self.text = text
        if (term := _asks_of_stories(text)) is not None:
            raise term.error("a filter asks of articles, and this of a story", text)
        self._condition = condition_from_text(text)
        self._forms = forms_of(self._condition)
        self.asks_for_stems = any(part.stem is not None for _, part in walk(self._condition))

    def wants(self, facts: Facts) -> bool:
        try:
            return holds(self._condition, facts, Allowance(FILTER_STEPS), self._forms)
        except OverBudget:
            return False


def _asks_of_stories(text: str) -> Term | None:
    """The term that asks what only a story has, as rules about stories do; None if none does."""
    for term in terms(parse(text)):
        if term.field not in _OF_STORIES:
            continue
        # What else is wrong with a term is said of the whole query, with its place there.
        with suppress(QueryError):
            if condition_from_text(unparse(term)).story is not None:
                return term
    return None
