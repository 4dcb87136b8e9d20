"""A rule's names and phrases are made ready to be compared once, and not at each article."""

import pytest
from hypothesis import given

from tests.unit.alerts.alert_articles import article, articles, conditions, entity, quote
from worker.alerts import forms as forms_module
from worker.alerts.anchors import keys_of
from worker.alerts.evaluate import holds, why
from worker.alerts.facts import Facts
from worker.alerts.forms import NO_FORMS, forms_of
from worker.alerts.index import RuleIndex
from worker.alerts.text import condition_from_text
from worker.alerts.work import Allowance
from worker.query.words import folded, words_of
from worker.records.rules import Rule, RuleError, rule_from

LONG = "x" * 150
CYRILLIC = "Владимир" * 6
NAME = "Владимир-Александр Михайлович Оболенский-Нелединский"
TEXT = f"{NAME} of NATO spoke in Lima."
ENTITY = entity(TEXT, "PERSON", NAME)
ARTICLE = article(TEXT, entities=[ENTITY], quotes=[quote(TEXT, "spoke", NAME, ENTITY)]) | {"source": "ß" * 50}


def rule(when: object) -> Rule:
    return rule_from({"id": "r1", "name": "n", "owner": "o", "when": when})


@pytest.mark.parametrize(
    ("when", "names", "phrases"),
    [
        ({"source": "wire"}, [], []),
        ({"phrase": {"text": "harbour strike"}}, [], []),
        ({"any": [{"source": "Straße"}, {"phrase": {"text": "Владимир"}}]}, [], []),
        ({"source": "\ufdfa" * 3}, ["\ufdfa" * 3], []),
        (
            {"not": {"any": [{"entity": {"name": CYRILLIC}}, {"speaker": {"name": LONG}}]}},
            [CYRILLIC, LONG],
            [],
        ),
        ({"all": [{"phrase": {"text": CYRILLIC}}, {"phrase": {"text": LONG}}]}, [], [CYRILLIC, LONG]),
        (
            {
                "language": "日本",
            },
            [],
            [],
        ),
    ],
)
def test_the_forms_that_take_work_are_kept(when, names, phrases):
    found = forms_of(rule(when).when)
    assert found.names == {name: folded(name) for name in names}
    assert found.phrases == {text: words_of(text) for text in phrases}
    assert (found is NO_FORMS) == (not names and not phrases)


@pytest.mark.parametrize(
    "when",
    [
        {"source": "ẞ" * 50},
        {"source": "s" * 100},
        {"entity": {"name": NAME.upper()}},
        {"speaker": {"name": NAME.lower()}},
        {"phrase": {"text": NAME.upper()}},
        {"phrase": {"text": " ".join(reversed(NAME.split())), "near": 0}},
        {"not": {"any": [{"source": LONG}, {"phrase": {"text": f"Владимир {LONG}"}}]}},
    ],
)
def test_matching_brings_nothing_of_the_rule_into_its_form(when, monkeypatch):
    rules = RuleIndex([rule(when)])
    asked: list[str] = []
    for name, made in (("folded", folded), ("words_of", words_of)):
        monkeypatch.setattr(
            forms_module, name, lambda text, made=made: asked.append(text) or made(text), raising=True
        )
    assert len(rules.matches(Facts(ARTICLE))) == 1
    assert [text for text in asked if len(text) > 100 or (len(text) > 40 and not text.isascii())] == []
    rules.remove("r1")
    assert [text for text in asked if len(text) > 100 or (len(text) > 40 and not text.isascii())] == []


@given(conditions, articles())
def test_kept_forms_change_no_decision(condition, about):
    facts, forms = Facts(about), forms_of(condition)
    assert holds(condition, facts, Allowance(), forms) == holds(condition, facts, Allowance())
    assert list(why(condition, facts, Allowance(), forms)) == list(why(condition, facts, Allowance()))
    assert list(keys_of(condition, forms)) == list(keys_of(condition))


@pytest.mark.parametrize(
    ("when", "place"),
    [
        ({"source": "\ufdfa" * 56}, "when.source"),
        ({"any": [{"entity": {"name": "\ufdfa" * 56}}]}, "when.any[0].entity.name"),
        ({"speaker": {"name": "\ufdfa" * 56}}, "when.speaker.name"),
    ],
)
def test_a_name_that_unfolds_to_too_much_is_refused(when, place):
    with pytest.raises(RuleError) as error:
        rule(when)
    assert str(error.value) == (
        f"{place}: takes 1,000 characters at most once they are unfolded (NFKC), got 1,008"
    )


@pytest.mark.parametrize("character", ["\ufdfa" * 55, "ﬃ" * 300, "각" * 300, "が" * 300, "Ώ" * 150])
def test_names_that_unfold_less_are_taken(character):
    assert rule({"source": character}).when.source == character


def test_a_condition_from_text_is_held_to_the_same_size():
    with pytest.raises(ValueError, match="unfolded"):
        condition_from_text("source:" + "\ufdfa" * 56)
