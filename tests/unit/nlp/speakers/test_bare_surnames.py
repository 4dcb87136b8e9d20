"""A surname alone that several people have is whose words were just told, or who the text is about."""

import pytest

from tests.unit.nlp.speakers.spoken import attributed


@pytest.mark.parametrize(
    ("marked", "start", "name"),
    [
        # Who was quoted by the full name since.
        (
            "[Lim Do-yun|PERSON] fell from a crane in [Busan|GPE]. His brother, [Lim Seo-jun|PERSON], "
            "said the "
            "family would sue.\n\n“He was careful,” [Lim|PERSON] said.",
            "He was",
            "Lim Seo-jun",
        ),
        (
            "[Kang Mi-rae|PERSON] died in the flood. Her lawyer [Kang Tae-ho|PERSON] said the dam was "
            "opened "
            "late.\n\n“Nobody read the gauges,” [Kang|PERSON] said.",
            "Nobody read",
            "Kang Tae-ho",
        ),
        (
            "[Nguyen Van Hai|PERSON] lost his boat off [Da Nang|GPE]. The harbour master, "
            "[Nguyen Thi Lan|PERSON], said the wind had turned. “We rang the bell,” [Nguyen|PERSON] said.",
            "We rang",
            "Nguyen Thi Lan",
        ),
        (
            "[Awa Diallo|PERSON] was robbed in [Conakry|GPE]. The judge, [Sekou Diallo|PERSON], said he "
            "would "
            "wait. “I have no papers,” [Diallo|PERSON] said.",
            "I have",
            "Sekou Diallo",
        ),
        (
            "[Rosa Quispe|PERSON] weaves in [Cusco|GPE]. [Elmer Quispe|PERSON] said prices fell. "
            "“Nobody sells,” [Quispe|PERSON] said.",
            "Nobody sells",
            "Elmer Quispe",
        ),
        # Who the text is about, where the other is named only for his sake.
        (
            "[Zhao Bolin|PERSON], son of the coal magnate [Zhao Dewei|PERSON], paints. [Zhao|PERSON] "
            "moved to "
            "[Chengdu|GPE] in May. “My father pays nothing,” [Zhao|PERSON] said.",
            "My father",
            "Zhao Bolin",
        ),
        (
            "[Tan Mei Ling|PERSON], daughter of the banker [Tan Boon Kiat|PERSON], opened a school in "
            "[Ipoh|GPE]. “We have nine desks,” [Tan|PERSON] said.",
            "We have",
            "Tan Mei Ling",
        ),
        (
            "[Park Ji-ho|PERSON], heir to the brewer [Park Sang-min|PERSON], sold his shares. “I like "
            "tea,” "
            "[Park|PERSON] said.",
            "I like",
            "Park Ji-ho",
        ),
        # A title, and two of whom it is only told, tell as before.
        (
            "[Jan Novak|PERSON] said the mill was shut. Mrs [Eva Novak|PERSON] waited. “It is cold,” Mrs "
            "[Novak|PERSON] said.",
            "It is",
            "Eva Novak",
        ),
        (
            "[Kim Do-yun|PERSON] dives for clams. [Kim Ha-eun|PERSON] mends nets. “It is cold,” "
            "[Kim|PERSON] said.",
            "It is",
            None,
        ),
    ],
)  # fmt: skip
def test_a_surname_alone_is_whose_words_were_told_last(marked, start, name):
    assert attributed(marked, start)[1] == name
