"""A text as words, and words as numbers that are the same in every process."""

import re
from zlib import crc32

# Scripts that are written without spaces: a character is a word, and two in a row are a term.
_UNSPACED = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*")
_MOST_CHARS = 200_000
"""How much of a text is looked at: no news article is longer, and the work on one has to have an end."""


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, without `'s`; of a script without spaces its characters."""
    lowered = text[:_MOST_CHARS].lower().replace("’", "'")
    return [word.removesuffix("'s") for word in _WORD.findall(lowered)]


def terms_of(words: list[str]) -> list[str]:
    """The words by which texts are compared: without numbers and single letters; pairs of characters."""
    terms = []
    before = ""
    for word in words:
        if is_unspaced(word):
            if before:
                terms.append(before + word)
            before = word
            continue
        before = ""
        if len(word) > 1 and not word.isdigit():
            terms.append(word)
    return terms


def is_unspaced(word: str) -> bool:
    """Whether the word is a character of a script that has no spaces."""
    return len(word) == 1 and word >= "\u0e00" and _WORD.match(word) is not None and not word.isascii()


def salt_of(language: str) -> int:
    """What makes the same word of two languages two terms: stories are found within a language."""
    return crc32(language.encode(errors="surrogatepass"))


def hashed(word: str, salt: int = 0) -> int:
    """The word as 32 bits. One pair in four thousand million words shares a number."""
    return crc32(word.encode(errors="surrogatepass"), salt)
