"""Links places of an article to cities of the world, where there is no doubt which city is meant."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from worker.nlp.entities.cities import City, cities, well_known_cities
from worker.nlp.entities.countries import countries_of
from worker.nlp.entities.group import Group

# How many characters on each side of a mention, and how many mentions of a place, are looked at.
_CONTEXT_CHARS = 60
_MAX_MENTIONS = 50

# "Cairo said" means the government. Only a mention as a location ("in Cairo") shows that the city is meant.
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


def link_places(text: str, groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups in their order, with cities labelled GPE and linked to GeoNames.

    A group with a well-known city's name is labelled GPE even where it cannot be linked. A place whose name
    is also the surname of somebody in the article is linked to nothing.
    """
    surnames = {word for g in groups if g.type == "PERSON" for word in g.name.casefold().split()[-1:]}
    countries_named = Counter[str]()
    for group in groups:
        if group.iso3166:
            countries_named[group.iso3166] += len(group.mentions)
    return tuple(_linked(group, text, countries_named, surnames) for group in groups)


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
    """The city that the mentions mean, None where that is not certain.

    No mention may mean an area (a province, a river). Either the text names the country behind the city, or a
    mention is a location and the country is clear from the article.
    """
    is_location, qualifiers = False, set[str]()
    for start, end in group.mentions[:_MAX_MENTIONS]:
        before, after = text[max(0, start - _CONTEXT_CHARS) : start], text[end : end + _CONTEXT_CHARS]
        if _AREA_AFTER.match(after) or _AREA_BEFORE.search(before):
            return None
        is_line_start = not before or before.endswith("\n")
        is_location |= bool(_LOCATIVE.search(before) or (is_line_start and _DATELINE.match(after)))
        qualifiers |= _qualifying_country(after)
    known = cities()[_key(group.name)]
    if qualifiers:
        return next((c for c in known if {c.iso3166} == qualifiers), None)
    return _likeliest_city(known, countries_named) if is_location else None


def _qualifying_country(after: str) -> set[str]:
    """The code of the country named behind a city: "Tripoli, **Lebanon**".

    "" for another place ("Paris, **Texas**"), and an empty set where nothing qualifies the city.
    """
    if not after.startswith(", ") or not (match := _QUALIFIER.match(after)):
        return set()
    words = re.split(r"[ '’]", match[1].removeprefix("the "))
    for size in (3, 2, 1):
        name = " ".join(words[:size]).casefold()
        if iso3166 := countries_of("en").get(name):
            return {iso3166}
        # "Tripoli, **Cairo** and Tunis" is a list of cities.
        if name in well_known_cities():
            return set()
    return {""}


def _likeliest_city(known: tuple[City, ...], countries_named: Counter[str]) -> City | None:
    """The city in the country that the article names most, else the dominant city of that name.

    None where both exist and differ, or where the leading country has a namesake of the dominant city.
    """
    (leading, most), (_, second) = (*countries_named.most_common(2), ("", 0), ("", 0))[:2]
    dominant = next((city for city in known if city.is_dominant), None)
    local = next((city for city in known if city.iso3166 == leading and most > second), None)
    if dominant is None or local is dominant:
        return local
    if local is not None or (leading in dominant.namesakes and dominant.iso3166 not in countries_named):
        return None
    return dominant
