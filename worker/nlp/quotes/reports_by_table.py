"""Finds reports without marks, and those around marks, in a language whose table has "reports".

'Ute Berg sagte, **der Plan sei „tot“**.' The encoder tells how probably each word is reported; punctuation
and the words for who says it tell where a report may begin and end. Of a sentence, the part between two such
places that gains most is the report. Without a cue in its sentence it needs a verb in the form for reports:
'Der Plan **sei** tot.' Such sentences beside each other are one report.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from worker.nlp.encoder.evidence import TokenScores
from worker.nlp.entities.group import Span
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.sentence_ends import sentence_ends
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.quotes.tables import QuotingTable

_GAINS_FROM = 0.3
"""A word with a higher probability makes a report likelier that takes it in."""
_IS_ROLE = 0.5
_LEAST = 0.6
"""The least mean probability of a report. On German news eight of ten such reports are right."""
_FEWEST_TOKENS = 4
_LONGEST_CREDIT, _MOST_SMALL_WORDS = 16, 2
"""Tokens that an opening with its source has at most; articles and adjectives before a noun, but for one."""
_PARTING = frozenset(",;:–—-()")
_BEFORE_CLAUSES = frozenset(",;:–—-(")
_ENDING = ".!?… \n"
_NEVER = -50.0

_Tokens = tuple[int, int]
"""A half-open range of tokens."""


@dataclass(frozen=True, slots=True)
class _Report:
    """A report with its cue and source. Without a cue, the form of its verb alone tells that it is one."""

    tokens: _Tokens
    confidence: float
    cue: _Tokens | None = None
    source: _Tokens | None = None


def with_reports_by_table(
    text: str, spoken: Sequence[QuoteSpan], scores: TokenScores, table: QuotingTable
) -> list[QuoteSpan]:
    """The quotes in order, with the reports. A mixed quote within a report has that around it.

    A report has the cue and the source that the encoder tagged in its sentence, which may be none.
    """
    return _Reports(text, spoken, scores, table).quotes()


class _Reports:
    """The reports of one article."""

    def __init__(
        self, text: str, spoken: Sequence[QuoteSpan], scores: TokenScores, table: QuotingTable
    ) -> None:
        self._text, self._scores, self._table = text, scores, table
        self._spoken = sorted(spoken, key=lambda quote: (quote.start, quote.end))
        count = len(scores.starts)
        self._is_direct, self._is_marked = bytearray(count), bytearray(count)
        for quote in self._spoken:
            first, last = scores.between(quote.start - 1, quote.end + 1)
            self._is_marked[first:last] = b"\x01" * (last - first)
            if quote.kind == "direct":
                self._is_direct[first:last] = b"\x01" * (last - first)
        self._cues, self._sources = self._runs(scores.cue), self._runs(scores.source)

    def _runs(self, probabilities: Sequence[float]) -> list[_Tokens]:
        """The cues or sources, outside direct speech."""
        runs: list[_Tokens] = []
        for i, (probability, is_direct) in enumerate(zip(probabilities, self._is_direct, strict=True)):
            if probability < _IS_ROLE or is_direct:
                continue
            if runs and runs[-1][1] == i:
                runs[-1] = runs[-1][0], i + 1
            else:
                runs.append((i, i + 1))
        return runs

    def quotes(self) -> list[QuoteSpan]:
        """The quotes in order, reports among them."""
        starts = [quote.start for quote in self._spoken]
        quotes = list(self._spoken)
        for report in _joined(self._text, self._scores, self._by_sentence()):
            start, end = self._place(report.tokens)
            # A mark before the first word and behind the last one may be the report's or the quote's.
            first, last = bisect_left(starts, start - 1), bisect_left(starts, end)
            if first and self._spoken[first - 1].end > start:
                continue
            if last == first:
                quotes.append(self._quote(report, start, end))
            elif self._spoken[last - 1].end <= end + 1:
                quotes[first:last] = [replace(quote, report=(start, end)) for quote in quotes[first:last]]
        return sorted(quotes, key=lambda quote: (quote.start, quote.end))

    def _quote(self, report: _Report, start: int, end: int) -> QuoteSpan:
        cue = self._place(report.cue) if report.cue is not None else None
        source = self._place(report.source) if report.source is not None else None
        return QuoteSpan(start, end, "indirect", round(report.confidence, 4), cue=cue, speaker=source)

    def _place(self, tokens: _Tokens) -> Span:
        return self._scores.starts[tokens[0]], self._scores.ends[tokens[1] - 1]

    def _by_sentence(self) -> Iterator[_Report]:
        quoted = [(quote.start, quote.end) for quote in self._spoken]
        sentences = Sentences(self._text, quoted, partial(sentence_ends, self._table))
        first = 0
        for end in (*sentences.ends, len(self._text)):
            last = bisect_left(self._scores.starts, end)
            found = self._of_sentence(first, last) if last - first >= _FEWEST_TOKENS else None
            if found is not None:
                yield found
            first = last

    def _of_sentence(self, first: int, last: int) -> _Report | None:
        while last > first and not self._word(last - 1).strip(_ENDING):
            last -= 1
        cues, sources = _within(self._cues, first, last), _within(self._sources, first, last)
        credit = self._credit(first, last)
        if credit is not None:
            cues, sources, first = [credit[0]], [credit[1]], credit[1][1]
        edges = {first, last, *(edge for run in (*cues, *sources) for edge in run)}
        for i in range(first, last):
            if not self._is_marked[i] and self._word(i) in _PARTING:
                edges |= {i, i + 1}
            if i > first and self._is_direct[i] != self._is_direct[i - 1]:
                edges.add(i)
        a, b = self._best(sorted(edge for edge in edges if first <= edge <= last))
        while a < b and self._word(a) in _PARTING:
            a += 1
        while b > a and self._word(b - 1) in _BEFORE_CLAUSES:
            b -= 1
        mean = self._mean(a, b)
        if b - a < _FEWEST_TOKENS or mean < _LEAST:
            return None
        cue = _nearest(cues, a if cues and cues[0][0] < a else b)
        if cue is not None:
            return _Report((a, b), mean, cue, _nearest(sources, cue[0]))
        return _Report((a, b), mean) if a == first and self._has_form(a, b) else None

    def _credit(self, first: int, last: int) -> tuple[_Tokens, _Tokens] | None:
        """The cue and the whole source that open a sentence: '**Laut** **dem Verband der Wirte** fehlt Bier'.

        The encoder often ends such a source within it, and begins the report there. Where nouns begin with
        capitals, its end is told by the verb that has to follow: a small word that joins no noun.
        """
        table = self._table
        if not table.is_so("capital nouns"):
            return None
        words = [self._word(i).lower() for i in range(first, min(last, first + _LONGEST_CREDIT))]
        phrases = table.phrases["according"].get(words[0], ()) if words else ()
        length = next((len(one) for one in phrases if tuple(words[: len(one)]) == one), 0)
        if length > 1 and words[length - 1] in table.determiners:
            length -= 1
        source = first + length
        end = self._nouns_end(source, first + len(words)) if length else 0
        is_before_verb = 0 < end < last and self._word(end)[0].islower() and not self._may_join(end)
        return ((first, source), (source, end)) if is_before_verb else None

    def _nouns_end(self, i: int, stop: int) -> int:
        """The end of a noun with its article, adjectives and name, and of nouns joined to it; 0: no noun."""
        end = 0
        while i < stop and (not end or self._may_join(i)):
            small = i
            while i < stop and self._is_before_noun(i) and i - small <= _MOST_SMALL_WORDS:
                i += 1
            noun = i
            while i < stop and self._word(i)[0].isupper():
                i += 1
            if i == noun:
                break
            end = i
        return end

    def _is_before_noun(self, i: int) -> bool:
        """Whether a word may be an article or an adjective. "Laut **war** der Abend" credits nobody."""
        return self._word(i)[0].islower() and not self._table.has("stops", self._word(i))

    def _may_join(self, i: int) -> bool:
        """Whether a word may join a noun to another: "Verband **der** Wirte", "Polizei **in** Kiel"."""
        return self._table.has("of", self._word(i).lower())

    def _word(self, i: int) -> str:
        return self._text[self._scores.starts[i] : self._scores.ends[i]]

    def _best(self, edges: Sequence[int]) -> _Tokens:
        """The tokens between two edges that gain most; none if none do."""
        best, best_gain = (edges[0], edges[0]), 0.0
        begin, gain = edges[0], 0.0
        for a, b in pairwise(edges):
            if gain <= 0:
                begin, gain = a, 0.0
            gain += sum(
                _NEVER if self._is_direct[i] else self._scores.content[i] - _GAINS_FROM for i in range(a, b)
            )
            if gain > best_gain:
                best, best_gain = (begin, b), gain
        return best

    def _mean(self, first: int, last: int) -> float:
        """The mean probability of the tokens that are content, without those that tell who says it."""
        scores = self._scores
        found = [
            scores.content[i]
            for i in range(first, last)
            if scores.cue[i] < _IS_ROLE and scores.source[i] < _IS_ROLE
        ]
        return sum(found) / len(found) if found else 0.0

    def _has_form(self, first: int, last: int) -> bool:
        """Whether a verb outside marks has the form for reports."""
        return any(
            not self._is_marked[i] and self._table.has("reporting forms", self._word(i).lower())
            for i in range(first, last)
        )


def _within(runs: Sequence[_Tokens], first: int, last: int) -> Sequence[_Tokens]:
    """Those of the runs that begin within a sentence."""
    return runs[bisect_left(runs, (first, first)) : bisect_left(runs, (last, last))]


def _nearest(runs: Sequence[_Tokens], at: int) -> _Tokens | None:
    return min(runs, key=lambda run: min(abs(run[0] - at), abs(run[1] - at)), default=None)


def _joined(text: str, scores: TokenScores, found: Iterator[_Report]) -> Iterator[_Report]:
    """The reports, where those of sentences beside each other in a paragraph that have no cue are one."""
    last: _Report | None = None
    for report in found:
        if last is not None and last.cue is None and report.cue is None:
            between = text[scores.ends[last.tokens[1] - 1] : scores.starts[report.tokens[0]]]
            if "\n" not in between and not any(letter.isalnum() for letter in between):
                least = min(last.confidence, report.confidence)
                last = _Report((last.tokens[0], report.tokens[1]), least)
                continue
        if last is not None:
            yield last
        last = report
    if last is not None:
        yield last
