"""Reports without marks: 'The minister said **the road will open in May**', where the encoder is sure."""

import re
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from spacy.tokens import Doc

from worker.nlp.encoder import attribution_of
from worker.nlp.quote_span import QuoteSpan
from worker.nlp.tags import CONTENT_TAGS, ROLE_TAGS, Bounds, best_path, spans, transitions

AT_LEAST = 0.8
"""The mean probability of a report's tokens. On US political news 77 % of what is found so is right."""

FEWEST_TOKENS = 3
REACH_TOKENS = 12
_SENTENCE_END = re.compile(r"[.!?…][\"'’”)\]]*\s+(?=[\W\d]*[A-Z])|[\n\r;]")
_CONTENT_RULES, _ROLE_RULES = transitions(CONTENT_TAGS), transitions(ROLE_TAGS)
_INDIRECT = [CONTENT_TAGS.index("B-INDIRECT"), CONTENT_TAGS.index("I-INDIRECT")]


def indirect_quotes(doc: Doc, others: tuple[QuoteSpan, ...]) -> list[QuoteSpan]:
    """The reports that no other quote overlaps, each with cue and speaker. None without an encoder."""
    encoding = attribution_of(doc)
    if encoding is None or not (encoding.contents[:, _INDIRECT].sum(axis=1) >= AT_LEAST).any():
        return []
    probability = encoding.contents[:, _INDIRECT].sum(axis=1)
    roles = _decoded(encoding.roles, _ROLE_RULES, ROLE_TAGS)
    cues, sources = ([role for role in roles if role[2] == label] for label in ("CUE", "SOURCE"))
    taken = sorted((q.start, q.end) for q in others)
    found = []
    for first, last, label in _decoded(encoding.contents, _CONTENT_RULES, CONTENT_TAGS):
        confidence = float(probability[first:last].mean())
        if label != "INDIRECT" or confidence < AT_LEAST or last - first < FEWEST_TOKENS:
            continue
        content = doc[first:last]
        before = bisect_left(taken, (content.end_char,))
        if before and content.start_char < taken[before - 1][1]:
            continue
        cue = cue_of(doc, (first, last), cues)
        source = source_of(doc, cue, sources) if cue else None
        if cue and source:
            found.append(
                QuoteSpan(
                    content.start_char,
                    content.end_char,
                    "indirect",
                    round(confidence, 4),
                    cue=_characters(doc, cue),
                    speaker=_characters(doc, source),
                )
            )
    return found


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


def _decoded(probabilities: np.ndarray, rules: tuple[np.ndarray, ...], tags: tuple[str, ...]) -> list[Bounds]:
    return spans(best_path(np.log(probabilities + 1e-6), rules), tags)


def _characters(doc: Doc, span: Bounds) -> tuple[int, int]:
    return doc[span[0]].idx, doc[span[1] - 1].idx + len(doc[span[1] - 1])
