"""Unicode's normal forms in a time that grows with a text's length, whatever is in it.

To bring a run of combining marks into its order takes a time that grows with the square of the run's length.
So longer runs are cut, as in Unicode's stream-safe text (UAX #15). No language has runs that long.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Literal

MOST_MARKS = 30
"""How many combining marks of a run are kept."""

# Between letters of these, joiners and spaces of no width mean nothing. In Arabic, Persian and the scripts of
# India they shape letters, in those of south-east Asia they part words, between emoji they join pictures.
_NEEDS_NO_JOINER = "\\0-\u058f\u1e00-\u1fff\u2000-\u206f"
INVISIBLE_SIGNS = (
    "(?:[\xad\u034f\u061c\u180e\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]"
    f"|(?<![^{_NEEDS_NO_JOINER}])[\u200b-\u200d](?![^{_NEEDS_NO_JOINER}]))"
)
"""What nobody sees in a text: soft hyphens, marks of direction, joiners that join nothing."""
INVISIBLE = re.compile(INVISIBLE_SIGNS)
_NOT_LATIN_1 = re.compile("[^\0-\xff]")

# These combine with nothing themselves, but their decompositions begin with a mark.
_MARKS_IN_DISGUISE = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")


def normalized(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """The text in a normal form, with at most MOST_MARKS combining marks in a row."""
    return text if text.isascii() else unicodedata.normalize(form, with_few_marks(text))


def is_mark(character: str) -> bool:
    """Whether a decomposed text would have a combining mark at the start of this."""
    return unicodedata.combining(character) != 0 or character in _MARKS_IN_DISGUISE


def with_few_marks(text: str) -> str:
    """The text with at most MOST_MARKS combining marks in a row; whoever is given it may normalize it."""
    if text.isascii() or len(text) <= MOST_MARKS or not any(map(is_mark, set(text))):
        return text
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if is_mark(character) else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def without_invisible(text: str) -> str:
    """The text without what nobody sees in it."""
    return text if text.isascii() else INVISIBLE.sub("", text)


def composed_clusters(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a character and the marks behind it have a composed form (NFC): half-open, and that form."""
    if not _NOT_LATIN_1.search(text) or not any(map(is_mark, set(text))):
        return
    start = 0
    while start < len(text):
        end = start + 1
        while end < len(text) and is_mark(text[end]):
            end += 1
        if end > start + 1:
            cluster = text[start:end]
            composed = normalized("NFC", cluster)
            if composed != cluster:
                yield start, end, composed
        start = end
