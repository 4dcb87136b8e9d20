"""Reports without marks: 'The minister said **the road will open in May**', where the encoder is sure."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from spacy.attrs import IS_SPACE
from spacy.tokens import Doc

from worker.nlp.encoder.encoding import attribution_of
from worker.nlp.encoder.tags import CONTENT_TAGS, ROLE_TAGS, Bounds, best_path, spans, transitions
from worker.nlp.quotes.quote_span import QuoteSpan

AT_LEAST = 0.7
"""The mean probability of a report's tokens. On US political news 7 of 10 found so are right."""

FEWEST_TOKENS = 3
REACH_TOKENS = 12
MORE_TOKENS = 10
"""How far the end of a report that hangs in the air is looked for."""

_HANGING = frozenset({
    "a", "about", "after", "against", "among", "an", "and", "as", "at", "before", "between", "by", "during",
    "for", "from", "her", "his", "in", "into", "its", "my", "of", "on", "or", "our", "over", "than", "that",
    "the", "their", "to", "under", "with", "your",
})  # fmt: skip
"""A clause goes on after these: the encoder often wavers at the name that follows."""
_STOPS = frozenset(".,;:?!…–—\n")
_SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]]*\s+(?=[\W\d]*[A-Z])|[\n\r;]")
_CONTENT_RULES, _ROLE_RULES = transitions(CONTENT_TAGS), transitions(ROLE_TAGS)
_COLUMNS = {
    kind: [CONTENT_TAGS.index(f"B-{kind}"), CONTENT_TAGS.index(f"I-{kind}")] for kind in ("INDIRECT", "MIXED")
}
_REPORTED = [column for columns in _COLUMNS.values() for column in columns]


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody said in the writer's words, or partly so. `start`, `end`: code points of the text."""

    tokens: tuple[int, int]
    start: int
    end: int
    probability: float


def reports(doc: Doc) -> list[Report]:
    """All that the encoder sees, in order. None without an encoder."""
    encoding = attribution_of(doc)
    if encoding is None or encoding.contents[:, _REPORTED].max(initial=0) < AT_LEAST / 2:
        return []
    contents = _over_spaces(doc, encoding.contents)
    runs = _decoded(doc, contents, _CONTENT_RULES, CONTENT_TAGS)
    limits = [*(first for first, _, _ in runs), len(doc)][1:]
    found = []
    for (first, last, kind), limit in zip(runs, limits, strict=True):
        if kind in _COLUMNS:
            probability = float(contents[first:last, _COLUMNS[kind]].sum(axis=1).mean())
            tokens = first, (_whole_end(doc, last, limit) if kind == "INDIRECT" else last)
            found.append(Report(tokens, *_characters(doc, tokens), round(probability, 4)))
    return found


def _whole_end(doc: Doc, last: int, limit: int) -> int:
    """The next stop or comma where the report ends in "at the", if one is near and before `limit`."""
    if doc[last - 1].lower_ not in _HANGING:
        return last
    for i in range(last, min(limit, len(doc), last + MORE_TOKENS)):
        if doc[i].text[0] in _STOPS:
            return i
    return last


def with_reports(quotes: Sequence[QuoteSpan], found: Sequence[Report]) -> list[QuoteSpan]:
    """The quotes, each fragment ("mixed") with the report that it stands in."""
    starts = [report.start for report in found]

    def around(quote: QuoteSpan) -> tuple[int, int] | None:
        before = bisect_right(starts, quote.start)
        report = found[before - 1] if before else None
        return (report.start, report.end) if report and quote.end <= report.end else None

    return [replace(quote, report=around(quote)) if quote.kind == "mixed" else quote for quote in quotes]


