"""Quotes under a name that heads a list, and headings that are quotes themselves."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("heading", "item", "name"),
    [
        ("[Amara Diop|PERSON], [Delta Bank|ORG]", "– “Prices will rise.”", "Amara Diop"),
        ("[Tomas Lind|PERSON] (EcoNord)", "- “Prices will rise”", "Tomas Lind"),
        ("[Federica Moll|PERSON]", "• “Prices will rise.”", "Federica Moll"),
        ("[Ana Quispe|PERSON] – weaver", "– The market “will Prices will rise”", "Ana Quispe"),
        ("[Jin Park|PERSON], farmer, [Jeju|GPE]", "1. “Prices will rise.”", "Jin Park"),
        ("[Mere Tau|PERSON], [Suva|GPE]", "* “Prices will rise.”", "Mere Tau"),
        ("[Said Omar|PERSON] | [Dhow Owners|ORG]", "– “Prices will rise.”", "Said Omar"),
        ("[Ravi Menon|PERSON]:", "– “Prices will rise.”", "Ravi Menon"),
        # A sentence heads no list, and nor do two people.
        ("[Lena Brandt|PERSON] spoke to the board.", "– “Prices will rise.”", None),
        ("[Lena Brandt|PERSON] (with [Jan Kos|PERSON])", "– “Prices will rise.”", None),
    ],
)  # fmt: skip
def test_the_items_of_a_list_are_those_of_the_name_above_it(heading, item, name):
    start = "will" if "The market" in item else "Prices"
    marked = (
        f"What they say of the year:\n\n{heading}\n– Forecast: nine in a hundred\n{item}\n\nMore below.\n"
    )
    assert attributed(marked, start)[1] == name


@pytest.mark.parametrize(
    ("heading", "below", "name"),
    [
        (
            "‘Can’t think of losing him’",
            "[Sara Begum|PERSON] sews. “He is all I have. I can’t think of losing him,” she said.",
            "Sara Begum",
        ),
        (
            "“We ate the seed”",
            "[Musa Keita|PERSON] farms. “In March we ate the seed and slept,” he said.",
            "Musa Keita",
        ),
        (
            "“No boat came”",
            "[Mele Tonga|PERSON] waited. “For nine days no boat came to us,” she said.",
            "Mele Tonga",
        ),
        (
            "“Snow is money”",
            "[Ole Dahl|PERSON] ploughs. “To me snow is money,” he said.",
            "Ole Dahl",
        ),
        (
            "“Bread for a song”",
            "[Ana Torres|PERSON] bakes. “I gave bread for a song,” she said.",
            "Ana Torres",
        ),
        (
            "“They took the bell”",
            "[Jan Kos|PERSON] rings. “One night they took the bell away,” he said.",
            "Jan Kos",
        ),
        (
            "“My loom is silent”",
            "[Rosa Quispe|PERSON] weaves. “Since June my loom is silent,” she said.",
            "Rosa Quispe",
        ),
        (
            "“Our well is salt”",
            "[Ali Reza|PERSON] digs. “By now our well is salt,” he said.",
            "Ali Reza",
        ),
        (
            "“A road of dust”",
            "[Tui Manu|PERSON] drives. “It is a road of dust and bones,” he said.",
            "Tui Manu",
        ),
        # Words that nobody says below are nobody's.
        ("“The long wait”", "[Ravi Menon|PERSON] teaches. “I am tired,” he said.", None),
    ],
)  # fmt: skip
def test_a_heading_is_whose_quote_it_is_taken_from(heading, below, name):
    marked = f"“The work goes on,” said [Anil Kaul|PERSON].\n\n{heading}\n\n{below}\n"
    assert attributed(marked, heading[1:8])[1] == name


def test_a_quote_in_a_line_of_its_own_below_a_colon_is_no_heading():
    marked = "[Anil Kaul|PERSON] told the council:\n\n“We pack them off”\n\nThe vote is in May.\n"
    assert attributed(marked, "We pack")[1] == "Anil Kaul"
