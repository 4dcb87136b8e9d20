"""Whoever a clause before the quote makes its speaker, and who only passes it on."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention"),
    [
        (
            "[Amina Njoroge|PERSON] praised the “old and brotherly” ties of both towns, adding that the "
            "lake is "
            "shared, the [Lake News Agency|ORG] reported.",
            "old and",
            "Amina Njoroge",
        ),
        (
            "[Bilal Haddad|PERSON] called the bridge “a gift to the valley” and thanked its builders, the "
            "[Cedar News Agency|ORG], Cedra, reported.",
            "a gift",
            "Bilal Haddad",
        ),
        (
            "When Justice [Tomas Vidal|PERSON] said that pupils of the island did better at “slower "
            "schools,” "
            "[Irena Kos|PERSON] wrote a letter.",
            "slower",
            "Tomas Vidal",
        ),
        (
            "While [Okello|PERSON] called the canal a “fine piece of work,” [Mirembe|PERSON] thought of "
            "the "
            "villages.",
            "fine",
            "Okello",
        ),
        (
            "Just hours before Bishop [Rafael Ruiz|PERSON] apologised for the “shameful silence” of his "
            "church, "
            "the [Union of Dockers|ORG] asked for a vote.",
            "shameful",
            "Rafael Ruiz",
        ),
        (
            "After the mayor of [Bergen|GPE] called the tram “a toy”, [Leif Dahl|PERSON] said he would "
            "walk.",
            "a toy",
            "the mayor of Bergen",
        ),
        # Nobody else is told to say it.
        (
            "When the rain came, “nobody slept”, the ferryman [Musa Diallo|PERSON] said.",
            "nobody",
            "Musa Diallo",
        ),
        (
            "While working in [Suva|GPE], where pay was “very low”, [Mele Tonga|PERSON] said she sang.",
            "very low",
            "Mele Tonga",
        ),
        (
            "The road to [Leh|GPE] is “closed until May”, the [Himal Times|ORG] reported.",
            "closed",
            "Himal Times",
        ),
        (
            "“The road is closed,” said [Ana Torres|PERSON] when the rain came, the [Andes Agency|ORG] "
            "reported.",
            "The road",
            "Ana Torres",
        ),
    ],
)  # fmt: skip
def test_the_clause_of_the_quote_has_its_speaker(marked, start, mention):
    assert attributed(marked, start)[0] == mention


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        (
            "According to local radio, the [Harbour Youth Forum|ORG] is planning a march against what they "
            "call the “theft of the quay”.",
            "theft",
            "Harbour Youth Forum",
        ),
        (
            "The [Coast Federation|ORG] asked the [Ports Union|ORG] for a new match because of what they "
            "described as “disgraceful refereeing”.",
            "disgraceful",
            "Coast Federation",
        ),
        (
            "According to the [Tagus Post|ORG], the [Cork Growers|ORG] have left over what they called "
            "“a slow theft of the land”.",
            "a slow",
            "Cork Growers",
        ),
        (
            "According to a sailor, the [Amber Guild|ORG] rejected what they called “a tax on "
            "salt”.",
            "a tax",
            "Amber Guild",
        ),
        (
            "According to the [Delta Herald|ORG], the [Rice Board|ORG] fights what it deems “unfair "
            "weights”.",
            "unfair",
            "Rice Board",
        ),
        (
            "According to the [Quito Sun|ORG], the [Andean League|ORG] marched against what they "
            "consider to be "
            "“a ban on song”.",
            "a ban",
            "Andean League",
        ),
        (
            "According to the wire, the [Dhow Owners|ORG] rejected what they called “a tax on wind”.",
            "a tax",
            "Dhow Owners",
        ),
        (
            "According to a notice, the [Steppe Museum|ORG] regrets what it describes as “one lost horse”.",
            "one lost",
            "Steppe Museum",
        ),
        # One's own name for something is one's own, whoever asks.
        (
            "[Moana Parata|PERSON] wants money for what she called “schools without a roof or a door”.",
            "schools",
            "Moana Parata",
        ),
        (
            "According to the [Reef Union|ORG], the levy is “a hook without bait”.",
            "a hook",
            "Reef Union",
        ),
    ],
)  # fmt: skip
def test_what_they_call_something_are_their_words(marked, start, name):
    assert attributed(marked, start)[1] == name
