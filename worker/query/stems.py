"""Stems: what the forms of a word have in common, by which `stem:` finds them in an article's language.

Snowball's stemmers cut what a language puts behind its words, by rule and not by dictionary: `strikes` and
`striking` are `strike`, `struck` is not. They are given folded words and know no letter case.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from functools import cache
from itertools import islice
from threading import Lock

import Stemmer

from worker.languages import language_of
from worker.query.words import Words, at_once

STEMMERS: Mapping[str, str] = {
    "en": "english", "de": "german", "fr": "french", "es": "spanish", "pt": "portuguese", "it": "italian",
    "nl": "dutch", "sv": "swedish", "da": "danish", "no": "norwegian", "pl": "polish", "cs": "czech",
    # Made from one of Croatian, it takes the Latin letters and both ways of writing a long yat.
    "hr": "serbian", "fi": "finnish", "ru": "russian", "id": "indonesian", "ro": "romanian",
}  # fmt: skip
"""Snowball's name of the stemmer of each language that has one. In others a word is its own stem."""
STEMMERS_VERSION = Stemmer.version()
"""Stems that were stored by another version may be cut in other places."""
MAX_STEMMED_CHARS = 60
"""A longer word is its own stem, so that none is stored beside it."""

# Words that are stemmed before others get their turn: half a millisecond.
_AT_ONCE = 2_000
# A stemmer holds its word while it works, so no two threads may use it at once.
_ONE_AT_A_TIME = Lock()


def stemmed_language(tag: str) -> str | None:
    """The code of the language that a tag means; None if that has no stemmer."""
    code = language_of(tag)
    return code if code in STEMMERS else None


def stems_of(words: Sequence[str], language: str) -> list[str]:
    """The stem of each of these folded words in a language, by its code."""
    if language not in STEMMERS:
        return list(words)
    with _ONE_AT_A_TIME:
        stems: list[str] = _stemmers()[language].stemWords(words)
    if max(map(len, words), default=0) <= MAX_STEMMED_CHARS and all(stems):
        return stems
    return [_stem_of(word, stem) for word, stem in zip(words, stems, strict=True)]


def _stem_of(word: str, stem: str) -> str:
    """The stem, but for a word that is its own: a long one, and one of which nothing would be left."""
    return stem if stem and len(word) <= MAX_STEMMED_CHARS else word


def stems_by_word(words: Iterable[str], tag: str) -> Generator[None, None, dict[str, str]]:
    """Returns the stem of each word in the language of a tag. Others may have their turn at each `yield`."""
    language, left = language_of(tag), iter(words)
    found: dict[str, str] = {}
    while some := list(islice(left, _AT_ONCE)):
        found.update(zip(some, stems_of(some, language), strict=True))
        yield
    return found


def stemmed(words: Words, tag: str) -> Words:
    """The words of a text, each as its stem in the language of a tag."""
    if stemmed_language(tag) is None:
        return words
    return at_once(words.replaced(at_once(stems_by_word(words.distinct, tag))))


def stems_in_any_language(word: str) -> frozenset[str]:
    """A folded word's stems, one of which an article has wherever it has a form of the word."""
    with _ONE_AT_A_TIME:
        stems = [stemmer.stemWord(word) for stemmer in _stemmers().values()]
    return frozenset([word, *(_stem_of(word, stem) for stem in stems)])


@cache
def _stemmers() -> Mapping[str, Stemmer.Stemmer]:
    """By language. Their own caches would hold words of any length: a stem takes less than a microsecond."""
    return {language: Stemmer.Stemmer(name, 0) for language, name in STEMMERS.items()}
