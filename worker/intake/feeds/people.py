"""Names of authors, as feeds give them: in one string, as objects, or several of either."""

import re
from typing import Any

_NAMES = ("name", "display_name", "displayName", "full_name", "fullName")
_PARTS = (("givenName", "familyName"), ("first_name", "last_name"), ("firstname", "lastname"))
_BYLINE = re.compile(r"by[ \t:]+(?=\w)", re.IGNORECASE)
_ADDRESS_AND_NAME = re.compile(r"[^\s@()]+@[^\s@()]+ \(([^()@]+)\)$")
_NAME_AND_ADDRESS = re.compile(r"([^()<>@]+?) ?[(<][^\s@()<>]+@[^\s@()<>]+[)>]$")
_NO_NAME = re.compile(r"https?://|www\.|[^\s@]+@[^\s@]+$", re.IGNORECASE)
_SEPARATOR = re.compile(r", and |, & |, | and | & ")
# Inside a name these stand in lower case.
_PARTICLES = frozenset({
    "al", "af", "bin", "bint", "da", "das", "de", "del", "della", "den", "der", "di", "do", "dos", "du",
    "e", "el", "ibn", "la", "las", "le", "los", "mac", "san", "st", "te", "ten", "ter", "und", "van",
    "vom", "von", "y", "zu", "zum", "zur",
})  # fmt: skip
# Who has one of these is an organisation, or it is said what somebody is.
_NO_PERSON = frozenset({
    "agence", "agencies", "agency", "analyst", "associated", "associates", "author", "bbc", "board",
    "broadcaster", "bureau", "chief", "columnist", "commission", "committee", "company", "contributing",
    "contributor", "contributors", "co", "corp", "corporation", "correspondent", "council", "critic",
    "daily", "department", "desk", "director", "editor", "editorial", "editors", "foreign",
    "foundation", "gazette", "group", "guardian", "herald", "inc", "institute", "international",
    "journal", "journalist", "limited", "ltd", "magazine", "media", "ministry", "network", "news",
    "newsroom", "office", "observer", "online", "photographer", "post", "press", "producer",
    "publishing", "radio", "reporter", "reporters", "reuters", "review", "senior", "service",
    "services", "society", "special", "staff", "standard", "star", "studio", "studios", "team",
    "telegraph", "television", "times", "today", "tribune", "tv", "university", "weekly", "wire",
    "world", "writer", "writers",
})  # fmt: skip
_MAX_SPLIT_CHARS = 1000


def people_in(value: Any) -> tuple[list[str], Any]:
    """The names in a string, an object, or an array of these, and what is left of it: None for nothing.

    What is no name stays: a number, an address alone, an object without a name.
    """
    if not isinstance(value, list):
        return _in_one(value)
    names: list[str] = []
    left = []
    for item in value:
        found, rest = _in_one(item)
        names += found
        if rest is not None or not found:
            left.append(rest if found else item)
    return names, left or None


def _in_one(value: Any) -> tuple[list[str], Any]:
    if isinstance(value, str):
        names = split_names(value)
        return names, None if names else value
    if not isinstance(value, dict):
        return [], value
    for key in _NAMES:
        if isinstance(name := value.get(key), str) and name.strip():
            return [name.strip()], _without(value, key)
    for parts in _PARTS:
        given = [part.strip() for key in parts if isinstance(part := value.get(key), str) and part.strip()]
        if given:
            return [" ".join(given)], _without(value, *parts)
    return [], value


def _without(person: dict[str, Any], *keys: str) -> dict[str, Any] | None:
    return {key: value for key, value in person.items() if key not in keys} or None


def split_names(text: str) -> list[str]:
    """The names in one string: several where it is certain, else the string as one; none in an address.

    `By Ada Obi and Lin Wei`: `Ada Obi`, `Lin Wei`. `Ada Obi, Africa correspondent`: as it stands.
    """
    text = text.strip()
    if len(text) > _MAX_SPLIT_CHARS:
        return [text]
    text = text[by.end() :] if (by := _BYLINE.match(text)) else text
    if named := _ADDRESS_AND_NAME.match(text) or _NAME_AND_ADDRESS.match(text):
        return [named[1].strip()]
    if not text or _NO_NAME.match(text):
        return []
    parts = [part.strip() for part in (text.split(";") if ";" in text else _SEPARATOR.split(text))]
    are_names = all(parts) and (";" in text or all(map(_is_full_name, parts)))
    return parts if are_names else [text]


def _is_full_name(text: str) -> bool:
    """Whether these are surely a person's first and last name: `Ada Obi`, `Lin Wei`, `Jan de Vries`."""
    words = text.split()
    return (
        2 <= len(words) <= 5
        and words[0][0].isupper()
        and words[-1][0].isupper()
        and all(word[0].isupper() or word in _PARTICLES for word in words)
        and not any(character.isdigit() for character in text)
        and not any(word.strip(".,'’").lower() in _NO_PERSON for word in words)
    )
