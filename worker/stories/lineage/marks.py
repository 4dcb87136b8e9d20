"""A quote as a short string, so that a story's quotes need not be parted into words to be compared.

A mark has a number for the words in their order, and a bit for each two words in a row. Quotes with the same
words have equal marks, whatever their punctuation; quotes that share passages share bits. A quote without
words, of signs alone, is marked by its text.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise

from worker.query.words import words_of
from worker.stories.words import hashed

_KEY_BYTES, _SIGNATURE_BYTES = 6, 30
_KEY_CHARS = 8
_BITS = 8 * _SIGNATURE_BYTES
_LEAST_COMMON = 30
"""Quotes are compared that share at least so many hundredths of the fewer bits: strangers share some 10."""


def mark_of(text: str) -> str:
    """The mark of a quote: 48 characters."""
    words = words_of(text)
    key = blake2b((" ".join(words) or text).encode(errors="surrogatepass"), digest_size=_KEY_BYTES).digest()
    return b64encode(key + _signature(words).to_bytes(_SIGNATURE_BYTES)).decode()


def words_key(mark: str) -> str:
    """What marks of quotes with the same words have in common."""
    return mark[:_KEY_CHARS]


def signature_of(mark: str) -> int:
    """The bits of a mark."""
    return int.from_bytes(b64decode(mark[_KEY_CHARS:]))


def common_bits(this: int, that: int) -> int:
    """The bits that two signatures share, if they are enough to compare the quotes; else 0."""
    common = (this & that).bit_count()
    return common if common * 100 >= _LEAST_COMMON * min(this.bit_count(), that.bit_count()) else 0


def _signature(words: Sequence[str]) -> int:
    signature = 0
    for pair in pairwise(words):
        signature |= 1 << hashed(" ".join(pair)) % _BITS
    return signature
