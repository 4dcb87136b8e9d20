"""Counts how well attributions agree with gold that has all of them, also reports without marks.

A content is right if it overlaps a gold one by at least .8 (intersection over union of letters and digits, so
that punctuation does not count). Its source and its cue are right if they overlap those of gold.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from worker.nlp.entities.group import Span
from worker.records.article import Quote
from worker.scoring.measure import Counts, match_spans


@dataclass(frozen=True, slots=True)
class Attribution:
    """One content with its source and its cue, in code points of the text."""

    kind: str
    content: Span
    source: tuple[Span, ...] = ()
    cue: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributionCounts:
    """The counts of one article.

    `pairs`: indices of gold and found contents that match. `by_kind`: contents by kind, a pair under its gold
    kind. `sources`, `cues`: those of the contents that were found.
    """

    pairs: list[tuple[int, int]]
    contents: Counts
    by_kind: dict[str, Counts]
    sources: Counts
    cues: Counts


def gold_attributions(text: str, attributions: Iterable[Mapping[str, Any]]) -> list[Attribution]:
    """The attributions of a gold article. Adjacent pieces of a content are merged.

    Takes `{source, cue, content, kind}` with lists of [start, end].
    """
    found = []
    for gold in attributions:
        source, cue = (tuple((start, end) for start, end in gold[part]) for part in ("source", "cue"))
        pieces: list[Span] = []
        for start, end in sorted(gold["content"]):
            between = text[pieces[-1][1] : start] if pieces else "\n"
            if "\n" not in between and not any(map(str.isalnum, between)):
                start = pieces.pop()[0]
            pieces.append((start, end))
        found += [Attribution(gold["kind"], piece, source, cue) for piece in pieces]
    return found


def published_attributions(quotes: Iterable[Quote], *, marks_too: bool = False) -> list[Attribution]:
    """The attributions of a record's quotes. Mixed quotes in one report are one, with the report's span.

    A report around its cue and its speaker is two contents, as in gold: what stands before and behind these.
    `marks_too`: what stands in a mixed quote's marks is one beside its report, as in gold that tells types.
    """
    found = {}
    for quote in quotes:
        whole = [quote.report] if quote.report is not None else []
        for span in [*whole, quote] if marks_too or not whole else whole:
            for piece in _pieces((span.start, span.end), quote):
                found[piece] = Attribution(
                    quote.kind,
                    piece,
                    ((quote.speaker.start, quote.speaker.end),) if quote.speaker else (),
                    ((quote.cue.start, quote.cue.end),) if quote.cue else (),
                )
    return list(found.values())


def _pieces(span: Span, quote: Quote) -> list[Span]:
    """A report without the attribution in the middle of it."""
    if quote.speaker is None or quote.cue is None or not span[0] < quote.cue.start < span[1]:
        return [span]
    first = min(quote.cue.start, quote.speaker.start)
    last = max(quote.cue.end, quote.speaker.end)
    return [(span[0], first), (last, span[1])] if span[0] < first and last < span[1] else [span]


def compare_direct(
    text: str,
    gold: Sequence[Attribution],
    found: Sequence[Attribution],
    mentions: Mapping[Span, Sequence[Span]],
) -> tuple[Counts, Counts]:
    """The direct attributions of gold that were found, and of these the sources that are right.

    A content that gold attributes to several sources, such as a paper and whoever it quotes, is one, and
    either is right. So is a speaker with a mention in the source of gold: `mentions` has those of its entity.
    """
    sources: dict[Span, list[Span]] = {}
    for each in gold:
        sources.setdefault(each.content, []).extend(each.source)
    contents = list(sources)
    whole = [Attribution("direct", content) for content in contents]
    pairs = compare_attributions(text, whole, found).pairs
    speakers = Counts()
    for i, j in pairs:
        wanted, named = sources[contents[i]], found[j].source
        places = [*named, *(place for span in named for place in mentions.get(span, ()))]
        is_right = any(a[0] < b[1] and b[0] < a[1] for a in wanted for b in places)
        if wanted:
            speakers += Counts(is_right, bool(named) and not is_right, not is_right)
    return Counts(len(pairs), 0, len(contents) - len(pairs)), speakers


def compare_attributions(
    text: str, gold: Sequence[Attribution], found: Sequence[Attribution]
) -> AttributionCounts:
    """Compare the attributions of one article with gold."""
    letters = [i for i, character in enumerate(text) if character.isalnum()]

    def spans(items: Sequence[Attribution]) -> list[Span]:
        """The contents as ranges of indices into `letters`."""
        return [(bisect_left(letters, a.content[0]), bisect_left(letters, a.content[1])) for a in items]

    pairs = match_spans(spans(gold), spans(found))
    right, wrong = {i for i, _ in pairs}, {j for _, j in pairs}
    kinds = sorted({a.kind for a in chain(gold, found)})
    by_kind = {
        kind: Counts(
            sum(gold[i].kind == kind for i in right),
            sum(a.kind == kind for j, a in enumerate(found) if j not in wrong),
            sum(a.kind == kind for i, a in enumerate(gold) if i not in right),
        )
        for kind in kinds
    }
    return AttributionCounts(
        pairs,
        Counts(len(pairs), len(found) - len(pairs), len(gold) - len(pairs)),
        by_kind,
        _parts((gold[i].source, found[j].source) for i, j in pairs),
        _parts((gold[i].cue, found[j].cue) for i, j in pairs),
    )


def _parts(pairs: Iterable[tuple[tuple[Span, ...], tuple[Span, ...]]]) -> Counts:
    """Counts of sources or cues, from gold and found ones of the same content."""
    counts = Counts()
    for gold, found in pairs:
        is_right = any(a[0] < b[1] and b[0] < a[1] for a in gold for b in found)
        counts += Counts(bool(gold) and is_right, bool(found) and not is_right, bool(gold) and not is_right)
    return counts
