"""Finds reported speech without marks by the encoder's tags: 'She said **the road will open in May**'."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from spacy.attrs import IS_SPACE
from spacy.tokens import Doc

from worker.nlp.encoder.encoding import attribution_of
from worker.nlp.encoder.tags import (
    CONTENT_TAGS,
    ROLE_TAGS,
    LabelledTokens,
    Transitions,
    best_path,
    decode_spans,
    transitions,
)
from worker.nlp.entities.group import Span
from worker.nlp.quotes.quote_span import QuoteSpan

REPORT_THRESHOLD = 0.7
"""The least mean probability of a report's tokens. On US political news 7 of 10 such reports are right."""

MIN_REPORT_TOKENS = 3
SEARCH_TOKENS = 12
"""How far from a report its cue is looked for, and from a cue its source."""

MAX_EXTENSION_TOKENS = 10
"""How far a report that ends within a clause is extended."""

_HANGING = frozenset({
    "a", "about", "after", "against", "among", "an", "and", "as", "at", "before", "between", "by", "during",
    "for", "from", "her", "his", "in", "into", "its", "my", "of", "on", "or", "our", "over", "than", "that",
    "the", "their", "to", "under", "with", "your",
})  # fmt: skip
"""No clause ends with these words, but the encoder often ends a report before the name that follows."""
_JOINING = frozenset(("also", "and", "but", "then"))
_STOPS = frozenset(".,;:?!…–—\n")
_LINE_END = re.compile(r"[\n\r;]")
# A stop, and the first letter behind it if that is a capital; all up to that letter is looked at once.
_SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]]*+\s[\W\d]*+([A-Z]?)")
_CONTENT_RULES, _ROLE_RULES = transitions(CONTENT_TAGS), transitions(ROLE_TAGS)
_COLUMNS = {
    kind: [CONTENT_TAGS.index(f"B-{kind}"), CONTENT_TAGS.index(f"I-{kind}")] for kind in ("INDIRECT", "MIXED")
}
_REPORT_COLUMNS = [column for columns in _COLUMNS.values() for column in columns]


Tokens = tuple[int, int]
"""A half-open range of tokens."""


@dataclass(frozen=True, slots=True)
class ReportedSpan:
    """Speech reported in the writer's words, or partly in them. `start`, `end`: code points of the text.

    `cue`, `source`: where these stand within it, as in 'The harvest, **according to Ms Obi**, will fail'.
    """

    tokens: Tokens
    start: int
    end: int
    probability: float
    cue: Tokens | None = None
    source: Tokens | None = None


@dataclass(frozen=True, slots=True)
class Roles:
    """The cues and sources that the encoder tagged, in order."""

    cues: Sequence[Tokens]
    sources: Sequence[Tokens]


def find_reports(doc: Doc) -> list[ReportedSpan]:
    """The reports that the encoder tagged, in order. Empty without an encoder."""
    encoding = attribution_of(doc)
    if encoding is None or encoding.contents[:, _REPORT_COLUMNS].max(initial=0) < REPORT_THRESHOLD / 2:
        return []
    contents = _over_spaces(doc, encoding.contents)
    runs = _decoded(doc, contents, _CONTENT_RULES, CONTENT_TAGS)
    limits = [*(first for first, _, _ in runs), len(doc)][1:]
    found = []
    for (first, last, kind), limit in zip(runs, limits, strict=True):
        if kind in _COLUMNS:
            probability = float(contents[first:last, _COLUMNS[kind]].sum(axis=1).mean())
            tokens = first, (_whole_end(doc, last, limit) if kind == "INDIRECT" else last)
            found.append(ReportedSpan(tokens, *characters(doc, tokens), round(probability, 4)))
    return found


def find_roles(doc: Doc) -> Roles:
    """The cues and sources of the doc. None without an encoder."""
    encoding = attribution_of(doc)
    if encoding is None:
        return Roles((), ())
    decoded = _decoded(doc, _over_spaces(doc, encoding.roles), _ROLE_RULES, ROLE_TAGS)
    cues, sources = (
        [(first, last) for first, last, label in decoded if label == wanted] for wanted in ("CUE", "SOURCE")
    )
    return Roles([_whole_cue(doc, cue) for cue in cues], sources)


def _whole_cue(doc: Doc, cue: Tokens) -> Tokens:
    """The cue, of "according" with "to"."""
    is_cut = doc[cue[1] - 1].lower_ == "according" and cue[1] < len(doc) and doc[cue[1]].lower_ == "to"
    return (cue[0], cue[1] + 1) if is_cut else cue


def _whole_end(doc: Doc, last: int, limit: int) -> int:
    """The end of a report: of one cut off at "at the", the next punctuation if near and before `limit`."""
    if doc[last - 1].text == "," and last - 1 > 0:
        return last - 1
    if doc[last - 1].lower_ not in _HANGING:
        return last
    for i in range(last, min(limit, len(doc), last + MAX_EXTENSION_TOKENS)):
        if doc[i].text[0] in _STOPS:
            return i
    return last


def with_reports(quotes: Sequence[QuoteSpan], found: Sequence[ReportedSpan]) -> list[QuoteSpan]:
    """The quotes, each "mixed" one with the report around it."""
    starts = [report.start for report in found]

    def around(quote: QuoteSpan) -> Span | None:
        before = bisect_right(starts, quote.start)
        report = found[before - 1] if before else None
        return (report.start, report.end) if report and quote.end <= report.end else None

    return [replace(quote, report=around(quote)) if quote.kind == "mixed" else quote for quote in quotes]


