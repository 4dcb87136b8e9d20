"""The names of countries and their adjectives in the language of an article."""

from collections.abc import Mapping
from functools import cache

from worker.nlp.wordlists import countries, demonyms, language_rows


def countries_of(language: str) -> Mapping[str, str]:
    """ISO 3166-1 alpha-2 codes by case-folded name, for names that mean one country and nothing else."""
    return _tables(language)[0]


def demonyms_of(language: str) -> Mapping[str, str]:
    """ISO 3166-1 alpha-2 codes by case-folded adjective, and names of its people where they are known."""
    return _tables(language)[1]


@cache
def _tables(language: str) -> tuple[Mapping[str, str], Mapping[str, str]]:
    rows = language_rows(language, "countries.tsv") if language != "en" else None
    if rows is None:
        return countries(), demonyms()
    names, adjectives = (
        {name: row[0] for row in rows for name in row[column].split("|") if name} for column in (1, 2)
    )
    return names, adjectives
