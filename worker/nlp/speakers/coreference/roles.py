"""Finds who a role stands for: "the chief" is whoever was introduced as one."""

import re

from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate, is_role, role_word
from worker.nlp.speakers.coreference.authors import Authors
from worker.nlp.speakers.coreference.bodies import Bodies
from worker.nlp.speakers.coreference.called import (
    CAPITALIZED,
    COLLECTIVES,
    DEFINITE,
    DETERMINERS,
    NO_MODIFIERS,
    OFFICES,
    RANKS,
)
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.nameless import Nameless
from worker.nlp.speakers.coreference.offices import OfficeHolders
from worker.nlp.speakers.coreference.owned import OwnedNames
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.coreference.taken_up import TakenUpRoles
from worker.nlp.speakers.introductions import LEADERS, PREPOSITIONS
from worker.nlp.wordlists import words

_WORD_BEFORE = re.compile(r"\b([a-z]+)\s$")
# "**The two** said", "**the two leaders** said".
_TWO = re.compile(r"(?:the (?:two|pair|duo)(?: (?:leaders|ministers|presidents|men|women|officials))?)$")
_INDEFINITE = ("a ", "an ", "one ", "another ", "some ")

# "The owner, **who prefers not to give** his name": whoever is not to be named.
_WITHHELD = re.compile(
    r",?\s+(?:who\s+(?:[a-z]+\s+){0,3}?(?:prefer|ask|wish|want|cho(?:o)?s|declin|refus|request|insist)[a-z]*\s+"
    r"(?:not\s+to\s+|on\s+anonymity|anonymity|to\s+(?:remain\s+|stay\s+)?(?:anonymous|unnamed|be\s+named|give|reveal))"
    r"|(?:on|under)\s+(?:the\s+)?condition\s+of\s+anonymity)"
)


class RoleMentions:
    """The roles of one article, each by the part of this package that knows its kind."""

    def __init__(
        self,
        index: MentionIndex,
        nameless: Nameless,
        offices: OfficeHolders,
        owned: OwnedNames,
        bodies: Bodies,
        authors: Authors,
        taken_up: TakenUpRoles,
    ) -> None:
        self._index, self._nameless, self._offices, self._owned = index, nameless, offices, owned
        self._bodies, self._authors, self._taken_up = bodies, authors, taken_up
        self._text = index.text

    def role(self, candidate: Candidate, phrase: str, last: Resolved | None) -> Resolved | None:
        """ "The chief": the person introduced as "**Mark Rutte**, the NATO chief", else the last speaker."""
        if candidate.owner is not None and self._index.is_a_person(candidate.owner.group):
            return self._owned.named_before(candidate)
        found = WORD.findall(phrase)
        if found[-1:] in (["former"], ["latter"]):
            return self._of_two(candidate, found[-1])
        if _TWO.match(phrase):
            return self._two(candidate)
        head = role_word(found)
        if head is None or head in COLLECTIVES or phrase.startswith(_INDEFINITE):
            return self._offices.named_below(candidate, found, head or "")
        if head in words("documents.txt"):
            return self._authors.document(candidate, phrase, head, last)
        if head in words("role_bodies.txt") or (not is_role(head) and len(head) > 3):
            is_definite = phrase.startswith(DEFINITE) or head == "police"
            body = self._bodies.body(candidate, head, last) if is_definite else None
            if body is not None or head in words("role_bodies.txt"):
                return body
        if head.endswith("s") and not head.endswith("ss"):
            return None
        if phrase.startswith("the same ") and last is not None:
            return last
        return self._in_role(candidate, phrase, found, head, last)

    def _in_role(
        self, candidate: Candidate, phrase: str, found: list[str], head: str, last: Resolved | None
    ) -> Resolved | None:
        """The one person that a role stands for, "the chief": `head` is its noun, `found` its words."""
        shown = self._text[candidate.start : candidate.end]
        if _WITHHELD.match(self._text, candidate.end):
            return None
        holder = self._offices.in_letters(candidate)
        if holder is not None:
            return Resolved(candidate.start, candidate.end, holder)
        aged = self._taken_up.only_aged(candidate, head)
        if aged is not None:
            return Resolved(candidate.start, candidate.end, aged)
        names = {name.lower() for name in CAPITALIZED.findall(shown)} - DETERMINERS - {head}
        if head in ("pm", "premier") and not names and self._index.introduced().has("prime"):
            head = "prime"
        closer = set(found[: found.index(head)] if head in found else []) - names - NO_MODIFIERS
        introduced = self._introduced_as(candidate, (head, *sorted(names)), closer, last)
        if introduced is not None:
            return introduced if introduced.group is not None else None
        is_office = head in OFFICES | {"prime"} and phrase.startswith("the ")
        if is_office and not PREPOSITIONS.intersection(found):
            holder = self._offices.holder((head, *sorted(closer)), candidate.start)
            if holder is not None:
                return Resolved(candidate.start, candidate.end, holder)
        return self._taken_up.last_spoken_of(candidate, phrase, found, head, last)

    def _of_two(self, candidate: Candidate, which: str) -> Resolved | None:
        """ "Ada Obi met **Ken Sato**. The latter said": of the two named last, in its sentence or before."""
        before, _ = self._index.sentence_before(candidate.start)
        named = [c for c in self._index.between(before, candidate.start) if c.kind == "name"]
        people = [c for c in named if c.type == "PERSON"]
        named = people if len({c.group for c in people}) > 1 else named
        last_two = list(dict.fromkeys(c.group for c in reversed(named)))[:2]
        if len(last_two) < 2:
            return None
        return Resolved(candidate.start, candidate.end, last_two[0 if which == "latter" else 1])

    def _two(self, candidate: Candidate) -> Resolved | None:
        """ "**Ada Obi and Ken Sato** signed it. The two said": whoever was last named as a pair."""
        before = _WORD_BEFORE.search(self._text, max(0, candidate.start - 20), candidate.start)
        if before is not None and before[1] in PREPOSITIONS:
            # "The statement by **the two**": the statement speaks.
            return None
        return self._index.pair([c for c in self._index.before(candidate.start) if c.type == "PERSON"])

    def _introduced_as(
        self, candidate: Candidate, role: tuple[str, ...], closer: set[str], last: Resolved | None
    ) -> Resolved | None:
        """The person introduced with this role and these names, of several the last speaker.

        `closer`: what else the phrase calls them, which tells "the **bus** driver" from another. Where
        somebody without a name was introduced with the role since, the result has no entity.
        """
        at = candidate.start
        for introducing in ((*role, *sorted(closer)), role) if closer else (role,):
            unnamed = self._nameless.unnamed_before(introducing[0], closer, at)
            if last is not None and last.start > unnamed:
                first = self._index.introduced().first(introducing, last.group)
                if first is not None and first < at:
                    return last
            if unnamed > self._index.introduced().where(introducing, at):
                return Resolved(candidate.start, candidate.end, None)
            group = self._index.introduced().last_before(introducing, at)
            if group is not None:
                return Resolved(candidate.start, candidate.end, group)
            if not RANKS.isdisjoint(closer):
                # "Her **deputy**, Ada Obi ... **the deputy minister**".
                ranked = self._index.introduced().last_before(tuple(sorted(RANKS & closer)), at)
                return None if ranked is None else Resolved(candidate.start, candidate.end, ranked)
        group = (
            self._index.introduced().leader(set(role[1:]), at) if role[0] in LEADERS and role[1:] else None
        )
        return Resolved(candidate.start, candidate.end, group) if group is not None else None
