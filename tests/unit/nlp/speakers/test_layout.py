"""Marks that stand the wrong way round, and lines that break between a quote and who said it."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        # Written before the rule.
        ("“This is how we cross the river,”\n\nstated [Ivo Stark|PERSON], once warden in Split.",
         "This", "Ivo Stark"),
        ("”We wait here for rain,“ said [Abeba Tesfaye|PERSON] in Gondar.", "We wait", "Abeba Tesfaye"),
        ("“A bit higher,'' said [Rosa Quispe|PERSON] in Puno. “It is dry,” said [Juan "
        "Rojas|PERSON].", "A bit",
         "Rosa Quispe"),
        ("“A bit lower,’’ said [Liv Dahl|PERSON] of Tromso. “It is cold,” said [Per Moe|PERSON].",
         "A bit", "Liv Dahl"),
        ("\"No train came,\"\nadded [Kenji Mori|PERSON] of Nara.", "No train", "Kenji Mori"),
        # Written after it.
        ("He heard ”the wall“ crack in Aden. ”We must go now,“ said [Salim Aziz|PERSON].",
         "We must", "Salim Aziz"),
        ("“Bread is for all,”\nwrote [Ema Novak|PERSON] from Brno.", "Bread", "Ema Novak"),
        # What begins with a capital is a sentence of its own.
        ("“The well is dry.”\n\nSheep died near Alice Springs, said [Tom Reid|PERSON].", "The well", None),
        # A list below a quote is nobody's words.
        ("“Bring rope.”\n\nsaid [Ann Lee|PERSON] nothing of it in Apia.", "Bring", None),
        ("“We go,” said [Bo Lind|PERSON].\n\n“We stay,” said [Ada Wolf|PERSON] of Graz.",
         "We stay", "Ada Wolf"),
    ],
)  # fmt: skip
def test_a_slip_of_the_printer_hides_no_speaker(marked, start, name):
    assert attributed(marked, start)[1] == name
