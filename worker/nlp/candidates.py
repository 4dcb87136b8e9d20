"""Who could have said something: names, pronouns and roles, where they stand in the text."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from worker.nlp.entities import Group
from worker.nlp.wordlists import words

_SPEAKING_TYPES = frozenset({"PERSON", "ORG", "GPE", "LOC", "NORP"})
_PRONOUN = re.compile(r"\b(?:he|she|they)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_DETERMINER = r"(?:the|a|an|another|one|this|that|his|her|their|its|our|my|some|several|many|two|three|local)"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mention that may speak. `kind`: name, pronoun or role; `group`: of a name, its entity's index."""

    start: int
    end: int
    kind: str
    group: int | None = None
    type: str = ""


class Candidates:
    """The candidates of one article in order; none overlaps another, names come before roles."""

    def __init__(self, text: str, groups: Sequence[Group]) -> None:
        named = [
            Candidate(start, end, "name", index, group.type)
            for index, group in enumerate(groups)
            if group.type in _SPEAKING_TYPES
            for start, end in group.mentions
        ]
        taken = sorted((c.start, c.end) for c in named)
        others = [Candidate(m.start(), m.end(), "pronoun") for m in _PRONOUN.finditer(text)]
        others += [Candidate(start, end, "role") for start, end in _roles(text)]
        free = [c for c in others if not _overlaps(taken, c)]
        self.all = sorted(named + free, key=lambda c: (c.start, -c.end))
        self._starts = [c.start for c in self.all]

    def between(self, start: int, end: int) -> list[Candidate]:
        """Those that begin in the span and end in it."""
        first, last = bisect_left(self._starts, start), bisect_left(self._starts, end)
        return [c for c in self.all[first:last] if c.end <= end]


def _overlaps(taken: list[tuple[int, int]], candidate: Candidate) -> bool:
    i = bisect_left(taken, (candidate.start, candidate.end))
    return any(s < candidate.end and candidate.start < e for s, e in taken[max(0, i - 1) : i + 1])


_BEFORE_ROLE = re.compile(rf"\b{_DETERMINER}\s+(?:[\w’'-]+\s+){{0,3}}$", re.IGNORECASE)


def _roles(text: str) -> list[tuple[int, int]]:
    """ "The **energy minister**", "an official", "residents": a role noun with what stands before it."""
    found = []
    for match in _WORD.finditer(text):
        word = match.group().lower()
        if word not in words("roles.txt"):
            continue
        before = _BEFORE_ROLE.search(text, max(0, match.start() - 50), match.start())
        if before:
            found.append((before.start(), match.end()))
        elif word.endswith("s") or word in ("police",):
            found.append((match.start(), match.end()))
    return found
