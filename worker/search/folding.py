"""Folds what was found: reprints and excerpts go under the article whose text they print."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from worker.search.layout import IS_COPY
from worker.search.story_rows import has_assignments


@dataclass(frozen=True, slots=True)
class Folded:
    """Row ids that are shown, with their scores and in their order, and the copies under some of them."""

    shown: Sequence[tuple[int, float]]
    copies: Mapping[int, Sequence[int]] = field(default_factory=dict)


def unfolded(found: Sequence[tuple[int, float]]) -> Folded:
    """All that was found, each for itself."""
    return Folded(found)


def fold_copies(connection: sqlite3.Connection, found: Sequence[tuple[int, float]]) -> Folded:
    """What was found, without copies of others among it: of one text the original is shown.

    If the original was not found, the earliest copy stands for it.
    """
    if not has_assignments(connection):
        return unfolded(found)
    ids = {row for row, _ in found}
    groups = _groups(connection, ids)
    copies = {shown: sorted(group - {shown}) for shown, group in groups.items() if len(group) > 1}
    hidden = {row for group in copies.values() for row in group}
    return Folded([row for row in found if row[0] not in hidden], copies)


def _groups(connection: sqlite3.Connection, ids: set[int]) -> dict[int, set[int]]:
    """The rows of one text, by the row that is shown of them."""
    texts: dict[str, set[int]] = {}
    origins = _Origins(connection)
    for row, original in connection.execute(
        "SELECT document, original FROM assignments "
        f"WHERE document IN (SELECT value FROM json_each(?)) AND {IS_COPY}",
        (json.dumps(list(ids)),),
    ):
        texts.setdefault(origins.of(original), set()).add(row)
    groups = {}
    for origin, rows in texts.items():
        row = connection.execute("SELECT id FROM documents WHERE article = ?", (origin,)).fetchone()
        if row is not None and row[0] in ids:
            groups[row[0]] = {*rows, row[0]}
        else:
            # Row ids grow with time.
            groups[min(rows)] = rows
    return groups


class _Origins:
    """The article at the end of a chain of copies, each of which prints the next."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, str] = {}

    def of(self, article: str) -> str:
        chain = [article]
        while (origin := self._known.get(chain[-1])) is None:
            found = self._connection.execute(
                f"SELECT original FROM assignments WHERE article = ? AND {IS_COPY}", (chain[-1],)
            ).fetchone()
            if found is None:
                origin = chain[-1]
                break
            if found[0] in chain:
                # New versions can print each other: they have one origin, whichever comes first.
                origin = min(chain[chain.index(found[0]) :])
                break
            chain.append(found[0])
        self._known.update(dict.fromkeys(chain, origin))
        return origin
