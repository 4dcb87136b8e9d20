"""What finds speakers is tallied by construction, against the sources of gold."""

import pytest

from tests.unit.nlp.marked import doc_of
from training.constructions.tallies import (
    MENTION_EXAMPLES,
    PATTERN_EXAMPLES,
    Tally,
    construction_table,
    gold_articles,
    judged,
    mention_of,
    pattern_of,
)
from worker.nlp.quotes.component import tag_quotes
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.speakers.attribution import PATTERNS
from worker.nlp.speakers.component import tag_speakers

TEXT = "The pilot said that the port is shut."
ARTICLE = {"text": TEXT, "attributions": [{"source": [[0, 9]], "cue": [[10, 14]], "content": [[15, 36]]}]}


def test_every_pattern_has_an_example():
    assert set(PATTERN_EXAMPLES) >= {pattern.__name__ for pattern in PATTERNS}


@pytest.mark.parametrize(
    ("content", "speaker", "result"),
    [
        ((15, 36), (0, 9), "whole"),
        ((20, 36), (4, 9), "whole"),
        ((15, 36), (5, 12), "right"),
        ((15, 36), (20, 28), "wrong"),
        ((0, 9), (10, 14), None),
    ],
)
def test_a_speaker_is_judged_by_the_source_of_the_same_content(content, speaker, result):
    assert judged(ARTICLE, content, speaker) == result


@pytest.mark.parametrize(
    ("marked", "pattern", "mention"),
    [
        ("“We are ready to go,” [Ada Obi|PERSON] said.", "speaker_then_cue", "name"),
        ("“We are ready to go,” said a pilot.", "cue_then_speaker", "role"),
        ("“We are ready to go,” said a pilot of the board.", "cue_then_speaker", "role with its phrase"),
        ("[Ada Obi|PERSON] came. She said: “We are ready.”", "speaker_and_cue_before", "pronoun"),
        ("“We are ready to go,” said a lawyer for [Ada Obi|PERSON].", "cue_then_speaker", "owned by of"),
        ("“We are ready to go,” [Ada Obi|PERSON]’s lawyer said.", "speaker_then_cue", "owned by 's"),
        ("“We are ready,” a [Delta Mills|ORG] official said.", "speaker_then_cue", "owned, side by side"),
        ("“We go,” said [Labour|ORG] member [Ada Obi|PERSON].", "cue_then_speaker", "name behind a body's"),
        ("“We are ready to go,” the statement said.", "speaker_then_cue", "document"),
        ("“We go,” said [Ada Obi|PERSON] and [Ken Sato|PERSON].", "cue_then_speaker", "together"),
        ("“We go,” a pilot said.\n\n[Ada Obi|PERSON], a pilot, left.", "speaker_then_cue", "role of a lead"),
        ("[Ada Obi|PERSON] wove nets.\n\n“I wove by day and slept by night.”", "only_named_above", "name"),
        ("The banner reads: “We are ready to go”.", "of_a_work", "work"),
    ],
)  # fmt: skip
def test_a_speaker_has_a_pattern_and_a_kind_of_mention(marked, pattern, mention):
    doc = tag_speakers(tag_quotes(doc_of(marked)))
    (quote,) = doc._.quotes
    assert pattern_of(doc.text, quote) == pattern
    assert mention_of(doc.text, quote, doc._.groups) == mention
    assert mention in MENTION_EXAMPLES


def test_a_report_around_its_cue_is_a_pattern_of_its_own():
    text = "The dam, according to Ms Obi, is safe."
    inside = QuoteSpan(0, 37, "indirect", 0.9, cue=(9, 21), speaker=(25, 28), construction="report")
    assert pattern_of(text, inside) == "inserted, according to"


def test_what_never_fired_is_not_in_the_table():
    tallies = {"headline": Tally(), "turn": Tally()}
    tallies["turn"].add("right")
    tallies["turn"].add(None)
    table = construction_table(tallies, PATTERN_EXAMPLES)
    assert "headline" not in table
    assert "| 2 | 1 | 100.0 % | 0.0 % |" in table


def test_a_folder_without_gold_has_no_articles(tmp_path):
    assert list(gold_articles(tmp_path, "train")) == []
