"""Quotes whose speaker the text above tells, and subjects of clauses before or behind another one."""

import pytest

from tests.unit.nlp.speakers.spoken import said


def who(marked: str) -> str | None:
    """The entity of the last quote's speaker, else the mention."""
    mention, name, _ = said(marked)[-1]
    return name or mention


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        ("The road is shut, said [Ada Obi|PERSON]. “We wait for the plough.”", "Ada Obi"),
        (
            "The bees are back, says beekeeper [Jonas Keller|PERSON]. “They like the lime trees.”",
            "Jonas Keller",
        ),
        ("Rice is dear, added [Thida Win|PERSON], who sells it. “I eat maize now.”", "Thida Win"),
        ("Nobody was told, wrote [Camila Rojas|PERSON]. “The bus simply left.”", "Camila Rojas"),
        ("The well is dry, according to [Amadou Ba|PERSON]. “We dig at night.”", "Amadou Ba"),
        (
            "According to baker [Lena Voss|PERSON], the ovens need no wood.\n\n“You save a morning.”",
            "Lena Voss",
        ),
        ("According to the pilot [Manu Rangi|PERSON], fog is rare.\n\n“It lifts by nine.”", "Manu Rangi"),
        ("“Is it deep?” asked [Nia Parry|PERSON]. “It looks deep.”", "Nia Parry"),
        # The verb belongs to whoever stands before it.
        ("[Omid Azar|PERSON] heard what was said. “The mill is sold.”", None),
        ("In [Lima|GPE] the price, said to be high, fell. “It is a relief.”", None),
    ],
)
def test_a_report_that_ends_with_its_speaker(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "The film was written by [Anuk Iqal|PERSON]. It won a prize.\n\n“I was trying new ways.”",
            "Anuk Iqal",
        ),
        ("[Omar Haddad|PERSON] spent nine years in the mine. “My lungs are white.”", "Omar Haddad"),
        (
            "The hall should open in May, [Rosa Lind|PERSON] said, but a stove broke. Workers "
            "left.\n\n“It stands still.”",
            "Rosa Lind",
        ),
        (
            "[Wanjiru Mwangi|PERSON] is a nurse at the lake clinic\n\n“When I came, we had two beds.”",
            "Wanjiru Mwangi",
        ),
        (
            "[Babak Rad|PERSON]’s bond with his father made him.\n\n“Even if I ran first, he came.”",
            "Babak Rad",
        ),
        (
            "The stamps of [Joaquim Luz|PERSON] fill nine rooms. None is for sale.\n\n“We keep them "
            "for the town.”",
            "Joaquim Luz",
        ),
        (
            "For years [Sevda Acar|PERSON] sewed sails. The wind changed.\n\n“I sew tents now.”",
            "Sevda Acar",
        ),
        # Of two nobody; nor where the quote is not of oneself; nor where others are the subject.
        ("[Omar Haddad|PERSON] met [Ines Brun|PERSON] in the mine.\n\n“My lungs are white.”", None),
        ("[Omar Haddad|PERSON] spent nine years in the mine.\n\n“The salt is grey.”", None),
        ("The miners knew [Omar Haddad|PERSON].\n\n“My lungs are white.”", None),
    ],
)
def test_the_only_person_told_of_above(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "“Half the trees are gone,” according to [Verdemar|ORG], a network of clubs, banks and schools.",
            "Verdemar",
        ),
        ("“Half the trees are gone,” said Verdemar, a network of clubs.", "Verdemar"),
        ("“Fish are fewer,” according to Blue Fjord Watch, a group of divers.", "Blue Fjord Watch"),
        (
            "“Rents rose again in May,” according to the Lantern Front, an alliance of blocks.",
            "the Lantern Front",
        ),
        ("“Nobody votes,” says [Sahel Count|ORG], a team of observers.", "Sahel Count"),
        ("“The ice is thin,” said [Nunatak Lab|ORG], an institute in [Nuuk|GPE].", "Nunatak Lab"),
        ("“Grain rots in the sheds,” according to Kisan Board, an office of the state.", "Kisan Board"),
        # A person behind a body's name speaks for it.
        (
            "“Grain rots in the sheds,” said a spokesman for [Kisan Board|ORG].",
            "a spokesman for Kisan Board",
        ),
        ("“Grain rots in the sheds,” according to a network of clubs.", "a network of clubs"),
        ("“Grain rots in the sheds,” said [Tara Bose|PERSON], a network engineer.", "Tara Bose"),
    ],
)
def test_a_body_before_what_it_is(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Olga Pirk|PERSON] wept, but [Ines Duarte|PERSON] was calm. “It will pass,” she said.",
            "Ines Duarte",
        ),
        ("[Raj Patel|PERSON] ran off, but [Sunil Das|PERSON] had stayed. “I hid,” he said.", "Sunil Das"),
        (
            "[Piet Bos|PERSON] sold out, but [Karel Smit|PERSON] would not. “I never will,” he said.",
            "Karel Smit",
        ),
        (
            "As the [Dockers Union|ORG] cried foul, the mayor [Ines Duarte|PERSON] called the pier “a "
            "wreck”.",
            "Ines Duarte",
        ),
        (
            "When [Ali Reza|PERSON] asked for time, [Farah Naz|PERSON] said the lift was “a tomb”.",
            "Farah Naz",
        ),
        (
            "While [Milan Kos|PERSON] denied it, his aide [Petra Ban|PERSON] said it was “true enough”.",
            "Petra Ban",
        ),
        (
            "The premier spoke of dams, to which [Leilani Kua|PERSON] replied that they were “a wreck”.",
            "Leilani Kua",
        ),
        # A clause that opens the sentence leads to the quote where no other verb does.
        ("As [Ali Reza|PERSON] said, “the lift is a tomb”.", "Ali Reza"),
        ("[Olga Pirk|PERSON] wept, but the day was calm. “It will pass,” she said.", "Olga Pirk"),
        (
            "[Olga Pirk|PERSON] wept, and [Ines Duarte|PERSON] left. “It passed,” [Pirk|PERSON] said.",
            "Olga Pirk",
        ),
    ],
)
def test_the_subject_of_the_clause_that_counts(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        ("I asked the baker [Bert Kohl|PERSON] what it costs.\n\n“Twenty years have passed.”", "Bert Kohl"),
        ("We asked [Sione Vea|PERSON] where the canoe was. “In the reeds.”", "Sione Vea"),
        (
            "“The fee was low,” [Ada Obi|PERSON] said.\n\nAnother major trouble was funding. “We race "
            "against time.”",
            "Ada Obi",
        ),
        ("“It was luck,” [Bao Ly|PERSON] says. “I took it well.” [Minh Vo|PERSON] nods slowly.", "Bao Ly"),
        ("[Ken Sato|PERSON], who was also a senior coach, left. “They closed it,” he said.", "Ken Sato"),
        (
            "[Chiu Yung|PERSON] called the base, which was proposed by [Lin Mei|PERSON], “a task”.",
            "Chiu Yung",
        ),
        (
            "“The fee was low,” [Ada Obi|PERSON] said.\n\nThe hall, [Obi|PERSON] said, is shut. It "
            "rained for a week. Frost came.\n\n“We stand still.”",
            "Ada Obi",
        ),
        # A question is not answered by who asks it, and a passive that leads to the quote counts.
        ("[Deb Lane|PERSON] asked [Bert Kohl|PERSON] what it costs. “Is it dear?”", "Deb Lane"),
        ("The base was called by [Lin Mei|PERSON] “a task for a decade”.", "Lin Mei"),
        ("The general said the war was “nearly over”.", "The general"),
    ],
)
def test_who_asks_who_goes_on_and_who_is_told_of_in_an_aside(marked, speaker):
    assert who(marked) == speaker


def test_an_office_that_a_preposition_parts_from_a_name_is_another_s():
    marked = (
        "The premier wrote to Mr [Clive Rudd|PERSON]. [Anne Bligh|PERSON] was told. [Rudd|PERSON] sued.\n\n"
        "“I am glad,” the premier said."
    )
    assert who(marked) != "Clive Rudd"