def indirect_quotes(doc: Doc, found: Sequence[Report], others: Sequence[QuoteSpan]) -> list[QuoteSpan]:
    """The reports that no other quote overlaps, each with its cue and speaker."""
    taken = sorted(quote.report or (quote.start, quote.end) for quote in others)
    alone = [report for report in found if _is_alone(report, taken)]
    if not alone:
        return []
    encoding = attribution_of(doc)
    assert encoding is not None
    roles = _decoded(doc, _over_spaces(doc, encoding.roles), _ROLE_RULES, ROLE_TAGS)
    cues, sources = ([role for role in roles if role[2] == label] for label in ("CUE", "SOURCE"))
    quotes = []
    for report in alone:
        cue = cue_of(doc, report.tokens, cues)
        source = source_of(doc, cue, sources) if cue else None
        if cue and source:
            quotes.append(
                QuoteSpan(
                    report.start,
                    report.end,
                    "indirect",
                    report.probability,
                    cue=_characters(doc, cue),
                    speaker=_characters(doc, source),
                )
            )
    return quotes


def _is_alone(report: Report, taken: Sequence[tuple[int, int]]) -> bool:
    """Sure enough, long enough, and overlapped by nothing; what is taken does not overlap and is in order."""
    before = bisect_left(taken, (report.end,))
    is_free = not before or taken[before - 1][1] <= report.start
    first, last = report.tokens
    return is_free and report.probability >= AT_LEAST and last - first >= FEWEST_TOKENS


def cue_of(doc: Doc, content: tuple[int, int], cues: Sequence[Bounds]) -> Bounds | None:
    """The cue right before the report, else the one right after: '**said** that ...', '..., she **said**'."""
    near = [
        (min(abs(content[0] - cue[1]), abs(cue[0] - content[1])), cue)
        for cue in within_reach(cues, content)
        if not (cue[0] < content[1] and content[0] < cue[1])
    ]
    distance, nearest = min(near, default=(REACH_TOKENS, None))
    return nearest if distance < REACH_TOKENS and _in_one_sentence(doc, content, nearest) else None


def source_of(doc: Doc, cue: Bounds, sources: Sequence[Bounds]) -> Bounds | None:
    """The source nearest to the cue, the one before it if two are as near."""
    near = [(max(cue[0] - source[1], source[0] - cue[1]), source) for source in within_reach(sources, cue)]
    distance, nearest = min(near, default=(REACH_TOKENS, None))
    return nearest if distance < REACH_TOKENS and _in_one_sentence(doc, cue, nearest) else None


def within_reach(roles: Sequence[Bounds], span: tuple[int, ...]) -> Sequence[Bounds]:
    """Those near the span, of roles in order: thousands of reports do not each look at all of them."""
    first = bisect_left(roles, span[0] - REACH_TOKENS, key=lambda role: role[1])
    return roles[first : bisect_left(roles, span[1] + REACH_TOKENS, key=lambda role: role[0])]


def _in_one_sentence(doc: Doc, a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    # With the first word of the later one: a capital tells the end of a sentence from an abbreviation.
    return not _SENTENCE_END.search(doc[min(a[1], b[1]) : max(a[0], b[0]) + 1].text)


def _over_spaces(doc: Doc, probabilities: np.ndarray) -> np.ndarray:
    """With spaces too many as the token before them: the encoder sees none, and a run would end there."""
    blank = np.flatnonzero(doc.to_array([IS_SPACE])).tolist()
    spaces = [i for i in blank if i and not doc[i].text.strip(" \t\xa0")]
    if not spaces:
        return probabilities
    filled = probabilities.copy()
    before = probabilities[[i - 1 for i in spaces]]
    # "O", then "B-" and "I-" of each label: what begins before the spaces goes on in them.
    filled[np.ix_(spaces, range(1, filled.shape[1], 2))] = 0
    filled[spaces, 0] = before[:, 0]
    filled[np.ix_(spaces, range(2, filled.shape[1], 2))] = before[:, 1::2] + before[:, 2::2]
    return filled


def _decoded(
    doc: Doc, probabilities: np.ndarray, rules: tuple[np.ndarray, ...], tags: tuple[str, ...]
) -> list[Bounds]:
    """The spans of tokens on the likeliest path, with no spaces at their ends."""
    found = spans(best_path(np.log(probabilities + 1e-6), rules), tags)
    return [(a, b - 1 if b - a > 1 and doc[b - 1].is_space else b, label) for a, b, label in found]


def _characters(doc: Doc, span: Bounds) -> tuple[int, int]:
    return doc[span[0]].idx, doc[span[1] - 1].idx + len(doc[span[1] - 1])
