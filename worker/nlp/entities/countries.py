"""The names of countries and their adjectives in the language of an article."""

from collections.abc import Mapping
from functools import cache

from worker.nlp.wordlists import language_rows, read_rows


def countries_of(language: str) -> Mapping[str, str]:
    """ISO 3166-1 alpha-2 codes by case-folded name, for names that mean one country and nothing else."""
    return _tables(language)[0]


def demonyms_of(language: str) -> Mapping[str, str]:
    """ISO 3166-1 alpha-2 codes by case-folded adjective, and names of its people where they are known."""
    return _tables(language)[1]


@cache
def _tables(language: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    # Those of a language without a table are English.
    rows = language_rows(language, "countries.tsv") or read_rows("countries.tsv")
    names, adjectives = (
        {name.casefold(): row[0] for row in rows for name in row[column].split("|") if name}
        for column in (1, 2)
    )
    return names, adjectives
