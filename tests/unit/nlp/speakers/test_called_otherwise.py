"""Those whom an article calls by other words than their name: an office's letters, the latter, the two."""

import pytest

from tests.unit.nlp.speakers.spoken import said


def who(marked: str) -> str | None:
    """The entity of the last quote's speaker, else the mention."""
    mention, name, _ = said(marked)[-1]
    return name or mention


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "Lieutenant Governor [Meera Sahni|PERSON] opened the dam. “It is yours,” the LG said.",
            "Meera Sahni",
        ),
        ("Chief Minister [Arun Pillai|PERSON] met weavers. “Looms first,” said the CM.", "Arun Pillai"),
        ("Managing Director [Ngozi Eze|PERSON] paid the crews. The MD said it was “a debt”.", "Ngozi Eze"),
        (
            "Chief Executive Officer [Lars Holm|PERSON] sold the ferry. “It leaks,” the CEO added.",
            "Lars Holm",
        ),
        ("Director General [Awa Diop|PERSON] closed the port. The DG also said it was “full”.", "Awa Diop"),
        ("Police Commissioner [Tevita Moala|PERSON] came late. “No boats,” the PC said.", "Tevita Moala"),
        ("Prime Minister [Ilse Kurz|PERSON] left [Vaduz|GPE]. “We walk,” the PM said.", "Ilse Kurz"),
        # The recogniser takes the letters for a body.
        ("Lieutenant Governor [Omar Dar|PERSON] prayed. “They rest,” the [LG|ORG] said.", "Omar Dar"),
        # A body's letters are its own.
        (
            "Lieutenant [Sipho Dube|PERSON] met the [Lake Guards|ORG] (LG). “We row,” the [LG|ORG] said.",
            "Lake Guards",
        ),
        # Nobody was introduced so.
        ("Governor [Elif Kaya|PERSON] spoke. The DA called the dam “a sieve”.", None),
    ],
)
def test_the_letters_of_an_office(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Deepa Rao|PERSON] met [Kenji Mori|PERSON] in [Pune|GPE]. The latter called the plan “a trap”.",
            "Kenji Mori",
        ),
        (
            "[Deepa Rao|PERSON] met [Kenji Mori|PERSON] in [Pune|GPE]. The former called the plan “a trap”.",
            "Deepa Rao",
        ),
        ("[Tomasz Wilk|PERSON] sued [Ania Lis|PERSON]. The latter said it was “theft”.", "Ania Lis"),
        (
            "[Sarah Cohen|PERSON] faced [Rami Odeh|PERSON]. The former later said he was “lost”.",
            "Sarah Cohen",
        ),
        (
            "[Luis Paz|PERSON] and [Inés Gil|PERSON] sang. As the latter once said, “the song stays”.",
            "Inés Gil",
        ),
        (
            "The [Harbour Board|ORG] and the [Reed Union|ORG] met. The latter said it was “a farce”.",
            "Reed Union",
        ),
        (
            "[Ama Owusu|PERSON] wrote to [Kojo Addo|PERSON] of the [Coast Bank|ORG]. The latter said “no”.",
            "Kojo Addo",
        ),
        # Of one, it tells nothing; nor does it where it stands before a noun.
        ("[Mele Fonua|PERSON] fished. The latter said it was “cold”.", "The latter"),
        (
            "[Jón Karl|PERSON] met [Una Rós|PERSON]. The former mayor said it was “cold”.",
            "The former mayor",
        ),
        ("[Ida Berg|PERSON] met [Per Lie|PERSON], the mayor. The latter was said to be “ill”.", None),
    ],
)
def test_the_former_and_the_latter(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Rosa Vega|PERSON] and [Iker Sanz|PERSON] met in [Vigo|GPE]. The two said the quay was “gone”.",
            "Rosa Vega and Iker Sanz",
        ),
        (
            "[Bilal Khan|PERSON] and [Hina Shah|PERSON] played. The pair said it was “luck”.",
            "Bilal Khan and Hina Shah",
        ),
        (
            "[Mona Aziz|PERSON] and [Lee Tan|PERSON] dived. The duo also said the reef was “white”.",
            "Mona Aziz and Lee Tan",
        ),
        (
            "[Ana Reis|PERSON] and her aide [Rui Melo|PERSON] flew in. The two leaders said peace was "
            "“near”.",
            "Ana Reis and her aide Rui Melo",
        ),
        (
            "Premier [Eva Novak|PERSON] and her guest [Jan Dvorak|PERSON] said in a joint statement "
            "that trains run.\n\nThe statement called the line “ready”.",
            "Eva Novak and her guest Jan Dvorak",
        ),
        (
            "[Ola Moe|PERSON] and [Siri Dal|PERSON] said in a joint letter that wolves stay.\n\n“They "
            "were here first,” the letter said.",
            "Ola Moe and Siri Dal",
        ),
        (
            "[Chidi Obi|PERSON] and [Zara Bello|PERSON] rowed. The two later wrote that it was “wet”.",
            "Chidi Obi and Zara Bello",
        ),
        # No two were named together.
        ("[Paul Ricard|PERSON] left. The two said it was “late”.", "The two"),
        # A document by them speaks for itself; what is counted is not they.
        (
            "[Rosa Vega|PERSON] and [Iker Sanz|PERSON] met. The statement by the two said the quay was "
            "“gone”.",
            "The statement",
        ),
        ("[Yuki Abe|PERSON] and [Ren Ito|PERSON] ran. The two boats said to be “lost” sank.", None),
        (
            "[Moana Tui|PERSON] and [Sione Fa|PERSON] ran. [Tui|PERSON] said the race was “long”.",
            "Moana Tui",
        ),
    ],
)
def test_those_who_were_named_as_a_pair(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "Leaders of nine unions issued a joint statement.\n\n“We will not sail,” the letter read.",
            "Leaders of nine unions",
        ),
        ("[Chloe Tan|PERSON] sent a letter on Monday.\n\n“The lake is dying,” the note said.", "Chloe Tan"),
        ("[Pablo Ruiz|PERSON] published a post.\n\n“I am not leaving,” the message read.", "Pablo Ruiz"),
        ("The [Delta Council|ORG] issued a declaration.\n\n“No dams,” the document said.", "Delta Council"),
        ("[Nadia Haddad|PERSON] wrote a memo.\n\n“Stop the pumps,” the text said.", "Nadia Haddad"),
        (
            "A statement by [Juma Otieno|PERSON] followed.\n\n“The road is ours,” the declaration said.",
            "Juma Otieno",
        ),
        ("Teachers signed a petition.\n\n“Give us chalk,” the letter said.", "Teachers"),
        # What is published by somebody of its own is none of them.
        (
            "[Chloe Tan|PERSON] published a post.\n\nAccording to the website, “entry is free”.",
            "the website",
        ),
        (
            "[Chloe Tan|PERSON] published a post.\n\n“Entry is free,” the club letter said.",
            "the club letter",
        ),
        ("[Chloe Tan|PERSON] left.\n\n“Entry is free,” the letter said.", "the letter"),
    ],
)
def test_a_missive_by_another_name(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Mirela Stan|PERSON] has no bank.\n\n“It wears you out,” says the clerk from [Tulcea|GPE].",
            "Mirela Stan",
        ),
        (
            "[Abena Ofori|PERSON] dyes cloth.\n\n“Blue is hard,” said the farmer from [Tamale|GPE].",
            "Abena Ofori",
        ),
        (
            "[Hugo Silva|PERSON] surfs at night.\n\n“I hear it,” says the teacher from [Nazaré|GPE].",
            "Hugo Silva",
        ),
        (
            "[Aroha Ngata|PERSON] carves.\n\n“Wood talks,” the artist from [Gisborne|GPE] said.",
            "Aroha Ngata",
        ),
        (
            "[Dilnoza Karim|PERSON] bakes.\n\n“It must crack,” said the nurse from [Bukhara|GPE].",
            "Dilnoza Karim",
        ),
        (
            "[Kofi Asante|PERSON] swims.\n\n“Salt heals,” says the driver from the old port of [Tema|GPE].",
            "Kofi Asante",
        ),
        # Of two, neither; nor whoever has another role, nor a woman for a man.
        (
            "[Mirela Stan|PERSON] met [Ion Popa|PERSON].\n\n“It rains,” said the clerk from [Tulcea|GPE].",
            "the clerk from Tulcea",
        ),
        (
            "Judge [Mirela Stan|PERSON] left.\n\n“It rains,” said the clerk from [Tulcea|GPE].",
            "the clerk from Tulcea",
        ),
        ("[Maria Stan|PERSON] left.\n\n“It rains,” said the man from [Tulcea|GPE].", "the man from Tulcea"),
        (
            "[Mirela Stan|PERSON] left.\n\n“It rains,” said the president from [Tulcea|GPE].",
            "the president from Tulcea",
        ),
    ],
)
def test_a_role_and_where_its_bearer_is_from(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Helen Marsh|PERSON] has named the day.\n\n“We vote in May,” the prime minister said. "
            "[Marsh|PERSON] left.",
            "Helen Marsh",
        ),
        (
            "[Viktor Land|PERSON] lost the vote. [Land|PERSON] wept.\n\n“I am tired,” said the chancellor.",
            "Viktor Land",
        ),
        (
            "[Amina Yusuf|PERSON] flew to [Lomé|GPE]. [Yusuf|PERSON] was met by choirs.\n\nThe "
            "president said it was “home”.",
            "Amina Yusuf",
        ),
        (
            "[Nils Foss|PERSON] and [Bea Holt|PERSON] sued each other. The mayor said [Holt|PERSON] "
            "had lied. [Foss|PERSON] won.\n\n“I am glad,” the mayor said.",
            "Nils Foss",
        ),
        (
            "[Tariq Aziz|PERSON] and [Lena Groß|PERSON] fell out. The governor claimed [Tariq "
            "Aziz|PERSON] hid the books. [Groß|PERSON] smiled.\n\n“Open them,” the governor said.",
            "Lena Groß",
        ),
        # Two may hold it, or the text tells another role of the one, or of another person with the office.
        (
            "[Nils Foss|PERSON] and [Bea Holt|PERSON] sued each other. [Foss|PERSON] and [Holt|PERSON] "
            "lost.\n\n“I am glad,” the mayor said.",
            "the mayor",
        ),
        (
            "Farmer [Helen Marsh|PERSON] won. [Marsh|PERSON] wept.\n\n“We vote,” the prime minister said.",
            "the prime minister",
        ),
        (
            "[Helen Marsh|PERSON] met Prime Minister [Ivo Kolar|PERSON]. [Marsh|PERSON] left.\n\n“We "
            "vote,” the prime minister said.",
            "Ivo Kolar",
        ),
        # Whoever is called Mr was not taken for known, nor is one who is named but once.
        (
            "Mr [Paulo Dias|PERSON] sued. “A trap,” [Dias|PERSON] said.\n\n“He is wrong,” the premier said.",
            "the premier",
        ),
        ("[Paulo Dias|PERSON] sued.\n\n“He is wrong,” the deputy premier said.", "the deputy premier"),
    ],
)
def test_the_office_of_whom_an_article_begins_with(marked, speaker):
    assert who(marked) == speaker


