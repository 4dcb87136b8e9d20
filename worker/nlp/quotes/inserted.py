"""Joins reports that an attribution interrupts: '**The harvest**, according to Ms Obi, **will fail**'.

The encoder often tags one side of the attribution, or each side as a report of its own.
"""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from spacy.tokens import Doc

from worker.nlp.encoder.encoding import attribution_of
from worker.nlp.encoder.text import text_of
from worker.nlp.quotes.indirect import ReportedSpan, Roles, Tokens, characters, nearest_source
from worker.nlp.wordlists import words

# Of a report that only its cue and the clause around it show.
_CONFIDENCE = 0.75

_CLOSERS = {",": ",", "—": "—–-", "–": "—–-", "-": "—–-", "(": ")"}
_ACCORDING = re.compile(r"[Aa]ccording to\b")
_STOPS = frozenset('.;:!?\n“”"«»')
_MAX_GAP = 6
_MAX_PART = 60
_FINITE = frozenset(
    ("is", "are", "was", "were", "has", "have", "had", "will", "would", "can", "could", "may", "might",
     "must", "shall", "should", "did", "does", "do", "’s", "'s", "cannot", "ca", "wo")
)  # fmt: skip
_PREPOSITIONS = frozenset(
    ("after", "among", "at", "before", "between", "by", "during", "for", "from", "in", "on", "over",
     "since", "under", "until", "with", "within")
)  # fmt: skip
_RELATIVES = frozenset(("that", "which", "who", "whose"))
_OPENERS = frozenset(
    ("also", "and", "besides", "but", "furthermore", "however", "instead", "meanwhile", "moreover", "nor",
     "now", "or", "so", "still", "then", "though", "yet")
)  # fmt: skip
_OTHER_CLAUSE = frozenset(
    ("adding", "and", "but", "citing", "nor", "noting", "or", "saying", "so", "who", "whom", "whose",
     "which", "while", "whereas", "yet")
)  # fmt: skip
# The encoder's scores of content, as means over a side that it does not tag.
_LEAST_CONTENT = 0.4


@dataclass(frozen=True, slots=True)
class _Insertion:
    """An attribution between marks: from the first mark to behind the second, with its cue and its source."""

    first: int
    last: int
    cue: Tokens
    source: Tokens


def join_sides(doc: Doc, reports: Sequence[ReportedSpan], roles: Roles) -> list[ReportedSpan]:
    """The reports in order, each that an attribution interrupts as one with what stands behind it."""
    encoding = attribution_of(doc)
    if encoding is None:
        return list(reports)
    content = 1 - encoding.contents[:, 0]
    kept = list(reports)
    told = [_insertion(doc, cue, nearest_source(doc, cue, roles.sources), content) for cue in roles.cues]
    for inserted in _with_according(doc, [each for each in told if each is not None], content):
        i = bisect_left(kept, inserted.first, key=lambda report: report.tokens[0])
        left = kept[i - 1] if i and kept[i - 1].tokens[1] >= inserted.first - 1 else None
        right = kept[i] if i < len(kept) and kept[i].tokens[0] <= inserted.last + 1 else None
        whole = _joined(doc, inserted, left, right, content)
        if whole is not None:
            kept[i - (left is not None) : i + (right is not None)] = [whole]
    return kept


def _with_according(doc: Doc, found: list[_Insertion], content: np.ndarray) -> list[_Insertion]:
    """The insertions in order, with each "according to": who it names needs no encoder."""
    starts = {inserted.first for inserted in found}
    for match in _ACCORDING.finditer(text_of(doc)):
        span = doc.char_span(*match.span())
        if span is None or span.end - span.start != 2 or span.end >= len(doc):
            continue
        i = span.start
        closing = _mark(doc, range(i + 2, min(len(doc), i + 2 + 2 * _MAX_GAP)), ",—–-)")
        inserted = (
            _insertion(doc, (i, i + 2), (i + 2, closing), content) if closing and closing > i + 2 else None
        )
        if inserted is not None and inserted.first not in starts:
            found.append(inserted)
    return sorted(found, key=lambda inserted: inserted.first)


