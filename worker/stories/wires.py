"""Which news agency an article credits: an agency's text is its own, whoever prints it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files

_HEAD_CHARS, _TAIL_CHARS, _NAME_CHARS = 250, 200, 200
_DATELINE = re.compile(r"\(([^()\n]{2,40})\)\s{0,3}(?:[-–—:]|$)", re.MULTILINE)
"""`WASHINGTON (AP) - `, `Berlin (dpa) –`, and a line that ends in `(Reuters)`."""
_RIGHTS = re.compile(
    r"(?:©|\(c\)|copyright)[\s\d,]{0,20}(?:by |the ){0,2}([A-Za-z][\w .]{1,40})", re.IGNORECASE
)
"""`Copyright 2013 The Associated Press.`"""
_HOST = re.compile(r"(?:[a-z]+://)?((?:[\w-]+\.)+[a-z]{2,})(?:[:/].*)?")
# Of `co.uk` or `com.au`, where the part before the country's is no name of its own.
_SHORT_LABEL, _COUNTRY_LABEL = 3, 2
_LISTED = re.compile(r"[/,;|]|\band\b|\bund\b|\bet\b")


def wire_of(*, text: str, authors: Iterable[str] = (), source: str | None = None) -> str | None:
    """The agency that an article names as its own source: in its dateline, as author, or at its end.

    One that is only quoted ("told Reuters") is not credited. The first that is named counts.
    """
    names = _names()
    for said in _credits(text, authors, source):
        for part in (said, *_LISTED.split(said)):
            key = _key(part)
            if key in names:
                return names[key]
    return None


def _credits(text: str, authors: Iterable[str], source: str | None) -> Iterator[str]:
    if source:
        yield source[:_NAME_CHARS]
    yield from (author[:_NAME_CHARS] for author in authors)
    yield from _DATELINE.findall(text[:_HEAD_CHARS])
    tail = text[-_TAIL_CHARS:]
    yield from _DATELINE.findall(tail)
    for owner in _RIGHTS.findall(tail):
        yield owner.split(".")[0]
        yield owner


def _key(name: str) -> str:
    return " ".join(name.lower().replace(".", "").removeprefix("the ").split())


@cache
def _names() -> Mapping[str, str]:
    """The names by which each agency goes: `data/wires.tsv`."""
    lines = (files("worker.stories") / "data" / "wires.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {_key(name): wire for wire, names in rows for name in (wire, *names.split("|"))}


def is_credit(name: str, *, wire: str | None, source: str | None) -> bool:
    """Whether a name is that of the agency that an article credits, or of its publisher."""
    key = _key(name)
    return (source is not None and key == _key(source)) or (wire is not None and _names().get(key) == wire)


def independent_source(*, wire: str | None, source: str | None) -> str | None:
    """The agency that an article credits, else its publisher; None if neither is known.

    Whoever is the publisher under several names below one domain is one source: `sport.paper.example` and
    `www.paper.example`. Of titles without a common domain nobody says whose they are.
    """
    name = (wire or source or "").casefold().strip()
    if host := _HOST.fullmatch(name):
        labels = host[1].split(".")
        is_below_country = len(labels[-1]) == _COUNTRY_LABEL and len(labels[-2]) <= _SHORT_LABEL
        return ".".join(labels[-3 if is_below_country else -2 :])
    return name or None
