"""Unicode's normal forms in a time that grows with a text's length, whatever is in it.

To bring a run of combining marks into its order takes a time that grows with the square of the run's length.
So longer runs are cut, as in Unicode's stream-safe text (UAX #15). No language has runs that long.
"""

import unicodedata
from typing import Literal

MOST_MARKS = 30
"""How many combining marks of a run are kept."""

# These combine with nothing themselves, but their decompositions begin with a mark.
_MARKS_IN_DISGUISE = frozenset("\u0f73\u0f75\u0f81\uff9e\uff9f")


def normalized(form: Literal["NFC", "NFKC"], text: str) -> str:
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
