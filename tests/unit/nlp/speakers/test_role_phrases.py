"""The mention of a role is the whole phrase, up to where it ends and no further."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name", "owner"),
    [
        # Written before the rule.
        (
            "“The channel has silted up,” said a pilot of the harbour board.",
            "The channel",
            "a pilot of the harbour board",
            None,
            None,
        ),
        (
            "A nurse at the district hospital in [Kisumu|LOC] said the ward was “full by noon every day”.",
            "full by",
            "A nurse at the district hospital in Kisumu",
            None,
            None,
        ),
        (
            "“We saw smoke over the roofs,” said the owner of a tea shop near the station.",
            "We saw",
            "the owner of a tea shop near the station",
            None,
            None,
        ),
        (
            "The head of the water committee of the village of [Salta Vieja|LOC] called it “a "
            "robbery in daylight”.",
            "a robbery",
            "The head of the water committee of the village of Salta Vieja",
            None,
            None,
        ),
        (
            "“The lamps went out at nine,” said two guards from the night shift at the mine.",
            "The lamps",
            "two guards from the night shift at the mine",
            None,
            None,
        ),
        (
            "“We cannot say how many,” said an official at the ministry in a statement.",
            "We cannot",
            "an official at the ministry",
            None,
            None,
        ),
        (
            "“It will take a year,” said a member of the provincial council of [Banteay|LOC] on "
            "[Friday|DATE].",
            "It will",
            "a member of the provincial council of Banteay",
            None,
            None,
        ),
        # Written after the rule.
        (
            "“The nets come up empty,” said the secretary of a fishing cooperative on the coast of "
            "[Kerala|LOC].",
            "The nets",
            "the secretary of a fishing cooperative",
            None,
            None,
        ),
        (
            "An inspector from the state mining agency in [Ulan Torgo|LOC] called the shaft “a "
            "grave with a ladder”.",
            "a grave",
            "An inspector from the state mining agency in Ulan Torgo",
            None,
            None,
        ),
        (
            "“They gave us one mask each,” said a cleaner at a clinic outside [Tegucigalpa|LOC].",
            "They gave",
            "a cleaner at a clinic outside Tegucigalpa",
            None,
            None,
        ),
        (
            "The deputy head of the students’ union at the island’s only university said the fee "
            "was “a locked door”.",
            "a locked",
            "The deputy head of the students’ union at the island’s only university",
            None,
            None,
        ),
        (
            "“Nobody checked the bolts,” said an engineer for the ferry line at a hearing in [Piraeus|LOC].",
            "Nobody",
            "an engineer for the ferry line",
            None,
            None,
        ),
        (
            "“I heard two bangs,” said a resident of the quarter with a shrug.",
            "I heard",
            "a resident of the quarter",
            None,
            None,
        ),
        (
            "Two members of the parish council in the hills above [Funchal|LOC] say the wall is "
            "“held up by ivy”.",
            "held up",
            "Two members of the parish council in the hills above Funchal",
            None,
            None,
        ),
    ],
)
def test_a_role_is_mentioned_with_its_whole_phrase(marked, start, mention, name, owner):
    assert attributed(marked, start) == (mention, name, owner)


@pytest.mark.parametrize(
    ("marked", "start", "mention"),
    [
        (
            "According to [Coast Watch|ORG], the nuns were put on a bus “like crates of old fruit”.",
            "like",
            "Coast Watch",
        ),
        (
            "At a clinic in [Kumasi|LOC], the minister said the ward was “clean enough to eat in”.",
            "clean",
            "the minister",
        ),
        (
            "“It was never ours to sell,” the league, a union of dockers, said.",
            "It was",
            "the league",
        ),
    ],
)
def test_a_comma_joins_two_roles_only_around_an_apposition(marked, start, mention):
    assert attributed(marked, start)[0] == mention
