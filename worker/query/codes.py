"""Reads languages, entity types, ids and links as people type them. Refuses what no article can have."""

import re
from typing import get_args

from worker.records.article import EntityType

_TYPES = get_args(EntityType)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_LINKS = {
    "iso3166": (re.compile(r"[A-Z]{2}"), "two letters such as UA"),
    "geonames": (re.compile(r"[0-9]+"), "a number such as 690791"),
    "wikidata": (re.compile(r"Q[0-9]+"), "a number behind Q such as Q212"),
}
SCHEMES = tuple(_LINKS)
"""The schemes of entities' links."""


def language_code(text: str) -> str:
    """A language code, such as `en` or `en-GB`. Raises ValueError."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f"takes an ISO 639 code such as en or en-GB, got {text!r}")
    return text


def entity_type(text: str) -> str:
    """An entity type, such as `PERSON`, typed in any letter case. Raises ValueError."""
    if text.upper() not in _TYPES:
        raise ValueError(f"takes {', '.join(_TYPES[:-1])} or {_TYPES[-1]}, got {text!r}")
    return text.upper()


def entity_id(text: str) -> str:
    """An entity id, such as `person:mark-rutte`, typed in any letter case. Raises ValueError."""
    type_, _, slug = text.partition(":")
    if type_.upper() not in _TYPES or not re.fullmatch(r"\S+", slug):
        raise ValueError(
            f"takes an entity's type and its name's slug such as person:mark-rutte, got {text!r}"
        )
    return text.casefold()


def link_value(scheme: str, text: str) -> str:
    """The id of a link in upper case, such as `UA`. Raises ValueError."""
    if scheme not in _LINKS:
        raise ValueError(f"takes the schemes {', '.join(SCHEMES[:-1])} and {SCHEMES[-1]}, got {scheme!r}")
    pattern, what = _LINKS[scheme]
    if not pattern.fullmatch(text.upper()):
        raise ValueError(f"takes {what}, got {text!r}")
    return text.upper()


def link(text: str) -> tuple[str, str]:
    """The scheme and the id of a link, such as `iso3166:UA`. Raises ValueError."""
    scheme, colon, value = text.partition(":")
    if not (scheme and colon and value):
        raise ValueError(f"takes a scheme and an id such as iso3166:UA, got {text!r}")
    scheme = scheme.lower()
    try:
        return scheme, link_value(scheme, value)
    except ValueError as error:
        raise ValueError(f"{scheme} {error}" if scheme in SCHEMES else str(error)) from None
