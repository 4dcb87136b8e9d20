"""Tells which names of an article are forms of one name: "Tuska" and "Tuskowi" are Tusk.

A form joins a base form only if the article has that too, as a name or as the surname of a full name; or if
another form of it is there. Where a form fits two names of the article it stays by itself: where Пётр Иванов
and Анна Иванова are both named, "Иванова" may be either.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass

from worker.nlp.entities.declension import MEN, PLURAL, WOMEN, Declension, NameReading

NameWords = tuple[str, ...]
"""A name's words, case-folded."""

_MAX_FORMS = 12
"""So many forms of a base form are looked at, which keeps the time linear."""


@dataclass(frozen=True, slots=True)
class BaseForm:
    """A name's base form. `gender` is MEN or WOMEN where form and first name leave one of them.

    `is_untold`: the name may be a form of several names of the article.
    """

    words: NameWords
    gender: str | None = None
    is_untold: bool = False


def base_forms_of_others(
    names: Iterable[NameWords], known: Mapping[str, str], declension: Declension
) -> dict[NameWords, BaseForm]:
    """The base forms of names that are no people's. `known`: base forms and what each means."""
    readings = {name: {r.base: r.gender for r in declension.other(name)} for name in names}
    forms, singular = _Forms(), set[NameWords]()
    for name, bases in readings.items():
        for base, number in bases.items():
            forms.add(base, "", name)
            # "Rijeke" is a form of "Rijeka", rather than that the genitive of a plural "Rijeke".
            if name != base and number != PLURAL:
                singular.add(base)
    certain = {base for bases in readings.values() for base in bases if " ".join(base) in known}
    found: dict[NameWords, NameWords] = {name: name for name in readings if name in certain}
    for name, bases in readings.items():
        meant = sorted((base for base in bases if base in certain), key=_shortest)
        if name not in found and len({known[" ".join(base)] for base in meant}) == 1:
            found[name] = meant[0]
    doubtful = {name for name, bases in readings.items() if len(_there(name, bases, readings)) > 1}
    several = sorted(
        {base: None for bases in readings.values() for base in bases if len(forms.of(base)) > 1},
        key=lambda base: (-len(forms.of(base)), base not in readings, base not in singular, _shortest(base)),
    )
    for base in several:
        left = [form for form in forms.of(base) if form not in found]
        those = [form for form in left if form not in doubtful or form == base]
        if len(those) > 1:
            found |= dict.fromkeys(those, base)
    return {name: BaseForm(base) for name, base in found.items()}


def _there(
    name: NameWords, bases: Iterable[NameWords], readings: Mapping[NameWords, Mapping[NameWords, str]]
) -> list[NameWords]:
    """The other names of the article that a name may be a form of, and that are not forms of others.

    "Bosni" is a form of "Bosna" rather than of "Bosne", which is one of "Bosna" too.
    """
    there = [base for base in bases if base != name and base in readings]
    return [base for base in there if not any(b != base and b in readings for b in readings[base])]


class _Forms:
    """The first forms that an article has of each base form and gender."""

    def __init__(self) -> None:
        self._forms: dict[tuple[NameWords, str], dict[NameWords, None]] = defaultdict(dict)

    def add(self, base: NameWords, gender: str, form: NameWords) -> None:
        forms = self._forms[base, gender]
        if len(forms) < _MAX_FORMS:
            forms[form] = None

    def of(self, base: NameWords, gender: str = "") -> Set[NameWords]:
        return self._forms[base, gender].keys() if (base, gender) in self._forms else frozenset()


def base_forms_of_people(names: Iterable[NameWords], declension: Declension) -> dict[NameWords, BaseForm]:
    """The base forms of people's names."""
    return _People(dict.fromkeys(names), declension).resolved()


