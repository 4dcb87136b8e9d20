"""Finds the pronoun of a person from words in the article or from the first name."""

from collections.abc import Sequence
from functools import cache

from worker.nlp.entities.group import Group
from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate
from worker.nlp.wordlists import read_rows

_PRONOUNS = frozenset({"he", "she", "him", "her", "his", "hers", "himself", "herself"})


class Genders:
    """The pronouns of the people of one article. Each person is looked up once."""

    def __init__(self, text: str, groups: Sequence[Group], candidates: Sequence[Candidate]) -> None:
        self._text = text
        self._groups = groups
        self._pronouns = pronouns_behind(text, candidates)
        self._known: dict[int, str | None] = {}

    def fits(self, group: int | None, pronoun: str) -> bool:
        """Whether "he" or "she" may stand for the entity. Either may where the gender is unknown."""
        gender = self._gender(group) if group is not None else None
        return gender is None or gender == pronoun

    def is_surely(self, group: int, pronoun: str) -> bool:
        """Whether the entity is known to be a "he" or a "she"."""
        return self._gender(group) == pronoun

    def _gender(self, group: int) -> str | None:
        """The entity's pronoun, from the word before a name, else the first name, else pronouns behind it.

        None where nothing is known, or both.
        """
        if group not in self._known:
            found = set()
            for start, _ in self._groups[group].mentions:
                near = WORD.findall(self._text[max(0, start - 30) : start].lower())[-1:]
                found |= {
                    pronouns_by_word()[word]
                    for word in near
                    if word in pronouns_by_word() and word not in _PRONOUNS
                }
            first = self._groups[group].name.split()[0].casefold()
            if not found and first in _pronouns_by_first_name():
                found = {_pronouns_by_first_name()[first]}
            if not found:
                found = set(self._pronouns.get(group, ()))
            self._known[group] = found.pop() if len(found) == 1 else None
        return self._known[group]


def pronouns_behind(text: str, candidates: Sequence[Candidate]) -> dict[int | None, list[str]]:
    """By entity, each "he" or "she" that follows a mention of the person before another person is named."""
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
def pronouns_by_word() -> dict[str, str]:
    """The pronoun, "he" or "she", that a word for a person implies: "mother", "Mr"."""
    return dict(read_rows("gendered_words.tsv"))


@cache
def _pronouns_by_first_name() -> dict[str, str]:
    return dict(read_rows("gendered_names.tsv"))
