"""Which pronoun words for a person and first names imply: "mother" and "Ingrid" are "she"."""

import re
from functools import cache

from worker.nlp.wordlists import read_rows

_WORD_BEFORE = re.compile(r"([^\W\d_][\w’'-]*)(\.?)(,?)\s+$")
_LONGEST = 30
# A stop behind any other word ends a sentence.
_SHORTENED = frozenset(
    ("adv", "capt", "col", "dr", "engr", "fr", "gen", "gov", "hon", "lt", "maj", "mme", "mr", "mrs", "ms",
     "pres", "prof", "rep", "rev", "sen", "sgt", "shri", "smt", "sr")
)  # fmt: skip


def word_before(text: str, at: int, *, over_comma: bool = False) -> str | None:
    """The word right before a name, in lower case and without the stop of "Mr."."""
    found = _WORD_BEFORE.search(text, max(0, at - _LONGEST), at)
    if found is None or (found[3] and not over_comma):
        return None
    word = found[1].lower()
    return None if found[2] and word not in _SHORTENED else word


def words_before(text: str, start: int, at: int) -> list[str]:
    """The words of the phrase that ends at a name, nearest first: back to a sentence's end or a comma."""
    found: list[str] = []
    for token in reversed(text[start:at].split()):
        word = token.strip(".,“”\"‘’'(").lower()
        if (token.endswith(".") and word not in _SHORTENED) or (found and token.endswith(",")):
            break
        found.append(word)
    return found


@cache
def pronouns_by_word() -> dict[str, str]:
    """The pronoun, "he" or "she", that a word for a person implies: "mother", "Mr"."""
    return dict(read_rows("gendered_words.tsv"))


@cache
def pronouns_by_first_name() -> dict[str, str]:
    """The pronoun of nearly all who bear the first name, by the name in lower case."""
    return dict(read_rows("gendered_names.tsv"))
