"""What a language says around a place: that somebody is there, that an area is meant, which country it is."""

import re
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from worker.nlp.entities.countries import countries_of
from worker.nlp.wordlists import shared_rows


class PlaceWords(NamedTuple):
    """Patterns for the text around a name, and the countries' names.

    `locative`: behind which somebody is there; "Cairo said" means the government. `ending`: of the name
    itself, that says the same. `area_before`, `area_after`: of a province or a river with the name.
    """

    locative: re.Pattern[str] | None
    ending: re.Pattern[str] | None
    area_before: re.Pattern[str] | None
    area_after: re.Pattern[str] | None
    countries: Mapping[str, str]


_AREA = (
    r"(?:province|state|county|region|governorate|district|division|prefecture|oblast|department"
    r"|river|lake|strip|bay|gulf|mountains?)"
)


@cache
def place_words(language: str) -> PlaceWords:
    """Those of a language; English ones where it has no row in `locatives.tsv`."""
    rows = {kind: words for code, kind, words in shared_rows("locatives.tsv") if code == language}
    if not rows:
        return _english()
    areas = _one_of(rows["area"])
    return PlaceWords(
        locative=re.compile(rf"(?<!\w){_one_of(rows['in'])},? $", re.IGNORECASE) if "in" in rows else None,
        ending=re.compile(rf"{_one_of(rows['ending'])}$") if "ending" in rows else None,
        area_before=re.compile(rf"(?<!\w){areas}(?: \w{{1,3}})? $", re.IGNORECASE),
        area_after=re.compile(rf" {areas}\b", re.IGNORECASE),
        countries=countries_of(language),
    )


def _english() -> PlaceWords:
    return PlaceWords(
        locative=re.compile(
            r"\b(?:in|near|outside|around|across|inside|downtown|(?:city|town|port|capital)(?: of|,)?)"
            r"(?: (?:the|central|downtown|eastern|northern|southern|western|east|north|south|west))* $",
            re.IGNORECASE,
        ),
        ending=None,
        area_before=re.compile(rf"\b{_AREA} of $", re.IGNORECASE),
        area_after=re.compile(rf"(?:['’]s)? {_AREA}\b", re.IGNORECASE),
        countries=countries_of("en"),
    )


def _one_of(words: str) -> str:
    """A pattern of the words in a row of the table."""
    return f"(?:{'|'.join(re.escape(word) for word in words.split('|'))})"
