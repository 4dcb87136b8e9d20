"""The component that finds quotes: what stands between marks and was said by somebody. Factory "dateline_quotes"."""

import math
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import orjson
from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.marks import Quoted, quoted_spans
from worker.nlp.wordlists import words


@dataclass(frozen=True, slots=True)
class QuoteSpan:
    """A quote in code points of `doc.text`, and who said it once the speakers component has run.

    `group`: index into `doc._.groups` of the entity behind the speaker's mention, None where it can't be told.
    """

    start: int
    end: int
    kind: str
    confidence: float
    cue: tuple[int, int] | None = None
    speaker: tuple[int, int] | None = None
    group: int | None = None


_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]]*\s|[\n\r]")
_NAMING = re.compile(
    r"\b(?:called|dubbed|titled|entitled|named|nicknamed|nickname|known as|so-called|headlined|termed|labell?ed|theme|"
    r"caption|slogan|song|film|book|novel|album|play|movie|series|show|catchphrase|hashtag|poem|essay|article|report|"
    r"chapter|documentary|painting|programme|program|project|campaign|headline|meaning|means|words?|phrase|terms?|title)"
    r"\s*(?:of|is|was|on|the|a|:|,)?\s*(?:the|a)?\s*$",
    re.IGNORECASE,
)
CONTEXT_CHARS = 200


def tag_quotes(doc: Doc) -> Doc:
    """Sets `doc._.quotes`: direct and mixed quotes in order, none inside another."""
    evidence = _Evidence(doc)
    found = []
    running = False
    for span in quoted_spans(doc.text):
        score = _said(doc.text, span, evidence.content(span.start, span.end))
        if running and span.opens_paragraph:
            score = max(score, 0.8)
        if score >= 0.5:
            kind = "direct" if _is_whole(doc.text, span) else "mixed"
            found.append(QuoteSpan(span.start, span.end, kind, round(score, 4)))
        running = not span.is_closed
    doc._.quotes = tuple(found)
    return doc


class _Evidence:
    """The encoder's probability that words are what somebody says; nothing to say without an encoder."""

    def __init__(self, doc: Doc) -> None:
        encoding = doc._.encoding if doc.has_extension("encoding") else None
        self._starts = [token.idx for token in doc] if encoding is not None else []
        self._content = 1 - encoding.contents[:, 0] if encoding is not None else np.zeros(0)

    def content(self, start: int, end: int) -> float | None:
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return float(self._content[first:last].mean()) if last > first else None


def features(text: str, span: Quoted) -> list[float]:
    """What tells said words from scare quotes, titles and names: numbers in the order of FEATURES."""
    inside = text[span.start : span.end]
    found = _WORD.findall(inside) or [""]
    before = _SENTENCE_END.split(text[max(0, span.start - CONTEXT_CHARS) : span.start - len(span.mark)])[-1]
    after = _SENTENCE_END.split(text[span.end + 1 : span.end + 1 + CONTEXT_CHARS])[0]
    earlier, later = ([w.lower() for w in _WORD.findall(part)] for part in (before, after))
    small, cues = words("function_words.txt"), words("cue_verbs.txt")
    named = found[0][:1].isupper() and all(
        w[0].isupper() or w[0].isdigit() or w.lower() in small for w in found if w
    )
    values = {
        "log_words": math.log(len(found)),
        "one_word": len(found) == 1,
        "up_to_three_words": len(found) <= 3,
        "ends_in_comma": inside[-1] == ",",
        "ends_in_stop": inside[-1] in ".…",
        "ends_in_call": inside[-1] in "?!",
        "has_function_word": any(w.lower() in small for w in found),
        "opens_like_a_clause": found[0].lower() in words("clause_openers.txt"),
        "opens_with_capital": found[0][:1].isupper(),
        "all_named": named,
        "cue_right_before": any(w in cues for w in earlier[-4:]),
        "cue_before": any(w in cues for w in earlier),
        "cue_right_after": any(w in cues for w in later[:5]),
        "cue_after": any(w in cues for w in later),
        "named_before": bool(_NAMING.search(before)),
        "comma_or_colon_before": before.rstrip().endswith((",", ":")),
        "article_before": bool(earlier) and earlier[-1] in ("the", "a", "an"),
        "that_before": bool(earlier)
        and earlier[-1] in ("that", "is", "was", "are", "were", "be", "as", "to", "it", "of"),
        "opens_paragraph": span.opens_paragraph,
        "unclosed": not span.is_closed,
        "pronoun_near": any(w in ("he", "she", "they") for w in (*earlier[-6:], *later[:4])),
    }
    return [float(value) for value in values.values()]


def _said(text: str, span: Quoted, content: float | None) -> float:
    """How sure it is that somebody says these words, 0 to 1."""
    weights = quote_weights()
    points = weights["bias"] + sum(
        w * x for w, x in zip(weights["features"], features(text, span), strict=True)
    )
    if content is not None:
        points += weights["content"] * (content - 0.5)
    return 1 / (1 + math.exp(-points))


@cache
def quote_weights() -> dict[str, Any]:
    """A logistic regression over `features`, fitted by training/quote_weights.py."""
    weights: dict[str, Any] = orjson.loads((files("worker.nlp") / "data" / "quote_weights.json").read_bytes())
    return weights


def _is_whole(text: str, span: Quoted) -> bool:
    """A whole utterance rather than a fragment inside a report."""
    inside = text[span.start : span.end]
    if inside[0].isupper() or not span.is_closed or span.opens_paragraph:
        return True
    before = text[max(0, span.start - 12) : span.start - len(span.mark)].rstrip()
    if before.endswith((":", ",")) and len(_WORD.findall(inside)) > 3:
        return True
    first = _WORD.match(inside)
    return bool(
        first and first.group().lower() in words("clause_openers.txt") and len(_WORD.findall(inside)) > 5
    )


for _name in ("quotes", "groups"):
    if not Doc.has_extension(_name):
        Doc.set_extension(_name, default=None)


@Language.factory("dateline_quotes", assigns=["doc._.quotes"])
def make_quotes(nlp: Language, name: str):
    """The component has no settings and nothing to load. Works without an encoder, less sharply."""
    return tag_quotes
