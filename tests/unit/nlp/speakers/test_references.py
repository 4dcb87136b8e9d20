"""Roles, bodies and documents are resolved to somebody named elsewhere, or must not be."""

import pytest

from tests.unit.nlp.speakers.spoken import said


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
            "In the report, [Ada Obi|PERSON] warned of a flood. “The wall is weak,” the report said.",
            "Ada Obi",
            id="a report by who warns in it",
        ),
        pytest.param(
            "[Harbour League|ORG] ([HL|ORG]) chairman [Tunde Bello|PERSON] came. "
            "“It is late,” said the HL chief.",
            "Tunde Bello",
            id="a body's leader by another word",
        ),
        pytest.param(
            "The governor of the [Grain Bank|ORG], Dr. [Ada Obi|PERSON], and the governor of the province, "
            "[Kofi Mensah|PERSON], met. “Bread will be cheaper,” the [Grain Bank|ORG] governor said.",
            "Ada Obi",
            id="of two governors the one of that body",
        ),
        pytest.param(
            "“It is late,” said [Ada Obi|PERSON], an adviser. "
            "The same official called the dam “full to the brim”.",
            "Ada Obi",
            id="the same official",
        ),
        pytest.param(
            "[Delta Mills|ORG] cut jobs. [Delta Mills|ORG] blamed the rain, and the [High Court|ORG] did "
            "not.\n\nThe harvest was poor.\n\nFew were surprised.\n\n“We had no choice,” the company said.",
            "Delta Mills",
            id="the company that the article is about",
        ),
        pytest.param(
            "[Delta Mills|ORG] cut jobs. “We had no choice,” the company said.\n\n"
            "“We wish them well,” the board said.",
            None,
            id="a company's board is not the company",
        ),
        pytest.param(
            "The [Coast Police|ORG] closed a road. It rained.\n\nOne man fell.\n\nNobody was hurt.\n\n"
            "Police said he should “thank his stars”.",
            "Coast Police",
            id="police of one name",
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
            "Mr [Kofi Mensah|PERSON] sued. “It was a trap,” [Mensah|PERSON] said.\n\n"
            "“He is wrong,” the premier said.",
            None,
            id="who holds an office was introduced with it",
        ),
        pytest.param(
            "Prime Minister [Ada Obi|PERSON] met Mr [Kofi Mensah|PERSON]. “He is wrong,” the premier said.",
            "Ada Obi",
            id="the premier is the prime minister",
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
