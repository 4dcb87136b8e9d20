"""The stretch of a text that shows best why it was found, and the places in it to highlight."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from worker.alerts.words import Words as Text
from worker.search.conditions import Condition, Every, Name, Some, Without, Words
from worker.search.evaluate import places

SNIPPET_CHARS = 280
_LEAD_CHARS = 60
"""Of the text before the first place."""

Span = tuple[int, int]
"""Half-open, in code points."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """`text` stands at `start` of the whole; `highlights` count from its own first character."""

    text: str
    start: int
    highlights: tuple[Span, ...]
    is_whole: bool


def sought(condition: Condition) -> list[Words]:
    """What can be highlighted: words that are asked for, and those of names."""
    return list(_sought(condition))


def highlights(words: Sequence[Words], text: str, *, headline: bool = False) -> list[Span]:
    """Where they stand, in order; what overlaps is one."""
    wanted = [each for each in words if headline or not each.in_headline]
    if not wanted:
        return []
    found = Text(text)
    spans = sorted(span for each in wanted for span in places(each, found))
    merged: list[Span] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def snippet(text: str, spans: Sequence[Span], *, most: int = SNIPPET_CHARS) -> Snippet:
    """At most so many characters, where most of the spans stand; from the beginning without any."""
    first = _densest(spans, most - _LEAD_CHARS)
    start = 0 if first is None or len(text) <= most else max(0, min(first - _LEAD_CHARS, len(text) - most))
    start = _after_space(text, start)
    end = _before_space(text, start, min(len(text), start + most))
    inside = tuple((max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start)
    return Snippet(text[start:end], start, inside, is_whole=start == 0 and end == len(text))


def _sought(condition: Condition) -> Iterator[Words]:
    match condition:
        case Words():
            yield condition
        case Name(_, words):
            yield Words(words)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _sought(part)
        case Without() | _:
            return


def _densest(spans: Sequence[Span], reach: int) -> int | None:
    """Where the stretch begins that has the most places; the first of equals."""
    best, most, last = None, 0, 0
    for first, (start, _) in enumerate(spans):
        while last < len(spans) and spans[last][1] <= start + reach:
            last += 1
        if last - first > most or best is None:
            best, most = start, last - first
    return best


def _after_space(text: str, start: int) -> int:
    """Not in the midst of a word, if one ends nearby."""
    if start == 0:
        return 0
    for place in range(start, min(len(text), start + 30)):
        if text[place - 1].isspace():
            return place
    return start


def _before_space(text: str, start: int, end: int) -> int:
    if end == len(text):
        return end
    for place in range(end, max(start, end - 30), -1):
        if text[place].isspace():
            return place
    return end
