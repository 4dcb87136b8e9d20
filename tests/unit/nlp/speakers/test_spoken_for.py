"""Whoever speaks for somebody, in the three shapes that name the one spoken for beside them."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "[Amadou Keita|PERSON], whose lawyer said he was “held for nine days without a word”, "
            "was freed in [Bamako|LOC].",
            "held",
            "whose lawyer",
            None,
            "Amadou Keita",
        ),
        (
            "[Nirmala Wickrama|PERSON], whose publicist called the story “a cheap invention by "
            "rivals”, did not appear in [Colombo|LOC].",
            "a cheap",
            "whose publicist",
            None,
            "Nirmala Wickrama",
        ),
        (
            "The village remembers [Dmytro Hlushko|PERSON], whose widow said: “They left him in the snow.”",
            "They left",
            "whose widow",
            None,
            "Dmytro Hlushko",
        ),
        (
            "[Catalina Rojas|PERSON], whose spokesman on [Tuesday|DATE] described the ruling as “a "
            "gift to the mining firms”, will appeal.",
            "a gift",
            "whose spokesman",
            None,
            "Catalina Rojas",
        ),
        (
            "[Haruka Ogawa|PERSON], whose brother, a teacher in [Sendai|LOC], said the school had "
            "been “warned three times”, drowned in [March|DATE].",
            "warned",
            "whose brother",
            None,
            "Haruka Ogawa",
        ),
        # Written after the rule.
        (
            "[Solveig Aune|PERSON], whose employer in [Tromsø|LOC] said she had “never missed a "
            "shift”, is in custody.",
            "never missed",
            "whose employer",
            None,
            "Solveig Aune",
        ),
        (
            "[Rashid Al Kindi|PERSON], whose family called the sentence “a wound that will not "
            "close”, was moved to [Nizwa|LOC].",
            "a wound",
            "whose family",
            None,
            "Rashid Al Kindi",
        ),
        (
            "“He was the best of us,” said [Lupe Fonoti|PERSON], whose son crewed the boat.",
            "He was",
            "Lupe Fonoti",
            "Lupe Fonoti",
            None,
        ),
        (
            "Among them is [Bermet Asanova|PERSON], whose doctors late on [Monday|DATE] said her "
            "condition was “grave but steady”.",
            "grave",
            "whose doctors",
            None,
            "Bermet Asanova",
        ),
        (
            "[Kofi Ansah|PERSON], whose manager, [Esi Boateng|PERSON], said he was “fit enough for "
            "two halves”, trained alone.",
            "fit enough",
            "Esi Boateng",
            "Esi Boateng",
            "Kofi Ansah",
        ),
    ],
)
def test_who_is_called_somebody_s_in_a_clause_behind_them_speaks(marked, start, mention, name, owner):
    assert attributed(marked, start) == (mention, name, owner)


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "“The port is safe,” [Mombasa Ports Board|ORG] spokeswoman [Neema Atieno|PERSON] said.",
            "The port",
            "Neema Atieno",
            "Neema Atieno",
            "Mombasa Ports Board",
        ),
        (
            "[Transneva|ORG] officials said the leak was “no larger than a coin”.",
            "no larger",
            "Transneva officials",
            None,
            "Transneva",
        ),
        (
            "“We regret the delay,” a [Hejaz Rail|ORG] spokesman said on [Sunday|DATE].",
            "We regret",
            "a Hejaz Rail spokesman",
            None,
            "Hejaz Rail",
        ),
        (
            "[Marisol Ortiz|PERSON] lost the vote. [Ortiz|PERSON] aides said that she was “not "
            "ready to concede”.",
            "not ready",
            "Ortiz aides",
            None,
            "Marisol Ortiz",
        ),
        (
            "[Southland Dairy|ORG] spokesperson [Hemi Parata|PERSON] described the spill as “a "
            "nuisance, not a danger”.",
            "a nuisance",
            "Hemi Parata",
            "Hemi Parata",
            "Southland Dairy",
        ),
        # Written after the rule.
        (
            "[Lake Titicaca Authority|ORG] officials called the bloom “a warning nobody can miss”.",
            "a warning",
            "Lake Titicaca Authority officials",
            None,
            "Lake Titicaca Authority",
        ),
        (
            "“We will appeal,” [Moyo|PERSON] campaign spokeswoman [Rudo Chikwanha|PERSON] said.",
            "We will",
            "Rudo Chikwanha",
            "Rudo Chikwanha",
            "Moyo",
        ),
        (
            "A [Baltic Ferries|ORG] representative said passengers had been “offered soup and blankets”.",
            "offered",
            "A Baltic Ferries representative",
            None,
            "Baltic Ferries",
        ),
        (
            "“The lift was serviced in [June|DATE],” [Harbin Elevator|ORG] spokesman [Qi "
            "Wen|PERSON] told reporters.",
            "The lift",
            "Qi Wen",
            "Qi Wen",
            "Harbin Elevator",
        ),
        (
            "[Prasetyo|PERSON] lawyers said the tapes were “edited beyond recognition”.",
            "edited",
            "Prasetyo lawyers",
            None,
            "Prasetyo",
        ),
    ],
)
def test_who_is_called_by_a_body_s_name_speaks_and_not_the_body(marked, start, mention, name, owner):
    assert attributed(marked, start) == (mention, name, owner)


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "[Ibrahim Salako|PERSON] was arrested on [Monday|DATE]. “He slept on a bare floor,” "
            "his lawyer said.",
            "He slept",
            "his lawyer",
            None,
            "Ibrahim Salako",
        ),
        (
            "Mrs [Kamala Gurung|PERSON] did not testify. Her lawyers said the charge was “built on "
            "one text message”.",
            "built on",
            "Her lawyers",
            None,
            "Kamala Gurung",
        ),
        (
            "“She is in good spirits,” her daughter said of the singer [Eleni Vasiliou|PERSON].",
            "She is",
            "her daughter",
            None,
            None,
        ),
        (
            "[Tomasz Wilk|PERSON] left by a side door. His spokeswoman told reporters: “He has "
            "nothing to add.”",
            "He has",
            "His spokeswoman",
            None,
            "Tomasz Wilk",
        ),
        (
            "[Rosario Paz|PERSON] has not been seen since [May|DATE]. According to her husband, "
            "“the police never opened a file, and they never will”.",
            "the police",
            "her husband",
            None,
            "Rosario Paz",
        ),
        # Written after the rule.
        (
            "[Gul Marjan|PERSON] crossed the border on foot. “He walked for six nights,” his brother said.",
            "He walked",
            "his brother",
            None,
            "Gul Marjan",
        ),
        (
            "Prime Minister [Ingrid Halvorsen|PERSON] was not at the ceremony. Her office said she "
            "was “resting after a long flight”.",
            "resting",
            "Her office",
            None,
            "Ingrid Halvorsen",
        ),
        (
            "“It was his first time abroad,” his mother told the court in [Nadi|LOC]. [Josefa "
            "Waqa|PERSON] wept.",
            "It was",
            "his mother",
            None,
            None,
        ),
        (
            "[Wilmer Choque|PERSON] trained in secret. Later his coach said he had been “the "
            "slowest boy in the valley”.",
            "the slowest",
            "his coach",
            None,
            "Wilmer Choque",
        ),
        (
            "Ms [Oyelaran|PERSON] sold the house. Her former neighbours said the walls had been "
            "“thick with damp”.",
            "thick",
            "Her former neighbours",
            None,
            "Oyelaran",
        ),
    ],
)
def test_his_and_her_people_speak_and_not_he_or_she(marked, start, mention, name, owner):
    assert attributed(marked, start) == (mention, name, owner)
