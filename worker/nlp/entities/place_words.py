"""What a language says around a place: that somebody is there, that an area is meant, which country it is."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Protocol

from worker.nlp.entities.countries import countries_of
from worker.nlp.wordlists import shared_rows


class PlaceWords(Protocol):
    """`countries`: ISO 3166-1 codes by case-folded name. `before`: the text up to where a name begins."""

    countries: Mapping[str, str]

    def is_location(self, before: str, name: str) -> bool:
        """Whether the text says that somebody or something is there: "Cairo said" means the government."""
        ...

    def is_area(self, before: str, after: str) -> bool:
        """Whether a province, a river or the like is meant that has the name."""
        ...


@cache
def place_words(language: str) -> PlaceWords:
    """Those of a language; English ones where it has no row in `locatives.tsv`."""
    rows = {kind: words.split("|") for code, kind, words in shared_rows("locatives.tsv") if code == language}
    return ListedPlaceWords(rows, countries_of(language)) if rows else EnglishPlaceWords()


_LOCATIVE = re.compile(
    r"\b(?:in|near|outside|around|across|inside|downtown|(?:city|town|port|capital)(?: of|,)?)"
    r"(?: (?:the|central|downtown|eastern|northern|southern|western|east|north|south|west))* $",
    re.IGNORECASE,
)
_AREA = (
    r"(?:province|state|county|region|governorate|district|division|prefecture|oblast|department"
    r"|river|lake|strip|bay|gulf|mountains?)"
)
_AREA_AFTER = re.compile(rf"(?:['’]s)? {_AREA}\b", re.IGNORECASE)
_AREA_BEFORE = re.compile(rf"\b{_AREA} of $", re.IGNORECASE)


class EnglishPlaceWords:
    """By expressions, since words of direction stand between."""

    def __init__(self) -> None:
        self.countries = countries_of("en")

    def is_location(self, before: str, name: str) -> bool:
        return bool(_LOCATIVE.search(before))

    def is_area(self, before: str, after: str) -> bool:
        return bool(_AREA_AFTER.match(after) or _AREA_BEFORE.search(before))


_MOST_WORDS = 3
_SHORT_CHARS = 3


class ListedPlaceWords:
    """By the rows of a language: words before the name, endings of the name, words for areas."""

    def __init__(self, rows: Mapping[str, Iterable[str]], countries: Mapping[str, str]) -> None:
        self.countries = countries
        self._places, self._areas = (
            frozenset(word.casefold() for word in rows.get(kind, ())) for kind in ("in", "area")
        )
        self._endings = tuple(rows.get("ending", ()))

    def is_location(self, before: str, name: str) -> bool:
        if self._endings and name.endswith(self._endings):
            return True
        # "The capital, Cairo, slept."
        words = before.removesuffix(" ").removesuffix(",").casefold().split()
        return before.endswith(" ") and self._places_end(words)

    def is_area(self, before: str, after: str) -> bool:
        words = before.casefold().split()
        # "The province *of* Cairo": of, from, the.
        if words and len(words[-1]) <= _SHORT_CHARS and words[-1] not in self._areas:
            words.pop()
        following = after.casefold().split(maxsplit=1)
        named = [words[-1:], following[:1] if after.startswith(" ") else []]
        return any(word.strip(",.;:)") in self._areas for part in named for word in part)

    def _places_end(self, words: list[str]) -> bool:
        """Whether the last words are one of those that put somebody somewhere."""
        return any(" ".join(words[-count:]) in self._places for count in range(1, _MOST_WORDS + 1))
