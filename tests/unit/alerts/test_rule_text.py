"""Rules as text and as JSON: they mean the same both ways, and an error says where it is."""

import pytest
from alert_articles import articles, conditions
from hypothesis import given, settings

from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.text import condition_from_text, condition_to_text
from worker.query import QueryError
from worker.records.rules import (
    Condition,
    EntityCondition,
    PhraseCondition,
    Rule,
    RuleError,
    rule_from,
    rule_from_bytes,
    rule_to_bytes,
    rule_version,
)

GOOD = {"id": "nato-1", "name": "NATO", "owner": "desk", "when": {"entity": {"name": "NATO"}}}


@pytest.mark.parametrize(
    ("text", "json"),
    [
        (
            'entity:"NATO" AND topic:conflict AND NOT source:tabloid.example',
            {
                "all": [
                    {"entity": {"name": "NATO"}},
                    {"topic": {"code": "medtop:16000000"}},
                    {"not": {"source": "tabloid.example"}},
                ]
            },
        ),
        (
            "entity:NATO[type=ORG, salience>=0.2, iso3166=BE]",
            {"entity": {"name": "NATO", "type": "ORG", "min_salience": 0.2, "links": {"iso3166": "BE"}}},
        ),
        ("link:iso3166:UA", {"entity": {"links": {"iso3166": "UA"}}}),
        (
            '"harbour strike"~5 OR lang:en',
            {"any": [{"phrase": {"text": "harbour strike", "near": 5}}, {"language": "en"}]},
        ),
        ("topic:crime[confidence>=0.8]", {"topic": {"code": "medtop:02000000", "min_confidence": 0.8}}),
    ],
)  # fmt: skip
def test_a_text_is_short_for_json(text, json):
    condition = condition_from_text(text)
    assert rule_from(GOOD | {"when": json}).when == condition
    assert condition_from_text(condition_to_text(condition)) == condition


@settings(deadline=None)
@given(conditions, articles())
def test_what_is_written_means_the_same(condition, article):
    again = condition_from_text(condition_to_text(condition))
    assert holds(again, Facts(article)) == holds(condition, Facts(article))
    assert condition_from_text(condition_to_text(again)) == again


@settings(deadline=None)
@given(conditions)
def test_a_rule_survives_json_and_keeps_its_version(condition):
    rule = Rule(id="r1", name="a rule", owner="desk", when=condition)
    again = rule_from_bytes(rule_to_bytes(rule))
    assert again == rule
    assert rule_version(again) == rule_version(rule)


def test_a_rule_that_says_something_else_has_another_version():
    assert rule_version(rule_from(GOOD)) != rule_version(rule_from(GOOD | {"name": "Nato"}))


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("strike entty:NATO", 7, "no field is called 'entty': there are entity"),
        ("strike topic:nonsense", 7, "takes a topic's name"),
        ("topic:conflict[confidence>=2]", 0, "from 0 to 1, got '2'"),
        ("topic:conflict[confidence=0.5]", 0, "takes confidence>="),
        ("topic:conflict[salience=0.5]", 0, "takes the option confidence"),
        ("a type:TOWN", 2, "PERSON"),
        ("link:UA", 0, "a scheme and an id"),
        ("source:a[b=c]", 0, "takes no options"),
        ("speaker:a[type=ORG]", 0, "takes the option id"),
        ('a "--"', 2, "pattern"),
        ("a OR (", 6, "ends where"),
        (" ".join("a" * 201), 0, "200 conditions"),
    ],
)
def test_a_bad_text_is_refused_with_its_place(text, position, says):
    with pytest.raises(QueryError) as error:
        condition_from_text(text)
    assert says in str(error.value)
    assert error.value.position == position


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": "a b"}, "id: "),
        ({"id": ""}, "id: "),
        ({"owner": None}, "owner: "),
        ({"extra": 1}, "extra is not a field here"),
        ({"when": {}}, "when: takes exactly one of all, any, not"),
        ({"when": {"source": "a", "language": "en"}}, "got source, language"),
        ({"when": {"all": []}}, "when.all: "),
        ({"when": {"all": [{"phrase": {"txt": "a"}}]}}, "when.all[0].phrase.txt is not a field here"),
        ({"when": {"not": {"topic": {"code": "conflict"}}}}, "when.not.topic.code: "),
        ({"when": {"entity": {}}}, "when.entity: takes at least one of name, id, type and links"),
        ({"when": {"entity": {"name": "a", "min_salience": 2}}}, "when.entity.min_salience: "),
        ({"when": {"speaker": {}}}, "when.speaker: takes at least one"),
        ({"cooldown": {"seconds": 0}}, "cooldown.seconds: "),
        ({"cooldown": {"seconds": 1, "per": "source"}}, "cooldown.per: "),
        ({"expires_at": "tomorrow"}, "expires_at: takes an ISO 8601 date"),
    ],
)
def test_bad_json_is_refused_with_its_place(change, says):
    with pytest.raises(RuleError) as error:
        rule_from(GOOD | change)
    assert says in str(error.value)


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"3", b"null", b"\xff"])
def test_what_is_no_object_is_refused(value):
    with pytest.raises(RuleError):
        rule_from_bytes(value)


def nested(depth: int) -> dict:
    condition: dict = {"source": "a"}
    for _ in range(depth):
        condition = {"not": condition}
    return condition


@pytest.mark.parametrize("depth", [20, 100, 5000])
def test_a_rule_nested_too_deep_is_refused(depth):
    with pytest.raises(RuleError, match=r"deep|depth"):
        rule_from(GOOD | {"when": nested(depth)})
    assert rule_from(GOOD | {"when": nested(19)})


def test_expiry_is_kept_as_utc():
    assert rule_from(GOOD | {"expires_at": "2026-12-31T01:00:00+01:00"}).expires_at == "2026-12-31T00:00:00Z"


def test_equal_conditions_are_written_alike_whatever_has_its_default():
    plain = Condition(phrase=PhraseCondition(text="a"))
    assert rule_from(GOOD | {"when": {"phrase": {"text": "a", "near": None}}}).when == plain
    assert b"near" not in rule_to_bytes(rule_from(GOOD | {"when": plain}))
    assert Condition(entity=EntityCondition(name=" NATO ")) == Condition(entity=EntityCondition(name="NATO"))
