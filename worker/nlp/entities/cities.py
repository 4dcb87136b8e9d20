"""The cities that a name may mean, from `data/en/cities.tsv` and `data/city_names.tsv`, read once."""

from functools import cache, lru_cache
from typing import NamedTuple

from worker.nlp.entities.declension import declension
from worker.nlp.wordlists import read_rows, shared_rows

_NAMES_KEPT, _LONGEST_KEPT = 4096, 40
"""The same places are in the news again and again: so many of their names are remembered, if not longer."""


class City(NamedTuple):
    """A city by its GeoNames id. `iso3166` is its country.

    `is_dominant`: the name means this city unless the article is about another country. `namesakes`: of a
    dominant city, the countries that have a place of the same name.
    """

    geonames: str
    iso3166: str
    is_dominant: bool
    namesakes: frozenset[str]


@cache
def cities() -> dict[str, tuple[City, ...]]:
    """By case-folded name, at most one city a country: the one much larger than its namesakes there."""
    found: dict[str, tuple[City, ...]] = {}
    for identifier, iso3166, dominant, namesakes, names in read_rows("cities.tsv"):
        city = City(identifier, iso3166, bool(dominant), frozenset(namesakes.split("|")) - {""})
        for name in names.split("|"):
            found[name] = (*found.get(name, ()), city)
    return found


def cities_called(name: str, language: str) -> tuple[City, ...]:
    """The cities that a name, in any case of the language, may mean; at most one a country.

    In other languages than English their names there count too. A form of two names of cities means none.
    """
    if language == "en":
        return cities().get(city_key(name), ())
    return _remembered(name, language) if len(name) <= _LONGEST_KEPT else _found(name, language)


@lru_cache(_NAMES_KEPT)
def _remembered(name: str, language: str) -> tuple[City, ...]:
    return _found(name, language)


def _found(name: str, language: str) -> tuple[City, ...]:
    if known := _called(city_key(name)):
        return known
    endings = declension(language)
    if endings is None:
        return ()
    bases = {" ".join(reading.base) for reading in endings.other(name.split())}
    found = {known for base in bases if (known := _called(city_key(base)))}
    return found.pop() if len(found) == 1 else ()


def city_key(name: str) -> str:
    """The name as the tables have it."""
    return name.casefold().replace("’", "'").replace(",", "")


def _called(key: str) -> tuple[City, ...]:
    return cities().get(key) or _named_elsewhere().get(key, ())


@cache
def _named_elsewhere() -> dict[str, tuple[City, ...]]:
    """Cities by their names in other languages than English."""
    by_id = {city.geonames: city for known in cities().values() for city in known if city.is_dominant}
    return {
        name: (by_id[identifier],)
        for identifier, names in shared_rows("city_names.tsv")
        for name in names.split("|")
    }