class _People:
    def __init__(self, names: Mapping[NameWords, None], declension: Declension) -> None:
        self._declension = declension
        self._names = names
        self._readings = {name: declension.person(name) for name in names}
        self._full, self._last = _Forms(), _Forms()
        self._last_there = {name[-1] for name in names}
        self._surnames: dict[str, set[str]] = defaultdict(set)
        self._first: dict[str, set[str]] = defaultdict(set)
        for name, readings in self._readings.items():
            for reading in readings:
                self._full.add(reading.base, reading.gender, name)
                self._last.add(reading.base[-1:], reading.gender, name[-1:])

    def resolved(self) -> dict[NameWords, BaseForm]:
        """First the full names, then those of one word, which may be their surnames."""
        found = {name: self._full_name(name) for name in self._names if len(name) > 1}
        found = _without_initials(found)
        for base in found.values():
            if not base.is_untold:
                genders = {base.gender} if base.gender else {MEN, WOMEN}
                self._surnames[base.words[-1]] |= genders
                self._first[base.words[0]] |= genders
        return found | {name: self._bare(name) for name in self._names if len(name) == 1}

    def _full_name(self, name: NameWords) -> BaseForm:
        readings = self._readings[name]
        there = self._there(name)
        there = [r for r in there if not self._there(r.base)] or there
        of_those = {form for r in there for form in self._full.of(r.base, r.gender)}
        own = [r for r in readings if r.base == name and self._full.of(name, r.gender) - of_those - {name}]
        if there:
            return _chosen(name, there if not own else [*there, *own])
        if own or self._declension.is_womans(name[0]):
            return _itself(name, own or [r for r in readings if r.base == name])
        return self._by_surname(name)

    def _by_surname(self, name: NameWords) -> BaseForm:
        """The base form of "Donalda Tuska", where the article has "Tusk" or another form, as "Tuskowi"."""
        readings = self._readings[name]

        def evidence(reading: NameReading) -> tuple[bool, frozenset[NameWords]]:
            surname = reading.base[-1]
            others = self._full.of(reading.base, reading.gender) - {name}
            forms = self._last.of((surname,), reading.gender) - {name[-1:]}
            return surname != name[-1] and surname in self._last_there, frozenset(others | forms)

        found = {reading: evidence(reading) for reading in readings}
        most = max(((there, len(forms)) for there, forms in found.values()), default=(False, 0))
        likely = [r for r, (there, forms) in found.items() if (there, len(forms)) == most]
        if most == (False, 0) or any(r.base == name for r in likely):
            return _itself(name, [r for r in readings if r.base == name])
        if len({found[r] for r in likely}) > 1 or (most[0] and len({r.base[-1] for r in likely}) > 1):
            return _itself(name, [])
        base = min((r.base for r in likely), key=_shortest)
        return _chosen(name, [r for r in likely if r.base == base])

    def _bare(self, name: NameWords) -> BaseForm:
        readings = self._readings[name]
        there = self._of_surnames(name) or self._there(name)
        own = [r for r in readings if r.base == name and self._has_own_forms(r)]
        if there:
            return _chosen(name, [*there, *own])
        if own:
            return _itself(name, own)
        forms: dict[NameWords, Set[NameWords]] = defaultdict(set)
        for r in readings:
            forms[r.base] = forms[r.base] | self._last.of(r.base, r.gender)
        shared = _most_shared(name, forms)
        if shared is not None:
            return _chosen(name, [r for r in readings if r.base == shared])
        first = [r for r in readings if r.gender in self._first.get(r.base[0], ())]
        return _chosen(name, first) if first else _itself(name, [])

    def _there(self, name: NameWords) -> list[NameReading]:
        """The readings as a form of another name of the article."""
        return [r for r in self._readings[name] if r.base != name and r.base in self._names]

    def _has_own_forms(self, reading: NameReading) -> bool:
        """Whether a name is a base form itself, by forms of it that are none of a known surname."""
        if reading.gender == WOMEN and self._declension.is_womans(reading.base[0]):
            return True
        forms = self._last.of(reading.base, reading.gender) - {reading.base}
        return any(form in self._readings and not self._of_surnames(form) for form in forms)

    def _of_surnames(self, name: NameWords) -> list[NameReading]:
        return [r for r in self._readings[name] if r.gender in self._surnames.get(r.base[0], ())]


def _without_initials(found: Mapping[NameWords, BaseForm]) -> dict[NameWords, BaseForm]:
    """The same, with "B. Johnson" as a form of the only full name with that initial and that surname."""
    by_initial: dict[tuple[str, str], set[BaseForm]] = defaultdict(set)
    for base in found.values():
        if len(base.words[0]) > 1 and not base.is_untold:
            by_initial[base.words[0][0], base.words[-1]].add(base)
    known = {key: bases.pop() for key, bases in by_initial.items() if len({b.words for b in bases}) == 1}
    return {
        name: known.get((name[0], base.words[-1]), base) if all(len(w) == 1 for w in name[:-1]) else base
        for name, base in found.items()
    }


def _most_shared(name: NameWords, forms: Mapping[NameWords, Set[NameWords]]) -> NameWords | None:
    """The base form of which most other forms are there. Those of a second one must be the same."""
    sharing = {base: known - {name} for base, known in forms.items()}
    most = max(map(len, sharing.values()), default=0)
    best = [base for base, shared in sharing.items() if most and len(shared) == most]
    if not best or any(sharing[base] != sharing[best[0]] for base in best):
        return None
    return min(best, key=_shortest)


def _shortest(name: NameWords) -> tuple[int, NameWords]:
    return sum(map(len, name)), name


def _chosen(name: NameWords, readings: Sequence[NameReading]) -> BaseForm:
    """The base form that the readings agree on; untold where they do not."""
    bases = {r.base for r in readings}
    if len(bases) > 1:
        return BaseForm(name, is_untold=True)
    return BaseForm(readings[0].base, _gender(readings))


def _itself(name: NameWords, readings: Iterable[NameReading]) -> BaseForm:
    return BaseForm(name, _gender(readings))


def _gender(readings: Iterable[NameReading]) -> str | None:
    genders = {r.gender for r in readings}
    return genders.pop() if len(genders) == 1 else None
