"""Tells whom a surname alone means that several people have: who was last quoted by the full name."""

import re
from collections.abc import Iterator, Sequence

from worker.nlp.entities.group import Group
from worker.nlp.entities.namesakes import first_name, shared_surnames, surnames_of
from worker.nlp.pronouns import word_before
from worker.nlp.speakers.candidates import Candidate
from worker.nlp.speakers.coreference.called import NEAR_CHARS
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.subjects import Subjects
from worker.nlp.wordlists import words

# For a name to be a source, with a verb of saying beside it and without.
_SOURCE, _SURE = 0.5, 0.7
# "Son of the tycoon **Ken Obi**": he is named for another's sake.
_KIN_OF = re.compile(r"\b([a-z-]+)\s+(?:of|to)\s+(?:[\w’'-]+\s+){0,4}$", re.IGNORECASE)
_KIN_CHARS = 60
_AND = re.compile(r"\s+and\s+(?:[\w’'-]+,?\s+){0,3}")


class BareSurnames:
    """The surnames that stand alone in one article, of those that several of its people have."""

    def __init__(self, index: MentionIndex, subjects: Subjects) -> None:
        self._index, self._subjects = index, subjects
        self._shared = _shared_forms(index.groups)
        self._untold = shared_surnames(index.groups)
        self._last: dict[str, Candidate | None] = {}
        self._named: dict[str, Candidate] = {}
        self._told: set[int | None] = set()
        self.meant: dict[int, int] = {}
        """The entities of those that are told, by where they stand."""
        for c in index.all if self._shared else ():
            if c.type == "PERSON" and c.group is not None:
                self._read(c, c.group)

    def _read(self, c: Candidate, group: int) -> None:
        shown = tuple(self._index.text[c.start : c.end].casefold().split())
        if len(shown) > 1:
            for form in _forms(shown):
                if form in self._shared:
                    self._tell(form, c)
            return
        form = " ".join(shown)
        named = self._last.get(form)
        if form not in self._shared or self._index.is_owner(c) or self._is_titled(c):
            return
        if named is not None and named.group is not None and self._is_theirs(c, named, group):
            self.meant[c.start] = named.group
        elif self._spoke(c):
            # Who is quoted by the surname alone keeps it.
            self._last.pop(form, None)

    def _tell(self, form: str, c: Candidate) -> None:
        """Note a full name: of two of whom the text only tells, neither has the surname alone."""
        text = self._index.text
        of_kin = _KIN_OF.search(text, max(0, c.start - _KIN_CHARS), c.start)
        if of_kin and of_kin[1].lower() in words("kinship.txt"):
            return
        before = self._named.get(form)
        self._named[form] = c
        if before is not None and _AND.fullmatch(text, before.end, c.start):
            self._last[form] = None
        elif self._spoke(c):
            self._last[form] = c
            self._told.add(c.group)
        elif self._opens(c):
            self._told.add(c.group)
            known = self._last.setdefault(form, c)
            if known is not None and known.group != c.group:
                self._last[form] = None

    def _is_theirs(self, c: Candidate, named: Candidate, group: int) -> bool:
        """Whether the surname is that of whoever was told of last.

        It is where nothing else tells, if the other is named only beside them ("son of **Ken Obi**"), or if
        both speak.
        """
        last = self._named.get(" ".join(self._index.text[c.start : c.end].casefold().split()))
        is_beside = group not in self._told and (last is None or last.group != group)
        if group in self._untold or is_beside:
            return True
        is_near = c.start - named.end < NEAR_CHARS
        return is_near and group != named.group and self._spoke(named) and self._spoke(c)

    def _spoke(self, c: Candidate) -> bool:
        """Whether the mention is the source of something said."""
        has_cue = self._subjects.has_cue_behind(c) or self._subjects.is_named_as_source(c)
        source = self._index.evidence.source(c.start, c.end)
        return has_cue if not self._index.evidence.is_available else source > (_SOURCE if has_cue else _SURE)

    def _opens(self, c: Candidate) -> bool:
        """ "**Zhao Bolin**, son of Zhao Dewei, sells tea": the first of its sentence is its subject."""
        start = self._index.sentence_start(c.start)
        earlier = self._index.between(start, c.start)
        return not any(other.type == "PERSON" for other in earlier) and self._subjects.is_subject(c)

    def _is_titled(self, c: Candidate) -> bool:
        """Whether a title, which tells namesakes apart, stands before the name."""
        word = word_before(self._index.text, c.start)
        return word is not None and (word in words("honorifics.txt") or word in words("roles.txt"))


def _forms(name: Sequence[str]) -> Iterator[str]:
    """The forms in which a surname may stand alone: the last words of a name, and in East Asia the first."""
    yield from (" ".join(surname) for surname in surnames_of(name))
    yield name[0]


def _shared_forms(groups: Sequence[Group]) -> frozenset[str]:
    """The surnames that several people of the article have."""
    behind: dict[str, set[str]] = {}
    before: dict[str, set[str]] = {}
    for group in groups:
        name = group.name.casefold().split()
        if group.type == "PERSON" and len(name) > 1:
            for surname in surnames_of(name):
                behind.setdefault(" ".join(surname), set()).add(first_name(name, surname) or "")
            before.setdefault(name[0], set()).add(" ".join(name[1:]))
    both = (*behind.items(), *before.items())
    return frozenset(form for form, given in both if len(given - {""}) > 1)
