"""The component that finds quotes: what stands between marks and was said. Factory "dateline_quotes"."""

import re
from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from spacy.attrs import IDX
from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.encoder.encoding import attribution_of
from worker.nlp.encoder.text import text_of
from worker.nlp.quotes.indirect import indirect_quotes, reports, with_reports
from worker.nlp.quotes.marks import Quoted, quoted_spans
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.said import Evidence, probability_said, sentence_bounds
from worker.nlp.wordlists import words
from worker.records.article import VALUE_TYPES

AT_LEAST = 0.5
# Parts of a hyphened word count by themselves here.
_WORD_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FEWEST_WORDS_OF_A_CLAUSE = 6


def tag_quotes(doc: Doc) -> Doc:
    """Sets `doc._.quotes`, in order, none inside another. Indirect ones come with their cue and speaker."""
    text = text_of(doc)
    evidence_of = witness_of(doc, text)
    found: list[QuoteSpan] = []
    runs_on_from: int | None = None
    spans = list(quoted_spans(text))
    for span, following in zip(spans, [*spans[1:], None], strict=False):
        confidence = probability_said(text, span, evidence_of(span))
        if runs_on_from is not None and is_next_paragraph(text, runs_on_from, span):
            confidence = max(confidence, 0.8)
        if following and not span.is_closed and is_next_paragraph(text, span.end, following):
            # Left open since it goes on below: '..., she said. "People laughed.' and '"Then it rained."'
            confidence = max(confidence, 0.8)
        runs_on_from = None
        if confidence >= AT_LEAST:
            kind = "direct" if is_whole_utterance(text, span) else "mixed"
            found.append(QuoteSpan(span.start, span.end, kind, round(confidence, 4)))
            runs_on_from = None if span.is_closed else span.end
    seen = reports(doc)
    found = with_reports(found, seen)
    found += indirect_quotes(doc, seen, found)
    doc._.quotes = tuple(sorted(found, key=lambda quote: quote.start))
    return doc


def is_next_paragraph(text: str, end: int, span: Quoted) -> bool:
    """A running quotation: its paragraph was left open, and the next one opens with a mark."""
    return span.opens_paragraph and not text[end : span.start - len(span.mark)].strip()


def witness_of(doc: Doc, text: str) -> Callable[[Quoted], Evidence | None]:
    """What the encoder saw of a span of the doc's text. Without an encoder: nothing."""
    encoding = attribution_of(doc)
    if encoding is None:
        return lambda span: None
    starts = doc.to_array([IDX]).astype(np.int64).tolist()
    names = {(ent.start_char, ent.end_char) for ent in doc.ents if ent.label_ not in VALUE_TYPES}
    content = 1 - encoding.contents[:, 0]
    source, cue = encoding.roles[:, 1:3].sum(axis=1), encoding.roles[:, 3:].sum(axis=1)

    def evidence(span: Quoted) -> Evidence:
        start, end = sentence_bounds(text, span)
        a, b, c, d = (bisect_left(starts, at) for at in (start, span.start, span.end, end))
        return Evidence(
            content=float(content[b:c].mean()) if c > b else 0.0,
            cue=max(_highest(cue[a:b]), _highest(cue[c:d])),
            source=max(_highest(source[a:b]), _highest(source[c:d])),
            is_name=(span.start, span.start + len(text[span.start : span.end].rstrip(",."))) in names,
        )

    return evidence


def _highest(values: np.ndarray) -> float:
    return float(values.max()) if len(values) else 0.0


def is_whole_utterance(text: str, span: Quoted) -> bool:
    """A clause or more, which could stand alone ("We will wait"), not a fragment of a report ("too late")."""
    inside = text[span.start : span.end]
    found = _WORD_PART.findall(inside)
    if span.opens_paragraph or (found and found[0][0].isupper()):
        return True
    before = text[max(0, span.start - 40) : span.start - len(span.mark)].rstrip()
    introducing = [word.lower() for word in _WORD_PART.findall(before)][-2:]
    if before.endswith(":") and len(found) > 3:
        return True
    # 'Ms Okafor said, "no rain fell"', 'said that "we will wait"'; not 'the men, "armed to the teeth", left'.
    is_introduced = not words("cue_verbs.txt").isdisjoint(introducing) or introducing[-1:] == ["that"]
    if is_introduced and before.endswith(",") and len(found) > 3:
        return True
    opens_clause = found[:1] and found[0].lower() in words("clause_openers.txt")
    return bool(is_introduced and opens_clause) and len(found) >= _FEWEST_WORDS_OF_A_CLAUSE


@Language.factory("dateline_quotes", assigns=["doc._.quotes"])
def make_quotes(nlp: Language, name: str):
    """The component has no settings and nothing to load. Works without an encoder, less sharply."""
    return tag_quotes
