"""Who belongs to somebody or speaks for them is the speaker, not the one whom the phrase names."""

import pytest

from tests.unit.nlp.marked import doc_of
from worker.nlp.quotes.component import tag_quotes
from worker.nlp.speakers.component import tag_speakers


def owned(marked: str) -> list[tuple[str | None, str | None, str | None]]:
    """Of each quote: the speaker's mention, their entity's name, and the name of the one they belong to."""
    doc = tag_speakers(tag_quotes(doc_of(marked)))

    def name(group: int | None) -> str | None:
        return doc._.groups[group].name if group is not None else None

    return [
        (doc.text[slice(*q.speaker)] if q.speaker else None, name(q.group), name(q.owner))
        for q in doc._.quotes
    ]


@pytest.mark.parametrize(
    ("marked", "mention", "owner"),
    [
        (
            "“She has not been charged with anything,” [Wanjiku Mwangi|PERSON]’s lawyers said.",
            "Wanjiku Mwangi’s lawyers",
            "Wanjiku Mwangi",
        ),
        (
            "[Hassan Sillah|PERSON]'s family said that he was “beaten until he could not stand”.",
            "Hassan Sillah's family",
            "Hassan Sillah",
        ),
        (
            "Sources close to [Lucía Morales|PERSON] say the deal is “as good as dead by now”.",
            "Sources close to Lucía Morales",
            "Lucía Morales",
        ),
        (
            "“We never met him at all,” said a spokeswoman for [Jasper Lindqvist|PERSON], the heir.",
            "a spokeswoman for Jasper Lindqvist",
            "Jasper Lindqvist",
        ),
        (
            "A lawyer representing former president [Mahinda Jayakody|PERSON] said: “It is a farce.”",
            "A lawyer representing former president Mahinda Jayakody",
            "Mahinda Jayakody",
        ),
        (
            "Critics of Prime Minister [Viktor Halász|PERSON] say he has “sold the river by the litre”.",
            "Critics of Prime Minister Viktor Halász",
            "Viktor Halász",
        ),
        (
            "[Kiri Tamihana|PERSON], whose sister called the verdict “a slap in all our faces”, left.",
            "whose sister",
            "Kiri Tamihana",
        ),
        (
            "The mother of [Ilya Voronin|PERSON] said: “They have taken my boy.”",
            "The mother of Ilya Voronin",
            "Ilya Voronin",
        ),
        (
            "“It was a gift to us all,” said a friend of [Sunita Rao|PERSON]’s.",
            "a friend of Sunita Rao’s",
            "Sunita Rao",
        ),
        (
            "Mr [Adebayo|PERSON]’s chief of staff said he had “no intention whatsoever of going”.",
            "Mr Adebayo’s chief of staff",
            "Adebayo",
        ),
        (
            "“The pump was broken,” said one of [Gareth Pugh|PERSON]’s neighbours.",
            "one of Gareth Pugh’s neighbours",
            "Gareth Pugh",
        ),
        (
            "A person familiar with [Ljubica Marković|PERSON]’s thinking said: “She is done with it.”",
            "A person familiar with Ljubica Marković’s thinking",
            "Ljubica Marković",
        ),
        (
            "An official in [Rosa Quispe|PERSON]'s office said the bill was “dead on arrival there”.",
            "An official in Rosa Quispe's office",
            "Rosa Quispe",
        ),
        (
            "“We are looking into it,” a [Vodara|ORG] spokesperson said.",
            "a Vodara spokesperson",
            "Vodara",
        ),
        (
            "A senior [Mensah|PERSON] administration official said: “The port is lost.”",
            "A senior Mensah administration official",
            "Mensah",
        ),
        ("“They lied to us,” the [Herrera|PERSON] family said.", "the Herrera family", "Herrera"),
        (
            "“There is no plan to sell,” a spokesman for the [Ministry of Mines|ORG] said.",
            "a spokesman for the Ministry of Mines",
            "Ministry of Mines",
        ),
        (
            "According to [Dilnoza Karimova|PERSON]’s husband, the men “laughed all the way home”.",
            "Dilnoza Karimova’s husband",
            "Dilnoza Karimova",
        ),
    ],
)
def test_the_owned_speaks_and_not_the_owner(marked, mention, owner):
    assert owned(marked) == [(mention, None, owner)]


@pytest.mark.parametrize(
    ("marked", "name", "owner"),
    [
        (
            "“He will run again,” [Petru Rusu|PERSON]’s campaign manager, [Elena Dragan|PERSON], said.",
            "Elena Dragan",
            "Petru Rusu",
        ),
        (
            "[Noriko Hayashi|PERSON], whose lawyer, [Kenta Mori|PERSON], said: “She is innocent.”",
            "Kenta Mori",
            "Noriko Hayashi",
        ),
        (
            "“It is over,” [Hilde Brandt|PERSON] campaign spokesman [Nick Moll|PERSON] said.",
            "Nick Moll",
            "Hilde Brandt",
        ),
        (
            "[Rui Costa|PERSON], a lawyer for [Beatriz Nogueira|PERSON], said: “The hospital knew.”",
            "Rui Costa",
            "Beatriz Nogueira",
        ),
    ],
)
def test_the_owned_is_resolved_where_the_text_names_it(marked, name, owner):
    assert owned(marked) == [(name, name, owner)]


@pytest.mark.parametrize(
    ("marked", "name"),
    [
        # Offices that have "of" or "for" in their names.
        ("Chief of Police [Rosalind Achebe|PERSON] said: “We fired no shot.”", "Rosalind Achebe"),
        ("Secretary of State [Antonia Blake|PERSON] said: “The talks were frank.”", "Antonia Blake"),
        ("Minister for Health [Joana Pinto|PERSON] said: “All are open.”", "Joana Pinto"),
        ("[Germany|GPE]'s chancellor, [Friedrich Amsel|PERSON], said: “We will pay.”", "Friedrich Amsel"),
        # A name that begins with the owner's noun is the speaker's own.
        ("[Nevada|GPE]'s [Democratic Party|ORG] said: “The count is slow.”", "Democratic Party"),
        # The owner speaks beside the owned.
        ("[Amina Sow|PERSON], whose brother died in May, said: “I will not rest.”", "Amina Sow"),
    ],
)
def test_who_owns_nothing_in_the_sentence_speaks(marked, name):
    assert owned(marked) == [(name, name, None)]


def test_a_possession_that_is_taken_up_again_is_whoever_was_introduced_with_it():
    marked = (
        "[Tamar Gelashvili|PERSON]’s deputy, [Nino Beridze|PERSON], said: “The mayor is away.”\n\n"
        "“She is resting at home,” [Gelashvili|PERSON]’s deputy said."
    )
    assert owned(marked) == [
        ("Nino Beridze", "Nino Beridze", "Tamar Gelashvili"),
        ("Gelashvili’s deputy", "Nino Beridze", "Tamar Gelashvili"),
    ]


def test_a_pronoun_behind_a_possession_stays_with_it():
    marked = "[Joost Bakker|PERSON]’s lawyer said: “It is theatre.” “I have seen better,” he said."
    assert owned(marked) == [("Joost Bakker’s lawyer", None, "Joost Bakker")] * 2


def test_his_and_her_lawyers_have_whom_the_pronoun_stands_for():
    marked = "Mrs [Fatima Zahra|PERSON] met reporters. Her lawyer said that she was “tired but free again”."
    assert owned(marked) == [("Her lawyer", None, "Fatima Zahra")]
