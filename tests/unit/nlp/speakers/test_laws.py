"""A law or a work speaks behind "which provides", as "it", and where the next sentence names it."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        # Written before the rule.
        (
            "[Ada Obi|PERSON] of Lagos forgot Section 12 of the [Quay Act|MISC], which provides that "
            "“each boat "
            "needs a bell”.",
            "each boat",
            "Section 12 of the Quay Act",
            None,
        ),
        (
            "Rule 9 of the [Rowing Code|MISC] lets guests aboard in Henley. Still, it stipulates that "
            "“no guest "
            "holds an oar”.",
            "no guest",
            "Rule 9 of the Rowing Code",
            None,
        ),
        (
            "The aim in Tallinn was that it “could draw young rowers”. These lines are on page 8 of "
            "“[Tides of "
            "Yore|MISC]”.",
            "could draw",
            "Tides of Yore",
            None,
        ),
        (
            "[Hana Kim|PERSON] cited Article 21 of the constitution, which guarantees that “speech is "
            "free in "
            "Seoul and elsewhere”.",
            "speech",
            "Article 21 of the constitution",
            None,
        ),
        (
            "Clause 4 of the treaty binds Lima. It also states that “rivers belong to no house or owner”.",
            "rivers",
            "Clause 4 of the treaty",
            None,
        ),
        # Written after it.
        (
            "Section 3 of the [Herd Act|MISC] says that whoever leads goats through Maun “must carry water”.",
            "must carry",
            "Section 3 of the Herd Act",
            None,
        ),
        (
            "The charter hangs in Valletta. It declares that “no door is locked at noon”.",
            "no door",
            "The charter",
            None,
        ),
        # Who quotes an act for what they say themselves speaks.
        (
            "Under Section 9 of the act, “boats may be sold”, [Anil Shah|PERSON] said in Surat.",
            "boats may",
            "Anil Shah",
            "Anil Shah",
        ),
        # A body is no law.
        (
            "The [Glass Board|ORG] sat in Venice. It stated that “no furnace burns at night”.",
            "no furnace",
            "It",
            "Glass Board",
        ),
        # Lines that are somewhere else than in a work name nobody.
        (
            "“We wait for rain in Bamako,” said [Awa Keita|PERSON]. These lines are long.",
            "We wait",
            "Awa Keita",
            "Awa Keita",
        ),
    ],
)
def test_laws_and_works_speak(marked, start, mention, name):
    assert attributed(marked, start)[:2] == (mention, name)
