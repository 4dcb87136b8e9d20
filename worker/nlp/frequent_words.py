"""Words that articles have in common, cut once for all of them.

spaCy remembers how it cut a word, but not within a memory zone, which frees all that an article added: there
each "the" is cut anew. A tokenizer that has met the words of many articles takes a quarter of the time.
"""

from spacy.language import Language
from spacy.tokenizer import Tokenizer

MAX_WORDS = 10_000
"""How many words are kept: two MiB, and what spaCy's tokenizers remember unless told otherwise."""

MAX_WORD_CHARS = 24

_MAX_SEEN = 50_000
"""Words of one article so far. When there are more, they are forgotten, and counting begins anew."""


class FrequentWords:
    """Teaches a pipeline's tokenizer the words that two articles have, before it reads the second.

    What is between white space is a word. How one is cut depends on nothing else, so that documents are the
    same with and without. A tokenizer that is not spaCy's own is left alone.
    """

    def __init__(self, nlp: Language) -> None:
        self._tokenizer = nlp.tokenizer if isinstance(nlp.tokenizer, Tokenizer) else None
        self._seen: set[str] = set()
        self._kept: set[str] = set()

    def take(self, text: str) -> None:
        """The text of the next article, outside a memory zone."""
        if self._tokenizer is None or len(self._kept) >= MAX_WORDS:
            return
        words = {word for word in text.split() if len(word) <= MAX_WORD_CHARS} - self._kept
        known = sorted(words & self._seen)[: MAX_WORDS - len(self._kept)]
        if known:
            self._tokenizer(" ".join(known))
            self._kept.update(known)
        if len(self._kept) >= MAX_WORDS:
            self._seen.clear()
            return
        if len(self._seen) > _MAX_SEEN:
            self._seen.clear()
        self._seen |= words.difference(known)
