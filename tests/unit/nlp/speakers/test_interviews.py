"""In interviews, lines are quotes of whoever their labels name; what nobody asks is none."""

import pytest

from tests.unit.nlp.marked import doc_of
from tests.unit.nlp.speakers.spoken import said
from worker.nlp.quotes.component import tag_quotes


def spoken(marked: str) -> list[tuple[str, str | None, str | None]]:
    quotes = tag_quotes(doc_of(marked))._.quotes
    text = doc_of(marked).text
    return [
        (text[quote.start : quote.end], label, name)
        for quote, (label, name, _) in zip(quotes, said(marked), strict=True)
    ]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (
            "[Akosua Mensah|PERSON] has kept the clock of Tamale since 1990. She spoke to this newspaper.\n\n"
            "Q: Is it right?\nA: Twice a day.\n\nQ: And at night?\nA: Nobody looks.",
            [("Twice a day.", "A", "Akosua Mensah"), ("Nobody looks.", "A", "Akosua Mensah")],
        ),
        (
            "The pianist [Ilse Kramer|PERSON], 70, plays in Graz.\n\nQ. Will you miss it?\nA. I'll miss "
            "the coffee.",
            [("I'll miss the coffee.", "A", "Ilse Kramer")],
        ),
        (
            "By [Peter Holm|PERSON]\n\n[Marta Reyes|PERSON], the trainer, talked to [Peter Holm|PERSON].\n\n"
            "Question: Will you stay?\n\nAnswer: I will. \"Never leave a horse,\" my father said.\n\nHe "
            "was right.\n\n"
            "Question: And then?\n\nAnswer: We ride.\n\nPhotos: [Ana Gil|PERSON]",
            [
                ('I will. "Never leave a horse," my father said.', "Answer", "Marta Reyes"),
                ("He was right.", "Answer", "Marta Reyes"),
                ("We ride.", "Answer", "Marta Reyes"),
            ],
        ),
        (
            "[Samuel Adeyemi|PERSON] spoke to the [Harbour Review|ORG].\n\n[Harbour Review|ORG]: Do you "
            "sleep?\n\n"
            "[Adeyemi|PERSON]: Like a stone.\n\n[Harbour Review|ORG]: And eat?\n\n[Adeyemi|PERSON]: Like "
            "a goat.",
            [
                ("Do you sleep?", "Harbour Review", "Harbour Review"),
                ("Like a stone.", "Adeyemi", "Samuel Adeyemi"),
                ("And eat?", "Harbour Review", "Harbour Review"),
                ("Like a goat.", "Adeyemi", "Samuel Adeyemi"),
            ],
        ),
        (
            "The director [Renu Menon|PERSON] met [Sanjay Kulkarni|PERSON] in Pune.\n\nSK: What is it "
            "about?\nRM: A bus.\n"
            "SK: Only a bus?\nRM: A late bus.",
            [
                ("What is it about?", "SK", "Sanjay Kulkarni"),
                ("A bus.", "RM", "Renu Menon"),
                ("Only a bus?", "SK", "Sanjay Kulkarni"),
                ("A late bus.", "RM", "Renu Menon"),
            ],
        ),
        (
            "CHAIR: Did you sign?\n\nMS DELACROIX: I signed a letter.\n\n(She coughs.)\n\nCHAIR: This "
            "one?\n\n"
            "MS DELACROIX: It looks like it.\n\nThe hearing of [Odile Delacroix|PERSON] goes on.",
            [
                ("Did you sign?", "CHAIR", None),
                ("I signed a letter.", "MS DELACROIX", "Odile Delacroix"),
                ("This one?", "CHAIR", None),
                ("It looks like it.", "MS DELACROIX", "Odile Delacroix"),
            ],
        ),
        (
            "[Tendai Moyo|PERSON] answered our questions.\n\nInterviewer: Why did you drop "
            "him?\n[Moyo|PERSON]: He was "
            "late.\nInterviewer: Will he be back?\n[Moyo|PERSON]: If he buys a clock.",
            [("He was late.", "Moyo", "Tendai Moyo"), ("If he buys a clock.", "Moyo", "Tendai Moyo")],
        ),
        (
            "[Ana Silva|PERSON] talked to [Rui Costa|PERSON] about bees.\n\nQ: How many are left?\nA: I "
            "have nine.",
            [("I have nine.", "A", None)],
        ),
    ],
)  # fmt: skip
def test_a_line_belongs_to_its_label(marked, expected):
    assert spoken(marked) == expected


@pytest.mark.parametrize(
    "text",
    [
        "What is known of the flood.\n\nQ: When did it begin?\nA: On Sunday night.\n\nQ: Who is "
        "missing?\nA: Forty.",
        "Date: Monday\nVenue: Town Hall\nSpeakers: [Ada Obi|PERSON]\nDate: Tuesday\nVenue: Is it open?",
        "Delegates today\n\n[Ada Obi|PERSON]: 781\n[Ken Sato|PERSON]: 12\n\nWho won?\n\n[Ada Obi|PERSON]: 9\n"
        "[Ken Sato|PERSON]: 4",
        "A. The first of the two plans is cheap.\nB. The second is dear.",
    ],
)
def test_what_only_looks_like_an_interview_has_no_turns(text):
    assert spoken(text) == []
