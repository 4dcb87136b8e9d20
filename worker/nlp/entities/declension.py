"""The declension of names: which base forms a name may be a form of, by `data/<language>/declension.tsv`.

Polish "Tuska" may be a form of "Tusk" (a man's name in the genitive) or the base form of a woman's name.
A name has all its readings here; which of them an article means, `base_forms` tells.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import NamedTuple

from worker.nlp.wordlists import language_rows

MEN, WOMEN, PLURAL = "m", "f", "p"

_MIN_BASE, _MIN_STEM = 3, 2
"""Letters that a base form has at least, and its stem. Shorter words are taken as they are."""

_MAX_WORDS, _MAX_READINGS = 6, 48
"""A longer name is taken as it is; of a name's readings no more are looked at."""

_BASE_CASE = 1
_EVERY_CASE = -1

_OF_PEOPLE = (MEN, WOMEN, MEN + "s", WOMEN + "s")
_Bases = dict[str, dict[str, int]]
"""A word's base forms and their cases, by kind of name."""


class NameReading(NamedTuple):
    """What a name may be a form of. `gender` is MEN or WOMEN for people, else "", or PLURAL for a base in it.

    `cases` are bits; the base form's is `_BASE_CASE`.
    """

    base: tuple[str, ...]
    gender: str
    cases: int


class _Form(NamedTuple):
    """An ending: that of the base form, its cases, and whether a consonant must stand before the latter's."""

    base: str
    cases: int
    after_consonant: bool


@dataclass(slots=True)
class Declension:
    """A language's endings. `forms`: by kind of name and ending; `longest`: how long a kind's longest is."""

    vowels: frozenset[str] = frozenset()
    forms: dict[str, dict[str, list[_Form]]] = field(default_factory=lambda: defaultdict(dict))
    longest: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    suffixes: tuple[str, ...] = ()
    folds: dict[int, str] = field(default_factory=dict)
    women: frozenset[str] = frozenset()
    men: frozenset[str] = frozenset()
    allatives: tuple[str, ...] = ()
    """How names end in the case of whoever is spoken to."""

    def is_womans(self, word: str) -> bool:
        """Whether a base form is known as a woman's first name, though a man's name may have such a form."""
        return word in self.women

    def plain(self, name: str) -> str:
        """The name without an ending that is written apart from an abbreviation: "EU:n" is "EU"."""
        if not name.endswith(self.suffixes):
            return name
        for suffix in self.suffixes:
            stem = name.removesuffix(suffix)
            # A colon within a word stands nowhere else: "Tele2:n".
            if stem != name and len(stem) > 1 and (stem[-2:].isupper() or suffix.startswith(":")):
                return stem
        return name

    def person(self, words: Sequence[str]) -> list[NameReading]:
        """The readings of a person's name. All its words have one gender and one case."""
        if len(words) > _MAX_WORDS:
            return []
        last, first_names = len(words) - 1, (MEN, WOMEN, MEN + "s") if self.men else (MEN, WOMEN)
        read = [
            [(part, self._bases(part, _OF_PEOPLE if i == last else first_names)) for part in word.split("-")]
            for i, word in enumerate(words)
        ]
        return [r for gender in (MEN, WOMEN) for r in self._agreeing(read, gender)]

    def other(self, words: Sequence[str]) -> list[NameReading]:
        """The readings of another name. Each word may stay as it is: the Ministry *of Defence*."""
        if len(words) > _MAX_WORDS:
            return []
        read = [self._bases(word, ("m", "f", "n", "p")) for word in words]
        one = [_merged(bases, "mfn") | {word: _EVERY_CASE} for word, bases in zip(words, read, strict=True)]
        singular = _combined(one, "")
        if not any(bases["p"] for bases in read):
            return singular
        more = [_merged(bases, "mfnp") | {word: _EVERY_CASE} for word, bases in zip(words, read, strict=True)]
        known = {reading.base for reading in singular}
        return singular + [r for r in _combined(more, PLURAL) if r.base not in known]

    def _agreeing(self, words: Sequence[Sequence[tuple[str, _Bases]]], gender: str) -> list[NameReading]:
        """The readings of words whose parts, which hyphens join, are read already."""
        options = []
        for i, (*front, last) in enumerate(words):
            is_last = i == len(words) - 1
            found = self._person_word(*last, gender, is_last=is_last, may_stay=False)
            for part in reversed(front):
                before = self._person_word(*part, gender, is_last=is_last, may_stay=True)
                found = {
                    f"{b}-{base}": cases & c
                    for base, cases in found.items()
                    for b, c in before.items()
                    if cases & c
                }
            options.append(found)
        return _combined(options, gender)

    def _person_word(
        self, word: str, bases: _Bases, gender: str, *, is_last: bool, may_stay: bool
    ) -> dict[str, int]:
        found = _merged(bases, (gender, gender + "s") if is_last else (gender,))
        if not is_last and self.men:
            # Nikola and Luka are declined as women's names are.
            found = {base: cases for base, cases in found.items() if gender == MEN or base not in self.men}
            surnames = bases["ms"] if gender == MEN else {}
            found |= {base: cases for base, cases in surnames.items() if base in self.men}
        elif gender == MEN:
            found = {base: cases for base, cases in found.items() if base not in self.women}
        # A word that could be a base form of neither gender, at its place in the name, stays as it is.
        kinds = _OF_PEOPLE if is_last else (MEN, WOMEN)
        declines = any(bases[kind].get(word, 0) & _BASE_CASE for kind in kinds)
        if may_stay or len(word) < _MIN_BASE or not declines:
            found[word] = _EVERY_CASE
        return found

    def _bases(self, word: str, kinds: Sequence[str]) -> _Bases:
        return {kind: self._of_kind(word, kind) for kind in kinds}

    def _of_kind(self, word: str, kind: str) -> dict[str, int]:
        found: dict[str, int] = {}
        if kind not in self.forms:
            return found
        forms = self.forms[kind]
        for at in range(len(word), max(0, len(word) - self.longest[kind]) - 1, -1):
            stem, ending = word[:at], word[at:]
            if ending not in forms:
                continue
            is_behind_vowel = stem[-1:] in self.vowels
            for form in forms[ending]:
                # "Chin", of "Chiny": without an ending, a stem ends in a consonant.
                if is_behind_vowel and (form.after_consonant or (form.base and not ending)):
                    continue
                base = stem + form.base
                is_whole = not stem and len(base) >= _MIN_BASE
                if is_whole or (len(stem) >= _MIN_STEM and len(base) >= _MIN_BASE):
                    found[base] = found.get(base, 0) | form.cases
        return found


