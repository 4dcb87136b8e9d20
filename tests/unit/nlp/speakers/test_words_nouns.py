"""Whose words they are where a noun tells it: the possessor's, even against the subject of the sentence."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        # Written before the rule.
        (
            "[Maud Terrell|PERSON] met the skaters of Thunder Bay. Her words were “we could skate in July”.",
            "we could",
            "Her",
            "Maud Terrell",
        ),
        (
            "In [Tunde Bello|PERSON]'s own words, the bridge that the mayor of Lokoja opened was “a "
            "heap of rust”.",
            "a heap",
            "Tunde Bello",
            "Tunde Bello",
        ),
        (
            "Critics in Recife mock the [Reform Choir|ORG] over its description of each song as “a triumph”.",
            "a triumph",
            "Reform Choir",
            "Reform Choir",
        ),
        (
            "[Aigerim Bekova|PERSON] left Astana at dawn. Her answer was: “I owe them nothing.”",
            "I owe",
            "Her",
            "Aigerim Bekova",
        ),
        (
            "[Sione Taufa|PERSON]'s words when the boats came back to Nuku'alofa: “Count the children "
            "first.”",
            "Count",
            "Sione Taufa",
            "Sione Taufa",
        ),
        # Written after it.
        (
            "[Bruno Keller|PERSON] stayed in Chur. In his own words, the tunnel is “a gift to the fog”.",
            "a gift",
            "his",
            "Bruno Keller",
        ),
        (
            "[Nour Haddad|PERSON]'s last message was “bring bread and salt”, and Tyre wept.",
            "bring bread",
            "Nour Haddad",
            "Nour Haddad",
        ),
        (
            "Farmers near Pune sued [Godavari Seeds|ORG] over its claim that the rice was “safe in any "
            "flood”.",
            "safe in",
            "Godavari Seeds",
            "Godavari Seeds",
        ),
        # A pronoun that may be two bodies' is nobody's.
        (
            "The [Tram Union|ORG] of Porto sued the [River Line|ORG] over its claim that trams are "
            "“rolling tombs”.",
            "rolling",
            None,
            None,
        ),
        # A word is no words: they must lead to the quote.
        (
            "[Ines Prado|PERSON] kept her word. “We open the gate at noon,” said [Juan Rojas|PERSON] "
            "in Salta.",
            "We open",
            "Juan Rojas",
            "Juan Rojas",
        ),
    ],
)
def test_words_are_their_possessor_s(marked, start, mention, name):
    assert attributed(marked, start)[:2] == (mention, name)
