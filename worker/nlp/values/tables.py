"""What a language's dates and amounts of money are made of, from `data/<language>/values.tsv`.

| kind | says |
|---|---|
| types | which of DATE and MONEY are emitted |
| months, abbreviations, weekdays | their names in all forms, as the language writes them |
| alone | those of them that are a date by themselves |
| dates | the orders of a date: E a weekday, d a day, M a month's name, m its number, y a year |
| day marks | what may stand right behind the number of a day: "1er" |
| grouped by | "space" where thousands are written apart |
| scales, joints | words for thousands and millions, and those between them and the currency: "de euros" |
| currencies, symbols, codes | names in all forms, in lower case; signs and abbreviations; ISO 4217 |
| doubtful | those names that count only with a word for thousands, or three digits |
| named first | "yes" where a currency's name stands before the number |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from worker.nlp.values.tokens import Token, tokens_of
from worker.nlp.wordlists import language_rows

_PART_OF_ORDER = re.compile(r"[^\W\d_]+|[^\w\s]")


@dataclass(slots=True)
class Trie:
    """Sequences of keys that share their beginnings."""

    next: dict[str, Trie] = field(default_factory=dict)
    is_end: bool = False

    def add(self, keys: Iterable[str]) -> None:
        """Adds a sequence."""
        node = self
        for key in keys:
            node = node.next.setdefault(key, Trie())
        node.is_end = True


@dataclass(frozen=True, slots=True)
class ValueTable:
    """The table of one language.

    `dates` has the letters of its orders as keys, and other words in lower case. A date begins with a number
    or one of `first_words`, in any case.
    """

    types: frozenset[str]
    months: frozenset[str]
    abbreviations: frozenset[str]
    weekdays: frozenset[str]
    alone: frozenset[str]
    first_words: frozenset[str]
    dates: Trie
    day_marks: frozenset[str]
    is_grouped_by_space: bool
    scales: Trie
    joints: frozenset[str]
    currencies: Trie
    doubtful: frozenset[str]
    symbols: Trie
    codes: frozenset[str]
    is_named_first: bool


@cache
def value_table(language: str) -> ValueTable | None:
    """The table of a language; None if it has none."""
    rows = language_rows(language, "values.tsv")
    if rows is None:
        return None
    kinds: Mapping[str, Sequence[str]] = {
        kind: [form for form in forms.split("|") if form] for kind, forms in rows
    }
    return ValueTable(
        types=frozenset(kinds["types"]),
        months=frozenset(kinds["months"]),
        abbreviations=frozenset(kinds["abbreviations"]),
        weekdays=frozenset(kinds["weekdays"]),
        alone=frozenset(kinds["alone"]),
        first_words=frozenset(word.lower() for word in (*kinds["months"], *kinds["weekdays"])),
        dates=_orders(kinds["dates"]),
        day_marks=frozenset(kinds["day marks"]),
        is_grouped_by_space=kinds["grouped by"] == ["space"],
        scales=_trie(kinds["scales"]),
        joints=frozenset(kinds["joints"]),
        currencies=_trie(kinds["currencies"]),
        doubtful=frozenset(kinds["doubtful"]),
        symbols=_trie(kinds["symbols"]),
        codes=frozenset(kinds["codes"]),
        is_named_first=kinds["named first"] == ["yes"],
    )


def _orders(forms: Iterable[str]) -> Trie:
    # A word in a text may have hyphens, "y-m-d" has three parts.
    return _sequences(_PART_OF_ORDER.findall(form) for form in forms)


def _trie(forms: Iterable[str]) -> Trie:
    return _sequences([token.text for token in tokens_of(form)] for form in forms)


def _sequences(those: Iterable[Iterable[str]]) -> Trie:
    found = Trie()
    for keys in those:
        found.add(keys)
    return found


def longest(trie: Trie, tokens: Sequence[Token], at: int, *, folded: bool, joined: bool = False) -> int:
    """Where the longest sequence ends that begins with this token; `at` if there is none.

    `folded`: in any case. `joined`: without spaces.
    """
    end, node = at, trie
    for i in range(at, len(tokens)):
        token = tokens[i]
        is_apart = i > at and (token.gap is None or (joined and token.gap))
        following = None if is_apart else node.next.get(token.text.casefold() if folded else token.text)
        if following is None:
            break
        node = following
        if node.is_end:
            end = i + 1
    return end
