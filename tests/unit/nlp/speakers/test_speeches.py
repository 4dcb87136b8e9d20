"""A speech speaks for who gave it, not for who read it out; "it" within a sentence is its own subject."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        # Written before the rule.
        (
            "[Olaf Berg|PERSON], the abbot, gave a speech in Bergen. The speech said bells would ring "
            "“before harvest”.",
            "before",
            "The speech",
            "Olaf Berg",
        ),
        (
            "In a speech read for her by Prior [Uwe Kern|PERSON], Queen [Ingrid Dahl|PERSON] asked "
            "for rain. The speech said the wells of Jena were “dry as bone”.",
            "dry as",
            "The speech",
            "Ingrid Dahl",
        ),
        (
            "[Rosa Quispe|PERSON] delivered a lecture in Cusco on [Friday|DATE]. The lecture called "
            "the dam “a gift to thieves”.",
            "a gift",
            "The lecture",
            "Rosa Quispe",
        ),
        (
            "A eulogy by [Yaw Mensah|PERSON] was heard in Accra. The eulogy said she had “fed a street”.",
            "fed a",
            "The eulogy",
            "Yaw Mensah",
        ),
        (
            "A speech was read out in Suva. The speech said the sea was “as warm as tea”.",
            "as warm",
            "The speech",
            None,
        ),
        # Written after it.
        (
            "[Mai Tran|PERSON]'s sermon in Hue was long. The sermon called the flood “a late guest”.",
            "a late",
            "The sermon",
            "Mai Tran",
        ),
        (
            "A statement read on behalf of the nuns by [Amy Holt|PERSON] was short. The statement "
            "said Leeds was “no place for a mill”.",
            "no place",
            "The statement",
            None,
        ),
        (
            "[Ali Demir|PERSON] made a speech in Izmir. “We stay,” said [Can Aydin|PERSON]. The "
            "speech called the harbour “not for sale”.",
            "not for",
            "The speech",
            "Ali Demir",
        ),
        (
            "In his testimony, delivered on Monday in Riga, [Janis Ozols|PERSON] told all. The "
            "testimony called the bank “a sieve”.",
            "a sieve",
            "The testimony",
            "Janis Ozols",
        ),
        (
            "[Luz Rojas|PERSON] heard a speech in Quito. The speech called the strike “a farce”.",
            "a farce",
            "The speech",
            None,
        ),
    ],
)
def test_a_speech_speaks_for_who_gave_it(marked: str, start: str, mention: str, name: str | None) -> None:
    assert attributed(marked, start)[:2] == (mention, name)


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        # Written before the rule.
        (
            "The [Glass Guild|ORG] met. [Ghana|GPE] has shut the mills that it says are “a waste of water”.",
            "a waste",
            "Ghana",
        ),
        (
            "The [Glass Guild|ORG] said so. Amid the long and cold floods of the north, [Peru|GPE] "
            "has cut farms which it said were “a danger to all who fish”.",
            "a danger",
            "Peru",
        ),
        (
            "The [Glass Guild|ORG] spoke. The [Salt Council|ORG] bars ships from Malta since it says "
            "they are “unsafe for all on board”.",
            "unsafe",
            "Salt Council",
        ),
        # Written after it.
        (
            "The [Glass Guild|ORG] met. [Fiji|GPE] bars the boats, which it described as “rust with oars”.",
            "rust",
            "Fiji",
        ),
        # Two may be meant: whoever spoke nearest.
        (
            "[Togo|GPE] met in Lome, and the [Rail Union|ORG] said it was late as it called the "
            "strike “a farce”.",
            "a farce",
            "Rail Union",
        ),
    ],
)
def test_it_within_a_sentence_is_its_subject(marked: str, start: str, name: str) -> None:
    assert attributed(marked, start)[1] == name