@pytest.mark.parametrize(
    ("marked", "speaker"),
    [
        (
            "[Ada Obi|PERSON], 24, sews for [Ken Sato|PERSON], 50. “I rest,” the 24-year-old tailor said.",
            "Ada Obi",
        ),
        (
            "[Ada Obi|PERSON], 24, sews for [Ken Sato|PERSON], 50. “I pay,” the 50-year-old trader said.",
            "Ken Sato",
        ),
        (
            "[Petra Ilic|PERSON] (61) met [Goran Pavic|PERSON]. “I knit,” said the 61-year-old teacher.",
            "Petra Ilic",
        ),
        (
            "The 19-year-old swimmer [Tui Leota|PERSON] beat [Vai Sapolu|PERSON]. “I flew,” the 19-year-old "
            "student said.",
            "Tui Leota",
        ),
        (
            "[Rosa Quispe|PERSON], 33, and [Juan Condori|PERSON] climbed. “It is cold,” the 33-year-old "
            "guide said.",
            "Rosa Quispe",
        ),
        (
            "[Hana Cerna|PERSON] (45) hired [Jiri Vlk|PERSON] (29). “He drives,” said the 45-year-old baker.",
            "Hana Cerna",
        ),
        (
            "The lake took [Musa Keita|PERSON], 70, and [Sira Keita|PERSON], 66, in. “We wept,” the "
            "66-year-old farmer said.",
            "Sira Keita",
        ),
        # Of two of one age, and of nobody's age, neither.
        (
            "[Ada Obi|PERSON], 24, met [Ken Sato|PERSON], 24. “We rest,” the 24-year-old tailor said.",
            "the 24-year-old tailor",
        ),
        (
            "[Ada Obi|PERSON], 24, met [Ken Sato|PERSON], 50. “We rest,” the 31-year-old tailor said.",
            "the 31-year-old tailor",
        ),
        (
            "[Ada Obi|PERSON], 24, met [Ken Sato|PERSON]. “We rest,” a 24-year-old tailor said.",
            "a 24-year-old tailor",
        ),
    ],
)
def test_the_age_that_was_told_with_a_name(marked, speaker):
    assert who(marked) == speaker
