"""What story rules ask of a story's record, and that articles and stories keep apart."""

import pytest
from hypothesis import given, settings

from tests.unit.alerts.alert_articles import article, articles
from tests.unit.alerts.story_records import card, named, story_conditions, story_logs
from worker.alerts.anchors import anchors, keys_of
from worker.alerts.evaluate import holds, why
from worker.alerts.facts import KEYS, Facts
from worker.alerts.index import RuleIndex
from worker.alerts.story_cards import facts_of_story
from worker.alerts.text import condition_from_text, condition_to_text
from worker.alerts.work import Allowance
from worker.records.rules import Rule
from worker.records.stories import independent_sources

STORY = card(
    4,
    articles=12,
    reprints=5,
    sources=3,
    headline="Dock strike halts Lima's port",
    people=[named("Ada Okafor")],
    organisations=[named("Harbour Union", "org")],
    places=[named("Lima", "gpe")],
    countries=[{"code": "PE", "articles": 3}],
    topics=[{"code": "medtop:20000053", "articles": 2}],
    speakers=[
        {"id": "person:ada-okafor", "name": "Ada Okafor", "articles": 2},
        {"id": None, "name": "A spokesman", "articles": 1},
    ],
)


def facts(story=STORY, **before):
    return facts_of_story(story, {int(hours[1:]): count for hours, count in before.items()})


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("sources>=3", "3 independent sources"),
        ("sources>=4", None),
        ("reprints>=5", "5 reprints"),
        ("reprints>=6", None),
        ("growth>=8/1h", "8 articles more within 1h"),
        ("growth>=9/1h", None),
        ("growth>=9/2h", "9 articles more within 2h"),
        ("growth>=1/24h", None),
        ("story:new", None),
        ("entity:OKAFOR AND sources>=1", None),
        ('entity:"ada okafor"', "person:ada-okafor"),
        ("entity:Lima[type=GPE]", "gpe:lima"),
        ("entity:Lima[type=ORG]", None),
        ("type:ORG", "org:harbour-union"),
        ("id:org:harbour-union", "org:harbour-union"),
        ("link:iso3166:PE", "iso3166:PE"),
        ("link:iso3166:GH", None),
        ("topic:medtop:20000053", "medtop:20000053"),
        ("topic:conflict", "medtop:16000000"),
        ("topic:economy", None),
        ('speaker:"Ada Okafor"', "person:ada-okafor"),
        ('speaker:"a spokesman"', "A spokesman"),
        ("speaker:Lima", None),
        ("language:en", "en"),
        ("language:es", None),
        ('headline:"dock strike"', "Dock strike"),
        ("headline:lima", "Lima"),
        ("headline:strikes", None),
        ('stem:"docks strikes"[field=headline]', "Dock strike"),
        ("stem:struck[field=headline]", None),
        ("NOT headline:war", ""),
    ],
)  # fmt: skip
def test_a_condition_asks_the_storys_record(condition, found):
    asked = condition_from_text(condition)
    about = facts(h1=4, h2=3)
    assert holds(asked, about, Allowance()) == (found is not None)
    if found:
        (evidence,) = why(asked, about, Allowance())
        assert evidence.found == found


def test_a_story_is_new_at_its_first_record():
    new = condition_from_text("story:new AND NOT sources>=2")
    assert holds(new, facts(card()), Allowance())
    assert not holds(new, facts(card(2)), Allowance())


def test_words_of_the_headline_are_shown_where_they_stand():
    (evidence,) = why(condition_from_text("headline:strike"), facts(), Allowance())
    assert evidence.places == (("headline", 5, 11),)


def test_headline_asks_for_the_headline_of_an_article_alone():
    asked = condition_from_text("headline:strike")
    assert holds(asked, Facts(article("", headline="A strike")), Allowance())
    assert not holds(asked, Facts(article("A strike", headline=None)), Allowance())


@pytest.mark.parametrize(
    ("counts", "most"),
    [
        ({"sources": 3, "unique": 2}, 2),
        ({"sources": 3, "unique": 9}, 3),
        ({"sources": 3, "unique": 9, "independent_sources": None}, 3),
        ({"sources": 3, "unique": 9, "independent_sources": 1}, 1),
    ],
)
def test_a_record_that_does_not_count_independent_sources_has_no_more_than_its_articles(counts, most):
    assert independent_sources(counts) == most


def rule(rule_id, when):
    return Rule(id=rule_id, name=rule_id, owner="desk", when=when)


@settings(deadline=None)
@given(articles(), story_logs(most=3))
def test_an_article_matches_no_story_rule_and_a_story_no_other(article, log):
    everything = condition_from_text("NOT headline:zebra")
    index = RuleIndex(
        [
            rule("articles", everything),
            rule("stories", condition_from_text("NOT (headline:zebra AND story:new)")),
        ]
    )
    assert index.story_rules == 1
    assert [active.rule.id for active in index.matches(Facts(article))] == ["articles"]
    for record, _ in log:
        assert [active.rule.id for active in index.matches(facts(record))] == ["stories"]
    index.put(rule("stories", everything))
    assert index.story_rules == 0
    assert index.matches(facts(log[0][0])) == []
    assert len(index.matches(Facts(article))) == 2
    index.put(rule("articles", condition_from_text("sources>=1")))
    index.remove("stories")
    assert (index.story_rules, len(index)) == (1, 1)
    assert index.matches(Facts(article)) == []
    index.remove("articles")
    assert (index.story_rules, len(index)) == (0, 0)


@settings(deadline=None)
@given(story_conditions, story_logs(most=4))
def test_a_story_that_matches_has_one_of_the_anchors(condition, log):
    keys = anchors(condition, lambda key: 0)
    assert keys <= {*keys_of(condition)}
    for record, _ in log:
        about = facts(record, h1=1)
        if holds(condition, about, Allowance()):
            assert any(value in KEYS[kind](about) for kind, value in keys)


@settings(deadline=None)
@given(story_conditions, story_logs(most=4))
def test_what_is_written_means_the_same(condition, log):
    again = condition_from_text(condition_to_text(condition))
    assert condition_from_text(condition_to_text(again)) == again
    for record, _ in log:
        about = facts(record, h1=1)
        assert holds(again, about, Allowance()) == holds(condition, about, Allowance())
