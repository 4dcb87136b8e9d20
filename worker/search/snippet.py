"""Cuts the passage of a text that best shows why it was found, with the spans to highlight."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from worker.search.conditions import Every, Name, SearchCondition, Some, TextPhrase, TextStem, Without
from worker.search.places import CharSpan, PhraseFinder

SNIPPET_CHARS = 280
_LEAD_CHARS = 60
"""How much text is shown before the first highlight."""

SoughtWords = TextPhrase | TextStem
"""Words that are highlighted where they stand."""
Find = tuple[int, int, int]
"""A span, and the number of the phrase that was found there."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """A passage: `text` begins at `start` of the whole text; `highlights` are spans of `text`."""

    text: str
    start: int
    highlights: tuple[CharSpan, ...]
    ends_text: bool


def sought(condition: SearchCondition) -> list[SoughtWords]:
    """The phrases to highlight: those that the condition asks for, and those of names."""
    return list(_sought(condition))


def snippet(
    words: Sequence[SoughtWords],
    text: str,
    language: str,
    *,
    headline: bool = False,
    most: int = SNIPPET_CHARS,
) -> Snippet:
    """The passage of at most `most` characters with most of the phrases; the beginning if it has none.

    `language`: the tag of the language of the text's document.
    """
    places = PhraseFinder(text, language)
    wanted = [each for each in words if headline or not each.in_headline]
    finds = sorted((*span, which) for which, each in enumerate(wanted) for span in places.find(each))
    spans = _merged((start, end) for start, end, _ in finds)
    first = _best(finds, most - _LEAD_CHARS)
    start = 0 if first is None or len(text) <= most else max(0, min(first - _LEAD_CHARS, len(text) - most))
    start = _after_space(text, start)
    end = _before_space(text, start, min(len(text), start + most))
    inside = tuple((max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start)
    return Snippet(text[start:end], start, inside, ends_text=end == len(text))


def _sought(condition: SearchCondition) -> Iterator[SoughtWords]:
    match condition:
        case TextPhrase() | TextStem():
            yield condition
        case Name(_, words):
            yield TextPhrase(words)
        case Every(parts) | Some(parts):
            for part in parts:
                yield from _sought(part)
        case Without() | _:
            return


def _merged(spans: Iterable[CharSpan]) -> list[CharSpan]:
    """The spans, with overlapping ones merged."""
    merged: list[CharSpan] = []
    for start, end in spans:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _best(finds: Sequence[Find], reach: int) -> int | None:
    """The start of the passage with most different phrases, then most finds; the first of equal ones."""
    best, best_score, last = None, (0, 0), 0
    inside: Counter[int] = Counter()
    for first, (start, _, which) in enumerate(finds):
        while last < len(finds) and (last <= first or finds[last][1] <= start + reach):
            inside[finds[last][2]] += 1
            last += 1
        score = (len(inside), last - first)
        if score > best_score:
            best, best_score = start, score
        inside[which] -= 1
        if not inside[which]:
            del inside[which]
    return best


def _after_space(text: str, start: int) -> int:
    """The start, moved to the next word if one begins nearby."""
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
