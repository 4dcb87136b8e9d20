"""What the sentence before is about speaks as "they" or "it", and where nobody is named."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        # Written before the rule.
        (
            "Two hundred weavers marched through Dhaka. They said the wage was “a bad joke”.",
            "a bad",
            "Two hundred weavers",
            None,
        ),
        (
            "The report lists nine mills near Lodz. It says the river is “dead to the bottom”.",
            "dead",
            "The report",
            None,
        ),
        (
            "The [Salt Council|ORG] ([SC|ORG]) says nine million pipes in Perth rust. More than “eight "
            "million "
            "are old, the rest new”.",
            "eight million",
            "Salt Council",
            "Salt Council",
        ),
        (
            "“We dance,” said [Kiri Ann|PERSON].\n\n[Ines Moreau|PERSON] taught in Suva. For "
            "[Moreau|PERSON], she felt the school “had to help”.",
            "had to help",
            "she",
            "Ines Moreau",
        ),
        (
            "Unions in Gdansk gave in. Forty-two dockers slept on the pier. They called it “the last hotel”.",
            "the last",
            "Forty-two dockers",
            None,
        ),
        # Written after it.
        (
            "Dozens of nurses left Harare by bus. They called the ward “a furnace”.",
            "a furnace",
            "Dozens of nurses",
            None,
        ),
        (
            "A leaflet hung in every shop of Cork. It called the tax “a toll on rain”.",
            "a toll",
            "It",
            None,
        ),
        # A time is nobody.
        (
            "The [Glass Guild|ORG] asked for peace. Three years went by in Murano. They called it “a "
            "slow fire”.",
            "a slow",
            "They",
            "Glass Guild",
        ),
        # Another paragraph is another matter.
        (
            "The [Salt Council|ORG] says pipes in Adelaide rust.\n\nMore than “eight million are old, "
            "the rest "
            "new”.",
            "eight million",
            None,
            None,
        ),
        # Who is told of beside a body does not make it a document.
        (
            "[Delta Mills|ORG] read the report in Multan. It said the wall was “weak as paper”.",
            "weak",
            "It",
            "Delta Mills",
        ),
    ],
)
def test_the_subject_of_the_sentence_before_speaks(marked, start, mention, name):
    assert attributed(marked, start)[:2] == (mention, name)


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        # Written before the rule.
        (
            "“We dance,” said [Per Moe|PERSON] of Oslo.\n\n[Olav Dahl|PERSON] is a drummer from Tana. "
            "After the "
            "show, he called the drum “a second heart”.",
            "a second",
            "Olav Dahl",
        ),
        (
            "[Tunde Bello|PERSON] met the press in Jos. “It is police work,” [Bello|PERSON] said, and "
            "spoke of the "
            "[Plateau Party|ORG]'s charges of “revenge at night”. “There is no revenge here at all.”",
            "There is no",
            "Tunde Bello",
        ),
        (
            "The general director of the [Harbour Board|ORG], [Luisa Mora|PERSON], came to Callao. “It "
            "is late,” "
            "said the head of the [Harbour Board|ORG].",
            "It is late",
            "Luisa Mora",
        ),
        # Written after it. Whom the pronoun's own sentence names is nearer.
        (
            "“It is calm,” said [Bo Lind|PERSON].\n\n[Ola Berg|PERSON], a guard, spoke in Umea, where "
            "he called "
            "the night “a long tunnel”.",
            "a long",
            "Ola Berg",
        ),
        # One of many directors is not the head.
        (
            "A sales director of the [Harbour Board|ORG], [Luisa Mora|PERSON], came to Callao. “It is late,” "
            "said the head of the [Harbour Board|ORG].",
            "It is late",
            None,
        ),
        (
            "[Algerian|NORP] returnees in Lyon said the film was “a falsehood from end to end”.",
            "a falsehood",
            None,
        ),
    ],
)
def test_focus_weighs_and_does_not_rule(marked, start, name):
    assert attributed(marked, start)[1] == name