def _insertion(doc: Doc, cue: Tokens, source: Tokens | None, content: np.ndarray) -> _Insertion | None:
    """The attribution around a cue, if marks divide it from both sides of its clause."""
    if source is None or max(cue[0] - source[1], source[0] - cue[1]) > _MAX_GAP:
        return None
    first, last = min(cue[0], source[0]), max(cue[1], source[1])
    opening = _mark(doc, range(first - 1, max(-1, first - 1 - _MAX_GAP), -1), "".join(_CLOSERS))
    if opening is None or opening == 0 or doc[opening + 1].lower_ in _RELATIVES:
        return None
    closers = _CLOSERS[doc[opening].text]
    closing = _mark(doc, range(last, min(len(doc), last + _MAX_GAP)), closers)
    if closing is None or closing + 1 >= len(doc):
        return None
    behind = _mark(doc, range(closing + 1, min(len(doc), closing + 2 + 2 * _MAX_GAP)), closers)
    is_apposed = (
        behind is not None and closing + 1 < behind < len(doc) - 1 and _is_verb(doc[behind + 1].lower_)
    )
    if behind is not None and is_apposed and content[closing + 1 : behind].mean() < _LEAST_CONTENT:
        # "According to the captain, **Ada Obi,** the crew were": an apposition, unless it reads as content.
        source = (source[0], behind) if source[0] >= cue[1] else source
        closing = behind
    return _Insertion(opening, closing + 1, cue, source)


def _mark(doc: Doc, places: range, marks: str) -> int | None:
    """The first of the places with one of the marks, None if a sentence or a quotation ends before."""
    for i in places:
        text = doc[i].text
        if len(text) == 1 and text in marks:
            return i
        if text[0] in _STOPS:
            return None
    return None


def _joined(
    doc: Doc, inserted: _Insertion, left: ReportedSpan | None, right: ReportedSpan | None, content: np.ndarray
) -> ReportedSpan | None:
    """Both sides as one report, None where they are none."""
    if (left and left.tokens[1] > inserted.cue[0]) or (right and right.tokens[0] < inserted.cue[1]):
        # What is reported holds the attribution: "that the tax, **Ms Obi says**, is too high".
        return None
    start = left.tokens[0] if left else _clause_start(doc, inserted.first)
    end = right.tokens[1] if right else _clause_end(doc, inserted.last)
    if start is None or end is None or start >= inserted.first or end <= inserted.last:
        return None
    if doc[inserted.last].lower_ in _OTHER_CLAUSE:
        return None
    is_interrupted = _is_interrupted(doc, start, inserted)
    if left is None and right is None and not (is_interrupted and _is_certain(doc, inserted)):
        return None
    if not is_interrupted:
        sides = ((left, start, inserted.first), (right, inserted.last, end))
        if any(side is None and content[a:b].mean() < _LEAST_CONTENT for side, a, b in sides):
            return None
    probability = max((report.probability for report in (left, right) if report), default=0.0)
    if is_interrupted and _is_certain(doc, inserted):
        probability = max(probability, _CONFIDENCE)
    tokens = start, end
    return ReportedSpan(tokens, *characters(doc, tokens), probability, inserted.cue, inserted.source)


def _is_interrupted(doc: Doc, start: int, inserted: _Insertion) -> bool:
    """Whether the words before an insertion are no clause without those behind it."""
    before = [doc[i].lower_ for i in range(start, inserted.first)]
    behind = doc[inserted.last].lower_
    if before[-1] in _FINITE or behind in _FINITE:
        return True
    if any(_is_verb(word) for word in before):
        return False
    # "In Fiji, according to Ms Obi, catches fell" and "The damage, according to Ms Obi, came from salt".
    return before[0] in _PREPOSITIONS or _is_verb(behind)


def _is_verb(word: str) -> bool:
    return word in _FINITE or word in words("past_verbs.txt") or (len(word) > 4 and word.endswith("ed"))


def _is_certain(doc: Doc, inserted: _Insertion) -> bool:
    """Whether the cue tells of speech wherever it stands between marks: "according to", "said"."""
    cue = doc[inserted.cue[0]].lower_, doc[inserted.cue[1] - 1].lower_
    return cue[0] == "according" or cue[1] in words("sayings.txt")


def _clause_start(doc: Doc, at: int) -> int | None:
    """Where the clause begins that ends at a mark, without "but" and the like; None if too far away."""
    i = at
    while i > 0 and doc[i - 1].text[0] not in _STOPS:
        i -= 1
        if at - i > _MAX_PART:
            return None
    while i < at and (doc[i].lower_ in _OPENERS or not doc[i].text[0].isalnum()):
        i += 1
    return i


def _clause_end(doc: Doc, at: int) -> int | None:
    """Where the clause ends that begins behind a mark: with its sentence, or before ", but" and the like."""
    i = at
    while i < len(doc) and doc[i].text[0] not in _STOPS:
        if doc[i].text == "," and i + 1 < len(doc) and doc[i + 1].lower_ in _OTHER_CLAUSE:
            break
        i += 1
        if i - at > _MAX_PART:
            return None
    return i
