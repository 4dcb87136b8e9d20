"""Finds the body or country that "the ministry", "the company" or "it" stands for."""

import re
from collections import Counter
from collections.abc import Sequence

from worker.nlp.entities.group import overlapping
from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate
from worker.nlp.speakers.coreference.called import ACRONYM, CAPITALIZED, DETERMINERS
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.coreference.subjects import Subjects
from worker.nlp.wordlists import words

# "At **the office**", "read out to **the agency**".
_WHERE = re.compile(
    r"(?:\b(?:in|at|on|from|near|inside|outside|into|with)|(?<!according )\bto)\s+(?:the\s+|its\s+)?$",
    re.IGNORECASE,
)
# Parts of a body, which speak for themselves: a company's board is not the company.
_INNER_BODIES = frozenset(
    (
        "board",
        "bureau",
        "cabinet",
        "committee",
        "council",
        "directorate",
        "office",
        "panel",
        "secretariat",
        "team",
    )
)
# Public bodies carry the word in their names: "the court" is no company that was named before.
_PUBLIC_BODIES = frozenset(
    ("army", "authorities", "authority", "cabinet", "commission", "committee", "council", "court",
     "department", "directorate", "embassy", "government", "military", "ministry", "navy", "parliament",
     "police", "regulator", "senate", "tribunal", "watchdog")
)  # fmt: skip
_WATCHING = frozenset(("regulator", "watchdog"))


class Bodies:
    """The bodies of one article."""

    def __init__(self, index: MentionIndex, subjects: Subjects) -> None:
        self._index, self._subjects = index, subjects
        self._text, self._groups, self._evidence = index.text, index.groups, index.evidence
        self._by_word: dict[str, list[int]] | None = None

    def own_subject(self, pronoun: Candidate) -> Resolved | None:
        """ "**Ghana** has shut the mills that it calls": the body or country that its sentence is about."""
        inside = self._index.between(self._index.sentence_start(pronoun.start), pronoun.start)
        subjects = [c for c in inside if self._subjects.is_subject(c) or self._subjects.is_behind_adjunct(c)]
        first = subjects[0] if len(subjects) == 1 else pronoun
        is_body = first.kind == "name" and first.type in ("ORG", "GPE")
        return Resolved(first.start, first.end, first.group) if is_body else None

    def body(self, candidate: Candidate, head: str | None, last: Resolved | None) -> Resolved | None:
        """ "The ministry", "it": the body whose name has the word, else the last one that spoke."""
        bodies = [c for c in self._index.before(candidate.start) if c.kind == "name" and c.type == "ORG"]
        if head is not None:
            named = [c for c in bodies if head in self._name_words(c)]
            group = named[-1].group if named else self._only_body_called(head, candidate.start)
            if group is not None:
                return Resolved(candidate.start, candidate.end, group)
            if head not in words("role_bodies.txt"):
                return None
            if head in _INNER_BODIES or self._is_another_body(candidate, head):
                return last if self._was_shown_as(last, head) else None
            if head in _PUBLIC_BODIES or self._is_of_a_body(candidate):
                bodies = [c for c in bodies if self._is_acronym(c, head)]
                last = last if self._was_shown_as(last, head) else None
        speaking = [c for c in bodies if self._subjects.is_subject(c) or self._is_tagged(c)]
        recent = [c for c in speaking if self._index.distance(c.end, candidate.start) <= 1.0]
        if recent:
            best = max(reversed(recent), key=lambda c: self._prominence(c, candidate.start))
            return Resolved(candidate.start, candidate.end, best.group)
        if last is not None and last.group is None and head is None:
            return last
        if last is not None and last.group is not None and not self._index.is_person(last.group):
            return last
        group = self._leading_body(bodies) if head is not None else None
        return Resolved(candidate.start, candidate.end, group) if group is not None else None

    def _is_tagged(self, c: Candidate) -> bool:
        """Whether the encoder takes it for a source, and it does not only say where: "at **the office**"."""
        is_place = _WHERE.search(self._text, max(0, c.start - 20), c.start)
        return self._evidence.source(c.start, c.end) > 0.5 and not is_place

    def _is_of_a_body(self, candidate: Candidate) -> bool:
        """ "The **UN** agency", "the **Coast Union**'s bank": one of several of that body."""
        spans = [(c.start, c.end) for c in self._index.candidates.inside_roles if c.type == "ORG"]
        return bool(overlapping(spans, (candidate.start, candidate.end)))

    def _is_another_body(self, candidate: Candidate, head: str) -> bool:
        """ "The **Ghanaian** court", "the **Kumasi** police": a name tells it from other bodies."""
        shown = self._text[candidate.start : candidate.end]
        is_named = bool({name.lower() for name in CAPITALIZED.findall(shown)} - DETERMINERS - {head})
        return is_named and head in _PUBLIC_BODIES

    def _is_acronym(self, c: Candidate, head: str) -> bool:
        """Whether the entity's name is letters alone, "SIU", so that it does not tell what body it is.

        Whoever watches over others may have any name: "the Rivers Board (**RB**)" is "the regulator".
        """
        if c.group is None:
            return False
        names = [self._groups[c.group].name, *([self._text[c.start : c.end]] if head in _WATCHING else [])]
        return any(ACRONYM.fullmatch(name) for name in names)

    def _name_words(self, c: Candidate) -> list[str]:
        """The words of the name of a candidate's entity."""
        return WORD.findall(self._groups[c.group].name.lower()) if c.group is not None else []

    def _was_shown_as(self, last: Resolved | None, head: str) -> bool:
        """Whether the last speaker's mention contains the word."""
        return last is not None and head in WORD.findall(self._text[last.start : last.end].lower())

    def _only_body_called(self, head: str, at: int) -> int | None:
        """The only body of the article whose name has the word, if named before: "Coast **Police**"."""
        if self._by_word is None:
            self._by_word = {}
            for index, group in enumerate(self._groups):
                for word in WORD.findall(group.name.lower()) if group.type == "ORG" else ():
                    self._by_word.setdefault(word, []).append(index)
        called = self._by_word.get(head, [])
        return called[0] if len(called) == 1 and self._groups[called[0]].mentions[0][0] < at else None

    def _leading_body(self, bodies: Sequence[Candidate]) -> int | None:
        """The body that was named twice as often as any other, if there is one."""
        often = Counter(c.group for c in bodies).most_common(2)
        if not often or often[0][1] < 2 or (len(often) > 1 and often[0][1] < 2 * often[1][1]):
            return None
        return often[0][0]

    def _prominence(self, c: Candidate, at: int) -> float:
        """A score for a body to be the one meant: higher if named often and recently."""
        often = min(5, len(self._groups[c.group].mentions)) if c.group is not None else 0
        return 0.15 * often - self._index.distance(c.end, at)
