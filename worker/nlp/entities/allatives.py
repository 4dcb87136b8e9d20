"""Which mentions of names are in the case of whoever is spoken to: Finnish "sanoi **Ylelle**", of Yle.

A name may end as that case does and be a base form: "Mireille". Where the article has the other form, or a
colon stands before the ending ("BBC:lle"), the case is known; else it is possible.
"""

from collections.abc import Sequence
from typing import NamedTuple

from worker.nlp.entities.declension import Declension, declension
from worker.nlp.entities.group import Group


class Allatives(NamedTuple):
    """Where mentions begin that are in this case, and those that may be in it."""

    known: frozenset[int] = frozenset()
    possible: frozenset[int] = frozenset()


def allatives_of(text: str, groups: Sequence[Group], language: str) -> Allatives:
    """The mentions of an article in this case. None where the language's table names no ending of it."""
    table = declension(language)
    if table is None or not table.allatives:
        return Allatives()
    known, possible = set(), set()
    bases_of: dict[str, frozenset[str]] = {}
    for group in groups:
        name = group.name.casefold().split()
        for start, end in group.mentions:
            word = text[start:end].casefold().split()[-1]
            # "Kalle" of "Kalle Virtanen" is a base form: the last word alone is declined.
            if not word.endswith(table.allatives) or word in name[:-1]:
                continue
            bases = bases_of.get(word)
            if bases is None:
                bases = bases_of[word] = _bases(word, table)
            if table.plain(word) != word or not bases.isdisjoint(name):
                known.add(start)
            elif bases:
                possible.add(start)
    return Allatives(frozenset(known), frozenset(possible))


def _bases(word: str, table: Declension) -> frozenset[str]:
    """The other words that a word may be a form of."""
    readings = (*table.person((word,)), *table.other((word,)))
    return frozenset(reading.base[-1] for reading in readings) - {word}
