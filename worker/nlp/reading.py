"""The text as a reader takes it, and where each of its characters stands in the published text.

Line ends that only wrap a paragraph are spaces, invisible characters are left out, accents are composed, and
marks that were doubled on the way stand once. The pipeline reads this text. Its spans are led back, so that
what is published is the publisher's own text with offsets into it.
"""

import re
from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from worker.nlp.line_wraps import wraps
from worker.query.normal_forms import INVISIBLE, composed_clusters

_LINE_END = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_DOUBLED = re.compile(r'""')
_LONE_MARK = re.compile(r'(?<!")"(?!")|"{3,}')

Edit = tuple[int, int, str]
"""Half-open, and what stands there instead."""


@dataclass(frozen=True, slots=True)
class Reading:
    """`text` is read. `starts`, `ends`: where each of its characters stands in the published text."""

    text: str
    starts: "array[int] | None" = None
    ends: "array[int] | None" = None

    def published(self, start: int, end: int) -> tuple[int, int]:
        """The span of the published text that was read as `text[start:end]`, which is not empty."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]

    def edited(self, edits: Iterable[Edit]) -> Self:
        """With these edits, in the order of the text and without overlaps; itself if there are none."""
        edits = list(edits)
        if not edits:
            return self
        pieces, starts, ends, done = list[str](), array("l"), array("l"), 0
        for start, end, instead in [*edits, (len(self.text), len(self.text), "")]:
            pieces += self.text[done:start], instead
            starts.extend(range(done, start))
            ends.extend(range(done + 1, start + 1))
            starts.extend([start] * len(instead))
            ends.extend([end] * len(instead))
            done = end
        if self.starts is not None and self.ends is not None:
            starts = array("l", [self.starts[place] for place in starts])
            ends = array("l", [self.ends[place - 1] for place in ends])
        return type(self)("".join(pieces), starts, ends)


def reading_of(text: str) -> Reading:
    """How the text is read. Ordinary texts are read as they are."""
    reading = Reading(text)
    reading = reading.edited((*found.span(), "\n") for found in _LINE_END.finditer(reading.text))
    reading = reading.edited(_visible(reading.text))
    reading = reading.edited(_single_marks(reading.text))
    return reading.edited(wraps(reading.text))


def read_line(text: str | None) -> str | None:
    """A headline as it is read."""
    return reading_of(text).text if text else text


def _visible(text: str) -> Iterable[Edit]:
    """Leaves out what can't be seen, and composes accents."""
    if text.isascii():
        return ()
    left_out = [(*found.span(), "") for found in INVISIBLE.finditer(text)]
    # A mark that stands behind an invisible character stays as it is.
    return sorted([*left_out, *composed_clusters(text)])


def _single_marks(text: str) -> Iterable[Edit]:
    """One mark for two, where every mark is doubled, as tables in CSV double them."""
    if '""' not in text or _LONE_MARK.search(text):
        return ()
    return ((*found.span(), '"') for found in _DOUBLED.finditer(text))
