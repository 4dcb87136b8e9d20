"""Whom the lead calls "a former minister" and the article then names speaks by name."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "mention", "name"),
    [
        # Written before the rule.
        (
            "A former minister said on Monday that the dam “will not last”.\n\n[Ada Obi|PERSON], who "
            "was minister of works until 2019, told reporters in Jos that she had warned the board.",
            "will not",
            "A former minister",
            "Ada Obi",
        ),
        (
            "A senior official called the road near Cusco “a river of mud”.\n\nTransport secretary [Luz "
            "Quispe|PERSON] said it would be closed.",
            "a river",
            "A senior official",
            "Luz Quispe",
        ),
        (
            "“Nobody warned us,” a miner told a court in Perth.\n\n[Liam Walsh|PERSON], a miner for "
            "ten years, said he had seen the water rise.",
            "Nobody warned",
            "a miner",
            "Liam Walsh",
        ),
        (
            "A union leader said the strike in Accra was “far from over”.\n\nOpposition leader [Yaw "
            "Mensah|PERSON] said it must end.",
            "far from",
            "A union leader",
            None,
        ),
        (
            "A doctor in Leeds said the ward was “a furnace”. She asked not to be named.\n\nThe "
            "doctor [Amy Holt|PERSON] said she knew of nothing.",
            "a furnace",
            "A doctor in Leeds",
            None,
        ),
        (
            "A scientist has called the lake near Zomba “a bath of acid”.\n\nBiologist [Grace "
            "Banda|PERSON] said the fish were dying. She met farmer [Joe Phiri|PERSON].",
            "a bath",
            "A scientist",
            "Grace Banda",
        ),
        # Written after it.
        (
            "A veteran goalkeeper has called the pitch in Split “a field of stones”.\n\nGoalkeeper [Ante "
            "Kovac|PERSON] told the press he would not play.",
            "a field",
            "A veteran goalkeeper",
            "Ante Kovac",
        ),
        (
            "A teacher said the school near Hue was “under water”.\n\n[Mai Tran|PERSON], a teacher, "
            "said so.\n\nAnother teacher, [Lan Vo|PERSON], said it would open.",
            "under water",
            "A teacher",
            None,
        ),
        (
            "A fisherman said the sea off Suva was “as warm as tea”.\n\nAnother fisherman "
            "slept.\n\nFisherman [Sione Tau|PERSON] said it would cool.",
            "as warm",
            "A fisherman",
            None,
        ),
        (
            "A source said the bank in Riga was “out of cash”.\n\nThe source [Janis Ozols|PERSON] "
            "once was said no more.",
            "out of",
            "A source",
            None,
        ),
        (
            "[Emil Holm|PERSON], a baker, said so in Aarhus.\n\nA baker called the tax “a toll on bread”.",
            "a toll",
            "A baker",
            None,
        ),
    ],
)
def test_an_indefinite_in_the_lead_is_whoever_alone_is_named_so(
    marked: str, start: str, mention: str, name: str | None
) -> None:
    assert attributed(marked, start)[:2] == (mention, name)
