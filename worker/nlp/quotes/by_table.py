"""Finds quotes in languages that have a table: between marks, behind dashes, and reports without marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from spacy.tokens import Doc

from worker.nlp.encoder.evidence import AttributionEvidence, attribution_evidence_of
from worker.nlp.encoder.text import text_of
from worker.nlp.entities.group import Span, overlapping
from worker.nlp.quotes.indirect import find_reports, indirect_quotes
from worker.nlp.quotes.marks import QuotedSpan, quoted_spans
from worker.nlp.quotes.narrators import behind_dashes, cue_behind, phrase_at, within_marks
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.reports_by_table import with_reports_by_table
from worker.nlp.quotes.spoken_words import SpokenWords
from worker.nlp.quotes.tables import QuotingTable
from worker.records.article import VALUE_TYPES

_ANY = re.compile(r"[«»„“”‟\"‘‚'‹›「」『』〝＂`]|(?:^|\n)\s{0,4}[-–—―]|[.!?…]\s[-–—―]\s")
_ELIDED = re.compile(r"['’](?=[«“„])")
_SURE = 0.95
_LIKELY = 0.8
_CONTENT = 0.4
_REPORTED_CONTENT = 0.2
_LEAST = 0.5
_UTTERANCE_WORDS = 3
_LONG_WORDS = 6
_LOOK_CHARS = 200
_CLOSING = "”“\"’'»«›‹」』 \t\u00a0\u202f,.!?…"
_ENDS = ".!?…"
_ENDS_CLAUSE = '.!?…,;\n"”“»'
_SAME = "”"


@dataclass(frozen=True, slots=True)
class FoundSpeech:
    """The quotes of a text, in order, and those of them that a dash opens: `passages`."""

    spoken: list[QuoteSpan] = field(default_factory=list)
    passages: list[Span] = field(default_factory=list)


def find_speech(
    words: SpokenWords, names: Sequence[Span], evidence: AttributionEvidence, table: QuotingTable
) -> FoundSpeech:
    """The quotes in marks and behind dashes. `names`: the places of the entities, in order."""
    text = words.text
    found = FoundSpeech()
    if _ANY.search(text) is None:
        return found

    def is_said(start: int, end: int) -> bool:
        return evidence.is_available and evidence.content(start, end) >= _CONTENT

    for parts in behind_dashes(words, table, is_said):
        found.passages.extend(parts)
        found.spoken.extend(QuoteSpan(*part, "direct", _LIKELY) for part in parts)
    # "Un accord d'« équilibre »": marks open behind a space only.
    marked = _ELIDED.sub(" ", text)
    for mark in table.kinds["same marks"]:
        # Opens and closes alike, as ” does, which is one character too.
        marked = marked.replace(mark, _SAME)
    open_end: int | None = None
    for span in quoted_spans(marked):
        if overlapping(found.passages, (span.start, span.end)):
            continue
        goes_on = (
            open_end is not None and span.opens_paragraph and not text[open_end : span.start - 1].strip()
        )
        found.spoken.extend(_said(words, span, names, evidence, table, goes_on=goes_on))
        open_end = None if span.is_closed else span.end
    found.spoken.sort(key=lambda quote: quote.start)
    return found


def _said(
    words: SpokenWords,
    span: QuotedSpan,
    names: Sequence[Span],
    evidence: AttributionEvidence,
    table: QuotingTable,
    *,
    goes_on: bool,
) -> list[QuoteSpan]:
    """The quotes of a span in marks; none where nobody said it."""
    parts = within_marks(words, span.start, span.end, table)
    if len(parts) > 1 or parts != [(span.start, span.end)]:
        return [QuoteSpan(*part, "direct", _LIKELY) for part in parts]
    around = SpanContext(words, span, table)
    confidence = _LIKELY if goes_on else around.confidence(names, evidence)
    if confidence < _LEAST:
        return []
    return [QuoteSpan(span.start, span.end, "direct" if around.is_utterance else "mixed", confidence)]


class SpanContext:
    """A span in marks, with what its sentence has before and behind it."""

    def __init__(self, words: SpokenWords, span: QuotedSpan, table: QuotingTable) -> None:
        text = words.text
        self._words, self._span, self._table = words, span, table
        self._inside = words.between(span.start, span.end)
        self._before = text[max(0, span.start - _LOOK_CHARS) : span.start - len(span.mark)].rpartition("\n")[
            2
        ]
        self._last = words.first_from(span.start) - 1
        self._behind = words.first_from(span.end)

    @property
    def is_utterance(self) -> bool:
        """Whether the span is a whole utterance, not a fragment of a report."""
        text, span = self._words.text, self._span
        has_end = text[span.end - 1] in _ENDS
        opens = text[span.start].isupper() or not text[span.start].isalnum()
        if has_end and opens:
            return True
        few = len(self._inside) < _UTTERANCE_WORDS
        return (opens or span.opens_paragraph or self.follows_colon) and not (few and not self.is_attributed)

    @property
    def follows_colon(self) -> bool:
        """Whether a colon leads in."""
        return self._before.rstrip().endswith(":")

    @property
    def is_attributed(self) -> bool:
        """Whether a verb of saying follows right behind the mark."""
        i = self._behind
        if i >= len(self._words):
            return False
        gap = self._words.text[self._span.end : self._words[i].start]
        if gap.strip(_CLOSING + "-–—―") or "\n" in gap:
            return False
        # What begins with a capital is the next sentence.
        if self._words.text[self._words[i].start].isupper() and "." in gap:
            return False
        is_so = self._table.has("behind cues", self._words[i].lower)
        return is_so or cue_behind(self._words, i, len(self._words.text), self._table) is not None

    @property
    def is_named(self) -> bool:
        """Whether a word before the mark says that what follows is a name or a title."""
        for i in range(self._last, max(-1, self._last - 3), -1):
            if (
                self._table.has("naming", self._words[i].lower)
                and "\n" not in self._words.text[self._words[i].end : self._span.start]
            ):
                return True
            if self._words.gap(i).strip():
                return False
        return False

    @property
    def has_cue(self) -> bool:
        """Whether the sentence reports what somebody says."""
        start = max(self._span.start - len(self._before) - 1, 0)
        ends = [self._before.rfind(mark + " ") for mark in _ENDS]
        start += max(ends) + 1 if max(ends) >= 0 else 0
        text, end = self._words.text, self._span.end
        behind = next(
            (at for at in range(end + 1, min(len(text), end + _LOOK_CHARS)) if text[at] in ".!?\n"), end
        )
        reported = (*self._words.between(start, self._span.start), *self._words.between(end, behind))
        return any(
            self._table.is_cue(self._words[i].lower)
            or phrase_at(self._words, i, self._table, "according")
            or phrase_at(self._words, i, self._table, "thereafter")
            for i in reported
        )

    def confidence(self, names: Sequence[Span], evidence: AttributionEvidence) -> float:
        """How sure it is that somebody said the words."""
        span = self._span
        if self.is_attributed:
            return _SURE
        is_name = bool(self._inside) and any(
            start <= span.start and span.end <= end
            for start, end in overlapping(names, (span.start, span.end))
        )
        if self.is_named or is_name or not self._inside:
            return 0.0
        is_long = len(self._inside) >= _LONG_WORDS and self.is_utterance
        if self.follows_colon and self.is_utterance:
            return _LIKELY
        if not evidence.is_available:
            return (
                _LIKELY if is_long or (self.has_cue and self.is_utterance) else (0.6 if self.has_cue else 0.3)
            )
        content = evidence.content(span.start, span.end)
        if is_long and content >= 0.3:
            return max(content, _LIKELY)
        least = _REPORTED_CONTENT if self.has_cue else _CONTENT
        return max(content, _LEAST) if content >= least else 0.0


def quotes_by_table(doc: Doc, table: QuotingTable) -> tuple[QuoteSpan, ...]:
    """The quotes of a doc in order. A report without marks has its cue and speaker, by the encoder's tags.

    Where the table has "reports", a mixed quote has the report around it, and a report may lack a speaker.
    """
    evidence = attribution_evidence_of(doc)
    found = find_speech(spoken_words_of(doc), _names_of(doc), evidence, table)
    if table.is_so("reports") and evidence.is_available:
        return tuple(with_reports_by_table(text_of(doc), found.spoken, evidence.scores(), table))
    reported = find_reports(doc)
    reports = indirect_quotes(doc, reported, found.spoken) if reported else []
    if table.is_so("whole reports"):
        reports = [report for report in reports if _is_whole(text_of(doc), report)]
    return tuple(sorted([*found.spoken, *reports], key=lambda quote: quote.start))


def _is_whole(text: str, report: QuoteSpan) -> bool:
    """Whether a report ends with its clause and has no colon in it, so that its bounds are sure."""
    return text[report.end : report.end + 1] in _ENDS_CLAUSE and ":" not in text[report.start : report.end]


def _names_of(doc: Doc) -> list[Span]:
    """The places of the doc's entities that have names, in order."""
    return [(ent.start_char, ent.end_char) for ent in doc.ents if ent.label_ not in VALUE_TYPES]


def spoken_words_of(doc: Doc) -> SpokenWords:
    """The words of a doc, found once."""
    found: SpokenWords | None = doc.user_data.get("spoken_words")
    if found is None:
        found = doc.user_data["spoken_words"] = SpokenWords(text_of(doc))
    return found
