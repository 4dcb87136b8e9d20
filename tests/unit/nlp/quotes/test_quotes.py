"""Which quoted spans are quotes, and of which kind. Most cases have no encoder, so the words decide."""

import time

import numpy as np
import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st

from worker.nlp.quotes.component import tag_quotes
from worker.nlp.quotes.marks import quoted_spans
from worker.nlp.quotes.said import QuoteEvidence, probability_said

NLP = spacy.blank("en")


def quotes(text: str) -> list[tuple[str, str]]:
    doc = tag_quotes(NLP.make_doc(text))
    return [(doc.text[quote.start : quote.end], quote.kind) for quote in doc._.quotes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“We will rebuild the bridge,” Ms Okafor said.", [("We will rebuild the bridge,", "direct")]),
        (
            "“We will rebuild it,” Ms Okafor said, “and we will do it this year.”",
            [("We will rebuild it,", "direct"), ("and we will do it this year.", "direct")],
        ),
        ('The mayor warned: "Nobody is safe on that road."', [("Nobody is safe on that road.", "direct")]),
        (
            'She told reporters that "we have asked the ministry for help three times".',
            [("we have asked the ministry for help three times", "direct")],
        ),
        (
            "The union said the offer was “far too late to be taken seriously”.",
            [("far too late to be taken seriously", "mixed")],
        ),
        ("He said the plan was “reckless and costly” for the town.", [("reckless and costly", "mixed")]),
    ],
)
def test_words_somebody_said_are_quotes_of_their_kind(text, expected):
    assert quotes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "The film “Home at Last” opens on Friday.",
        "The committee published a report titled “Water for Everyone in the Valley” in May.",
        "Her band plays songs such as “Lanterns” and “Old River Road” every summer.",
        "The factory makes “smart” lamps for export.",
        "The so-called “fish tax” will be gone by June.",
        "Luis “El Gato” Barrera won the race.",
        "The word “saudade” has no translation.",
        "We all know what we call “progress” in this town.",
        "Reporters named the striker “the Wizard of Harbour Street” and called him “the Lion of Ndole”.",
        "As the old saying goes, “rain in May is bread in June”.",
        "The boat sailed under the name “Lady of the Lake” for years.",
        "He grows “heirloom” tomatoes behind the house.",
    ],
)
def test_titles_names_and_scare_quotes_are_none(text):
    assert quotes(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The crowd began to chant “Water!” at the gate.", "Water!"),
        ("Somebody shouted: “Fire!” and all ran.", "Fire!"),
        ("His last words became a phrase: “Where is my boat tonight?”", "Where is my boat tonight?"),
    ],
)
def test_a_word_that_was_shouted_and_a_phrase_that_was_said_are_quotes(text, expected):
    assert [quote for quote, _ in quotes(text)] == [expected]


def test_what_is_one_name_is_seldom_said():
    text = "The visit of the “Silver Fox” team pleased the town, residents felt."
    [span] = quoted_spans(text)
    said = probability_said(text, span, QuoteEvidence(0.9, 0.9, 0.9))
    assert probability_said(text, span, QuoteEvidence(0.9, 0.9, 0.9, is_name=True)) < said


def test_each_paragraph_of_a_running_quotation_is_a_quote():
    text = "“We came here with nothing,” Mr Sato said. “We built this.\n\n“Then the water came.”\n\nHe left."
    assert quotes(text) == [
        ("We came here with nothing,", "direct"),
        ("We built this.", "direct"),
        ("Then the water came.", "direct"),
    ]


def test_a_quotation_left_open_because_it_goes_on_is_a_quote_however_short():
    text = "“We came with two goats,” Ms Sow said. “They laughed.\n\n“Then the rain came to us.”\n\nShe left."
    assert [quote for quote, _ in quotes(text)] == [
        "We came with two goats,",
        "They laughed.",
        "Then the rain came to us.",
    ]


def test_a_headline_opens_with_what_somebody_said():
    text = "‘We will not leave’: miners defy court\n\nThe strike goes on."
    assert quotes(text) == [("We will not leave", "direct")]


def test_a_paragraph_that_is_one_quotation_needs_no_verb():
    text = "The road is closed.\n\n“Nobody in this village has seen a doctor since May.”\n\nRain is expected."
    assert quotes(text) == [("Nobody in this village has seen a doctor since May.", "direct")]


def test_a_forgotten_mark_does_not_cost_the_rest():
    text = 'Mr Sato said: "We had no warning of it.\n\n"They came at night," his neighbour said.'
    assert quotes(text) == [("We had no warning of it.", "direct"), ("They came at night,", "direct")]


@pytest.mark.parametrize(("content", "cue", "is_said"), [(0.97, 0.95, True), (0.3, 0.05, False)])
def test_the_encoder_decides_where_words_are_not_enough(content, cue, is_said):
    text = "The visit was “a turning point” for the region, residents felt."
    [span] = quoted_spans(text)
    assert (probability_said(text, span, QuoteEvidence(content, cue, source=0.5)) > 0.5) == is_said


def test_an_encoder_is_used_where_there_is_one():
    class Encoding:
        """Sure that nothing at all is reported."""

        contents = np.eye(1, 7).repeat(40, axis=0)
        roles = np.eye(1, 5).repeat(40, axis=0)

    text = "He called the plan “reckless and costly” for the town."
    alone, seen = NLP.make_doc(text), NLP.make_doc(text)
    if not seen.has_extension("encoding"):
        seen.set_extension("encoding", default=None)
    seen._.encoding = Encoding
    assert len(tag_quotes(alone)._.quotes) == 1
    assert tag_quotes(seen)._.quotes == ()


@pytest.mark.parametrize("unit", ['"a" ', '"', "“a b c d ", "'s' "])
def test_time_grows_with_the_text_and_no_faster(unit):
    seconds = []
    for size in (5_000, 40_000):
        doc = NLP.make_doc("x")
        doc = spacy.tokens.Doc(NLP.vocab, words=[unit * (size // len(unit))], spaces=[False])
        started = time.process_time()
        tag_quotes(doc)
        seconds.append(time.process_time() - started)
    assert seconds[1] < 24 * seconds[0] + 0.5


def test_a_word_of_two_hundred_thousand_letters_is_no_trouble():
    doc = spacy.tokens.Doc(NLP.vocab, words=["“" + "a'" * 100_000 + "”"], spaces=[False])
    started = time.process_time()
    tag_quotes(doc)
    assert time.process_time() - started < 5


@given(st.text(alphabet="ab S's.,\n\"'‘’“”«»「」`", max_size=60))
def test_quotes_are_in_order_within_the_text_and_the_same_twice(text):
    first = tag_quotes(NLP.make_doc(text))._.quotes
    end = 0
    for quote in first:
        assert end <= quote.start < quote.end <= len(text)
        assert 0.5 <= quote.confidence <= 1
        assert quote.kind in ("direct", "mixed")
        end = quote.end
    assert tag_quotes(NLP.make_doc(text))._.quotes == first
