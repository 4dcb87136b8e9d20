"""The keys under which a rule is indexed: the rarest that a matching article must have."""

import pytest
from hypothesis import given, settings

from tests.unit.alerts.alert_articles import articles, conditions
from worker.alerts.anchors import anchors, keys_of
from worker.alerts.evaluate import holds
from worker.alerts.facts import KEYS, Facts
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance


def nobody(key) -> int:
    return 0


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("entity:NATO[type=ORG]", {("name", "nato")}),
        ("type:ORG[iso3166=BE]", {("link", "iso3166:BE")}),
        ("speaker:Okafor[id=person:ada-okafor]", {("speaker id", "person:ada-okafor")}),
        ('"Bank of Ghana"', {("words", "bank of")}),
        ("strike", {("word", "strike")}),
        ("topic:conflict lang:en strike", {("word", "strike")}),
        ("topic:conflict (entity:NATO OR entity:EU)", {("name", "nato"), ("name", "eu")}),
        ("entity:NATO OR topic:conflict", {("name", "nato"), ("topic", "medtop:16000000")}),
        ("stem:strikes topic:conflict", {("stem", "strike"), ("stem", "strikes"), ("stem", "strik")}),
        ("stem:42", {("stem", "42")}),
        ('stem:"42 strikes"[field=headline]', {("stem", "42")}),
        ("source:Wire.example -strike", {("source", "wire.example")}),
        ("NOT strike", {("any", "")}),
        ('headline:"harbour strike" topic:conflict', {("headline", "harbour")}),
        ("story:new topic:conflict", {("story", "new")}),
        ("sources>=3 entity:NATO", {("name", "nato")}),
        ("growth>=5/1h", {("any", "")}),
        ("entity:NATO OR NOT strike", {("name", "nato"), ("any", "")}),
    ],
)  # fmt: skip
def test_a_rule_hangs_on_the_rarest_that_it_needs(condition, expected):
    assert anchors(condition_from_text(condition), nobody) == expected


@pytest.mark.parametrize(
    ("condition", "crowded", "expected"),
    [
        ('"acme strike"~5', ("word", "strike"), ("word", "acme")),
        ('"acme strike"~5', ("word", "acme"), ("word", "strike")),
        ('"Bank of Ghana"', ("words", "bank of"), ("words", "of ghana")),
        ('stem:"42 43"', ("stem", "42"), ("stem", "43")),
        ("entity:NATO speaker:Okafor", ("name", "nato"), ("speaker", "okafor")),
    ],
)
def test_it_hangs_where_few_others_do(condition, crowded, expected):
    assert anchors(condition_from_text(condition), lambda key: 10 * (key == crowded)) == {expected}


@settings(deadline=None)
@given(conditions, articles())
def test_an_article_that_matches_has_one_of_the_anchors(condition, article):
    facts = Facts(article)
    keys = anchors(condition, nobody)
    assert keys <= {*keys_of(condition)}
    if holds(condition, facts, Allowance()):
        assert any(value in KEYS[kind](facts) for kind, value in keys)
