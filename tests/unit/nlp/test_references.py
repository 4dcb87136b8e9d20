"""Roles, bodies and documents that stand for somebody named elsewhere, and those that must not."""

import pytest
from spoken import said


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        pytest.param(
            "[Tunde Bello|PERSON], secretary-general of the [Harbour League|ORG], spoke. "
            "“It is late,” the secretary-general said.",
            "Tunde Bello",
            id="a hyphened role",
        ),
        pytest.param(
            "The [Ministry of Roads|ORG] opened a bridge. “It is safe,” the ministry said.",
            "Ministry of Roads",
            id="a body by a word of its name",
        ),
        pytest.param(
            "[Ada Obi|PERSON] sent a letter to the council. “We are tired,” the letter said.",
            "Ada Obi",
            id="a letter by who sent it",
        ),
        pytest.param(
            "“We are tired,” said [Ada Obi|PERSON].\n\n“We waited for years.\n\n“Now it is over.”",
            "Ada Obi",
            id="the next paragraphs of one speaker",
        ),
        pytest.param(
            "[Ada Obi|PERSON] was far too kind to them, she said. A lawyer, [Kofi Mensah|PERSON], disagreed. "
            "“It was a trap,” the police prosecutor said.",
            None,
            id="another role is another person",
        ),
        pytest.param(
            "“It was a trap,” said [Ada Obi|PERSON]. “Never again,” said an official.",
            None,
            id="an official is nobody named",
        ),
    ],
)
def test_the_last_quote_s_speaker(marked, name):
    assert said(marked)[-1][1] == name
