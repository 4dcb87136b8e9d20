"""Reports without marks in other languages, in sentences of our own, each by itself, with the whole pipeline.

`report_sentences.tsv` has eight a language with a report and two without, one for each construction that is
usual in news, written before the rules. Half of them were not read while the rules were written.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from worker.nlp.by_language import Pipelines
from worker.nlp.enrich import enrich
from worker.records.article import Article, Quote

CODES = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "pl", "cs", "hr", "fi")
SENTENCES = Path(__file__).with_name("report_sentences.tsv")
READ, SET_ASIDE = "read", "set aside"
OPENING, CLOSING = "[<{", "]>}"
LEAST_OVERLAP = 0.8
LEAST_OF_A_LANGUAGE, LEAST_OF_A_HALF, LEAST_RIGHT = 6, 48, 0.95
"""How many of eight reports are found, how many of a half's 52, and which share of what is found is right."""


@dataclass(frozen=True)
class GoldSentence:
    language: str
    half: str
    construction: str
    text: str
    parts: dict[str, list[tuple[int, int]]]
    """The places of what is reported "[", of cues "<" and of speakers "{"."""


@cache
def sentences():
    rows = [line.split("\t") for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return tuple(GoldSentence(*row[:3], *unmarked(row[3])) for row in rows)


def unmarked(marked):
    text, parts, begun = "", {mark: [] for mark in OPENING}, {}
    for letter in marked:
        if letter in OPENING:
            begun[letter] = len(text)
        elif letter in CLOSING:
            mark = OPENING[CLOSING.index(letter)]
            parts[mark].append((begun.pop(mark), len(text)))
        else:
            text += letter
    return text, parts


@pytest.fixture(scope="module")
def found():
    """By sentence, what is found in it."""
    pipelines = Pipelines(None, ("en", *CODES))

    def quotes_of(gold):
        article = Article(id="1", text=gold.text, headline=None, language=gold.language)
        return enrich(pipelines.of(gold.language), article).quotes

    return {gold.text: quotes_of(gold) for gold in sentences()}


def is_right(gold: GoldSentence, quote: Quote) -> bool:
    """Whether a quote has the content, the cue and the speaker.

    What stands between the two parts of a report that its attribution interrupts does not count.
    """
    said = gold.parts["["]
    if not said or quote.speaker is None or quote.cue is None:
        return False
    letters = {i for i, letter in enumerate(gold.text) if letter.isalnum()}
    wanted = {i for start, end in said for i in range(start, end)} & letters
    between = set(range(said[0][1], said[-1][0]))
    given = set(range(quote.start, quote.end)) & letters - between
    overlap = len(wanted & given) / len(wanted | given)
    return overlap >= LEAST_OVERLAP and touches(gold, "{", quote.speaker) and touches(gold, "<", quote.cue)


def touches(gold, mark, span):
    """Whether a span overlaps what is marked so; a speaker may also stand in apposition to it, behind it."""
    beside = mark == "{"
    return any(span.start < end + 3 * beside and start < span.end for start, end in gold.parts[mark])


def test_each_language_has_eight_reports_and_two_sentences_without_in_two_halves():
    for code in CODES:
        own = [gold for gold in sentences() if gold.language == code]
        assert Counter(bool(gold.parts["["]) for gold in own) == {True: 8, False: 2}
        assert Counter(gold.half for gold in own) == {READ: 5, SET_ASIDE: 5}
        assert len({gold.construction for gold in own}) == 9


@pytest.mark.parametrize("code", CODES)
def test_most_reports_of_a_language_are_found(found, code):
    own = [gold for gold in sentences() if gold.language == code]
    right = [gold for gold in own if any(is_right(gold, quote) for quote in found[gold.text])]
    assert len(right) >= LEAST_OF_A_LANGUAGE, [gold.text for gold in own if gold not in right]


@pytest.mark.parametrize("half", [READ, SET_ASIDE])
def test_reports_of_each_half_are_found_and_little_else(found, half):
    own = [gold for gold in sentences() if gold.half == half]
    right = sum(any(is_right(gold, quote) for quote in found[gold.text]) for gold in own)
    assert right >= LEAST_OF_A_HALF
    assert right / sum(len(found[gold.text]) for gold in own) >= LEAST_RIGHT
