"""Finds speakers by headings: a name above a list of quotes, and a heading that is a quote itself."""

import re
from collections.abc import Sequence
from dataclasses import replace

from worker.nlp.entities.group import Span
from worker.nlp.patterns import WORD
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.speakers.candidates import Candidate, Candidates
from worker.nlp.wordlists import words

_MOST_LINES = 6
_HEADING_CHARS = 90
_QUOTE_WORDS = 12
_SAME = 0.75
_BULLET = re.compile(r"[ \t\u00a0]*(?:[–—•·▪‣*-]|\d{1,2}[.)])[ \t\u00a0]*")
_MARKS = " \t\u00a0“”\"‘’'«»„`"
_ENDS = tuple(".!?…,;:")


def name_above(text: str, opening: int, candidates: Candidates) -> Candidate | None:
    """'**Ada Obi**, Delta Bank\\n– Forecast: 9 %\\n– “Prices will rise”': the name above its list."""
    start = text.rfind("\n", 0, opening) + 1
    if _BULLET.match(text, start, opening) is None:
        return None
    for _ in range(_MOST_LINES):
        end = text.rfind("\n", 0, start)
        start = text.rfind("\n", 0, max(0, end)) + 1
        if end < 0 or not text[start:end].strip():
            if end < 0:
                return None
            continue
        if _BULLET.match(text, start, end) is None:
            return _only_name(text, (start, end), candidates)
    return None


def _only_name(text: str, line: Span, candidates: Candidates) -> Candidate | None:
    """The person whose name a line begins with that is no sentence: "Ada Obi, Delta Bank"."""
    start, end = line
    shown = text[start:end].rstrip()
    if len(shown) > _HEADING_CHARS or shown.endswith((".", "!", "?", "…", ",", ";")):
        return None
    inside = candidates.within(start, end)
    first = inside[0] if inside else None
    if first is None or first.type != "PERSON" or text[start : first.start].strip(_MARKS):
        return None
    is_told = not words("cue_verbs.txt").isdisjoint(WORD.findall(text[first.end : end].lower()))
    are_many = any(c.type == "PERSON" and c.group != first.group for c in inside)
    behind = text[first.end : end].lstrip()[:1]
    is_alone = behind in ("", ",", "(", "–", "—", "-", ":", "|")
    return first if is_alone and not is_told and not are_many else None


def is_heading(text: str, quote: QuoteSpan) -> bool:
    """'‘We lost the roof’' in a line of its own: a quote of a few words without a stop is a heading."""
    start = text.rfind("\n", 0, quote.start) + 1
    above = text[max(0, start - _HEADING_CHARS) : start].rstrip()
    if quote.kind == "indirect" or not above or above.endswith(":"):
        return False
    line = text.find("\n", quote.end)
    end = line if line >= 0 else len(text)
    around = (text[start : quote.start] + text[quote.end : end]).strip(_MARKS)
    said = text[quote.start : quote.end].rstrip(_MARKS)
    is_short = len(WORD.findall(said)) <= _QUOTE_WORDS
    return not around and is_short and not said.endswith(_ENDS) and end < len(text)


def headings_spoken(text: str, quotes: Sequence[QuoteSpan]) -> list[QuoteSpan]:
    """The quotes, where those that are headings have the speaker of the quote that they are taken from.

    One whose words no other quote has has no speaker: it is none of the quotes above it.
    """
    result = list(quotes)
    for i, quote in enumerate(quotes):
        if not is_heading(text, quote):
            continue
        told = _words_of(text, quote)
        others = (other for other in quotes if other is not quote and other.kind != "indirect")
        source = next((o for o in others if o.speaker and _share(told, _words_of(text, o)) >= _SAME), None)
        result[i] = replace(
            quote,
            cue=source.cue if source else None,
            speaker=source.speaker if source else None,
            group=source.group if source else None,
            owner=source.owner if source else None,
            construction=headings_spoken.__name__ if source else quote.construction,
        )
    return result


def _words_of(text: str, quote: QuoteSpan) -> set[str]:
    return set(WORD.findall(text[quote.start : quote.end].lower()))


def _share(told: set[str], of: set[str]) -> float:
    return len(told & of) / max(1, len(told)) if len(told) < len(of) else 0.0
