"""Rules as text and as JSON: they mean the same both ways, and an error says where it is."""

import pytest
from hypothesis import given, settings

from tests.unit.alerts.alert_articles import articles, conditions
from worker.alerts.evaluate import holds
from worker.alerts.facts import Facts
from worker.alerts.text import condition_from_text, condition_to_text
from worker.alerts.work import Allowance
from worker.query.language import QueryError
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
        ("link:ISO3166:ua", {"entity": {"links": {"iso3166": "UA"}}}),
        (
            "link:wikidata:q212[geonames=690791]",
            {"entity": {"links": {"wikidata": "Q212", "geonames": "690791"}}},
        ),
        ("id:Work_of_Art:a-book[type=misc]", {"entity": {"id": "work_of_art:a-book", "type": "MISC"}}),
        (
            "speaker:“Ada Okafor”[id=person:ada-okafor]",
            {"speaker": {"name": "Ada Okafor", "id": "person:ada-okafor"}},
        ),
        ("language:fil-Latn-PH", {"language": "fil-Latn-PH"}),
        (
            '"harbour strike"~5 OR lang:en',
            {"any": [{"phrase": {"text": "harbour strike", "near": 5}}, {"language": "en"}]},
        ),
        ("headline:“harbour strike”", {"headline": "harbour strike"}),
        ("stem:“harbour strikes”", {"stem": {"text": "harbour strikes"}}),
        ("stem:strikes[field=Headline]", {"stem": {"text": "strikes", "field": "headline"}}),
        (
            "story:NEW AND sources >= 3",
            {"all": [{"story": {"new": True}}, {"story": {"min_sources": 3}}]},
        ),
        (
            "Reprints>=5 OR growth>=10/1h OR growth>=4/h",
            {
                "any": [
                    {"story": {"min_reprints": 5}},
                    {"story": {"min_growth": {"articles": 10, "hours": 1}}},
                    {"story": {"min_growth": {"articles": 4, "hours": 1}}},
                ]
            },
        ),
        ("topic:crime[confidence>=0.8]", {"topic": {"code": "medtop:02000000", "min_confidence": 0.8}}),
    ],
)  # fmt: skip
def test_a_text_is_short_for_json(text, json):
    condition = condition_from_text(text)
    assert rule_from(GOOD | {"when": json}).when == condition
    assert condition_from_text(condition_to_text(condition)) == condition


def test_links_keep_the_order_in_which_they_are_typed():
    text = 'link:"wikidata:Q212"[iso3166=UA,geonames=690791]'
    condition = condition_from_text(text)
    assert list(condition.entity.links) == ["wikidata", "iso3166", "geonames"]
    assert condition_to_text(condition) == text


