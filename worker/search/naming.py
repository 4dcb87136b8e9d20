"""Who is named and quoted: the people and organisations of documents, counted by the hour.

An entity's id means a name of a type (docs/contract.md), so people are kept apart from organisations and
places of the same name, but not from each other.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from worker.nlp.entities.slug import slug
from worker.search.document import Document
from worker.search.layout import ID_BITS

NAMED_TYPES: Mapping[str, str] = {"person": "people", "org": "organisations"}
"""The types of entities that are counted, as ids begin, and the field that has their names."""
_HOUR = 3600
# Names recur, so their slugs are cached; longer ones are not, so that the cache stays small.
_SHORT = 60
_NUMBER_BEHIND = re.compile(r"-\d+$")
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class NamedEntity:
    """A person or an organisation of one document. `quotes`: how many of its quotes are of this speaker."""

    id: str
    name: str
    quotes: int


@dataclass(frozen=True, slots=True)
class EntityCount:
    """An entity over a span of time: how many articles name it, and how many quotes are of it."""

    id: str
    name: str
    articles: int
    quotes: int


def named_in(document: Document) -> tuple[NamedEntity, ...]:
    """The people and organisations that have an id."""
    said = Counter(quote["speaker_id"] for quote in document["quotes"] if quote["speaker_id"])
    names = {f"{kind}:{_slug(name)}": name for kind, field in NAMED_TYPES.items() for name in document[field]}
    found = {}
    for entity in document["entity_ids"]:
        kind, _, rest = entity.partition(":")
        if kind in NAMED_TYPES and rest:
            # Of two of one name the second's id has a number behind it.
            name = names.get(entity) or names.get(_NUMBER_BEHIND.sub("", entity)) or rest.replace("-", " ")
            found[entity] = NamedEntity(entity, name, said[entity])
    return tuple(found.values())


class NamingCounts:
    """What a batch of documents changes in the counts."""

    def __init__(self) -> None:
        self._articles: Counter[_Key] = Counter()
        self._quotes: Counter[_Key] = Counter()
        self._names: dict[_Key, str] = {}
        self._fewer: set[_Key] = set()

    def add(self, document_id: int, named: tuple[NamedEntity, ...]) -> None:
        """A document comes in, with this row id."""
        for entity in named:
            key = _hour_of(document_id), entity.id
            self._articles[key] += 1
            self._quotes[key] += entity.quotes
            self._names[key] = entity.name

    def take_out(self, document_id: int, named: tuple[NamedEntity, ...]) -> None:
        """A document that was counted goes."""
        for entity in named:
            key = _hour_of(document_id), entity.id
            self._articles[key] -= 1
            self._quotes[key] -= entity.quotes
            self._names.setdefault(key, entity.name)
            self._fewer.add(key)

    def write(self, connection: sqlite3.Connection) -> None:
        """Applies the changes; what is no longer named leaves no row."""
        keys = sorted(key for key in self._articles if self._articles[key] or self._quotes[key])
        connection.executemany(
            _ADD, ((*key, self._names[key], self._articles[key], self._quotes[key]) for key in keys)
        )
        connection.executemany(_DROP_UNNAMED, self._fewer)


def most_named(
    connection: sqlite3.Connection,
    *,
    since: int,
    until: int,
    kind: str,
    part: str = "",
    by_quotes: bool = False,
    limit: int,
) -> list[EntityCount]:
    """The entities of a type that are named, or quoted, most between two seconds since the epoch.

    Hours count as wholes. `part`: what stands in their names, in any letter case.
    """
    order = ("quotes", "articles") if by_quotes else ("articles", "quotes")
    rows = connection.execute(
        "SELECT entity, max(name), sum(articles) AS articles, sum(quotes) AS quotes FROM naming "
        "WHERE hour >= ? AND hour <= ? AND entity >= ? AND entity < ? "
        f"AND (? = '' OR instr(casefolded(name), ?) > 0) GROUP BY entity "
        f"ORDER BY {order[0]} DESC, {order[1]} DESC, entity LIMIT ?",
        (
            since // _HOUR, until // _HOUR, f"{kind}:", f"{kind};",
            part, part.casefold(), limit,
        ),
    )  # fmt: skip
    return [EntityCount(*row) for row in rows]


def entity_hours(
    connection: sqlite3.Connection, entity: str, *, since: int, until: int
) -> list[tuple[int, int, int]]:
    """Hours since the epoch in which an entity is named, with how many articles and quotes, oldest first."""
    return connection.execute(_HOURS, (since // _HOUR, until // _HOUR, entity)).fetchall()


def _hour_of(document_id: int) -> int:
    return (document_id >> ID_BITS) // _HOUR


def _slug(name: str) -> str:
    return _remembered_slug(name) if len(name) <= _SHORT else slug(name)


@lru_cache(maxsize=1 << 16)
def _remembered_slug(name: str) -> str:
    return slug(name)


_ADD = (
    "INSERT INTO naming(hour, entity, name, articles, quotes) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (hour, entity) DO UPDATE SET articles = articles + excluded.articles, "
    "quotes = quotes + excluded.quotes"
)
# One look for each hour: the rows are ordered by it, and an index by entity would double their size.
_HOURS = (
    "WITH RECURSIVE hours(hour) AS (SELECT ?1 UNION ALL SELECT hour + 1 FROM hours WHERE hour < ?2) "
    "SELECT naming.hour, articles, quotes FROM hours JOIN naming "
    "ON naming.hour = hours.hour AND naming.entity = ?3 ORDER BY naming.hour"
)
_DROP_UNNAMED = "DELETE FROM naming WHERE hour = ? AND entity = ? AND articles <= 0"
