"""Which city of the world a place of an article is, where that is certain."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from worker.nlp.entities.cities import City, cities, well_known_cities
from worker.nlp.entities.group import Group
from worker.nlp.wordlists import countries

# How many characters around a name show what it means, and how many of its mentions are looked at.
_AROUND = 60
_MENTIONS = 50

# A government goes by its city's name and says and does things; only what happens there names the city.
_LOCATIVE = re.compile(
    r"\b(?:in|near|outside|around|across|inside|downtown|(?:city|town|port|capital)(?: of|,)?)"
    r"(?: (?:the|central|downtown|eastern|northern|southern|western|east|north|south|west))* $",
    re.IGNORECASE,
)
_DATELINE = re.compile(r"(?:,[^\n,]{1,40})?(?: \([^\n()]{1,40}\))? ?(?:[–—:]|-+ )")
_AREA = (
    r"(?:province|state|county|region|governorate|district|division|prefecture|oblast|department"
    r"|river|lake|strip|bay|gulf|mountains?)"
)
_AREA_AFTER = re.compile(rf"(?:['’]s)? {_AREA}\b", re.IGNORECASE)
_AREA_BEFORE = re.compile(rf"\b{_AREA} of $", re.IGNORECASE)
_QUALIFIER = re.compile(r",? ?(?:\(|, )?((?:the )?[A-Z][^\n,.;:()—–]{1,40})")


def linked(text: str, groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups in their order, cities with their GeoNames id and as GPE, as all of a well-known name are.

    A country's name that is also the surname of somebody in the article links to nothing.
    """
    named = {word for g in groups if g.type == "PERSON" for word in g.name.casefold().split()[-1:]}
    countries_named = Counter[str]()
    for group in groups:
        if group.iso3166:
            countries_named[group.iso3166] += len(group.mentions)
    return tuple(_linked(group, text, countries_named, named) for group in groups)


def _linked(group: Group, text: str, countries_named: Counter[str], surnames: set[str]) -> Group:
    if group.type not in ("GPE", "LOC"):
        return group
    key = _key(group.name)
    if key in surnames:
        return replace(group, iso3166=None)
    if group.iso3166 or key not in cities():
        return group
    city = _city(group, text, countries_named)
    if city is None and key not in well_known_cities():
        return group
    return replace(group, type="GPE", geonames=city.geonames if city else None)


def _key(name: str) -> str:
    return name.casefold().replace("’", "'").replace(",", "")


def _city(group: Group, text: str, countries_named: Counter[str]) -> City | None:
    """Only if some mention shows a place, none shows an area, and its country is told or can be no other."""
    is_place, told = False, set()
    for start, end in group.mentions[:_MENTIONS]:
        before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
        if _AREA_AFTER.match(after) or _AREA_BEFORE.search(before):
            return None
        is_line_start = not before or before.endswith("\n")
        is_place |= bool(_LOCATIVE.search(before) or (is_line_start and _DATELINE.match(after)))
        told |= _told(after)
    known = cities()[_key(group.name)]
    if told:
        return next((c for c in known if {c.iso3166} == told), None)
    return _at_home(known, countries_named) if is_place else None


def _told(after: str) -> set[str]:
    """The country behind a name: "Tripoli, **Lebanon**"; "" for what is no country: "Paris, **Texas**"."""
    if not after.startswith(", ") or not (match := _QUALIFIER.match(after)):
        return set()
    words = re.split(r"[ '’]", match[1].removeprefix("the "))
    for size in (3, 2, 1):
        name = " ".join(words[:size]).casefold()
        if iso3166 := countries().get(name):
            return {iso3166}
        # A list of cities tells nothing.
        if name in well_known_cities():
            return set()
    return {""}


def _at_home(known: tuple[City, ...], countries_named: Counter[str]) -> City | None:
    """The city in the country that the article names most, or the well-known one that can't be mistaken."""
    (leading, most), (_, second) = (*countries_named.most_common(2), ("", 0), ("", 0))[:2]
    alone = next((city for city in known if city.is_alone), None)
    there = next((city for city in known if city.iso3166 == leading and most > second), None)
    if alone is None or there is alone:
        return there
    if there is not None or (leading in alone.namesakes and alone.iso3166 not in countries_named):
        return None
    return alone
