"""Who has no name, who is not to be named, and names that only tell which body is meant."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    "behind",
    [
        ", who prefers not to give his name",
        ", who asked not to be named",
        " who wished to remain anonymous",
        ", who declined to give his name",
        ", who spoke once and requested anonymity",
        ", who insisted on anonymity",
        " on condition of anonymity",
        " under the condition of anonymity",
        ", who chose to stay unnamed",
        ", who refused to be named",
    ],
)
def test_who_is_not_to_be_named_is_nobody_who_was_introduced_so(behind):
    marked = f"[Ana Moreno|PERSON], the owner of a shop, left. “There were fewer,” said the owner{behind}."
    assert attributed(marked, "There were")[1] is None


@pytest.mark.parametrize(
    ("head", "pronoun"),
    [
        ("the owner of the inn", "he"),
        ("a driver in Quito", "he"),
        ("a farmer near Oslo", "she"),
        ("the guard of the mill", "he"),
        ("a nurse in Suva", "she"),
        ("a waiter in Perth", "he"),
        ("an accountant in Lagos", "she"),
        ("a clerk from Leeds", "she"),
        ("a monk in Hue", "he"),
        ("the pilot of the ferry", "he"),
    ],
)
def test_a_pronoun_that_nobody_fits_is_whoever_spoke_last(head, pronoun):
    marked = (
        f"“There were fewer,” said {head}.\n\n"
        "However, the [Ortiz|PERSON] government held parades. “That drove "
        f"them away”, {pronoun} said."
    )
    assert attributed(marked, "That drove")[:2] == (head, None)


@pytest.mark.parametrize(
    "body", ["government", "regime", "administration", "family", "presidency", "cabinet", "dynasty", "era"]
)
def test_a_name_that_tells_which_body_is_meant_is_no_antecedent(body):
    marked = (
        "[Pavel Dusek|PERSON] sells bread. “It is dear,” he said.\n\n"
        f"The [Ortiz|PERSON] {body} fell. “I wept”, he said."
    )
    assert attributed(marked, "I wept")[1] == "Pavel Dusek"


@pytest.mark.parametrize("body", ["government", "administration", "regime", "cabinet", "family", "team"])
def test_whose_government_speaks_is_no_subject(body):
    marked = (
        f"[Pavel Dusek|PERSON] sells bread. “It is dear,” he said.\n\nHis shop shut after the {body} of "
        "[Ana Ortiz|PERSON] and [Luis Vega|PERSON] announced a ban. “I wept”, he said."
    )
    assert attributed(marked, "I wept")[1] == "Pavel Dusek"


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        (
            "A boy from [Suva|GPE] fell. Eight-year-old [Semisi Lolo|PERSON] is well. “I slept,” the "
            "boy said.",
            "Semisi Lolo",
        ),
        (
            "A girl from [Leeds|GPE] won. Nine-year-old [Amy Holt|PERSON] plays. “It is fun,” the girl "
            "said.",
            "Amy Holt",
        ),
        (
            "A teenager swam to [Elba|GPE]. The 15-year-old pupil [Rita Conti|PERSON] is tired. “It is "
            "far,” the "
            "teenager said.",
            "Rita Conti",
        ),
        (
            "A man sailed. The 70-year-old [Ole Dahl|PERSON] is back. “I am old,” the man said.",
            "Ole Dahl",
        ),
        # One of two is neither.
        (
            "A boy fell. Eight-year-old [Semisi Lolo|PERSON] and nine-year-old [Tui Manu|PERSON] saw "
            "it. “I slept,” "
            "the boy said.",
            None,
        ),
    ],
)  # fmt: skip
def test_whose_age_is_told_is_the_boy(marked, name):
    assert attributed(marked, marked.split("“")[1][:5])[1] == name


@pytest.mark.parametrize("body", ["ministry", "council", "company", "board", "club"])
def test_it_is_the_body_that_spoke_in_the_sentence_before(body):
    marked = (
        f"[Dana Kos|PERSON] spoke.\n\nThe {body} said it does so.\n\n“The village must be heard,” it said."
    )
    assert attributed(marked, "The village")[0] == f"The {body}"
