"""The component that finds quotes. Factory name: "dateline_quotes"."""

import re
from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from spacy.attrs import IDX
from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.encoder.encoding import attribution_of
from worker.nlp.encoder.text import text_of
from worker.nlp.entities.group import Span, overlapping
from worker.nlp.entities.groups import doc_language
from worker.nlp.quotes.by_table import quotes_by_table
from worker.nlp.quotes.indirect import find_reports, find_roles, indirect_quotes, with_reports
from worker.nlp.quotes.inserted import join_sides
from worker.nlp.quotes.interviews import CONFIDENCE, turns
from worker.nlp.quotes.marks import QuotedSpan, quoted_spans
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.said import QuoteEvidence, probability_said, sentence_bounds
from worker.nlp.quotes.tables import quoting_table
from worker.nlp.quotes.unsaid import said_reports, unsaid_marks
from worker.nlp.wordlists import words
from worker.records.article import VALUE_TYPES

QUOTE_THRESHOLD = 0.5
"""The confidence from which a span between marks is a quote."""
# Unlike patterns.WORD this splits hyphened words.
_WORD_PART = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_FEWEST_WORDS_OF_A_CLAUSE = 6


def tag_quotes(doc: Doc) -> Doc:
    """Set `doc._.quotes`, in order and without nesting. Indirect quotes get their cue and speaker too."""
    table = quoting_table(doc_language(doc))
    doc._.quotes = _english_quotes(doc) if table is None else quotes_by_table(doc, table)
    return doc


def _english_quotes(doc: Doc) -> tuple[QuoteSpan, ...]:
    text = text_of(doc)
    evidence_of = evidence_lookup(doc, text)
    found: list[QuoteSpan] = []
    open_end: int | None = None
    spans = list(quoted_spans(text))
    for span, following in zip(spans, [*spans[1:], None], strict=False):
        confidence = probability_said(text, span, evidence_of(span))
        if open_end is not None and is_next_paragraph(text, open_end, span):
            confidence = max(confidence, 0.8)
        if following and not span.is_closed and is_next_paragraph(text, span.end, following):
            # Left open because it continues: '..., she said. "People laughed.' and '"Then it rained."'
            confidence = max(confidence, 0.8)
        open_end = None
        if confidence >= QUOTE_THRESHOLD:
            kind = "direct" if is_whole_utterance(text, span) else "mixed"
            found.append(QuoteSpan(span.start, span.end, kind, round(confidence, 4)))
            open_end = None if span.is_closed else span.end
    unsaid = unsaid_marks(text, found)
    not_said = {(each.quote.start, each.quote.end) for each in unsaid}
    roles = find_roles(doc)
    reported = join_sides(doc, find_reports(doc), roles)
    found = with_reports([q for q in found if (q.start, q.end) not in not_said], reported)
    found, asked = _with_turns(doc, text, found)
    reports = said_reports(text, indirect_quotes(doc, reported, found, roles), unsaid)
    found += [q for q in reports if not overlapping(asked, (q.start, q.end))]
    return tuple(sorted(found, key=lambda quote: quote.start))


def _with_turns(doc: Doc, text: str, found: list[QuoteSpan]) -> tuple[list[QuoteSpan], list[Span]]:
    """The quotes, with the turns of an interview in place of what they contain; and the turns' paragraphs.

    What is asked by somebody without a name is no quote.
    """
    spoken = turns(text, [ent.text for ent in doc.ents if ent.label_ in ("PERSON", "PER")])
    if not spoken:
        return found, []
    parts = [part for turn in spoken for part in turn.parts]
    said = [
        QuoteSpan(*part, "direct", CONFIDENCE, speaker=turn.label)
        for turn in spoken
        if not turn.is_question
        for part in turn.parts
    ]
    answered = [(quote.start, quote.end) for quote in said]
    return [q for q in found if not overlapping(answered, (q.start, q.end))] + said, parts


def is_next_paragraph(text: str, end: int, span: QuotedSpan) -> bool:
    """Whether the span opens the paragraph after `end`: a quotation left open there continues in it."""
    return span.opens_paragraph and not text[end : span.start - len(span.mark)].strip()


def evidence_lookup(doc: Doc, text: str) -> Callable[[QuotedSpan], QuoteEvidence | None]:
    """A function that gives the encoder's evidence for a span of the doc, or None without an encoder."""
    encoding = attribution_of(doc)
    if encoding is None:
        return lambda span: None
    starts = doc.to_array([IDX]).astype(np.int64).tolist()
    names = {(ent.start_char, ent.end_char) for ent in doc.ents if ent.label_ not in VALUE_TYPES}
    content = 1 - encoding.contents[:, 0]
    source, cue = encoding.roles[:, 1:3].sum(axis=1), encoding.roles[:, 3:].sum(axis=1)

    def evidence(span: QuotedSpan) -> QuoteEvidence:
        start, end = sentence_bounds(text, span)
        a, b, c, d = (bisect_left(starts, at) for at in (start, span.start, span.end, end))
        return QuoteEvidence(
            content=float(content[b:c].mean()) if c > b else 0.0,
            cue=max(_highest(cue[a:b]), _highest(cue[c:d])),
            source=max(_highest(source[a:b]), _highest(source[c:d])),
            is_name=(span.start, span.start + len(text[span.start : span.end].rstrip(",."))) in names,
        )

    return evidence


def _highest(values: np.ndarray) -> float:
    return float(values.max()) if len(values) else 0.0


def is_whole_utterance(text: str, span: QuotedSpan) -> bool:
    """Whether a quote is a whole clause ("We will wait"), not a fragment of a report ("too late")."""
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
def make_quotes(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component, which has no settings and no model. Without an encoder it is less accurate."""
    return tag_quotes
