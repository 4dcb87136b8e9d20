"""Which pronoun words for a person and first names imply: "mother" and "Ingrid" are "she"."""

from functools import cache

from worker.nlp.wordlists import read_rows


@cache
def pronouns_by_word() -> dict[str, str]:
    """The pronoun, "he" or "she", that a word for a person implies: "mother", "Mr"."""
    return dict(read_rows("gendered_words.tsv"))


@cache
def pronouns_by_first_name() -> dict[str, str]:
    """The pronoun of nearly all who bear the first name, by the name in lower case."""
    return dict(read_rows("gendered_names.tsv"))
