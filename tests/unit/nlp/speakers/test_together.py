"""Several who speak with one verb are mentioned together, and nobody of them alone."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention"),
    [
        # Written before the rule.
        (
            "[Ada Obi|PERSON] and [Kofi Sato|PERSON] said the dam near Jos was “a bad joke”.",
            "a bad",
            "Ada Obi and Kofi Sato",
        ),
        (
            "“It is late,” said [Lena Brandt|PERSON] and [Uwe Kern|PERSON] of the glass works in Jena.",
            "It is late",
            "Lena Brandt and Uwe Kern",
        ),
        (
            "Farm minister [Rosa Quispe|PERSON], her deputy [Juan Mamani|PERSON] and union chief "
            "[Ines Rojas|PERSON] agreed the offer in Potosi was “too low by half”.",
            "too low",
            "Rosa Quispe, her deputy Juan Mamani and union chief Ines Rojas",
        ),
        (
            "Three [Court of Appeal|ORG] judges - [Tan Wei|PERSON], [Lim Hua|PERSON] and [Goh "
            "Mei|PERSON] - said the sentence was “far too short”.",
            "far too",
            "Three Court of Appeal judges",
        ),
        ("Doctors and nurses say the ward in Harare is “a furnace”.", "a furnace", "Doctors and nurses"),
        # Written after it.
        (
            "The [Delta Mills|ORG] and the [Harbour League|ORG] called the strike in Gdansk “a farce”.",
            "a farce",
            "Delta Mills and the Harbour League",
        ),
        (
            "The deal, [Sione Tau|PERSON] and [Mele Fifita|PERSON] said, was “a theft of fish”.",
            "a theft",
            "Sione Tau and Mele Fifita",
        ),
        (
            "Two ministers, [Ali Demir|PERSON] and [Can Aydin|PERSON], said the bridge was “safe for "
            "now”.\n\nIt rained in Bursa.",
            "safe for",
            "Two ministers",
        ),
        # Without "and", right before the verb.
        (
            "[Tana Roi|PERSON], [Vai Kila|PERSON] said the reef off Honiara was “a field of bones”.",
            "a field",
            "Tana Roi, Vai Kila",
        ),
        (
            "According to [Tana Roi|PERSON], [Vai Kila|PERSON] said the reef was “a field of bones”.",
            "a field",
            "Vai Kila",
        ),
        # A list that a preposition governs is shorter, and no subject where the verb is another's.
        (
            "In front of [Ada Obi|PERSON], [Ravi Nair|PERSON] and [Mina Das|PERSON] called the dam in "
            "Kochi “a grave”.",
            "a grave",
            "Ravi Nair and Mina Das",
        ),
        (
            "[Ilse Maes|PERSON] told [Jan Smet|PERSON] and [Eva Claes|PERSON] in Ghent that it was “a "
            "wreck”.",
            "a wreck",
            "Ilse Maes",
        ),
        (
            "[Omar Said|PERSON] met [Nora Adly|PERSON] and [Sami Badr|PERSON] in Tanta, and said it "
            "was “late”.",
            "late",
            "Omar Said",
        ),
    ],
)
def test_whoever_speaks_together_is_mentioned_together(marked: str, start: str, mention: str) -> None:
    assert attributed(marked, start)[0] == mention


def test_a_mention_of_several_is_nobodys_alone() -> None:
    marked = "[Ada Obi|PERSON] and [Kofi Sato|PERSON] said the dam near Jos was “a bad joke”."
    assert attributed(marked, "a bad") == ("Ada Obi and Kofi Sato", None, None)


def test_those_who_were_counted_and_named_are_taken_up() -> None:
    marked = (
        "Three [Court of Appeal|ORG] judges - [Tan Wei|PERSON], [Lim Hua|PERSON] and [Goh Mei|PERSON] "
        "- said it was late.\n\nIt rained in Ipoh.\n\nThe judges called the sentence “far too short”."
    )
    assert attributed(marked, "far too")[0] == "Three Court of Appeal judges"
