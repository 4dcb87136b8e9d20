"""What a rule's condition means for an article, and that the index finds what evaluating every rule finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.alerts.alert_articles import article, articles, conditions, entity, quote, topic
from worker.alerts.evaluate import holds, why
from worker.alerts.facts import Facts
from worker.alerts.index import RuleIndex
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance
from worker.records.rules import Rule, rule_version

TEXT = (
    "Ada Okafor of the Port Workers' Union said: “We strike on Monday.” Okafor spoke in Lima. "
    "The co-op backed her, an official said."
)
OKAFOR = entity(TEXT, "PERSON", "Ada Okafor", "Okafor", salience=0.4)
LIMA = entity(TEXT, "GPE", "Lima", salience=0.1, iso3166="PE")
ARTICLE = article(
    TEXT,
    headline="Dockers of Callao to walk out",
    source="Wire.example",
    language="en-GB",
    entities=[OKAFOR, LIMA],
    quotes=[
        quote(TEXT, "We strike on Monday.", "Ada Okafor", OKAFOR),
        quote(TEXT, "The co-op backed her", "an official"),
    ],
    topics=[topic("medtop:20000521", 0.8, "medtop:20000509", "medtop:09000000")],
)


@pytest.mark.parametrize(
    "condition",
    [
        "entity:okafor", 'entity:"ADA  OKAFOR"', "entity:Okafor[type=PERSON,salience>=0.4]",
        "id:person:ada-okafor", "entity:Okafor[id=person:ada-okafor]", "type:GPE", "link:iso3166:PE",
        "type:GPE[iso3166=PE]", "speaker:Okafor", 'speaker:"ada okafor"', 'speaker:"an official"',
        "speaker_id:person:ada-okafor", "speaker:Okafor[id=person:ada-okafor]", "topic:medtop:20000521",
        "topic:labour", "topic:labour[confidence>=0.8]", "strike", '"we strike on monday"', '"walk out"',
        "callao", '"workers union"', '"port workers\' union"', '"co op"', "co-op", '"monday strike"~1',
        '"official lima"~6', "source:wire.EXAMPLE", "language:en", "lang:en-gb", "NOT entity:NATO",
        "stem:strikes", "stem:dockers[field=headline]", 'stem:"port worker unions"', "stem:STRIKING -ship",
        "strike (nothing OR lima) -ship", "NOT (strike nothing)",
    ],
)  # fmt: skip
def test_it_holds(condition):
    assert holds(condition_from_text(condition), Facts(ARTICLE), Allowance())


@pytest.mark.parametrize(
    "condition",
    [
        "entity:NATO", "entity:Okafor[type=ORG]", "entity:Okafor[salience>=0.41]",
        "entity:Lima[id=person:ada-okafor]", "id:person:okafor", "type:ORG", "link:iso3166:CL",
        "type:PERSON[iso3166=PE]", "link:geonames:3932488", "speaker:Lima", "speaker:official",
        "speaker_id:gpe:lima", 'speaker:"an official"[id=person:ada-okafor]', "topic:conflict",
        "topic:labour[confidence>=0.81]", "stri", '"strike monday"', '"monday strike"~0',
        '"strike strike"~50', '"out ada"', '"official lima"~5', "source:wire", "language:de",
        "stem:struck", "stem:strikes[field=headline]", 'stem:"strike monday"', "NOT stem:strikes",
        "language:en-US", "NOT strike", "strike nothing", "NOT (strike OR nothing)", "-entity:Lima",
    ],
)  # fmt: skip
def test_it_does_not_hold(condition):
    assert not holds(condition_from_text(condition), Facts(ARTICLE), Allowance())


@pytest.mark.parametrize(
    ("condition", "found", "words"),
    [
        ("entity:Okafor", ["person:ada-okafor"], [["Ada Okafor", "Okafor"]]),
        ("type:GPE OR nothing", ["gpe:lima"], [["Lima"]]),
        ("speaker:Okafor", ["person:ada-okafor"], [["We strike on Monday."]]),
        ('speaker:"an official"', ["an official"], [["The co-op backed her"]]),
        ("topic:labour", ["medtop:09000000"], [[]]),
        ("okafor", ["Okafor"], [["Okafor", "Okafor"]]),
        ('"on strike"~3', ["strike on"], [["strike on"]]),
        ("callao lima -ship", ["Callao", "Lima"], [["Callao"], ["Lima"]]),
        ("stem:dock OR stem:strikes", ["strike"], [["strike"]]),
        ('stem:"docker of callao"[field=headline]', ["Dockers of Callao"], [["Dockers of Callao"]]),
        ("source:wire.example lang:en", ["Wire.example", "en-GB"], [[], []]),
    ],
)
def test_it_says_why(condition, found, words):
    facts = Facts(ARTICLE)
    evidence = list(why(condition_from_text(condition), facts, Allowance()))
    assert [e.found for e in evidence] == found
    assert [[facts.quote_of(place) for place in e.places] for e in evidence] == words


@pytest.mark.parametrize(
    ("language", "asked", "is_found"),
    [
        ("nb", "no", True), ("nb-NO", "no", True), ("nn", "no", True), ("no", "no", True),
        ("nb", "nb", True), ("nn", "nb", False), ("no", "nb", False), ("en_GB", "en", True),
    ],
)  # fmt: skip
def test_norwegian_is_found_in_both_its_forms(language, asked, is_found):
    facts = Facts(ARTICLE | {"language": language})
    assert holds(condition_from_text(f"language:{asked}"), facts, Allowance()) is is_found


def test_only_what_holds_of_an_any_speaks_for_it():
    assert [
        e.found for e in why(condition_from_text("(lima ship) OR strike"), Facts(ARTICLE), Allowance())
    ] == ["strike"]


def test_an_alert_names_few_places_of_a_word_that_is_everywhere():
    facts = Facts(article("strike " * 1000))
    assert [len(e.places) for e in why(condition_from_text("strike"), facts, Allowance())] == [5]


def rule(rule_id: str, condition) -> Rule:
    return Rule(id=rule_id, name="a rule", owner="desk", when=condition)


@settings(deadline=None)
@given(st.lists(conditions, max_size=12), articles())
def test_the_index_finds_what_asking_every_rule_finds(wanted, found):
    facts = Facts(found)
    rules = [rule(f"r{i:03}", condition) for i, condition in enumerate(wanted)]
    matches = [active.rule.id for active in RuleIndex(rules).matches(facts)]
    assert matches == [r.id for r in rules if holds(r.when, facts, Allowance())]


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.none() | conditions), max_size=12),
    st.lists(articles(), min_size=1, max_size=3),
)
def test_the_index_agrees_after_every_change(changes, found):
    """Rules put, put again as they are or otherwise, and taken out, whether they are there or not."""
    index, rules = RuleIndex(), {}
    all_facts = [Facts(one) for one in found]
    for number, condition in changes:
        rule_id = f"r{number}"
        if condition is None:
            index.remove(rule_id)
            rules.pop(rule_id, None)
        else:
            rules[rule_id] = rule(rule_id, condition)
            index.put(rules[rule_id])
        assert {active.rule.id: active.rule for active in index} == rules
        assert len(index) == len(rules)
        for facts in all_facts:
            expected = [rules[one] for one in sorted(rules) if holds(rules[one].when, facts, Allowance())]
            assert [active.rule for active in index.matches(facts)] == expected
            assert index.candidates(facts) >= {one.id for one in expected}
    for active in list(index):
        assert active.version == rule_version(active.rule)
        index.remove(active.rule.id)
    assert not any(index._by_key.values())


@settings(deadline=None)
@given(conditions, articles())
def test_what_holds_without_a_not_has_evidence_whose_places_are_in_the_article(condition, found):
    facts = Facts(found)
    for evidence in why(condition, facts, Allowance()) if holds(condition, facts, Allowance()) else ():
        for where, start, end in evidence.places:
            assert 0 <= start < end <= len(found[where])


def test_rules_that_hang_on_other_words_are_not_looked_at():
    index = RuleIndex(rule(f"r{i}", condition_from_text(f"topic:labour word{i}")) for i in range(1000))
    index.put(rule("hit", condition_from_text("topic:labour callao")))
    assert index.candidates(Facts(ARTICLE)) == {"hit"}
