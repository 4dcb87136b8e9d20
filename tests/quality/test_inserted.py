"""The shipped pipeline on reports that their attribution interrupts, from ten parts of the world."""

import pytest

from tests.shipped import shipped_pipeline
from worker.nlp.enrich import enrich
from worker.records.article import Article


@pytest.fixture(scope="module")
def nlp():
    return shipped_pipeline()


def reported(nlp, text: str) -> list[tuple[str, str, str]]:
    """The words, the cue and the speaker's mention of each report."""
    quotes = enrich(nlp, Article(id="a", text=text, language="en")).quotes
    return [(q.text, q.cue.text, q.speaker.text) for q in quotes if q.cue and q.speaker]


@pytest.mark.parametrize(
    ("text", "cue", "mention"),
    [
        # Written before the rule.
        (
            "The harvest, according to the Kenya Farmers Union, will be a third smaller than last year.",
            "according to",
            "Kenya Farmers Union",
        ),
        (
            "The main cause of the flood in Chennai, according to engineer Priya Raman, was a blocked drain.",
            "according to",
            "Priya Raman",
        ),
        (
            "The bridge will, according to Transport Minister Jana Novakova, reopen in May.",
            "according to",
            "Jana Novakova",
        ),
        (
            "Half of the glaciers in Patagonia, according to a study by the University of Magallanes, could "
            "vanish by 2060.",
            "according to",
            "a study by the University of Magallanes",
        ),
        (
            "The dam — according to its operator — is safe for another thirty years.",
            "according to",
            "its operator",
        ),
        ("The suspect, police in Osaka said, had bought the knife a day earlier.", "said", "police in Osaka"),
        # Written after the rule.
        (
            "Some of the worst damage, according to farmers in the Mekong delta, came from salt.",
            "according to",
            "farmers in the Mekong delta",
        ),
        (
            "The ceasefire could, according to two diplomats in Nairobi, collapse within days.",
            "according to",
            "two diplomats in Nairobi",
        ),
        (
            "Rents in Auckland, according to the tenants' union, have doubled since 2012.",
            "according to",
            "the tenants' union",
        ),
        ("The new wing, said curator Elif Kaya, would double the number of rooms.", "said", "Elif Kaya"),
        (
            "The crew, according to the captain, Arne Solberg, were asleep when the ship struck the reef.",
            "according to",
            "Arne Solberg",
        ),
        ("Rice prices, economists say, are likely to stay high until the next harvest.", "say", "economists"),
    ],
)
def test_a_report_is_its_clause_on_both_sides_of_the_attribution(nlp, text, cue, mention):
    assert reported(nlp, text) == [(text[:-1], cue, mention)]


def test_what_and_or_but_adds_is_not_the_same_clause(nlp):
    text = "The reform, according to its critics, is a gift to landlords, but the government denies it."
    assert reported(nlp, text)[0] == (text[: text.index(", but")], "according to", "its critics")


def test_two_clauses_around_an_attribution_stay_two(nlp):
    text = "The road is closed, police said, and the bridge is too."
    assert reported(nlp, text)[0] == ("The road is closed", "said", "police")


def test_what_is_done_by_the_rules_is_not_reported_by_them(nlp):
    assert (
        reported(nlp, "The game is played according to the rules of 1908, and the winner takes the cup.")
        == []
    )
