"""Pronouns by whose words the text tells: in an interview, or in the sentence before."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        (
            "The [Nurses' Union|ORG] answered after an interview with [Ramon Paz|PERSON], head of the "
            "council, in "
            "which he said “the apology was made”.",
            "the apology",
            "Ramon Paz",
        ),
        (
            "[Ola Berg|PERSON] read a letter from [Leila Haddad|PERSON] in which she called the quay “a "
            "grave”.",
            "a grave",
            "Leila Haddad",
        ),
        (
            "[Ken Sato|PERSON] replied to a speech by [Amy Ito|PERSON] in which she said the vote was "
            "“a farce”.",
            "a farce",
            "Amy Ito",
        ),
        (
            "[Nana Osei|PERSON] shared a video of [Kofi Mensah|PERSON] in which he called the mine "
            "“cursed”.",
            "cursed",
            "Kofi Mensah",
        ),
        (
            "The radio played a conversation with [Ines Duarte|PERSON] during which she said rice was "
            "“gold”.",
            "gold",
            "Ines Duarte",
        ),
        (
            "[Pavel Dusek|PERSON] found an email from [Eva Novak|PERSON] in which she wrote that he was "
            "“lazy”.",
            "lazy",
            "Eva Novak",
        ),
        (
            "[Tui Manu|PERSON] heard a sermon by [Sione Fifita|PERSON], a bishop, in which he called "
            "the reef “a "
            "church”.",
            "a church",
            "Sione Fifita",
        ),
        (
            "[Ximena Rojas|PERSON] kept a message from [Luis Soto|PERSON] in which he said the snow was "
            "“red”.",
            "red",
            "Luis Soto",
        ),
        (
            "The court saw a statement by [Anil Rao|PERSON] in which he said the well was “deep enough”.",
            "deep",
            "Anil Rao",
        ),
        # What he has written himself.
        (
            "[Omar Farah|PERSON] gave a lecture to his pupils in which he called the dune “a clock”.",
            "a clock",
            "Omar Farah",
        ),
    ],
)  # fmt: skip
def test_in_which_he_said_leads_to_whose_words_they_are(marked, start, name):
    assert attributed(marked, start)[1] == name


@pytest.mark.parametrize(
    "mention",
    [
        "A waiter in Lahore",
        "A fisherman from Busan",
        "A driver in Quito",
        "A monk at the gate",
        "A farmer near Oslo",
        "A boy from Suva",
        "A businessman in Accra",
        "A schoolboy in Perth",
        "A priest in Graz",
    ],
)
def test_who_spoke_in_the_sentence_before_goes_on(mention):
    marked = (
        "[Noor Aziz|PERSON] said the bus was “late”.\n\n"
        f"{mention} said it was “quite lost”. He said it was “long gone”.\n\n“I walk,” he said."
    )
    assert attributed(marked, "I walk")[0] == mention


def test_who_is_told_of_since_goes_on():
    marked = "[Ada Obi|PERSON] said the pier was “safe”. [Olu Bakare|PERSON] is calm. “We wait,” he said."
    assert attributed(marked, "We wait")[1] == "Olu Bakare"


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        (
            "[Meghna|GPE]’s governor [Satish Pal|PERSON] spoke. [Naveen Rao|PERSON] was “arrogant”, he "
            "said.",
            "arrogant",
            "Satish Pal",
        ),
        (
            "The priest [Jan Kos|PERSON] spoke. [Petr Dolny|PERSON] is “a thief”, he said.",
            "a thief",
            "Jan Kos",
        ),
        (
            "The baker [Ali Reza|PERSON] spoke. [Hamid Nouri|PERSON] was “kind to cats”, he said.",
            "kind",
            "Ali Reza",
        ),
        (
            "The painter [Luis Soto|PERSON] spoke. [Diego Vega|PERSON] had “the best hand”, he said.",
            "the best",
            "Luis Soto",
        ),
        (
            "The chief [Kofi Mensah|PERSON] spoke. [Yaw Darko|PERSON] would “never bow”, he said.",
            "never",
            "Kofi Mensah",
        ),
        (
            "The coach [Ken Sato|PERSON] spoke. [Jun Mori|PERSON] was “slow at first”, he said.",
            "slow",
            "Ken Sato",
        ),
        (
            "The farmer [Ole Dahl|PERSON] spoke. [Per Holm|PERSON] is “no farmer”, he said.",
            "no farmer",
            "Ole Dahl",
        ),
        (
            "The pilot [Rangi Hemi|PERSON] spoke. [Tama Wiri|PERSON] was “asleep”, he said.",
            "asleep",
            "Rangi Hemi",
        ),
        (
            "The judge [Omar Farah|PERSON] spoke. [Said Warsame|PERSON] will “walk free”, he said.",
            "walk",
            "Omar Farah",
        ),
        (
            "The monk [Dorji Tshering|PERSON] spoke. [Karma Dendup|PERSON] has “left the hill”, he said.",
            "left",
            "Dorji Tshering",
        ),
    ],
)  # fmt: skip
def test_whom_a_report_is_about_does_not_tell_it(marked, start, name):
    assert attributed(marked, start)[1] == name
