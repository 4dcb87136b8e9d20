"""The whole subject of the verb that leads to a quote: with who is named beside it."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        # Written before the rule.
        (
            "[Jonas Weil|PERSON] came to Bremen late. He and many tenants believe it is a “puppet show”.",
            "puppet",
            "Jonas Weil",
        ),
        (
            "Abbot [Harald Moe|PERSON] fell ill in Bergen. In a sermon read for him by Prior [Olaf "
            "Berg|PERSON], the abbot said bells would ring “before harvest”.",
            "before",
            "Harald Moe",
        ),
        (
            "[Amara Kone|PERSON], who until last year ran the bank of the [Bouake Council|ORG], today "
            "said it "
            "was “dead wood”.",
            "dead wood",
            "Amara Kone",
        ),
        (
            "[Lucia Ferro|PERSON] and other teachers say the roof in Matera is “a sieve”.",
            "a sieve",
            "Lucia Ferro",
        ),
        (
            "[Rangi Tamati|PERSON] sold the farm near Napier, but he and his neighbours said the price "
            "was “a "
            "robbery”.",
            "a robbery",
            "Rangi Tamati",
        ),
        # Written after it.
        (
            "Bishop [Pedro Luna|PERSON] rested in Cusco. At a mass held by Father [Hugo Paz|PERSON], the "
            "bishop warned of “a winter of debts”.",
            "a winter",
            "Pedro Luna",
        ),
        (
            "[Mina Sato|PERSON] and many fishermen told Hakodate's mayor that the pier was “rotten to "
            "the nails”.",
            "rotten",
            "Mina Sato",
        ),
        # The many speak where the clause is theirs alone.
        ("She thanked [Ivan Petrov|PERSON], and many tenants called Omsk “a cold cellar”.", "a cold", None),
        (
            "Letters went to [Fatou Diop|PERSON] and the villagers said Kaolack was “thirsty again”.",
            "thirsty",
            None,
        ),
        # An apposition that a comma closes is the same person.
        (
            "In a talk with [Owen Price|PERSON], the warden, [Sian Rees|PERSON] called Snowdon “a "
            "staircase”.",
            "a staircase",
            "Sian Rees",
        ),
    ],
)
def test_the_subject_is_read_whole(marked, start, name):
    assert attributed(marked, start)[1] == name


@pytest.mark.parametrize(
    ("marked", "start", "mention"),
    [
        (
            "Stewards tried to hold a crowd of fans in Durban, which at one moment started chanting “Rain”.",
            "Rain",
            "a crowd of fans in Durban",
        ),
        (
            "The mayor of Ghent praised a group of pilots, who later called the tower “blind”.",
            "blind",
            "a group of pilots",
        ),
        (
            "Guards in Quito pushed back the protesters, who kept shouting “Open the well”.",
            "Open the well",
            "the protesters",
        ),
    ],
)
def test_who_and_which_lead_to_whom_they_follow(marked, start, mention):
    assert attributed(marked, start)[0] == mention
