"""Finds what "it" and "they" stand for: a document, a body, several people, or one of unknown gender."""

import re

from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate, role_word
from worker.nlp.speakers.coreference.bodies import Bodies
from worker.nlp.speakers.coreference.called import DEFINITE
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.resolved import Resolved, RoleResolver
from worker.nlp.speakers.coreference.subjects import Subjects
from worker.nlp.speakers.genders import Genders
from worker.nlp.wordlists import words

# How far "they" reaches, as a distance.
_NEAR = 1.0
_ACCORDING = re.compile(r"\b(?:according to|as per|told)\s+(?:the\s+)?$", re.IGNORECASE)
_WHAT = re.compile(r"\bwhat\s$")
_SHOWN = (*DEFINITE, "a ", "an ")
_NUMERAL = (
    r"(?:\d[\d,]*|(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|seventy|"
    r"eighty|ninety|hundred|thousand|dozen|several|many|some)(?:-\w+)?(?:\s+(?:hundred|thousand|dozen))?|"
    r"(?:dozens|scores|hundreds|thousands)\s+of)"
)
_COUNTED = re.compile(
    rf"\s{{0,3}}((?:(?:about|around|almost|nearly|over|more\s+than|at\s+least|some)\s+)?{_NUMERAL}\s+"
    r"(?:[a-z][a-z-]*[a-rt-z]\s+){0,3}[a-z][a-z-]*(?:[a-rt-z]s|men|women|people|children))\s+[a-z]",
    re.IGNORECASE,
)
_TIMES = re.compile(r"\b(?:years?|months?|weeks?|days?|hours?|minutes?|times|miles|metres|kilometres)$")


class ItAndThey:
    """What "it" and "they" stand for in one article."""

    def __init__(
        self,
        index: MentionIndex,
        subjects: Subjects,
        genders: Genders,
        bodies: Bodies,
        resolver: RoleResolver,
    ) -> None:
        self._index, self._subjects, self._genders = index, subjects, genders
        self._bodies, self._resolver = bodies, resolver
        self._text = index.text

    def it(self, candidate: Candidate, last: Resolved | None) -> Resolved | None:
        """ "It": the document that spoke last or that the sentence before is about, else a body."""
        spoke = WORD.findall(self._text[last.start : last.end].lower())[-1:] if last is not None else []
        if last is not None and not words("documents.txt").isdisjoint(spoke):
            return last
        return (
            self._bodies.own_subject(candidate)
            or self._document_before(candidate)
            or self._bodies.body(candidate, None, last)
        )

    def they(self, candidate: Candidate, last: Resolved | None) -> Resolved | None:
        """ "They": the last subject that is a body or several people, else one person of unknown gender."""
        many = self._many_before(candidate)
        if many is not None:
            return many
        if _WHAT.search(self._text, max(0, candidate.start - 6), candidate.start):
            # "**The union** wants an end to what they call": whoever the sentence is about.
            inside = self._index.between(self._index.sentence_start(candidate.start), candidate.start)
            named = (c for c in inside if c.type in ("PERSON", "ORG", "GPE"))
            first = next((c for c in named if not self._is_passed_on_by(c)), None)
            if first is not None and first.type == "ORG":
                return Resolved(first.start, first.end, first.group)
        subjects = [
            c
            for c in self._index.before(candidate.start)
            if self._subjects.is_subject(c) and self._index.distance(c.end, candidate.start) <= _NEAR
        ]
        several = next((c for c in reversed(subjects) if c.type == "ORG" or self._index.is_several(c)), None)
        pair = self._index.pair([c for c in subjects if c.type == "PERSON"][-2:])
        if pair is not None and (several is None or several.start < pair.start):
            return pair
        if several is not None and several.kind == "role":
            return self._resolver.of(several, last)
        body = self._bodies.body(candidate, None, last)
        people = [c for c in subjects if c.type == "PERSON"]
        if body is None and people and not self._index.is_joined(people[-1]):
            person = people[-1]
            return (
                Resolved(person.start, person.end, person.group) if self._may_be_they(person.group) else None
            )
        if body is None and not people and last is not None and self._may_be_they(last.group):
            return last
        return body

    def _document_before(self, pronoun: Candidate) -> Resolved | None:
        """ "**The report** lists nine mills. It says": the document that is the subject of the sentence.

        Also a body that speaks in it: "**The ministry** said it does so. “...,” it said".
        """
        before, start = self._index.sentence_before(pronoun.start)
        for c in self._index.before(start):
            if c.start >= before and c.kind == "role" and self._subjects.begins_sentence(c):
                phrase = self._text[c.start : c.end].lower()
                head = role_word(WORD.findall(phrase))
                is_body = head in words("role_bodies.txt") and self._subjects.has_cue_behind(c)
                is_one = is_body or (head in words("documents.txt") and not (head or "").endswith("s"))
                return self._resolver.of(c, None) if is_one and phrase.startswith(_SHOWN) else None
            if c.start >= before:
                return None
        return None

    def _many_before(self, pronoun: Candidate) -> Resolved | None:
        """ "**Two hundred weavers** marched. They said": the counted subject of the sentence before."""
        before, start = self._index.sentence_before(pronoun.start)
        found = _COUNTED.match(self._text, before, start)
        if found is None or self._text[pronoun.start : pronoun.end].lower() != "they":
            return None
        inside = [c for c in self._index.between(before, start) if c.start < found.end(1)]
        if _TIMES.search(found[1]) or any(c.kind != "role" for c in inside):
            return None
        return Resolved(found.start(1), max([found.end(1), *(c.end for c in inside)]), None)

    def _is_passed_on_by(self, c: Candidate) -> bool:
        """ "According to the **Tagus Post**"."""
        return bool(_ACCORDING.search(self._text, max(0, c.start - 24), c.start))

    def _may_be_they(self, group: int | None) -> bool:
        """Whether the entity is a person of whom neither "he" nor "she" is known."""
        return group is not None and self._index.is_person(group) and not self._genders.is_known(group)
