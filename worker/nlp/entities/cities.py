"""The cities that a name may mean, from `data/en/cities.tsv`, read once."""

from functools import cache
from typing import NamedTuple

from worker.nlp.wordlists import read_rows


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


@cache
def well_known_cities() -> frozenset[str]:
    """The case-folded names of dominant cities, each much larger than all its namesakes."""
    return frozenset(name for name, known in cities().items() if any(city.is_dominant for city in known))
