"""How good attributions are against gold that has every one of them, reports without marks too: pure counts.

A content is right where it overlaps a gold one by at least .8 (intersection over union of letters and
digits, so that marks and stops count for neither). Its source and its cue are right where they share a word
with the gold ones.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from worker.records.article import Quote
from worker.scoring.measure import Bounds, Counts, match


@dataclass(frozen=True, slots=True)
class Attributed:
    """One piece of what somebody said, who said it and by which words, in code points of the text."""

    kind: str
    content: Bounds
    source: tuple[Bounds, ...] = ()
    cue: tuple[Bounds, ...] = ()


@dataclass(frozen=True, slots=True)
class AttributionCounts:
    """`pairs`: the numbers of gold and found contents that are the same. `by_kind`: contents, a pair by its
    gold kind. `sources`, `cues`: of the contents that were found."""

    pairs: list[tuple[int, int]]
    contents: Counts
    by_kind: dict[str, Counts]
    sources: Counts
    cues: Counts


def annotated(text: str, attributions: Iterable[Mapping[str, Any]]) -> list[Attributed]:
    """Gold as `{source, cue, content, kind}` with lists of [start, end]; pieces side by side are one."""
    found = []
    for gold in attributions:
        source, cue = (tuple((start, end) for start, end in gold[part]) for part in ("source", "cue"))
        pieces: list[Bounds] = []
        for start, end in sorted(gold["content"]):
            between = text[pieces[-1][1] : start] if pieces else "\n"
            if "\n" not in between and not any(map(str.isalnum, between)):
                start = pieces.pop()[0]
            pieces.append((start, end))
        found += [Attributed(gold["kind"], piece, source, cue) for piece in pieces]
    return found


def published(quotes: Iterable[Quote]) -> list[Attributed]:
    """A record's quotes. A mixed one counts with the report around it, once for all its fragments."""
    found = {}
    for quote in quotes:
        span = quote.report or quote
        found[span.start, span.end] = Attributed(
            quote.kind,
            (span.start, span.end),
            ((quote.speaker.start, quote.speaker.end),) if quote.speaker else (),
            ((quote.cue.start, quote.cue.end),) if quote.cue else (),
        )
    return list(found.values())


def compare_attributions(
    text: str, gold: Sequence[Attributed], found: Sequence[Attributed]
) -> AttributionCounts:
    """Counts of one article."""
    letters = [i for i, character in enumerate(text) if character.isalnum()]

    def spans(items: Sequence[Attributed]) -> list[Bounds]:
        """Contents by the numbers of their letters."""
        return [(bisect_left(letters, a.content[0]), bisect_left(letters, a.content[1])) for a in items]

    pairs = match(spans(gold), spans(found))
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


def _parts(pairs: Iterable[tuple[tuple[Bounds, ...], tuple[Bounds, ...]]]) -> Counts:
    """Of parts that gold names: what overlaps it is right, what does not or is not there is missed."""
    counts = Counts()
    for gold, found in pairs:
        is_right = any(a[0] < b[1] and b[0] < a[1] for a in gold for b in found)
        counts += Counts(bool(gold) and is_right, bool(found) and not is_right, bool(gold) and not is_right)
    return counts
