"""A role that nobody was introduced with is the person whom the sentence before it is about."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        (
            "[Bruno Acosta|PERSON] spoke first. “We are late,” said [Acosta|PERSON].\n\n[Luz "
            "Pereira|PERSON] "
            "underscored the weight of the meeting. The [Uruguayan|NORP] leader argued that “one table "
            "is enough”.",
            "one table",
            "Luz Pereira",
        ),
        (
            "[Kwame Asante|PERSON], the regatta champion, wants to buy the club of [Ivan "
            "Petrov|PERSON].\n\n“It "
            "is a great club,” said the rower.",
            "It is",
            "Kwame Asante",
        ),
        (
            "“I sold it,” said [Ken Sato|PERSON].\n\nThe singer [Ines Duarte|PERSON] returned to "
            "[Mindelo|GPE] "
            "in May. “I missed the wind,” the vocalist said.",
            "I missed",
            "Ines Duarte",
        ),
        (
            "“We dig,” said [Aino Virta|PERSON].\n\nThe novelist [Pavel Dusek|PERSON] lives by the "
            "weir. “I hear "
            "it at night,” the poet said.",
            "I hear",
            "Pavel Dusek",
        ),
        (
            "“We pay,” said [Omar Farah|PERSON].\n\nThe tycoon [Lakshmi Rao|PERSON] bought the mill in "
            "[Madurai|GPE]. “It will spin again,” the investor said.",
            "It will",
            "Lakshmi Rao",
        ),
        (
            "“We wait,” said [Ada Obi|PERSON].\n\nThe sprinter [Tui Manu|PERSON] trains on the beach of "
            "[Apia|GPE]. “Sand is slow,” the runner said.",
            "Sand is",
            "Tui Manu",
        ),
        # Whose doctor speaks, the text does not tell.
        (
            "“We wait,” said the farmer [Ada Obi|PERSON].\n\n[Rui Costa|PERSON] broke an arm in "
            "[Braga|GPE]. “It will heal,” "
            "the doctor said.",
            "It will",
            None,
        ),
        # News introduces whoever holds an office.
        (
            "“We wait,” said [Ada Obi|PERSON].\n\n[Rui Costa|PERSON] left the hall in [Braga|GPE]. “He "
            "was rude,” "
            "the minister said.",
            "He was",
            None,
        ),
        # Another people's leader.
        (
            "[Algerian|NORP] president [Karim Saadi|PERSON] received [Nilo Vargas|PERSON]. The "
            "[Andean|NORP] leader praised “two days of talks”.",
            "two days",
            None,
        ),
        # Somebody else was introduced so.
        (
            "The coach [Lena Brandt|PERSON] left. [Tui Manu|PERSON] trains in [Apia|GPE]. “We ran,” the "
            "coach said.",
            "We ran",
            "Lena Brandt",
        ),
    ],
)  # fmt: skip
def test_a_role_takes_up_whom_the_sentence_before_is_about(marked, start, name):
    assert attributed(marked, start)[1] == name


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        (
            "[Habiba Sow|PERSON], who in 2005 became the first woman to become a governor in her "
            "country, left. "
            "[Moussa Ba|PERSON] stayed. “They fear us,” the former governor said.",
            "They fear",
            "Habiba Sow",
        ),
        (
            "[Iris Falk|PERSON], who later became a judge in [Malmo|GPE], sailed. [Nils Berg|PERSON] "
            "rowed. “The "
            "law floats,” the judge said.",
            "The law",
            "Iris Falk",
        ),
        (
            "[Tariq Aziz|PERSON], who in 1998 became a senator, farms. [Bashir Khan|PERSON] helps. "
            "“Mangoes pay,” "
            "the former senator said.",
            "Mangoes",
            "Tariq Aziz",
        ),
        (
            "[Ximena Rojas|PERSON], who became an astronomer at forty, met [Pia Soto|PERSON]. “The sky "
            "is near,” the "
            "astronomer said.",
            "The sky",
            "Ximena Rojas",
        ),
        (
            "[Sione Fifita|PERSON], who became a bishop last year, met [Mele Taufa|PERSON]. “We sang,” "
            "the bishop "
            "said.",
            "We sang",
            "Sione Fifita",
        ),
        (
            "[Oluwaseun Ade|PERSON], who in May became the youngest pilot of the fleet, met [Ngozi "
            "Eze|PERSON]. "
            "“It was dark,” the pilot said.",
            "It was",
            "Oluwaseun Ade",
        ),
        (
            "[Marta Silva|PERSON], who became a mayor without a vote, met [Rui Costa|PERSON]. “I "
            "count,” the mayor "
            "said.",
            "I count",
            "Marta Silva",
        ),
        (
            "[Dorji Wangmo|PERSON], who then became a monk, met [Pema Lhamo|PERSON]. “Bells help,” the "
            "monk said.",
            "Bells",
            "Dorji Wangmo",
        ),
        (
            "[Grace Obi|PERSON], who soon became a coach, met [Sam Otu|PERSON]. “We run at dawn,” the "
            "coach said.",
            "We run",
            "Grace Obi",
        ),
        # What a house became is no role.
        (
            "[Lena Brandt|PERSON] sold a house that became a museum. [Jan Kos|PERSON] is its guard. “It "
            "rains in,” "
            "the guard said.",
            "It rains",
            "Jan Kos",
        ),
    ],
)  # fmt: skip
def test_who_became_something_is_called_so(marked, start, name):
    assert attributed(marked, start)[1] == name
