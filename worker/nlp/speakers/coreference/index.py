"""The mentions of one article in order: which stand near a place, and which stand together."""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.entities.group import Group, Span
from worker.nlp.patterns import SENTENCE_END
from worker.nlp.speakers.candidates import Candidate, Candidates, head_of
from worker.nlp.speakers.coreference.called import COLLECTIVES, MAX_BEFORE, NEAR_CHARS, UNNAMED
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.introductions import Introductions
from worker.nlp.speakers.phrases import APPOSED

_LINES = re.compile(r"\n\s*")
_AND = re.compile(r"(?:\s+\([^()\n]{1,30}\))?\s+and\s+(?:[\w.’'-]+\s+){0,5}")
_THEN_NAME = re.compile(r",?\s+(?:[\w’'-]+\.?\s+){0,2}")
_SEVERAL = frozenset(("children", "men", "people", "police", "women"))


class MentionIndex:
    """The mentions of one article, in order: all but pronouns, and the pronouns apart."""

    def __init__(
        self, text: str, groups: Sequence[Group], candidates: Candidates, evidence: AttributionEvidence
    ) -> None:
        self.text = text
        self.groups = groups
        self.evidence = evidence
        self.candidates = candidates
        self.all = [c for c in candidates.all if c.kind != "pronoun"]
        self.pronouns = [c for c in candidates.all if c.kind == "pronoun"]
        self.starts = [c.start for c in self.all]
        self._owners = candidates.owners
        self._introductions: Introductions | None = None
        self._first_people: list[Candidate] | None = None

    def name_again(self, meant: Mapping[int, int]) -> None:
        """Take the mentions that begin at these places for other entities."""
        self.all = [
            replace(c, group=meant[c.start]) if c.kind == "name" and c.start in meant else c for c in self.all
        ]

    def before(self, at: int) -> list[Candidate]:
        """The last candidates before a place, without pronouns."""
        i = bisect_left(self.starts, at)
        return [c for c in self.all[max(0, i - MAX_BEFORE) : i] if at - NEAR_CHARS < c.start]

    def sentence_start(self, at: int) -> int:
        """Where the sentence around a place begins, at most 400 characters before it."""
        return at - len(SENTENCE_END.split(self.text[max(0, at - 400) : at])[-1])

    def sentence_before(self, at: int) -> Span:
        """The sentence before the one around a place: where it begins, and where that one does."""
        start = self.sentence_start(at)
        return self.sentence_start(max(0, start - 2)), start

    def is_named(self, c: Candidate) -> bool:
        """ "**Judge** Ada Obi", "**her deputy**, Ms Obi", "Ada Obi, **a judge**": a role beside its name."""
        if c.kind != "role":
            return False
        first = bisect_left(self.starts, c.start)
        preceding = self.all[first - 1] if first else None
        if (
            preceding is not None
            and preceding.type == "PERSON"
            and self.text[c.start : c.end].lower().startswith(UNNAMED)
            and APPOSED.fullmatch(self.text, preceding.end, c.start)
        ):
            return True
        i = bisect_left(self.starts, c.end)
        following = self.all[i] if i < len(self.all) else None
        if following is None or following.type != "PERSON":
            return False
        return bool(_THEN_NAME.fullmatch(self.text, c.end, following.start))

    def distance(self, start: int, end: int) -> float:
        """The distance in sentences and paragraphs, as a penalty."""
        between = self.text[start:end]
        return 0.25 * min(8, between.count(". ") + between.count("” ") + 1.4 * len(_LINES.findall(between)))

    def is_owner(self, c: Candidate) -> bool:
        """Whether the mention only says whose somebody is: "**Ms Obi**'s lawyer"."""
        return (c.start, c.end) in self._owners

    def is_a_person(self, group: int | None) -> bool:
        return group is not None and self.is_person(group)

    def is_first(self, c: Candidate) -> bool:
        """Whether the mention is the first of its entity."""
        return c.group is not None and self.groups[c.group].mentions[0][0] == c.start

    def only_person_before(self, at: int) -> Candidate | None:
        """The only person who was named before a place, None if there are more or none."""
        if self._first_people is None:
            people = [c for c in self.all if c.type == "PERSON"]
            second = next((c for c in people if c.group != people[0].group), None)
            self._first_people = [*people[:1], *([second] if second else [])]
        named = [c for c in self._first_people if c.start < at]
        return named[0] if len(named) == 1 else None

    def introduced(self) -> Introductions:
        if self._introductions is None:
            self._introductions = Introductions(self.text, self.all, self._owners)
        return self._introductions

    def between(self, start: int, end: int) -> list[Candidate]:
        """The candidates that begin in a span, without pronouns."""
        return self.all[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def pair(self, subject: Sequence[Candidate]) -> Resolved | None:
        """ "**Ada Obi and her brother Kofi Sato** left. They said": the mention of two subjects together."""
        for person in reversed(subject):
            i = bisect_left(self.starts, person.start)
            others = [c for c in self.all[i + 1 : i + 6] if c.type == "PERSON" and c.start >= person.end]
            joint = others and _AND.fullmatch(self.text, person.end, others[0].start)
            if joint:
                return Resolved(person.start, others[0].end, None)
        return None

    def is_several(self, c: Candidate) -> bool:
        """Whether a role is one of several people: "two witnesses", "the couple"."""
        if c.kind != "role":
            return False
        head = head_of(self.text[c.start : c.end]) or ""
        return head in COLLECTIVES or head in _SEVERAL or (head.endswith("s") and not head.endswith("ss"))

    def is_joined(self, person: Candidate) -> bool:
        """ "Ada Obi and **Kofi Obi**": two people together."""
        before = self.text[max(0, person.start - 5) : person.start]
        return before.endswith(" and ") or self.text.startswith(" and ", person.end)

    def is_person(self, group: int) -> bool:
        return self.groups[group].type == "PERSON"
