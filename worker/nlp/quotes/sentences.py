"""Splits a text into sentences. A quote counts as one word, so stops in it end no sentence around it."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

from worker.nlp.entities.group import Span

_BREAK = re.compile(r"[.!?…]['’”\"»」)\]]*\s+(?=[\"“„‘'«「(\[`]*[A-Z\d])|[\n\r\u2028\u2029]+")
# Abbreviations, whose stop ends no sentence.
ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Messrs|Dr|Drs|Prof|Sen|Rep|Gov|Gen|Maj|Col|Lt|Sgt|Cpl|Capt|Cmdr|Adm|Supt|Insp|Eng|Engr|"
    r"Amb|Asst|Atty|Adv|Dep|Dir|Sec|St|Mt|Ft|Jr|Sr|Fr|No|Nos|vs|Inc|Ltd|Co|Rev|Hon|Pres|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|"
    r"Nov|Dec|[A-Z])$"
)
_STOPS = ".!?…"


class Sentences:
    """The sentences of one text, found by bisection. `quoted`: the contents of its quotes, in order.

    `ends`: where they end, but for the last. `ends_in` finds that, by the rules of a language; English is the
    default.
    """

    def __init__(
        self, text: str, quoted: Sequence[Span], ends_in: Callable[[str], list[int]] | None = None
    ) -> None:
        self.ends = (ends_in or _english_ends)(_masked(text, quoted))
        self._length = len(text)

    def around(self, start: int, end: int) -> Span:
        """From the start of the sentence around `start` to the end of the sentence around `end`."""
        first, last = bisect_right(self.ends, start), bisect_right(self.ends, max(start, end - 1))
        return self._end(first - 1), self._end(last)

    def after(self, end: int) -> Span:
        """The sentence that begins at `end`."""
        return self.around(end, end) if end < self._length else (end, end)

    def before(self, start: int) -> Span:
        """The sentence that ends at `start`."""
        return self.around(start - 1, start - 1) if start > 0 else (start, start)

    def _end(self, index: int) -> int:
        if index < 0:
            return 0
        return self.ends[index] if index < len(self.ends) else self._length


def _english_ends(masked: str) -> list[int]:
    return [
        match.end()
        for match in _BREAK.finditer(masked)
        if match.group()[0] != "."
        or not ABBREVIATION.search(masked, max(0, match.start() - 7), match.start())
    ]


def _masked(text: str, quoted: Sequence[Span]) -> str:
    """The text with each quote replaced by a word of the same length. A stop at a quote's end stays."""
    parts, at = [], 0
    for start, end in quoted:
        if start < at or end <= start:
            continue
        last = text[end - 1]
        parts += [text[at:start], "X" if text[start].isupper() else "x", "x" * (end - start - 2)]
        parts += [last if last in _STOPS else "x"] if end - start > 1 else []
        at = end
    return "".join(parts) + text[at:]
