"""A body that is called by another's name is not the body that was named before."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        (
            "[Red Dawn|ORG] took the town. The [UN|ORG] agency said that “schools are shut”.",
            "schools",
            None,
        ),
        (
            "The [Coast Union|ORG] struck. The [Ports League|ORG] bank said that “wages are late”.",
            "wages",
            None,
        ),
        (
            "[Blue Sail|ORG] won the cup. The [Baltic Guild|ORG] committee said it was “a fair race”.",
            "a fair",
            None,
        ),
        (
            "[Andes Air|ORG] cut flights. The [Quito Chamber|ORG] board said it was “no surprise”.",
            "no surprise",
            None,
        ),
        (
            "[Green Delta|ORG] bought rice. The [Mekong League|ORG] council said it was “a low trick”.",
            "a low",
            None,
        ),
        (
            "[Cedar Oil|ORG] paid. The [Tyre League|ORG] fund said it was “a fine start”.",
            "a fine",
            None,
        ),
        # One of the letters alone may be it.
        (
            "[FWO|ORG] counts fish. The [UN|ORG] agency called the catch “poor”.",
            "poor",
            "FWO",
        ),
        (
            "[IRC|ORG] counts rivers. The [UN|ORG] agency called the flow “weak”.",
            "weak",
            "IRC",
        ),
        # A body without another's name takes it up.
        (
            "[Reef Foods|ORG] shut a plant in [Suva|GPE]. The company said it was “a short pause”.",
            "a short",
            "Reef Foods",
        ),
        (
            "[Steppe Rail|ORG] raised fares. The firm said it was “a small step”.",
            "a small",
            "Steppe Rail",
        ),
    ],
)  # fmt: skip
def test_a_body_of_a_body_is_not_the_one_named_before(marked, start, name):
    assert attributed(marked, start)[1] == name
