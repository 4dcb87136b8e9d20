"""A text as words, and words as numbers that are the same in every process."""

import re
from collections.abc import Iterable
from itertools import pairwise
from zlib import crc32

# Scripts that are written without spaces: a character is a word, and two in a row are a term.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:'[^\W_{_UNSPACED}]+)*")
_MOST_CHARS = 200_000
"""How much of a text is looked at: no news article is longer, and the work on one has to have an end."""


def text_words(text: str) -> list[str]:
    """The words of a text in lower case, without `'s`; of a script without spaces its characters."""
    lowered = text[:_MOST_CHARS].lower().replace("’", "'")
    words: list[str] = _WORD.findall(lowered)
    return [word.removesuffix("'s") for word in words] if "'s" in lowered else words


def terms_of(words: list[str]) -> list[str]:
    """The words by which texts are compared: without numbers and single letters; pairs of characters."""
    if is_unspaced(words):
        words = [*words, *map("".join, pairwise(words))]
    return [word for word in words if len(word) > 1 and not word.isdigit()]


def is_unspaced(words: list[str]) -> bool:
    """Whether most of the words are single characters, as in a script that has no spaces."""
    return len("".join(words)) < 2 * len(words)


def hashed(word: str) -> int:
    """The word as 32 bits. One pair in four thousand million words shares a number."""
    return crc32(word.encode(errors="surrogatepass"))


def numbers_of(words: Iterable[str]) -> dict[str, int]:
    """The number of each word."""
    return {word: crc32(word.encode(errors="surrogatepass")) for word in frozenset(words)}


def salt_of(language: str) -> int:
    """What makes the same word of two languages two terms: stories are found within a language."""
    return hashed(f"language {language}")
