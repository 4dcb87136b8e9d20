"""Finds the names and the fuller mentions of those who are called by whose they are: "Ms Obi's lawyer"."""

import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from worker.nlp.entities.spelling import Misspellings
from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate, role_word
from worker.nlp.speakers.coreference.called import POSSESSIVE_PRONOUNS
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.phrases import APPOSED

_WHO_IS = re.compile(r",\s+(?:who\s+(?:is|was)\s+)?")
_OWNS = re.compile(r"['’]s?\s+(.+)$")


class OwnedNames:
    """Those of one article who are called somebody's lawyer, crew or relative."""

    def __init__(
        self, index: MentionIndex, misspellings: Misspellings, told: Callable[[int | None], int | None]
    ) -> None:
        self._index, self._misspellings, self._told = index, misspellings, told
        self._text, self._all = index.text, index.all
        self._named_possessions: dict[tuple[int | None, str], list[Candidate]] | None = None
        self._genitives: dict[tuple[int | None, str], Candidate] | None = None

    def fuller(self, who: Resolved) -> Resolved | None:
        """ "His crew": how the text calls it by name, "**Odin Brask's crew**", before or behind it."""
        if who.group is not None or who.owner is None:
            return None
        word, _, noun = self._text[who.start : who.end].lower().partition(" ")
        if word not in POSSESSIVE_PRONOUNS:
            return None
        if self._genitives is None:
            self._genitives = {}
            for owned in (c for c in self._all if c.owner is not None):
                own = owned.owner
                if own is not None and own.group is not None and own.end < owned.end:
                    called = _OWNS.match(self._text, own.end, owned.end)
                    key = (
                        self._told(self._misspellings.corrected(own.group)),
                        called[1].lower() if called else "",
                    )
                    self._genitives.setdefault(key, owned)
        fuller = self._genitives.get((who.owner, noun))
        return replace(who, start=fuller.start, end=fuller.end) if fuller is not None else None

    def named_before(self, candidate: Candidate) -> Resolved | None:
        """ "**Ms Obi's lawyer**": whoever was called so by name before, "Ms Obi's lawyer, **Kenji Sato**"."""
        if self._named_possessions is None:
            self._named_possessions = {}
            for c, following in pairwise(c for c in self._all if not self._index.is_owner(c)):
                owned, person = (c, following) if c.owner is not None else (following, c)
                if owned.owner is None or person.type != "PERSON" or person.group == owned.owner.group:
                    continue
                between = self._text[c.end : following.start]
                if (APPOSED if owned is c else _WHO_IS).fullmatch(between):
                    key = owned.owner.group, self._noun(owned)
                    self._named_possessions.setdefault(key, []).append(person)
        wanted = candidate.owner.group if candidate.owner else None, self._noun(candidate)
        named = self._named_possessions.get(wanted, [])
        i = bisect_left(named, candidate.start, key=lambda c: c.start)
        return Resolved(candidate.start, candidate.end, named[i - 1].group) if i else None

    def _noun(self, owned: Candidate) -> str:
        """The noun of a possession: "lawyer"."""
        assert owned.owner is not None, "only possessions have owners"
        own, at = owned.owner, owned.owner.end if owned.owner.start < owned.end else owned.start
        is_before = own.start - owned.start > 3
        phrase = self._text[owned.start : own.start] if is_before else self._text[at : owned.end]
        return role_word(WORD.findall(phrase.lower())) or ""
