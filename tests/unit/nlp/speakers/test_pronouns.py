"""Pronouns are resolved by gender, number, recency and what their antecedent is in its sentence."""

import pytest

from tests.unit.nlp.speakers.spoken import said


@pytest.mark.parametrize(
    ("marked", "mention", "name"),
    [
        pytest.param(
            "[Zhibek Tolo|PERSON] told the inquiry of the lifts. [Orvar Thell|PERSON] was harsher. “Not "
            "one,” he said.",
            "he", "Orvar Thell", id="whom the sentence before introduces",
        ),
        pytest.param(
            "“It was dark,” said [Tupou Vaka|PERSON]. The skipper, [Mele Fonua|PERSON], found her. “She "
            "was cold,” he "
            "said.",
            "he", "Mele Fonua", id="introduced with a role",
        ),
        pytest.param(
            "[Quillon Adar|PERSON] said he would go. His deputy, Ms [Maren Oxholm|PERSON], left. “I am "
            "tired,” he said.",
            "he", "Quillon Adar", id="he is no woman named since",
        ),
        pytest.param(
            "[Ruta Zemgals|PERSON] met Mr [Ainars Kalve|PERSON] at the port. “He was late,” she said.",
            "she", "Ruta Zemgals", id="she is no man",
        ),
        pytest.param(
            "Two witnesses came on Monday. “It was a blue van,” they said.",
            "Two witnesses", None, id="they are several people",
        ),
        pytest.param(
            "[Brekke Foods|ORG] shut its plant. Employees waited outside. “We got a text,” they said.",
            "Employees", None, id="several people named since a body",
        ),
        pytest.param(
            "The [Harbour Union|ORG] met on Sunday. “We will strike,” they said.",
            "they", "Harbour Union", id="they are a body",
        ),
        pytest.param(
            "[Robin Tarn|PERSON] paints ships in Hull. “I like the rust,” they said.",
            "they", "Robin Tarn", id="one person of unknown gender",
        ),
        pytest.param(
            "Mr [Robin Tarn|PERSON] paints ships in Hull. “I like the rust,” they said.",
            "they", None, id="they are no man",
        ),
        pytest.param(
            "[Sela Moana|PERSON] and [Tavita Moana|PERSON] run the ferry. “We sail at dawn,” they said.",
            "Sela Moana and Tavita Moana", None, id="two people are both of them, and neither",
        ),
        pytest.param(
            "[Aune Kivisto|PERSON] told them that the ice was thin. Her brother was blunter. “It was "
            "water,” he said.",
            "Her brother", None, id="a role of the right gender",
        ),
        pytest.param(
            "[Aune Kivisto|PERSON] told them that the ice was thin. A fisherman laughed. “It held "
            "me,” he said.",
            "A fisherman", None, id="a role without a name",
        ),
        pytest.param(
            "[Leocadia Brun|PERSON], the mayor, met [Teodor Vance|PERSON]. The mayor was late. “I "
            "forgot it,” she said.",
            "she", "Leocadia Brun", id="a role taken up again",
        ),
        pytest.param(
            "[Rahel Solano|PERSON] sentenced him. “You had a choice,” she said. He bowed. “I had "
            "none,” he said.",
            "he", None, id="he is nobody who was she before",
        ),
    ],
)  # fmt: skip
def test_a_pronoun_is_whom_gender_number_and_recency_tell(marked, mention, name):
    assert said(marked)[-1][:2] == (mention, name)
