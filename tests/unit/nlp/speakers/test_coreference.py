"""Pronouns, short names and roles are resolved to the person meant."""

import pytest

from tests.unit.nlp.speakers.spoken import said


def names(marked: str) -> list[str | None]:
    return [name for _, name, _ in said(marked)]


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        (
            "[Ada Okafor|PERSON] opened the road on [Monday|DATE]. “It is safe now,” she said.",
            "Ada Okafor",
        ),
        (
            "[Ada Okafor|PERSON] opened the road. She walked over it first. “It is safe now,” she said.",
            "Ada Okafor",
        ),
        (
            "Mr [Kenji Sato|PERSON] met Ms [Ada Okafor|PERSON] in [Lagos|LOC]. “It is safe now,” he said.",
            "Kenji Sato",
        ),
        (
            "Mr [Kenji Sato|PERSON] met Ms [Ada Okafor|PERSON] in [Lagos|LOC]. “It is safe now,” she said.",
            "Ada Okafor",
        ),
    ],
)
def test_a_pronoun_is_the_person_of_its_gender(marked, name):
    assert names(marked) == [name]


def test_whose_lawyer_it_is_does_not_make_a_person_the_one_who_speaks():
    marked = (
        "[Ada Okafor|PERSON] said the case was weak. [Efua Bello|PERSON]’s sentence shows it, she said. "
        "“It was never tried,” she said."
    )
    assert names(marked) == ["Ada Okafor"]


def test_a_name_misspelt_once_is_the_person_meant():
    marked = "[Ada Okafor|PERSON] came. [Okafor|PERSON] waved. “It is safe now,” said Ms [Okafro|PERSON]."
    assert names(marked) == ["Ada Okafor"]


@pytest.mark.parametrize("name", ["Petrova", "Okafur Junior", "Obafor-Smith"])
def test_another_name_is_another_person(name):
    marked = f"[Ivan Petrov|PERSON] came. [Petrov|PERSON] waved. “It is safe now,” said Ms [{name}|PERSON]."
    assert names(marked) == [name]


def test_a_surname_is_the_person_of_the_full_name():
    marked = "[Ada Okafor|PERSON] opened the road. “It is safe now,” [Okafor|PERSON] said."
    assert said(marked)[0][:2] == ("Okafor", "Ada Okafor")


@pytest.mark.parametrize(
    "marked",
    [
        "[Ada Okafor|PERSON], the transport minister, opened the road. “It is safe now,” the minister said.",
        "Transport minister [Ada Okafor|PERSON] opened the road. “It is safe now,” said the minister.",
        (
            "Transport minister [Ada Okafor|PERSON] walked first. Engineer [Kenji Sato|PERSON] followed.\n\n"
            "“It is safe now,” the minister said."
        ),
    ],
)
def test_a_role_is_the_person_introduced_with_it(marked):
    assert names(marked) == ["Ada Okafor"]


def test_a_role_that_nobody_was_introduced_with_is_nobody_known():
    marked = "[Ada Okafor|PERSON] and [Kenji Sato|PERSON] opened the road. “It is safe now,” a driver said."
    assert names(marked) == [None]


def test_a_pronoun_that_fits_nobody_is_nobody_known():
    marked = "Mr [Kenji Sato|PERSON] opened the road. “It is safe now,” she said."
    assert names(marked) == [None]


def test_they_are_not_one_of_the_people_named():
    marked = "[Ada Okafor|PERSON] met two farmers. “We have lost the whole harvest,” they said."
    assert names(marked) == [None]


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        ("[Harbour Foods|ORG] opened at nine. The police said the fire was “out before noon”.", None),
        ("[Harbour Foods|ORG] was fined. The court called the fire “a danger to the whole street”.", None),
        ("[Harbour Foods|ORG] opened at nine. The company said the fire was “out by noon”.", "Harbour Foods"),
        ("The [SIU|ORG] took over. The police said the fire was “out before noon”.", "SIU"),
        ("The [SIU|ORG] took over. The Kumasi police said the fire was “out before noon”.", None),
    ],
)
def test_a_public_body_is_no_company_that_was_named_before(marked, name):
    assert names(marked) == [name]


def test_a_pronoun_in_a_paragraph_about_somebody_is_that_person_whoever_spoke_before():
    marked = (
        "[Paul Weber|PERSON] came late. “It is too late for us,” [Kenji Sato|PERSON] said.\n\n"
        "[Weber|PERSON] is hopeful. “We will wait for it,” he said."
    )
    assert names(marked)[-1] == "Paul Weber"


def test_a_noun_behind_a_word_in_marks_does_not_begin_a_sentence():
    marked = "[Paul Weber|PERSON] said he did not feel “unsafe” being a guest. “I like it here,” he said."
    assert names(marked)[-1] == "Paul Weber"
