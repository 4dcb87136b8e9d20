"""Names of cities and what they may mean: `data/cities.tsv`, read once."""

from functools import cache
from typing import NamedTuple

from worker.nlp.wordlists import read_rows


class City(NamedTuple):
    """`iso3166`: its country. `is_alone`: its name means this city where no other country is spoken of.

    `namesakes`: countries that have a place of the name of one that is alone.
    """

    geonames: str
    iso3166: str
    is_alone: bool
    namesakes: frozenset[str]


@cache
def cities() -> dict[str, tuple[City, ...]]:
    """By case-folded name: at most one city a country, the one much larger than its namesakes there."""
    found: dict[str, tuple[City, ...]] = {}
    for identifier, iso3166, alone, namesakes, names in read_rows("cities.tsv"):
        city = City(identifier, iso3166, bool(alone), frozenset(namesakes.split("|")) - {""})
        for name in names.split("|"):
            found[name] = (*found.get(name, ()), city)
    return found


@cache
def well_known_cities() -> frozenset[str]:
    """Case-folded names that mean one large city, much larger than all its namesakes."""
    return frozenset(name for name, known in cities().items() if any(city.is_alone for city in known))