def _merged(bases: _Bases, kinds: Iterable[str]) -> dict[str, int]:
    """The base forms of several kinds, each with the cases of all."""
    found: dict[str, int] = {}
    for kind in kinds:
        for base, cases in bases[kind].items():
            found[base] = found.get(base, 0) | cases
    return found


def _combined(options: Sequence[dict[str, int]], gender: str) -> list[NameReading]:
    """The readings of all words together that have a case in common."""
    readings = [NameReading((), gender, _EVERY_CASE)]
    for option in options:
        longer = (
            NameReading((*r.base, base), gender, r.cases & cases)
            for r in readings
            for base, cases in option.items()
            if r.cases & cases
        )
        readings = list(islice(longer, _MAX_READINGS))
    return readings


@cache
def declension(language: str) -> Declension | None:
    """The declension of names in a language, None where they have none that is known here."""
    rows = language_rows(language, "declension.tsv")
    if rows is None:
        return None
    tables: dict[str, list[list[str]]] = defaultdict(list)
    for kind, *cells in rows:
        tables[kind].append(cells)

    def listed(kind: str, separator: str) -> list[str]:
        return [one for (cell, *_) in tables.pop(kind, []) for one in cell.split(separator)]

    made = Declension(
        vowels=frozenset("".join(listed("vowels", "|"))),
        suffixes=tuple(sorted(listed("abbreviations", "/"), key=lambda suffix: (-len(suffix), suffix))),
        folds={ord(letter): other for letter, other in tables.pop("fold", [])},
        women=frozenset(listed("women", "|")),
        men=frozenset(listed("men", "|")),
        allatives=tuple(listed("allatives", "/")),
    )
    (names,), changes = tables.pop("cases"), tables.pop("~", [])
    for kinds, lines in tables.items():
        for cells in lines:
            for kind in kinds.split(","):
                _add_row(made, kind, cells, names, changes)
    return made


def _add_row(
    made: Declension, kind: str, cells: Sequence[str], names: Sequence[str], changes: Sequence[Sequence[str]]
) -> None:
    """Adds the endings of a row, also behind a stem that changes."""
    base = "" if cells[0] == "0" else cells[0].removeprefix("*")
    after_consonant = cells[0].startswith("*")
    _add_form(made, kind, base, _Form(base, _BASE_CASE, after_consonant))
    for i, cell in enumerate(cells[1:], 1):
        for ending in cell.split("/"):
            if ending == "-":
                continue
            whole = base if ending == "=" else "" if ending == "0" else ending
            _add_form(made, kind, whole, _Form(base, 1 << i, after_consonant))
            for strong, weak, where in changes:
                if not after_consonant and names[i] in where.split(","):
                    _add_form(made, kind, weak + whole, _Form(strong + base, 1 << i, after_consonant))


def _add_form(made: Declension, kind: str, ending: str, form: _Form) -> None:
    made.longest[kind] = max(made.longest[kind], len(ending))
    known = made.forms[kind].setdefault(ending, [])
    for i, other in enumerate(known):
        if other.base == form.base and other.after_consonant == form.after_consonant:
            known[i] = other._replace(cases=other.cases | form.cases)
            return
    known.append(form)
