"""From a mention to the entity it stands for: names, pronouns and roles. None where it can't be told."""

import re
from collections.abc import Sequence
from functools import cache

from worker.nlp.candidates import Candidate, Candidates
from worker.nlp.entities import Group
from worker.nlp.wordlists import read_rows, words

NEAR_CHARS = 900
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_START = re.compile(r"[.!?…][\"'’”)\]]*\s|[\n\r“”\"]")
_PREPOSITIONS = frozenset(
    {"in", "at", "on", "with", "about", "against", "for", "to", "of", "from", "by", "as", "and"}
)
_VERBS = frozenset(
    {"is", "are", "was", "were", "has", "have", "had", "will", "would", "can", "could", "did", "does"}
)


@cache
def _gendered() -> dict[str, str]:
    return dict(read_rows("gendered_words.tsv"))  # type: ignore[arg-type]


class Resolver:
    """Resolves the candidates of one article."""

    def __init__(self, text: str, groups: Sequence[Group], candidates: Candidates) -> None:
        self._text = text
        self._groups = groups
        self._people = [c for c in candidates.all if c.kind == "name" and c.type == "PERSON"]
        self._genders: dict[int, str | None] = {}

    def resolve(self, candidate: Candidate, last_speaker: int | None) -> int | None:
        """The entity's index; `last_speaker` is the one of the quote before."""
        if candidate.kind == "name":
            return candidate.group
        word = self._text[candidate.start : candidate.end].lower()
        if candidate.kind == "pronoun":
            if word == "they":
                return (
                    last_speaker if last_speaker is not None and not self._is_person(last_speaker) else None
                )
            return self._pronoun(word, candidate.start, last_speaker)
        return self._role(candidate, last_speaker)

    def _pronoun(self, word: str, at: int, last_speaker: int | None) -> int | None:
        """The last person before, who is not known to be of the other gender."""
        recent = [c for c in self._people if at - NEAR_CHARS < c.start < at and self._fits(c.group, word)]
        if not recent:
            return (
                last_speaker
                if last_speaker is not None
                and self._is_person(last_speaker)
                and self._fits(last_speaker, word)
                else None
            )
        same_paragraph = [c for c in recent if "\n" not in self._text[c.end : at]]
        subjects = [c for c in same_paragraph if self._is_subject(c)]
        if subjects:
            return subjects[-1].group
        if last_speaker is not None and self._is_person(last_speaker) and self._fits(last_speaker, word):
            return last_speaker
        subjects = [c for c in recent if self._is_subject(c)]
        return (subjects or same_paragraph or recent)[-1].group

    def _is_subject(self, candidate: Candidate) -> bool:
        """It begins a sentence, or a verb of saying follows it."""
        if self._begins_sentence(candidate):
            return True
        following = _WORD.findall(self._text[candidate.end : candidate.end + 30])[:2]
        return any(word.lower() in words("cue_verbs.txt") for word in following)

    def _begins_sentence(self, candidate: Candidate) -> bool:
        """Nothing before it in its sentence but a title or a role: no verb, and no preposition right before."""
        before = _SENTENCE_START.split(self._text[max(0, candidate.start - 90) : candidate.start])[-1]
        found = [word.lower() for word in _WORD.findall(before)]
        if len(found) > 9 or (found and found[-1] in _PREPOSITIONS):
            return False
        return not any(word in _VERBS or word in words("cue_verbs.txt") for word in found)

    def _role(self, candidate: Candidate, last_speaker: int | None) -> int | None:
        """The person introduced with the role's last word: "**Mark Rutte**, the NATO chief" ... "the chief"."""
        phrase = self._text[candidate.start : candidate.end].lower()
        if not phrase.startswith(("the ", "this ", "his ", "her ")):
            return None
        found = _WORD.findall(phrase)
        head = next((word for word in reversed(found) if word in words("roles.txt")), found[-1])
        if head in words("role_bodies.txt"):
            return (
                last_speaker
                if last_speaker is not None and self._groups[last_speaker].type == "ORG"
                else None
            )
        introduced = [
            c.group
            for c in self._people
            if c.start < candidate.start and head in _WORD.findall(self._around(c).lower())
        ]
        if last_speaker in introduced:
            return last_speaker
        if introduced:
            return introduced[-1]
        # Only one person so far: "the 45-year-old", "the farmer" is that person.
        people = {c.group for c in self._people if c.start < candidate.start}
        return people.pop() if len(people) == 1 and not head.endswith("s") else None

    def _around(self, c: Candidate) -> str:
        before = re.split(r"[.!?\n]\s", self._text[max(0, c.start - 60) : c.start])[-1]
        after = re.match(r"\s*,\s*[^.!?\n]{0,60}", self._text[c.end : c.end + 70])
        return before + " " + (after.group() if after else "")

    def _is_person(self, group: int) -> bool:
        return self._groups[group].type == "PERSON"

    def _fits(self, group: int | None, pronoun: str) -> bool:
        gender = self._gender(group) if group is not None else None
        return gender is None or gender == pronoun

    def _gender(self, group: int) -> str | None:
        """By the titles and nouns that stand right before the name; None where they say nothing, or both."""
        if group not in self._genders:
            found = set()
            for start, _ in self._groups[group].mentions:
                near = _WORD.findall(self._text[max(0, start - 30) : start].lower())[-2:]
                found |= {
                    _gendered()[word]
                    for word in near
                    if word in _gendered() and word not in ("he", "she", "him", "her", "his", "hers")
                }
            self._genders[group] = found.pop() if len(found) == 1 else None
        return self._genders[group]


__all__ = ["Resolver", "words"]
