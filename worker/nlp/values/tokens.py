"""Cuts a text into runs of digits, words and signs, which is what dates and amounts are made of."""

import re
from collections.abc import Sequence
from typing import NamedTuple

_TOKEN = re.compile(r"\d+|[^\W\d_]+(?:['’ʼ-][^\W\d_]+)*|[^\w\s]|_")
_SPACES = "\u0020\u00a0\u2009\u202f\t"
_MAX_SPACES = 2
_FOLDS = str.maketrans("’ʼ\u2010\u2011\u2012\u2013\u2014", "''-----")


class Token(NamedTuple):
    """A run of digits, a word, or one sign, at its place in the text.

    `text` has plain apostrophes and dashes. `gap`: how many spaces stand before it; None where it begins a
    line, so that nothing goes on over it. `is_number`: whether it is a run of digits; those of other scripts
    than ours are words.
    """

    start: int
    end: int
    text: str
    gap: int | None
    is_number: bool


def tokens_of(text: str) -> list[Token]:
    """The tokens in order."""
    found, before = [], 0
    # Each sign is folded to one sign, so that the places stay.
    folded = text.translate(_FOLDS)
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        gap, token = start - before, folded[start:end]
        is_near = gap == 0 or (gap <= _MAX_SPACES and not text[before:start].strip(_SPACES))
        is_number = token.isdigit() and token.isascii()
        found.append(Token(start, end, token, gap if before and is_near else None, is_number))
        before = end
    return found


_WITHIN = frozenset("-.,:/+#№&@_%°")
"""Signs that join a number or word to what stands right before it: "Covid-19", "3.5", "A/2020"."""


def may_begin(tokens: Sequence[Token], at: int) -> bool:
    """Whether a date or an amount may begin with this token: not within a word or a number."""
    if at == 0 or tokens[at].gap != 0:
        return True
    before = tokens[at - 1].text
    is_dash = before == "-" and tokens[at - 1].gap != 0
    return is_dash or not (before[0].isalnum() or before in _WITHIN)


def may_end(tokens: Sequence[Token], end: int) -> bool:
    """Whether a date or an amount may end before this token: not within a word or a number."""
    if end >= len(tokens) or tokens[end].gap != 0:
        return True
    sign = tokens[end].text
    if sign[0].isalnum() or sign in "_%°":
        return False
    goes_on = end + 1 < len(tokens) and tokens[end + 1].gap == 0
    if not goes_on:
        return True
    following = tokens[end + 1]
    return not (following.is_number and sign in ".,:/-") and not (sign == "-" and following.text[0].isalnum())
