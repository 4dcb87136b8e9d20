"""A rule has a budget of work for an article; beyond it, it does not match, whoever asks and how often."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.alerts.alert_articles import article, conditions
from tests.unit.alerts.alert_articles import articles as random_articles
from worker.alerts import facts as facts_module
from worker.alerts.facts import Facts
from worker.alerts.index import RuleIndex
from worker.alerts.matching import match_by_turns, matches
from worker.alerts.text import condition_from_text
from worker.alerts.work import LEAST_STEPS, MAX_NEAR_WORDS, RULE_STEPS, steps_for_each, too_costly
from worker.query import stems as stems_module
from worker.query import words as words_module
from worker.query.words import Words
from worker.records.alerts import AlertMatch, RuleOverrun
from worker.records.rules import Rule

HOSTILE = "a x x x b x x x " * 10_000
NEAR = " OR ".join(['"a b"~1'] * 199)
SOME_NEAR = " OR ".join(['"a b"~1'] * 150)
PHRASES = " OR ".join(['"x x x b x x x a x x x b x x a"'] * 199)
ENTITIES = [
    {"id": f"person:p{n}", "name": f"P{n}", "type": "PERSON", "salience": 0.1, "links": {}, "mentions": []}
    for n in range(3_000)
]


def rule(rule_id: str, when: str) -> Rule:
    return Rule(id=rule_id, name="a rule", owner="desk", when=condition_from_text(when))


def index(*conditions: str) -> RuleIndex:
    return RuleIndex(rule(f"r{number}", when) for number, when in enumerate(conditions))


def outcomes(rules: RuleIndex, about: dict) -> dict[str, str]:
    found = match_by_turns(rules, about, time_ms=0)
    return {
        one.rule if isinstance(one, RuleOverrun) else one.alert.rule.id: type(one).__name__
        for one in found
        if one is not None
    }


@pytest.mark.parametrize(
    ("when", "about"),
    [
        (NEAR, article(HOSTILE)),
        (NEAR, article("short", headline=HOSTILE)),
        (PHRASES, article(HOSTILE)),
        (" OR ".join(["type:PERSON[salience>=0.9]"] * 199), article("short", entities=ENTITIES)),
        (f"x ({SOME_NEAR})", article(HOSTILE)),
        (f"NOT ({SOME_NEAR})", article(HOSTILE)),
    ],
    ids=["near in a text", "near in a headline", "phrases", "entities", "beside a word", "negated"],
)
def test_a_rule_over_its_budget_does_not_match_and_is_reported(when, about):
    assert outcomes(index(when), about) == {"r0": "RuleOverrun"}
    assert matches(index(when), about, time_ms=0) == []


def test_evidence_counts_as_work_too():
    when = " OR ".join(["a", *['"a b"~1'] * 150])
    assert outcomes(index(when), article(HOSTILE)) == {"r0": "RuleOverrun"}


def test_an_overrun_says_which_rule_on_which_article_and_how_much_it_had():
    rules = index(NEAR)
    (overrun,) = (one for one in match_by_turns(rules, article(HOSTILE), time_ms=0) if one is not None)
    assert overrun == RuleOverrun(
        rule="r0",
        version=next(iter(rules)).version,
        article="a1",
        at="1970-01-01T00:00:00.000Z",
        limit="steps",
        most=RULE_STEPS,
    )


def test_a_rule_that_has_expired_is_not_reported():
    expired = Rule(
        id="r", name="n", owner="o", when=condition_from_text(NEAR), expires_at="2020-01-01T00:00:00Z"
    )
    assert (
        list(filter(None, match_by_turns(RuleIndex([expired]), article(HOSTILE), time_ms=2 * 10**12))) == []
    )


def test_what_one_rule_takes_changes_nothing_for_its_neighbours_and_is_the_same_every_time():
    alone = outcomes(index("x"), article(HOSTILE))
    assert alone == {"r0": "AlertMatch"}
    for _ in range(3):
        assert outcomes(index("x", NEAR, PHRASES, "b"), article(HOSTILE)) == {
            "r0": "AlertMatch", "r1": "RuleOverrun", "r2": "RuleOverrun", "r3": "AlertMatch",
        }  # fmt: skip


@pytest.mark.parametrize(
    ("rules", "steps"),
    [(0, RULE_STEPS), (1, RULE_STEPS), (600, RULE_STEPS), (2_000, 10_000), (10**6, LEAST_STEPS)],
)
def test_very_many_rules_share_what_an_article_may_take(rules, steps):
    assert steps_for_each(rules) == steps


def test_a_rule_that_may_be_put_keeps_within_its_budget_on_a_long_ordinary_article():
    """Each of its words is one in a hundred of 5,000."""
    text = " ".join(f"word{number % 100}" for number in range(5_000))
    when = " OR ".join(f'"word{n} word{(n + 50) % 100}"~9' for n in range(MAX_NEAR_WORDS // 2))
    assert too_costly(rule("r", when)) is None
    assert outcomes(index(when, when.replace("~9", "~49")), article(text)) == {"r1": "AlertMatch"}


@pytest.mark.parametrize(
    ("when", "told"),
    [
        (NEAR, "got 398 in 199"),
        ('"' + "a " * 150 + '"~1 OR "' + "b " * 51 + '"~1', "got 201 in 2"),
        (" OR ".join(['"a b"~1'] * 100), None),
        (PHRASES, None),
        (" OR ".join(["type:PERSON"] * 199), None),
    ],
    ids=["199 near", "long near", "100 near", "199 phrases", "199 types"],
)
def test_a_rule_that_can_not_be_cheap_is_named_with_what_it_takes(when, told):
    why = too_costly(rule("r", when))
    assert (why is None) == (told is None)
    assert why is None or (f"when takes {MAX_NEAR_WORDS} words in phrases with ~ (near), {told}" in why)


def longest_turn(turns) -> int:
    """The most lines of rules and words that run between two turns of others."""
    lines, longest = 0, 0

    def trace(frame, event, _):
        nonlocal lines
        if not frame.f_code.co_filename.endswith(
            ("words.py", "stems.py", "facts.py", "evaluate.py", "index.py", "matching.py")
        ):
            return None
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for _ in turns:
            longest, lines = max(longest, lines), 0
    finally:
        sys.settrace(before)
    return max(longest, lines)


@pytest.mark.parametrize(
    "when",
    [
        pytest.param(NEAR, id="near"),
        pytest.param(PHRASES, id="phrases", marks=pytest.mark.long),
        pytest.param("x", id="word"),
        pytest.param("stem:x", id="stem"),
        pytest.param('"a b"~9', id="matches", marks=pytest.mark.long),
    ],
)
def test_a_turn_is_no_longer_however_long_the_text_and_however_many_the_rules(when):
    def longest(repeats: int, rules: int) -> int:
        turns = match_by_turns(index(*[when] * rules), article("a x x x b x x x " * repeats), time_ms=0)
        return longest_turn(turns)

    short = longest(3_000, 2)
    assert longest(9_000, 2) <= 1.2 * short
    assert longest(3_000, 8) <= 1.2 * short
    assert short < 12 * RULE_STEPS


WORDS = st.sampled_from(["a", "b", "A", "ab", "Straße", "e\u0301", "x-y"])
TEXTS = st.lists(WORDS, max_size=60).map(" ".join)
PHRASE = st.lists(st.sampled_from(["a", "b", "ab", "x"]), min_size=1, max_size=4)


@given(TEXTS, PHRASE, st.integers(0, 6))
def test_a_text_read_in_pieces_has_the_same_words_in_the_same_places(text, phrase, others):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words_module, "_PIECE", 3)
        made = words_module.at_once(Words.in_pieces(text))
    whole = Words(text)
    assert (made.distinct, made.pairs) == (whole.distinct, whole.pairs)
    assert list(made.phrase(phrase)) == list(whole.phrase(phrase))
    assert list(made.near(phrase, others)) == list(whole.near(phrase, others))


@given(TEXTS, PHRASE, st.integers(0, 6))
def test_the_places_around_the_rarest_word_are_enough(text, phrase, others):
    everywhere = list(Words(text).near(phrase, others))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words_module, "_MANY_PLACES", 0)
        assert list(Words(text).near(phrase, others)) == everywhere


@given(st.lists(conditions, max_size=8), random_articles())
def test_a_long_article_matches_as_it_would_at_once(wanted, about):
    rules = RuleIndex(Rule(id=f"r{n}", name="n", owner="o", when=when) for n, when in enumerate(wanted))
    at_once = matches(rules, about, time_ms=0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(facts_module, "_LONG_CHARS", -1)
        patch.setattr(facts_module, "_NAMES_AT_ONCE", 0)
        patch.setattr(words_module, "_PIECE", 2)
        patch.setattr(stems_module, "_AT_ONCE", 2)
        assert matches(rules, about, time_ms=0) == at_once
    assert all(isinstance(one, AlertMatch) for one in at_once)


@pytest.mark.parametrize(
    ("when", "are_made"), [("stem:strike", True), ("source:x stem:strike", True), ("x", False)]
)
def test_the_stems_of_a_long_article_are_made_by_turns_and_only_for_rules_that_ask(when, are_made):
    facts = Facts(article(" ".join(f"strikes{number}" for number in range(4_500))))
    rules = index(when)
    for _ in range(2):
        turns = len(list(rules.find_matches(facts)))
    assert ("stems" in facts.__dict__) == are_made
    assert facts.is_long
    assert turns > 3
    rules.remove("r0")
    facts = Facts(article("strikes " * 4_500))
    list(rules.find_matches(facts))
    assert "stems" not in facts.__dict__


def test_an_entity_is_known_by_so_many_names():
    mentions = [{"start": 0, "end": 1, "text": f"Name {n}"} for n in range(1_000)]
    about = article("short", entities=[ENTITIES[0] | {"mentions": mentions}])
    assert len(Facts(about).names) == 200
