"""Finds the reports of an article that constructions tell, sentence by sentence."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import replace

from worker.nlp.entities.group import Span
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.quotes.sentences import Sentences
from worker.nlp.speakers.constructions import SpokenSentence
from worker.nlp.speakers.reports.constructions import ToldReport, told_in
from worker.nlp.speakers.reports.sentence import ReportSentence

_LONGEST = 600
_CONFIDENCE = 0.75
_MARKS = frozenset('«»„“”‟"「」『』〝＂')


def with_told_reports(
    quotes: Sequence[QuoteSpan], sentences: Sentences, article: SpokenSentence
) -> list[QuoteSpan]:
    """The quotes in order, with the reports that constructions tell in sentences without marks.

    Such a report goes before what the encoder tagged in its sentence; where the language has reports clause
    by clause, only before one that lacks its cue or its speaker. `article`: the whole of it as a sentence.
    """
    table = article.table.of_reports
    article = replace(article, table=table)
    by_clause = table.is_so("reports")
    starts = [quote.start for quote in quotes]
    kept: dict[int, QuoteSpan] = dict(enumerate(quotes))
    found: list[QuoteSpan] = []
    for start, end in _candidates(article, sentences):
        first, last = bisect_left(starts, start), bisect_left(starts, end)
        first -= bool(first) and quotes[first - 1].end > start
        inside = range(first, last)
        if any(quotes[i].kind != "indirect" or (by_clause and _is_whole(quotes[i])) for i in inside):
            continue
        told = told_in(ReportSentence(replace(article, start=start, opening=start, closing=end, end=end)))
        if told is not None:
            for i in inside:
                kept.pop(i, None)
            found.append(_quote(told))
    return sorted([*kept.values(), *found], key=lambda quote: (quote.start, quote.end))


def _is_whole(quote: QuoteSpan) -> bool:
    return quote.cue is not None and quote.speaker is not None


def _quote(told: ToldReport) -> QuoteSpan:
    speaker = told.mention.start, told.mention.end
    return QuoteSpan(told.start, told.end, "indirect", _CONFIDENCE, cue=told.cue, speaker=speaker)


def _candidates(article: SpokenSentence, sentences: Sentences) -> Iterator[Span]:
    """The sentences without marks and of a common length that have a word by which a construction is told."""
    text, words, telling = article.words.text, article.words, article.table.telling
    edges = [0, *sentences.ends, len(text)]
    for i in range(len(edges) - 1):
        start, end = edges[i], edges[i + 1]
        inside = words.between(start, end)
        if end - start > _LONGEST or not any(words[k].lower in telling for k in inside):
            continue
        if _MARKS.isdisjoint(text[start:end]):
            yield start, end