@settings(deadline=None)
@given(conditions, articles())
def test_what_is_written_means_the_same(condition, article):
    again = condition_from_text(condition_to_text(condition))
    assert holds(again, Facts(article), Allowance()) == holds(condition, Facts(article), Allowance())
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
        ("story:old", 0, "story: takes new, got 'old'"),
        ("story:new[x=1]", 10, "story: takes no options, got x="),
        ("a sources>2", 2, "sources takes >= and a number, as in sources>=3, got >2"),
        ("topic:labour sources:2", 13, "sources takes >= and a number, as in sources>=3, got :2"),
        ("sources=2", 0, "sources takes >= and a number, as in sources>=3, got =2"),
        ("sources>=", 0, "sources takes >= and a number, as in sources>=3, got >="),
        ("sources>=many", 0, "sources>= takes a whole number, as in sources>=3, got 'many'"),
        ("sources>=65", 0, "sources>= takes a whole number from 1 to 64, got 65"),
        ("reprints>=0", 0, "reprints>= takes a whole number from 1 to 1000000, got 0"),
        ("growth>=10", 0, "growth>= takes articles and hours from 1h to 24h, as in growth>=10/1h, got '10'"),
        (
            "growth>=10/2d",
            0,
            "growth>= takes articles and hours from 1h to 24h, as in growth>=10/1h, got",
        ),
        ("growth>=10/25h", 0, "growth>= takes a whole number from 1 to 24, got 25"),
        ("sources>=3 stem:strike", 11, "a story has no text in which 'strike' could stand"),
        ("stem:strike[field=text]", 12, "field takes headline, got 'text'"),
        ("stem:strike[field>=headline]", 12, "field takes =, got >="),
        ("stem:strike[near=5]", 12, "stem: takes field=, got near="),
        ("stem:–", 0, "stem: takes a word"),
        ("sources>=3 strike", 11, "a story has no text in which 'strike' could stand"),
        ('(topic:labour OR "dock strike"~2) story:new', 17, "a story has no text in which 'dock strike'"),
        ("sources>=3 -source:tabloid.example", 12, "a story counts its sources and does not name them"),
        ("story:new topic:labour[confidence>=0.5]", 10, "a story has no confidence of its topics"),
        ("story:new entity:NATO[salience>=0.5]", 10, "a story has no salience of its entities"),
        ("story:new link:wikidata:Q212", 10, "a story has no links but countries: wikidata is asked of"),
        ("story:new entity:Lima[iso3166=PE]", 10, "a story has its countries apart from its names"),
        ("strike topic:99999999", 7, "topic: no topic has the code medtop:99999999"),
        ("topic:conflict[confidence>=2]", 15, "confidence takes a number from 0 to 1, got '2'"),
        ("topic:conflict[confidence=0.5]", 15, "confidence takes >=, got ="),
        ("topic:labour[salience>=0.6]", 13, "topic: takes confidence>=, got salience>="),
        ("entity:NATO[type=ORG, salience>0.1]", 22, "salience takes >=, got >"),
        ("entity:NATO[type=ORG, type=GPE]", 22, "entity: takes type once"),
        ("entity:NATO[name=Nato]", 12, "entity: takes name once"),
        ("entity:X[type=ORG, iso3166=Peru]", 19, "iso3166 takes two letters such as UA, got 'Peru'"),
        ("entity:X[country=PE]", 9, "type=, salience>=, iso3166=, geonames=, wikidata=, got country="),
        ("entity:X[id=nato]", 9, "id takes an entity's type"),
        ("entity:X[type=TOWN]", 9, "type takes PERSON, ORG"),
        ("a type:TOWN", 2, "type: takes PERSON, ORG"),
        ("a link:UA", 2, "link: takes a scheme and an id such as iso3166:UA, got 'UA'"),
        ("link:iso3166:Peru", 0, "link: iso3166 takes two letters such as UA, got 'Peru'"),
        ("link:geonames:Lima", 0, "link: geonames takes a number"),
        ("link:wikidata:212", 0, "link: wikidata takes a number behind Q"),
        ("link:viaf:5", 0, "link: takes the schemes iso3166, geonames and wikidata, got 'viaf'"),
        ("a language:english", 2, "language: takes an ISO 639 code such as en or en-GB, got 'english'"),
        ("lang:en_GB", 0, "lang: takes an ISO 639 code"),
        ("id:mark-rutte", 0, "such as person:mark-rutte, got 'mark-rutte'"),
        ("id:town:lima", 0, "id: takes an entity's type and its name's slug"),
        ('speaker_id:"person:Mark Rutte"', 0, "speaker_id: takes an entity's type"),
        ('speaker_id:"person:"', 0, "speaker_id: takes an entity's type"),
        ("source:a[b=c]", 9, "source: takes no options, got b="),
        ("speaker_id:person:a[id=person:a]", 20, "speaker_id: takes no options"),
        ("speaker:a[type=ORG]", 10, "speaker: takes id=, got type="),
        ('a "--"', 2, "a phrase takes a word: letters or digits, got '--'"),
        (f"source:{'a' * 301}", 0, "takes 300 characters at most, got 301"),
        ("a or b", 2, "write OR to join"),
        ("a speaker:Ok*", 12, "no wildcards"),
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
    ("text", "marked"),
    [
        ("quay colour:red", "colour"),
        ("quay topic:nothing[confidence>=0.5] x", "topic:nothing"),
        ("entity:A[type=town, id=x] b", "type=town"),
        ("(quay source:a[ b = c ])", "b = c"),
        ('a "--" b', '"--"'),
        ("sources=3 a", "sources=3"),
        ("growth>=10/x OR growth>=3", "growth>=10/x"),
        ("sources>=3 strike", "strike"),
        (" ".join("a" * 201) + "  ", " ".join("a" * 201)),
    ],
)
def test_all_that_is_wrong_in_a_text_is_marked(text, marked):
    with pytest.raises(QueryError) as error:
        condition_from_text(text)
    assert text[error.value.position : error.value.end] == marked


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"id": "a b"},
            "id: takes 1 to 100 letters, digits, '.', '_', '-', a letter or digit first, got 'a b'",
        ),
        ({"id": ""}, "id: takes 1 to 100 letters"),
        ({"id": 3}, "id: takes text, got 3"),
        ({"owner": None}, "owner: takes text, got null"),
        ({"owner": " "}, "owner: takes at least one character"),
        ({"owner": "a" * 301}, "owner: takes 300 characters at most, got 301"),
        ({"extra": 1}, "extra is not a field here"),
        ({"when": {}}, "when: takes exactly one of all, any, not"),
        ({"when": None}, 'when: takes an object such as {"source": "wire.example"}, got null'),
        ({"when": {"source": "a", "language": "en"}}, "got source, language"),
        ({"when": {"all": []}}, "when.all: takes at least one condition"),
        ({"when": {"all": 3}}, "when.all: takes a list of conditions, got 3"),
        ({"when": {"all": [{"phrase": {"txt": "a"}}]}}, "when.all[0].phrase.txt is not a field here"),
        ({"when": {"phrase": {"text": "--"}}}, "when.phrase.text: takes a word: letters or digits, got '--'"),
        ({"when": {"phrase": {"text": "\u0301"}}}, "when.phrase.text: takes a word: letters or digits"),
        (
            {"when": {"phrase": {"text": "a", "near": 1.5}}},
            "near: takes a whole number from 0 to 999, got 1.5",
        ),
        (
            {"when": {"phrase": {"text": "a", "near": 1000}}},
            "near: takes a whole number from 0 to 999, got 1000",
        ),
        (
            {"when": {"phrase": "a"}},
            'when.phrase: takes an object such as {"text": "harbour strike"}, got \'a\'',
        ),
        (
            {"when": {"not": {"topic": {"code": "conflict"}}}},
            "when.not.topic.code: takes a code such as medtop:16000000, got 'conflict'",
        ),
        ({"when": {"entity": {}}}, "when.entity: takes at least one of name, id, type and links"),
        ({"when": {"entity": {"type": "TOWN"}}}, "when.entity.type: takes PERSON, ORG"),
        ({"when": {"entity": {"links": {}}}}, "when.entity.links: takes at least one link"),
        (
            {"when": {"entity": {"links": "UA"}}},
            'when.entity.links: takes an object such as {"iso3166": "UA"}',
        ),
        (
            {"when": {"entity": {"links": {"A": "b"}}}},
            "when.entity.links: takes schemes of 1 to 30 lower-case",
        ),
        ({"when": {"entity": {"links": dict.fromkeys("abcdef", "b")}}}, "links: takes 5 links at most"),
        (
            {"when": {"entity": {"name": "a", "min_salience": 2}}},
            "when.entity.min_salience: takes a number from 0 to 1, got 2",
        ),
        ({"when": {"entity": {"name": "a", "min_salience": True}}}, "takes a number from 0 to 1, got true"),
        ({"when": {"speaker": {}}}, "when.speaker: takes at least one"),
        (
            {"when": {"story": {}}},
            "when.story: takes exactly one of new, min_sources, min_reprints and min_growth",
        ),
        ({"when": {"story": {"new": False}}}, "when.story.new: takes True, got false"),
        ({"when": {"story": {"min_sources": 0}}}, "min_sources: takes a whole number from 1 to 64, got 0"),
        ({"when": {"story": {"min_growth": 3}}}, 'takes an object such as {"articles": 10, "hours": 1}'),
        (
            {"when": {"story": {"min_growth": {"articles": 1, "hours": 48}}}},
            "when.story.min_growth.hours: takes a whole number from 1 to 24, got 48",
        ),
        ({"when": {"headline": "..."}}, "when.headline: takes a word: letters or digits, got '...'"),
        (
            {"when": {"all": [{"story": {"new": True}}, {"not": {"phrase": {"text": "strike"}}}]}},
            "when asks about stories, and a story has no text in which 'strike' could stand",
        ),
        (
            {"cooldown": {"seconds": 1, "per": "story"}},
            "cooldown for each story takes a condition about stories in when",
        ),
        ({"cooldown": "1h"}, "cooldown: takes an object such as {\"seconds\": 3600}, got '1h'"),
        ({"cooldown": {"seconds": 0}}, "cooldown.seconds: takes a whole number from 1 to 31622400, got 0"),
        (
            {"cooldown": {"seconds": 31622401}},
            "seconds: takes a whole number from 1 to 31622400, got 31622401",
        ),
        (
            {"cooldown": {"seconds": 1, "per": "source"}},
            "cooldown.per: takes rule, entity or story, got 'source'",
        ),
        ({"expires_at": 3}, "expires_at: takes text, got 3"),
        ({"expires_at": "tomorrow"}, "expires_at: takes an ISO 8601 date"),
    ],
)
def test_bad_json_is_refused_with_its_place(change, says):
    with pytest.raises(RuleError) as error:
        rule_from(GOOD | change)
    assert says in str(error.value)


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b"3", b"null", b"\xff"])
def test_bytes_that_are_no_object_are_refused(value):
    with pytest.raises(RuleError):
        rule_from_bytes(value)


@pytest.mark.parametrize(
    ("fields", "got"), [([], ""), (3, ", got 3"), (None, ", got null"), ("a", ", got 'a'")]
)
def test_what_is_no_object_is_refused(fields, got):
    with pytest.raises(RuleError) as error:
        rule_from(fields)
    assert str(error.value) == f"the rule: takes an object{got}"


def test_a_list_with_a_part_that_is_wrong_is_not_called_too_short():
    with pytest.raises(RuleError) as error:
        rule_from(GOOD | {"when": {"any": [3]}})
    assert str(error.value) == 'when.any[0]: takes an object such as {"source": "wire.example"}, got 3'


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
