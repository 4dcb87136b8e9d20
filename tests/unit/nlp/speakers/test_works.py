"""Poems, songs, scripture, slogans, inscriptions and laws are quoted from; nobody says them."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "[Mehmet Aksoy|PERSON] closed his speech with a poem. “The river keeps no accounts,” it begins.",
            "The river",
            "it",
            None,
            None,
        ),
        (
            "“Blessed are those who thirst,” says the Gospel of Matthew, which Father [Joseph "
            "Mwale|PERSON] read aloud.",
            "Blessed",
            "the Gospel of Matthew",
            None,
            None,
        ),
        (
            "Marchers behind [Sione Taufa|PERSON] carried banners that read “Give back the lake to us”.",
            "Give back",
            "banners",
            None,
            None,
        ),
        (
            "Article 14 of the constitution says: “No one shall be held without charge.” [Lwazi "
            "Dube|PERSON] has been held since [May|DATE].",
            "No one",
            "Article 14 of the constitution",
            None,
            None,
        ),
        (
            "Under Section 9 of the act, “any person who enters the reserve commits an offence”, "
            "[Anil Shah|PERSON] noted.",
            "any person",
            "Anil Shah",
            "Anil Shah",
            None,
        ),
        (
            "[Clara Benitez|PERSON] recited a verse from her childhood: “Carry me over the water, ferryman.”",
            "Carry",
            "a verse from her childhood",
            None,
            None,
        ),
        (
            "Rabbi [Yael Peretz|PERSON] quoted the Book of Ruth: “Where you go I will go.”",
            "Where you",
            "the Book of Ruth",
            None,
            None,
        ),
        # Written after the rule.
        (
            "A plaque on the pier reads “They went out and the sea kept them”. [Maire "
            "Kelly|PERSON] cleans it weekly.",
            "They went",
            "A plaque on the pier",
            None,
            None,
        ),
        (
            "“He who wrongs the widow wrongs me,” says the Quran, Imam [Idris Sow|PERSON] reminded them.",
            "He who",
            "the Quran",
            None,
            None,
        ),
        (
            "Students led by [Ayesha Malik|PERSON] held placards saying “Books not batons for us”.",
            "Books",
            "placards",
            None,
            None,
        ),
        (
            "“Our land is your land, our bread is your bread,” goes the anthem, which [Petra "
            "Novak|PERSON] wrote about.",
            "Our land",
            "the anthem",
            None,
            None,
        ),
        (
            "Section 12 of the [Forest Act|LAW] states: “No tree over forty years shall be "
            "felled.” [Jorge Lobo|PERSON] felled nine.",
            "No tree",
            "Section 12 of the Forest Act",
            None,
            None,
        ),
        (
            "[Hassan Jama|PERSON] sang an old herding song: “My camel knows the way and I do not.”",
            "My camel",
            "an old herding song",
            None,
            None,
        ),
        ("“We broke the law,” [Hassan Jama|PERSON] said.", "We broke", "Hassan Jama", "Hassan Jama", None),
        (
            "[Leila Haddad|PERSON] said of the law: “It was written for landlords.”",
            "It was",
            "Leila Haddad",
            "Leila Haddad",
            None,
        ),
        (
            "[Akua Mensah|PERSON] read the poem and said: “It made me weep in the tram.”",
            "It made",
            "Akua Mensah",
            "Akua Mensah",
            None,
        ),
    ],
)
def test_who_recites_a_work_or_carries_it_does_not_say_it(marked, start, mention, name, owner):
    assert attributed(marked, start) == (mention, name, owner)
