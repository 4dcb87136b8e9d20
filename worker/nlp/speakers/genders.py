"""Which pronoun stands for a person, as far as the article or a first name tells."""

from collections.abc import Sequence
from functools import cache

from worker.nlp.entities.group import Group
from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate
from worker.nlp.wordlists import read_rows

_PRONOUNS = frozenset({"he", "she", "him", "her", "his", "hers", "himself", "herself"})


class Genders:
    """The people of one article; each is looked at once."""

    def __init__(self, text: str, groups: Sequence[Group], candidates: Sequence[Candidate]) -> None:
        self._text = text
        self._groups = groups
        self._pronouns = pronouns_behind(text, candidates)
        self._known: dict[int, str | None] = {}

    def fits(self, group: int | None, pronoun: str) -> bool:
        """Whether "he" or "she" may stand for the entity; of what nothing is known it may."""
        gender = self._gender(group) if group is not None else None
        return gender is None or gender == pronoun

    def _gender(self, group: int) -> str | None:
        """By what stands before the name, else by the first name; None where that says nothing, or both."""
        if group not in self._known:
            found = set()
            for start, _ in self._groups[group].mentions:
                near = WORD.findall(self._text[max(0, start - 30) : start].lower())[-1:]
                found |= {gendered()[word] for word in near if word in gendered() and word not in _PRONOUNS}
            first = self._groups[group].name.split()[0].casefold()
            if not found and first in _gendered_names():
                found = {_gendered_names()[first]}
            if not found:
                found = set(self._pronouns.get(group, ()))
            self._known[group] = found.pop() if len(found) == 1 else None
        return self._known[group]


def pronouns_behind(text: str, candidates: Sequence[Candidate]) -> dict[int | None, list[str]]:
    """The "he" or "she" that follows each mention of a person before another person is named, by entity."""
    found: dict[int | None, list[str]] = {}
    person: Candidate | None = None
    for c in candidates:
        if c.type == "PERSON":
            person = c
        elif c.kind == "pronoun" and person is not None and c.start - person.end < 200:
            word = text[c.start : c.end].lower()
            if word in ("he", "she") and "\n" not in text[person.end : c.start]:
                found.setdefault(person.group, []).append(word)
            person = None
    return found


@cache
def gendered() -> dict[str, str]:
    return dict(read_rows("gendered_words.tsv"))


@cache
def _gendered_names() -> dict[str, str]:
    return dict(read_rows("gendered_names.tsv"))
