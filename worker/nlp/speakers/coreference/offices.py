"""Finds who holds an office that the article tells before or after the name, or by first letters."""

import re

from worker.nlp.patterns import SENTENCE_END, WORD
from worker.nlp.speakers.candidates import Candidate, head_of, is_role
from worker.nlp.speakers.coreference.called import (
    ACRONYM,
    CAPITALIZED,
    COLLECTIVES,
    DETERMINERS,
    NEAR_CHARS,
    NO_MODIFIERS,
    PLAIN_WORD,
    RANKS,
)
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.nameless import Nameless
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.coreference.subjects import Subjects
from worker.nlp.speakers.introductions import narrower
from worker.nlp.wordlists import words

# Whoever a lead calls so may have a name below, but not those who are not to be named.
_LEAD_CHARS = 400
_NAMELESS = frozenset(("bystander", "eyewitness", "insider", "passer-by", "source", "witness"))
_ANONYMOUS = re.compile(
    r"\banonym|\b(?:not|declined|refused|asked)\s+(?:wish(?:ing)?\s+|authori[sz]ed\s+|want(?:ing)?\s+)?"
    r"(?:to\s+(?:be\s+(?:named|identified)|give\s+)|not\s+to\s+be)",
    re.IGNORECASE,
)
# These tell no two of one role apart, either.
_VAGUE = frozenset(
    ("high-ranking", "influential", "key", "leading", "local", "longtime", "long-time", "outspoken",
     "popular", "prominent", "respected", "retired", "senior", "top", "veteran", "well-known")
)  # fmt: skip


class OfficeHolders:
    """Those of one article who hold an office."""

    def __init__(self, index: MentionIndex, subjects: Subjects, nameless: Nameless) -> None:
        self._index, self._subjects, self._nameless = index, subjects, nameless
        self._text, self._groups, self._all, self._evidence = (
            index.text,
            index.groups,
            index.all,
            index.evidence,
        )
        self._holders: dict[tuple[str, ...], int | None] = {}

    def in_letters(self, c: Candidate) -> int | None:
        """ "Lieutenant Governor **Ada Obi** ... the LG": whose office has these first letters.

        A name counts if it is no more than the letters: "the LG" that is tagged as a body.
        """
        letters = self._text[c.start : c.end]
        if c.kind == "name":
            is_bare = c.group is not None and self._groups[c.group].name == letters and c.type == "ORG"
            if not is_bare or not self._text.endswith(("the ", "The "), 0, c.start):
                return None
        letters = letters.rpartition(" ")[2]
        return (
            self._index.introduced().last_before((letters,), c.start) if ACRONYM.fullmatch(letters) else None
        )

    def holder(self, office: tuple[str, ...], at: int) -> int | None:
        """ "**Ada Obi** has won. “I am glad,” the premier said.": whom an article begins with, by an office.

        A text that opens with a bare name, and tells no role of it, takes the person for known. Nobody else
        may stand there so, but those whom a report of the office names: in "the premier said Ms Obi was late"
        she is another. None where anybody was introduced with the office.
        """
        if "former" in office or not RANKS.isdisjoint(office):
            return None
        if office not in self._holders:
            self._holders[office] = self._only_lead_person(office)
        found = self._holders[office]
        return found if found is not None and self._groups[found].mentions[0][0] < at else None

    def named_below(self, candidate: Candidate, found: list[str], head: str) -> Resolved | None:
        """ "**A former minister** said", in the lead: the only one whom the article then names and quotes so.

        None where another is called so without a name, or where it is somebody who is not to be named.
        """
        at = candidate.start
        if found[:1] not in (["a"], ["an"]) or at > _LEAD_CHARS or not is_role(head) or head in _NAMELESS:
            return None
        is_nobody = head in words("role_bodies.txt") or head in words("documents.txt") or head in COLLECTIVES
        if is_nobody or _ANONYMOUS.search(self._text, candidate.end, candidate.end + _LEAD_CHARS):
            return None
        shown = self._text[at : candidate.end]
        names = {name.lower() for name in CAPITALIZED.findall(shown)} - DETERMINERS - {"a", "an", head}
        closer = set(found[: found.index(head)] if head in found else []) - names - NO_MODIFIERS - _VAGUE
        told = sorted(names | closer)
        known = {
            self._index.introduced().only_behind((role, *told), at) for role in (head, *narrower(head))
        } - {None}
        group = known.pop() if len(known) == 1 else None
        if group is None or self._nameless.is_called_otherwise(head, at) or not self._speaks_below(group, at):
            return None
        return Resolved(at, candidate.end, group)

    def _only_lead_person(self, office: tuple[str, ...]) -> int | None:
        """The person of the lead who may hold an office, if it is one who is named again."""
        if self._index.introduced().where(office, len(self._text)) >= 0:
            return None
        first = next((c for c in self._all if c.kind == "name"), None)
        if first is None or first.type != "PERSON" or WORD.search(self._text, 0, first.start):
            return None
        stop = SENTENCE_END.search(self._text, first.end, first.end + _LEAD_CHARS)
        lead = self._index.between(first.start, stop.start() if stop else first.end + _LEAD_CHARS)
        groups = {c.group for c in lead if c.type == "PERSON" and c.group is not None}
        named = {g for g in groups if len(self._groups[g].mentions) > 1 and " " in self._groups[g].name}
        named = {g for g in named if not self._index.introduced().roles.get(g)}
        for c in self._all if len(named) > 1 else ():
            if c.kind == "role" and head_of(self._text[c.start : c.end]) == office[0]:
                named -= self._named_in_report_of(c)
        return named.pop() if len(named) == 1 else None

    def _named_in_report_of(self, c: Candidate) -> set[int | None]:
        """Whom the rest of a sentence names whose subject has said something: they are not the subject."""
        verb = PLAIN_WORD.match(self._text, c.end)
        if verb is None or verb[1] not in words("cue_verbs.txt"):
            return set()
        stop = SENTENCE_END.search(self._text, c.end, c.end + 400)
        end = stop.start() if stop else c.end + 400
        return {other.group for other in self._index.between(c.end, end) if other.type == "PERSON"}

    def _speaks_below(self, group: int, at: int) -> bool:
        """Whether somebody is named nowhere before a place, soon behind it, and then is quoted."""
        mentions = self._groups[group].mentions
        if not at < mentions[0][0] < at + NEAR_CHARS:
            return False
        named = self._index.between(at, len(self._text))
        return any(
            c.group == group and self._subjects.is_subject(c) and self._evidence.source(c.start, c.end) >= 0.5
            for c in named
        )
