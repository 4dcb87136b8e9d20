"""Links places of an article to cities of the world, where there is no doubt which city is meant."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from worker.nlp.entities.cities import City, cities_called, city_key
from worker.nlp.entities.group import Group
from worker.nlp.entities.place_words import place_words

# How many characters on each side of a mention, and how many mentions of a place, are looked at.
_CONTEXT_CHARS = 60
_MAX_MENTIONS = 50

_DATELINE = re.compile(r"(?:,[^\n,]{1,40})?(?: \([^\n()]{1,40}\))? ?(?:[–—:]|-+ )")
_QUALIFIER = re.compile(r",? ?(?:\(|, )?((?:the )?[A-Z][^\n,.;:()—–]{1,40})")


class _Article(NamedTuple):
    """Its text and language, how often it names countries, and the surnames that it has."""

    text: str
    language: str
    countries_named: Counter[str]
    surnames: set[str]


def link_places(text: str, groups: Sequence[Group], language: str = "en") -> tuple[Group, ...]:
    """The groups in their order, with cities labelled GPE and linked to GeoNames. `language`: the text's.

    A group with a well-known city's name is labelled GPE even where it cannot be linked. A place whose name
    is also the surname of somebody in the article is linked to nothing.
    """
    surnames = {word for g in groups if g.type == "PERSON" for word in g.name.casefold().split()[-1:]}
    countries_named = Counter[str]()
    for group in groups:
        if group.iso3166:
            countries_named[group.iso3166] += len(group.mentions)
    article = _Article(text, language, countries_named, surnames)
    return tuple(_linked(group, article) for group in groups)


def _linked(group: Group, article: _Article) -> Group:
    if group.type not in ("GPE", "LOC"):
        return group
    if city_key(group.name) in article.surnames:
        return replace(group, iso3166=None)
    known = () if group.iso3166 else cities_called(group.name, article.language)
    if not known:
        return group
    city = _city(group, known, article)
    if city is None and not any(one.is_dominant for one in known):
        return group
    return replace(group, type="GPE", geonames=city.geonames if city else None)


def _city(group: Group, known: tuple[City, ...], article: _Article) -> City | None:
    """The city that the mentions mean, None where that is not certain.

    No mention may mean an area (a province, a river). Either the text names the country behind the city, or a
    mention is a location and the country is clear from the article.
    """
    text, said = article.text, place_words(article.language)
    is_location, qualifiers = False, set[str]()
    for start, end in group.mentions[:_MAX_MENTIONS]:
        before, after = text[max(0, start - _CONTEXT_CHARS) : start], text[end : end + _CONTEXT_CHARS]
        if said.is_area(before, after):
            return None
        is_line_start = not before or before.endswith("\n")
        is_location |= bool(is_line_start and _DATELINE.match(after))
        is_location |= said.is_location(before, text[start:end])
        qualifiers |= _qualifying_country(after, article.language)
    if qualifiers:
        return next((c for c in known if {c.iso3166} == qualifiers), None)
    return _likeliest_city(known, article.countries_named) if is_location else None


def _qualifying_country(after: str, language: str) -> set[str]:
    """The code of the country named behind a city: "Tripoli, **Lebanon**".

    "" for another place ("Paris, **Texas**"), and an empty set where nothing qualifies the city.
    """
    if not after.startswith(", ") or not (match := _QUALIFIER.match(after)):
        return set()
    words = re.split(r"[ '’]", match[1].removeprefix("the "))
    for size in (3, 2, 1):
        name = " ".join(words[:size]).casefold()
        if iso3166 := place_words(language).countries.get(name):
            return {iso3166}
        # "Tripoli, **Cairo** and Tunis" is a list of cities.
        if any(city.is_dominant for city in cities_called(name, language)):
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
