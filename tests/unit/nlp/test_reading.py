"""How a text is read: what wraps a line, what nobody sees, and that spans lead back to what was published."""

import json
import re
import textwrap
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.shipped import shipped_pipeline
from worker.nlp.enrich import enrich
from worker.nlp.reading import read_line, reading_of
from worker.query.normal_forms import normalized
from worker.records.article import Article

GOLD = Path(__file__).parents[3] / "seeds" / "quality" / "world.jsonl"
STORY = (
    "The weir at Tikrapara will be opened in April, the water board of Angul said on Tuesday.\n\n"
    "“Nobody has told the fishermen where to go,” said Sushila Pradhan, who speaks for two hundred "
    "families on the river. “They will lose a season,” Pradhan said.\n\n"
    "The Mahanadi Fishers’ Union called the plan “a sentence without a trial”. Its lawyer, Érico "
    "Vasconcelos, said that it would go to court in Bhubaneswar."
)


@pytest.fixture(scope="module")
def nlp():
    return shipped_pipeline()


@pytest.mark.parametrize(
    ("published", "read"),
    [
        ("The gates were shut on\nMonday.", "The gates were shut on Monday."),
        ("The gates were shut by\n   the board.", "The gates were shut by the board."),
        ("The Lower Volta\nbasin was dry, and so it went on\nfor years.", None),
        ("It was sold to Al-\nMansur in May.", "It was sold to Al-Mansur in May."),
        ("They left early -\nall of them.", "They left early - all of them."),
        ("“It holds,” said Petra\nKovačič, who built it.", "“It holds,” said Petra Kovačič, who built it."),
        ("The board met Mr.\nOtieno there.", "The board met Mr. Otieno there."),
        ("One.\r\n\r\nTwo was\r\nshort.", "One.\n\nTwo was short."),
        ("One.\rTwo.", "One.\nTwo."),
        ("One.\u2029Two.", "One.\nTwo."),
        ("One.\u2028Two.\x85Three.", "One.\nTwo.\nThree."),
    ],
)
def test_a_line_end_within_a_sentence_is_read_as_a_space(published, read):
    assert reading_of(published).text == (read or published.replace("\n", " "))


@pytest.mark.parametrize(
    "text",
    [
        "Weir opens in April\nThe water board met on Tuesday.",
        "He left.\nShe stayed.",
        "What they agreed:\nThe port opens.",
        "- rice\n- oil\n- salt",
        "They want\n• more pay,\n• shorter days.",
        "1. Sana Diallo\n2. Teo Marin",
        "“No,” the mayor says\nThe mayor of Kotka will not go.",
        "By Sana Diallo\nDAKAR - The port opens.",
        "ONE LINE\n\nanother block",
        "Q: Why now?\nA: Because we can.",
        "",
        "\n\n\n",
        "No line end at all.",
    ],
)
def test_a_line_end_that_ends_something_stays(text):
    assert reading_of(text).text == text


