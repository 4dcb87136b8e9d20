"""The cost of rules in steps (lines of the package's code that run), which are the same on any machine."""

import sys
from collections.abc import Callable

import pytest

from tests.unit.alerts.alert_articles import article
from worker.alerts.facts import Facts
from worker.alerts.index import RuleIndex
from worker.alerts.matching import matches
from worker.alerts.text import condition_from_text
from worker.query import words
from worker.records.rules import Rule


def steps(work: Callable[[], object]) -> int:
    """How many lines of worker/alerts run, with nothing remembered from before."""
    for remembered in (words._remembered_folded, words._remembered_words):
        remembered.cache_clear()
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if "/worker/alerts/" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def index(*conditions: str) -> RuleIndex:
    return RuleIndex(
        Rule(id=f"r{i}", name="a rule", owner="desk", when=condition_from_text(condition))
        for i, condition in enumerate(conditions)
    )


def looking(rules: RuleIndex, text: str) -> int:
    return steps(lambda: rules.matches(Facts(article(text))))


def test_without_rules_an_article_is_not_looked_at():
    empty = RuleIndex()
    assert matches(empty, {}, time_ms=0) == []
    assert steps(lambda: matches(empty, {}, time_ms=0)) < 5


def test_rules_that_could_not_match_cost_an_article_nothing():
    few = index(*(f"topic:labour port{i}" for i in range(10)))
    many = index(*(f"topic:labour port{i}" for i in range(2000)))
    text = "The port workers of Lima strike again. " * 20
    assert looking(many, text) == looking(few, text)


def test_stem_rules_that_could_not_match_cost_an_article_nothing():
    few = index(*(f"topic:labour stem:port{i}ies" for i in range(10)))
    many = index(*(f"topic:labour stem:port{i}ies" for i in range(2000)))
    text = "The port workers of Lima strike again. " * 20
    assert looking(many, text) == looking(few, text)


def test_without_stem_rules_no_stems_are_made():
    facts = Facts(article("The port workers strike."))
    index("strike", "headline:port", '"port workers"').matches(facts)
    assert not {"stems", "_stem_of_word"} & set(facts.__dict__)


def test_an_article_costs_as_much_as_there_are_rules_that_could_match_it():
    text = "The port workers of Lima strike again."
    base, one, hundred = (looking(index(*["lima -strike"] * n, "ship"), text) for n in (0, 1, 100))
    assert hundred - base <= 100 * (one - base)


# Nothing matches, so that every place is looked at; a text twice as long has twice as many.
@pytest.mark.parametrize(
    ("condition", "text"),
    [
        ('"the government"~0', "the x y government z w "),
        ('"the the the the the of"~3', "the x x x x x x x x of "),
        ('"a b c d e f g h"~0', "a x b x c x d x e x f x g x h x "),
        (" ".join(["-the"] * 99) + " a", "a the "),
        (" OR ".join(f'"a b c {i}"' for i in range(199)), "a b c "),
        ('stem:"the governments"', "the x y government z w "),
        ('"' + "a " * 149 + 'b"', "a " * 148 + "b b "),
        ('"' + "a " * 149 + 'b"~150', ("a " * 148 + "b " + "x " * 300)),
        ("type:ORG[salience>=0.5] OR NOT lima", "lima "),
    ],
)
def test_a_text_twice_as_long_costs_twice_as_much_at_most(condition, text):
    rules = index(condition)
    once, twice = (looking(rules, text * repeats) for repeats in (30, 60))
    assert rules.matches(Facts(article(text * 60))) == []
    assert twice <= 2.2 * once


def test_a_rule_with_200_conditions_is_taken_in_steps_that_grow_with_them():
    def putting(count: int) -> int:
        condition = condition_from_text(" OR ".join(f'"port of harbour {i} union"' for i in range(count)))
        rule = Rule(id="r1", name="a rule", owner="desk", when=condition)
        rules = RuleIndex()
        return steps(lambda: (rules.put(rule), rules.put(rule), rules.remove("r1")))

    assert putting(199) <= 2.2 * putting(100)


def test_a_rule_leaves_where_many_hang_in_few_steps():
    few, many = index(*["lang:en"] * 10), index(*["lang:en"] * 1000)
    assert steps(lambda: many.remove("r5")) == steps(lambda: few.remove("r5"))
