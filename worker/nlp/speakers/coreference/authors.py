"""Finds who speaks by a document: "the letter", "her letter", "the regulator's letter"."""

import re

from worker.nlp.speakers.candidates import Candidate
from worker.nlp.speakers.coreference.bodies import Bodies
from worker.nlp.speakers.coreference.called import DEFINITE, NEAR_CHARS, POSSESSIVE_PRONOUNS
from worker.nlp.speakers.coreference.index import MentionIndex
from worker.nlp.speakers.coreference.it_and_they import ItAndThey
from worker.nlp.speakers.coreference.people import People
from worker.nlp.speakers.coreference.resolved import Resolved, RoleResolver
from worker.nlp.speakers.documents import DocumentAuthors

_GENITIVE = re.compile(r"([Tt]he\s+(?:[\w-]+\s+){0,3}[a-z-]+)['’]s?\s")


class Authors:
    """Those who wrote or issued the documents of one article."""

    def __init__(
        self,
        index: MentionIndex,
        documents: DocumentAuthors,
        bodies: Bodies,
        people: People,
        plural: ItAndThey,
        resolver: RoleResolver,
    ) -> None:
        self._index, self._documents = index, documents
        self._bodies, self._people, self._plural, self._resolver = bodies, people, plural, resolver
        self._text = index.text

    def document(
        self, candidate: Candidate, phrase: str, head: str, last: Resolved | None
    ) -> Resolved | None:
        """ "The letter", "her letter", "the regulator's letter": its author."""
        owner = self._issuer(candidate, phrase, last)
        if owner is not None:
            return Resolved(candidate.start, candidate.end, owner)
        noun = self._text[candidate.start : candidate.end].lower().rfind(head) + candidate.start
        if self._text[noun].isupper() and noun > candidate.start + 4:
            # "The Harbour Report" has a name, and may be anybody's.
            return None
        if phrase.startswith(DEFINITE):
            joint = self._joint_authors(head, candidate.start)
            if joint is not None:
                return joint
            author = self._documents.author(head, candidate.start)
        else:
            author = self._documents.issuer(head, noun)
        if author is None:
            return None
        if author.group is None:
            return Resolved(author.start, author.end, None)
        return Resolved(candidate.start, candidate.end, author.group)

    def _joint_authors(self, head: str, before: int) -> Resolved | None:
        """ "**Ada Obi and Ken Sato** said in a joint statement": those whom its sentence names as a pair."""
        at = self._text.rfind(f"joint {head}", max(0, before - 2 * NEAR_CHARS), before)
        inside = self._index.between(self._index.sentence_start(at), at) if at >= 0 else []
        return self._index.pair([c for c in inside if c.type == "PERSON"])

    def _issuer(self, candidate: Candidate, phrase: str, last: Resolved | None) -> int | None:
        """The entity in front of a document: "**its** statement", "**the regulator**'s report"."""
        word, _, _ = phrase.partition(" ")
        if word in POSSESSIVE_PRONOUNS:
            pronoun = Candidate(candidate.start, candidate.start + len(word), "pronoun")
            subject = POSSESSIVE_PRONOUNS[word]
            if subject == "it":
                found = self._bodies.body(pronoun, None, last)
            else:
                they = subject == "they"
                found = (
                    self._plural.they(pronoun, last) if they else self._people.person(pronoun, subject, last)
                )
            return found.group if found is not None else None
        own = _GENITIVE.match(self._text, candidate.start, candidate.end)
        if own is None:
            return None
        owner = Candidate(candidate.start, own.end(1), "role")
        found = self._resolver.role(owner, self._text[owner.start : owner.end].lower(), last)
        return found.group if found is not None else None
