"""Finds the pronoun of a person from words in the article or from the first name."""

from collections.abc import Sequence

from worker.nlp.entities.group import Group
from worker.nlp.pronouns import pronouns_by_first_name, pronouns_by_word, word_before
from worker.nlp.speakers.candidates import Candidate

_PRONOUNS = frozenset({"he", "she", "him", "her", "his", "hers", "himself", "herself"})
# Titles that women bear as a name: "Sheikh Amina Obi".
_NAMES_TOO = frozenset({"sheikh"})


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

    def learn(self, group: int, pronoun: str) -> None:
        """Whoever has been "she" is not "he" later on, where nothing else tells."""
        if self._gender(group) is None and pronoun in ("he", "she"):
            self._known[group] = pronoun

    def is_known(self, group: int) -> bool:
        """Whether anything tells that the entity is "he" or "she"."""
        return self._gender(group) is not None

    def is_surely(self, group: int, pronoun: str) -> bool:
        """Whether the entity is known to be a "he" or a "she"."""
        return self._gender(group) == pronoun

    def _gender(self, group: int) -> str | None:
        """The entity's pronoun, from the word before a name, else the first name, else pronouns behind it.

        None where nothing is known, or both.
        """
        if group not in self._known:
            found = set[str]()
            for start, _ in self._groups[group].mentions:
                word = word_before(self._text, start, over_comma=True)
                if word in pronouns_by_word() and word not in _PRONOUNS | _NAMES_TOO:
                    found.add(pronouns_by_word()[word])
            name = self._groups[group].name.casefold().split()
            first = next((word for word in name if word not in _NAMES_TOO), name[0])
            behind = self._pronouns.get(group, [])
            if not found and first in pronouns_by_first_name() and not _is_denied(first, behind):
                found = {pronouns_by_first_name()[first]}
            if not found:
                found = set(behind)
            self._known[group] = found.pop() if len(found) == 1 else None
        return self._known[group]


def _is_denied(first: str, behind: Sequence[str]) -> bool:
    """Whether all pronouns behind a person, two at least, tell another gender than the first name."""
    return len(behind) > 1 and pronouns_by_first_name()[first] not in behind


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
