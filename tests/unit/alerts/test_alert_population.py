"""The rules that bench.alerts draws are valid, the same for the same seed, and some of them match."""

from collections import Counter

import pytest

from bench.alerts.__main__ import limit_exceeded_by_rules, rule_table
from bench.alerts.population import BROAD, ONE_IN_BROAD, Population
from bench.alerts.trial import RuleFigures
from tests.unit.alerts.alert_articles import article, entity
from worker.alerts.facts import Facts
from worker.alerts.index import RuleIndex
from worker.records.rules import rule_from

NAMES = [(f"Ada Okafor-{number}", f"Harbour Guild {number}") for number in range(200)]


def about(person: str, organisation: str) -> dict:
    text = f"{person} of {organisation} said the ministry would listen before winter."
    return article(text, entities=[entity(text, "PERSON", person), entity(text, "ORG", organisation)])


ARTICLES = [about(*names) for names in NAMES]


def drawn(count: int, *, seed: int = 1) -> list:
    return list(Population(ARTICLES, seed=seed).rules(count))


@pytest.fixture(scope="module")
def rules() -> list:
    return drawn(6000)


def test_all_are_rules(rules):
    assert len(RuleIndex(rule_from(rule) for rule in rules)) == len(rules)


def test_the_same_seed_gives_the_same_rules_and_more_begin_alike(rules):
    assert drawn(6000) == rules
    assert drawn(500) == rules[:500]
    assert drawn(500, seed=2) != rules[:500]


def test_some_are_broad_and_some_watch_who_is_in_the_articles(rules):
    assert sum(rule["when"] in BROAD for rule in rules) == -(-len(rules) // ONE_IN_BROAD)
    index = RuleIndex(rule_from(rule) for rule in rules)
    matches = sum(len(index.matches(Facts(one))) for one in ARTICLES)
    assert 0 < matches < len(ARTICLES)


def test_every_article_matches_the_broad_ones():
    index = RuleIndex(rule_from(rule) for rule in Population(ARTICLES[:1], seed=1).broad(500))
    assert len(index.matches(Facts(ARTICLES[0]))) == 500


def test_they_are_of_many_kinds(rules):
    kinds = Counter(next(iter(rule["when"])) for rule in rules)
    assert {"all", "any", "entity", "speaker", "phrase"} <= kinds.keys()
    assert any(rule["when"].get("phrase", {}).get("near") for rule in rules)


def figures(rules: int, article_us: float, mib: float) -> RuleFigures:
    return RuleFigures(rules, article_us, 1.0, 1.0, mib, 1.0, 1.0, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([figures(0, 1, 0), figures(30_000, 499, 189)], ""),
        ([figures(30_000, 100, 100), figures(100_000, 900, 900)], ""),
        ([figures(30_000, 501, 100)], "30000 rules take 5.0%"),
        ([figures(1000, 100, 191)], "191 MiB"),
        ([figures(100_000, 1, 1)], "no row"),
    ],
)
def test_a_limit_that_is_passed_is_named(rows, says):
    beyond = limit_exceeded_by_rules(rows, 10_000)
    assert says in beyond
    assert bool(beyond) == bool(says)


def test_the_table_has_a_row_for_each_number_of_rules():
    lines = rule_table([figures(0, 1, 0), figures(1000, 100, 4)], 10_000).splitlines()
    assert len(lines) == 4
    assert "| 1,000 | 100 us | 1.00% |" in lines[3]
