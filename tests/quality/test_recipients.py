"""Finnish: whom somebody tells something does not say it. In sentences of our own, with the whole pipeline.

`finnish_recipients.tsv` was written before the rule. Half of it was not read while that was written.
"""

from functools import cache
from pathlib import Path

import pytest

from worker.nlp.by_language import Pipelines
from worker.nlp.enrich import enrich
from worker.records.article import Article

SENTENCES = Path(__file__).with_name("finnish_recipients.tsv")
READ, SET_ASIDE = "read", "set aside"
OPENING, CLOSING = "[{<", "]}>"
LEAST_FOUND = {READ: 20, SET_ASIDE: 18}
"""Of 21 speakers so many are found. Before the rule there were 15 and 14."""


@cache
def sentences():
    """Half, text, where the speaker stands, and where whoever is told does, if anybody is."""
    rows = [line.split("\t") for line in SENTENCES.read_text(encoding="utf-8").splitlines() if line[0] != "#"]
    return tuple((half, *unmarked(marked)) for half, _, marked in rows)


def unmarked(marked):
    text, begun, parts = "", {}, {}
    for letter in marked:
        if letter in OPENING:
            begun[letter] = len(text)
        elif letter in CLOSING:
            mark = OPENING[CLOSING.index(letter)]
            parts[mark] = begun[mark], len(text)
        else:
            text += letter
    return text, parts["{"], parts.get("<")


@pytest.fixture(scope="module")
def speakers():
    """By text, where the speakers stand that are found."""
    pipelines = Pipelines(None, ("en", "fi"))

    def speakers_of(text):
        quotes = enrich(pipelines.of("fi"), Article(id="1", text=text, headline=None, language="fi")).quotes
        return [(quote.speaker.start, quote.speaker.end) for quote in quotes if quote.speaker]

    return {text: speakers_of(text) for _, text, _, _ in sentences()}


def touches(span, other):
    return span[0] < other[1] and other[0] < span[1]


@pytest.mark.parametrize("half", [READ, SET_ASIDE])
def test_who_speaks_is_found_beside_whoever_is_told(speakers, half):
    own = [(text, speaker) for each, text, speaker, _ in sentences() if each == half]
    missed = [text for text, who in own if not any(touches(span, who) for span in speakers[text])]
    assert len(own) == 21
    assert len(own) - len(missed) >= LEAST_FOUND[half], missed


def test_whoever_is_told_says_nothing(speakers):
    told = [(text, who, span) for _, text, who, span in sentences() if span is not None]
    assert len(told) == 32
    # The encoder takes "Aino Kallio Ylelle" for one name: who speaks is in it.
    assert [
        (text, text[slice(*found)])
        for text, who, span in told
        for found in speakers[text]
        if touches(span, found) and not touches(who, found)
    ] == []