@pytest.mark.parametrize(
    ("published", "read"),
    [
        ("Kwa\xadme Asan\xadte", "Kwame Asante"),
        ("in \u200eEgypt\u200f and \u2067Haifa\u2069", "in Egypt and Haifa"),
        ("said\u200b \u200bAda\ufeff Obi\u2060", "said Ada Obi"),
        ("E\u0301rico Nun\u0303ez", "Érico Nuñez"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d🚒 came", "👩\u200d🚒 came"),
        ("ไทย\u200bแลนด์", "ไทย\u200bแลนด์"),
        ('""No,"" she said. ""Never.""', '"No," she said. "Never."'),
        ('The box is 5" wide, ""nearly"".', 'The box is 5" wide, ""nearly"".'),
    ],
)
def test_what_nobody_sees_is_not_read(published, read):
    assert reading_of(published).text == read
    assert read_line(published) == read


SIGNS = [
    "\xad",
    "\u200b",
    "\u200e",
    "\u2060",
    "\ufeff",
    "\u2066",
    "\r\n",
    "\n",
    "\r",
    "\u0301",
    '""',
    " ",
    "a-\n",
]


@given(st.lists(st.sampled_from(["Ada", "said", "é", "e", "क", "😀", ". ", *SIGNS]), max_size=40))
@example(["e", "\u0301", "\xad", "\u0301", "\n", "a-\n", "é"])
def test_what_is_read_stands_in_its_order_in_what_was_published(pieces):
    text = "".join(pieces)
    reading = reading_of(text)
    spans = [reading.published(place, place + 1) for place in range(len(reading.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    # Of a letter with two accents that are composed in part, both signs stand for all three.
    assert all(a[1] <= b[0] or a == b for a, b in pairwise(spans))
    for sign, (start, end) in zip(reading.text, spans, strict=True):
        assert sign.isspace() or normalized("NFC", text[start:end])[0] in (sign, '"') or "\u0301" in sign


@given(st.text())
def test_a_text_is_read_the_same_way_twice_and_what_was_read_as_it_is(text):
    once = reading_of(text)
    assert reading_of(text) == once
    assert once.text == text or once.starts is not None


def wrapped(text, width, line_end="\n"):
    lines = [textwrap.wrap(line, width, break_on_hyphens=False) or [""] for line in text.split("\n")]
    return line_end.join(line for wrapped_lines in lines for line in wrapped_lines)


def hidden(text, draw_places, sign):
    for place in sorted(draw_places, reverse=True):
        text = text[:place] + sign + text[place:]
    return text


def tags(article):
    """What was found, whatever stands between its words."""

    def words(span):
        return " ".join(re.sub("[\xad\u200b\u200e\u2060\ufeff]", "", span.text).split()) if span else None

    return (
        [
            (entity.id, entity.name, [words(mention) for mention in entity.mentions])
            for entity in article.entities
        ],
        [
            (q.kind, words(q), words(q.cue), words(q.speaker), q.speaker and q.speaker.entity)
            for q in article.quotes
        ],
        [topic.code for topic in article.topics],
    )


def enriched(nlp, text):
    article = enrich(nlp, Article(id="1", text=text, language="en"))
    assert article.text == text
    for entity in article.entities:
        assert all(text[span.start : span.end] == span.text for span in entity.mentions)
    for quote in article.quotes:
        for span in (quote, quote.cue, quote.speaker, quote.report):
            assert span is None or text[span.start : span.end] == span.text
    return tags(article)


@pytest.mark.parametrize("width", [44, 66, 80])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_wrapped_copy_has_the_tags_of_running_text(nlp, width, line_end):
    assert enriched(nlp, wrapped(STORY, width, line_end)) == enriched(nlp, STORY)


def test_most_articles_are_read_the_same_however_they_are_wrapped():
    texts = [json.loads(line)["text"] for line in GOLD.read_text(encoding="utf-8").splitlines()]
    running = [
        "\n\n".join(re.sub(r"\s+", " ", p).strip() for p in text.split("\n") if p.strip()) for text in texts
    ]
    same = [reading_of(wrapped(text, width)).text == text for text in running for width in (50, 66, 80)]
    assert sum(same) >= 0.95 * len(same)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(st.integers(0, len(STORY)), max_size=30),
    st.sampled_from(["\xad", "\u200b", "\u200e", "\u2060", "\ufeff"]),
)
def test_invisible_characters_change_no_tag(nlp, places, sign):
    assert enriched(nlp, hidden(STORY, places, sign)) == enriched(nlp, STORY)


def test_decomposed_accents_change_no_name(nlp):
    decomposed = STORY.replace("É", "E\u0301")
    assert enriched(nlp, decomposed)[0][0][0] == enriched(nlp, STORY)[0][0][0]
    names = [name for _, name, _ in enriched(nlp, decomposed)[0]]
    assert "Érico Vasconcelos" in names