def indirect_quotes(
    doc: Doc, found: Sequence[ReportedSpan], others: Sequence[QuoteSpan], roles: Roles | None = None
) -> list[QuoteSpan]:
    """The reports that overlap no other quote and have a cue and a speaker. `roles`: those of the doc."""
    taken = sorted(quote.report or (quote.start, quote.end) for quote in others)
    alone = [report for report in found if _is_alone(report, taken)]
    if not alone:
        return []
    roles = roles or find_roles(doc)
    quotes = []
    for report in alone:
        cue = report.cue or nearest_cue(doc, report.tokens, roles.cues)
        source = report.source or (_source_of(doc, cue, roles) if cue else None)
        if cue and source:
            quotes.append(
                QuoteSpan(
                    _whole_start(doc, report, cue),
                    report.end,
                    "indirect",
                    report.probability,
                    cue=characters(doc, cue),
                    speaker=characters(doc, source),
                )
            )
    return quotes


def _whole_start(doc: Doc, report: ReportedSpan, cue: Tokens) -> int:
    """The start of a report: of one that the encoder begins late: 'committed to **keeping** it open'."""
    first = report.tokens[0]
    is_late = cue[1] == first - 1 and doc[cue[1]].lower_.endswith("ing")
    return doc[cue[1]].idx if is_late else report.start


def _source_of(doc: Doc, cue: Tokens, roles: Roles) -> Tokens | None:
    """The source of a cue: the nearest, or that of the cue before which "and" joins to it.

    '**He** said that it was late, and suggested that they go'.
    """
    nearest = nearest_source(doc, cue, roles.sources)
    if nearest is not None or cue[0] == 0 or doc[cue[0] - 1].lower_ not in _JOINING:
        return nearest
    i = bisect_left(roles.cues, cue)
    before = roles.cues[i - 1] if i else None
    if before is None or not _in_one_sentence(doc, before, cue):
        return None
    source = nearest_source(doc, before, roles.sources)
    return source if source is not None and source[1] <= before[0] else None


def _is_alone(report: ReportedSpan, taken: Sequence[Span]) -> bool:
    """Whether a report is probable and long enough, and overlaps none of `taken`, which are in order."""
    before = bisect_left(taken, (report.end,))
    is_free = not before or taken[before - 1][1] <= report.start
    first, last = report.tokens
    return is_free and report.probability >= REPORT_THRESHOLD and last - first >= MIN_REPORT_TOKENS


def nearest_cue(doc: Doc, content: Tokens, cues: Sequence[Tokens]) -> Tokens | None:
    """The cue nearest to the report, in its sentence: '**said** that ...', '..., she **said**'."""
    near = [
        (min(abs(content[0] - cue[1]), abs(cue[0] - content[1])), cue)
        for cue in nearby_roles(cues, content)
        if not (cue[0] < content[1] and content[0] < cue[1])
    ]
    return _nearest(doc, content, near)


def nearest_source(doc: Doc, cue: Tokens, sources: Sequence[Tokens]) -> Tokens | None:
    """The source nearest to the cue, in its sentence; of two at the same distance the first."""
    near = [(max(cue[0] - source[1], source[0] - cue[1]), source) for source in nearby_roles(sources, cue)]
    return _nearest(doc, cue, near)


def _nearest(doc: Doc, span: Tokens, near: Sequence[tuple[int, Tokens]]) -> Tokens | None:
    """The role with the smallest distance, if it is close enough and in the span's sentence."""
    if not near:
        return None
    distance, nearest = min(near)
    return nearest if distance < SEARCH_TOKENS and _in_one_sentence(doc, span, nearest) else None


def nearby_roles(roles: Sequence[Tokens], span: Tokens) -> Sequence[Tokens]:
    """The roles near the span, found by bisection since an article may have thousands. Roles are in order."""
    first = bisect_left(roles, span[0] - SEARCH_TOKENS, key=lambda role: role[1])
    return roles[first : bisect_left(roles, span[1] + SEARCH_TOKENS, key=lambda role: role[0])]


def _in_one_sentence(doc: Doc, a: Tokens, b: Tokens) -> bool:
    # Includes the first word of the later span: its capital tells a sentence's end from an abbreviation.
    between = doc[min(a[1], b[1]) : max(a[0], b[0]) + 1].text
    return not (_LINE_END.search(between) or any(end[1] for end in _SENTENCE_END.finditer(between)))


def _over_spaces(doc: Doc, probabilities: np.ndarray) -> np.ndarray:
    """The probabilities, those of extra spaces copied from the token before so that no span ends there.

    The encoder does not read spaces.
    """
    blank = np.flatnonzero(doc.to_array([IS_SPACE])).tolist()
    spaces = [i for i in blank if i and not doc[i].text.strip(" \t\xa0")]
    if not spaces:
        return probabilities
    filled = probabilities.copy()
    before = probabilities[[i - 1 for i in spaces]]
    # The columns are "O", then "B-" and "I-" of each label. A "B-" before the spaces is an "I-" in them.
    filled[np.ix_(spaces, range(1, filled.shape[1], 2))] = 0
    filled[spaces, 0] = before[:, 0]
    filled[np.ix_(spaces, range(2, filled.shape[1], 2))] = before[:, 1::2] + before[:, 2::2]
    return filled


def _decoded(
    doc: Doc, probabilities: np.ndarray, rules: Transitions, tags: tuple[str, ...]
) -> list[LabelledTokens]:
    """The labelled spans on the most probable path, without spaces at their ends."""
    found = decode_spans(best_path(np.log(probabilities + 1e-6), rules), tags)
    return [(a, b - 1 if b - a > 1 and doc[b - 1].is_space else b, label) for a, b, label in found]


def characters(doc: Doc, span: Tokens) -> Span:
    """The range of text that the tokens cover."""
    return doc[span[0]].idx, doc[span[1] - 1].idx + len(doc[span[1] - 1])
