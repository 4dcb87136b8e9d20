"""Descriptions over the article: the fullest form of a group, and the one whom the article keeps quoting."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        # Written before the rule.
        (
            "Keeper [Odin Brask|PERSON] rested in Oslo, and his crew said he had “a long-planned rest”.\n\n"
            "“He slept,” [Brask|PERSON]'s crew said.",
            "a long",
            "Brask's crew",
            None,
        ),
        (
            "The [Velorian|NORP] authorities shut the port.\n\nIt rained.\n\nThe authorities accused "
            "her of “idling too long”.",
            "idling",
            "The Velorian authorities",
            None,
        ),
        (
            "Tenants in Leeds are angry. A fellow tenant said the trees fell.\n\n“He laughed.\n\n“He "
            "rang my bell,” the neighbour said.",
            "He rang",
            "A fellow tenant",
            None,
        ),
        (
            "Union leader [Orla Finnegan|PERSON] met us. “We stay,” [Finnegan|PERSON] said.\n\n“Boats are "
            "homes,” [Finnegan|PERSON] said. Rival [Sean Burke|PERSON] laughed.\n\n“We scrub decks,” the "
            "[Galway|GPE] lawmaker said.",
            "We scrub",
            "the Galway lawmaker",
            "Orla Finnegan",
        ),
        (
            "[Aroha Ngata|PERSON] hid in Nelson. “She is well,” [Ngata|PERSON]'s colleagues "
            "said.\n\nHer colleagues "
            "called the raid “a theft of sleep”.",
            "a theft",
            "Ngata's colleagues",
            None,
        ),
        # Written after it.
        (
            "A carpenter from Arequipa complained at the door. “I built it.\n\n“It stood for years,” "
            "the worker "
            "said.",
            "It stood",
            "A carpenter from Arequipa",
            None,
        ),
        (
            "The [Kasai|GPE] organisers closed the ring. The organisers called the fight “a draw of "
            "the blind”.",
            "a draw",
            "The Kasai organisers",
            None,
        ),
        # Of two bodies with the noun, the one that has spoken.
        (
            "The [Velorian|NORP] authorities called the port “shut for good”. Local authorities slept.\n\n"
            "The authorities accused her of “idling too long”.",
            "idling",
            "The Velorian authorities",
            None,
        ),
        # Two have spoken: the role may be either's, or another's.
        (
            "Coach [Ali Demir|PERSON] waited. “We stay,” [Demir|PERSON] said. “You will not,” said "
            "[Can Aydin|PERSON]. “We "
            "stay,” [Demir|PERSON] said.\n\n“It is cold in Izmir,” the lawmaker said.",
            "It is cold",
            "the lawmaker",
            None,
        ),
        # Indefinites stay as they are.
        (
            "Union leader [Eun Park|PERSON] met us. “We stay,” [Park|PERSON] said.\n\n“Busan waits,” "
            "[Park|PERSON] said.\n\n“We scrub decks,” a lawmaker said.",
            "We scrub",
            "a lawmaker",
            None,
        ),
        # A closed quotation is no running one.
        (
            "A fellow tenant in Lyon spoke. “He laughed,” the tenant said.\n\n“He rang my bell,” the "
            "neighbour "
            "said.",
            "He rang",
            "the neighbour",
            None,
        ),
    ],
)
def test_a_description_is_led_to_its_fullest_form(marked, start, mention, name):
    assert attributed(marked, start)[:2] == (mention, name)
