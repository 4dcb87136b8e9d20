"""Resolves the mention of a speaker to an entity: names, pronouns and roles. None where it is uncertain."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from worker.nlp.encoder.evidence import AttributionEvidence
from worker.nlp.entities.group import Group
from worker.nlp.entities.namesakes import shared_surnames
from worker.nlp.entities.spelling import Misspellings
from worker.nlp.patterns import WORD
from worker.nlp.speakers.candidates import Candidate, Candidates, role_word
from worker.nlp.speakers.coreference.authors import Authors
from worker.nlp.speakers.coreference.bodies import Bodies
from worker.nlp.speakers.coreference.called import POSSESSIVE_PRONOUNS
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.it_and_they import ItAndThey
from worker.nlp.speakers.coreference.nameless import Nameless
from worker.nlp.speakers.coreference.offices import OfficeHolders
from worker.nlp.speakers.coreference.owned import OwnedNames
from worker.nlp.speakers.coreference.people import People
from worker.nlp.speakers.coreference.resolved import Resolved
from worker.nlp.speakers.coreference.roles import RoleMentions
from worker.nlp.speakers.coreference.subjects import Subjects
from worker.nlp.speakers.coreference.surnames import BareSurnames
from worker.nlp.speakers.coreference.taken_up import TakenUpRoles
from worker.nlp.speakers.documents import DocumentAuthors
from worker.nlp.speakers.genders import Genders
from worker.nlp.wordlists import words

_SUBJECTS = {"him": "he", "them": "they"} | POSSESSIVE_PRONOUNS
_OWNING = {"his": "he", "her": "she"}
_OWNED = words("possessions.txt")


class Resolver:
    """Resolves the mentions of one article."""

    def __init__(
        self, text: str, groups: Sequence[Group], candidates: Candidates, evidence: AttributionEvidence
    ) -> None:
        self._text = text
        index = self._index = MentionIndex(text, groups, candidates, evidence)
        subjects = Subjects(index)
        self._meant = BareSurnames(index, subjects).meant
        index.name_again(self._meant)
        genders = self._genders = Genders(text, groups, [c for c in candidates.all if not index.is_owner(c)])
        everyone = sorted([*index.all, *candidates.inside_roles], key=lambda c: (c.start, -c.end))
        documents = DocumentAuthors(text, everyone, subjects.is_subject)
        self._misspellings = Misspellings(groups)
        self._shared = shared_surnames(groups)
        self._spoken: Counter[int | str] = Counter()
        self._nameless = Nameless(index)
        self._offices = OfficeHolders(index, subjects, self._nameless)
        self._owned = OwnedNames(index, self._misspellings, self.told)
        bodies = Bodies(index, subjects)
        self._people = People(index, subjects, genders, self)
        self._plural = ItAndThey(index, subjects, genders, bodies, self)
        self._roles = RoleMentions(
            index,
            self._nameless,
            self._offices,
            self._owned,
            bodies,
            Authors(index, documents, bodies, self._people, self._plural, self),
            TakenUpRoles(index, subjects, genders, self._people, self._spoken),
        )

    def resolve(self, candidate: Candidate, last: Resolved | None) -> Resolved:
        """The entity that a candidate stands for. `last` is the speaker of the quote before."""
        found = self._resolved(candidate, last)
        if found.group is None and found.owner is None:
            fuller = self._nameless.fuller(found, self._spoken)
            if fuller is not None:
                found = Resolved(fuller.start, fuller.end, None, self._owner(fuller, None))
        who = replace(found, group=self.told(found.group))
        owner = self.told(self._owner(candidate, last))
        who = who if owner is None or owner == who.group else replace(who, owner=owner)
        who = self._owned.fuller(who) or who
        # Whoever has spoken, by entity or else by how they are called.
        self._spoken[self._text[who.start : who.end] if who.group is None else who.group] += 1
        return who

    def told(self, group: int | None) -> int | None:
        """The entity, None where it is a surname that may be several people's."""
        return None if group in self._shared else group

    def _owner(self, candidate: Candidate, last: Resolved | None) -> int | None:
        """The entity of whoever owns the candidate, by name or as in "**his** lawyer"."""
        if candidate.owner is not None:
            group = candidate.owner.group
            return None if group is None else self._misspellings.corrected(group)
        word, _, noun = self._text[candidate.start : candidate.end].lower().partition(" ")
        if candidate.kind != "role" or word not in _OWNING or role_word(WORD.findall(noun)) not in _OWNED:
            return None
        pronoun = Candidate(candidate.start, candidate.start + len(word), "pronoun")
        found = self._people.person(pronoun, _OWNING[word], last)
        if found is None or found.group is None:
            return None
        only = self._index.only_person_before(candidate.start)
        is_sure = only is not None or self._genders.is_surely(found.group, _OWNING[word])
        return found.group if is_sure else None

    def _resolved(self, candidate: Candidate, last: Resolved | None) -> Resolved:
        itself = Resolved(candidate.start, candidate.end, candidate.group)
        if candidate.kind in ("work", "together"):
            return itself
        if candidate.kind == "name":
            group = self._meant.get(candidate.start, candidate.group)
            group = None if group is None else self._misspellings.corrected(group)
            holder = self._offices.in_letters(candidate)
            group = group if holder is None else holder
            return Resolved(candidate.start, candidate.end, group)
        word = self._text[candidate.start : candidate.end].lower()
        if candidate.kind == "pronoun":
            if word == "i":
                return itself
            word = _SUBJECTS.get(word, word)
            find = {"it": self._plural.it, "they": self._plural.they}.get(word)
            found = find(candidate, last) if find else self._people.he_or_she(candidate, word, last)
            if found is not None and found.group is not None and find is None:
                self._genders.learn(found.group, word)
        else:
            found = self._roles.role(candidate, word, last)
        if found is None:
            return itself
        if found.group is None:
            return found
        return Resolved(candidate.start, candidate.end, found.group, found.owner)

    def role(self, candidate: Candidate, phrase: str, last: Resolved | None) -> Resolved | None:
        """The entity of a role; `phrase` is its mention in small letters."""
        return self._roles.role(candidate, phrase, last)

    def of(self, c: Candidate, last: Resolved | None) -> Resolved:
        """The entity of a name or a role."""
        if c.kind == "name":
            return Resolved(c.start, c.end, c.group)
        found = self._roles.role(c, self._text[c.start : c.end].lower(), last)
        return found or Resolved(c.start, c.end, None, self._owner(c, last))
