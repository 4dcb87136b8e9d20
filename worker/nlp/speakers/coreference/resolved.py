"""What resolving a mention gives, and what the parts of this package ask of each other for it."""

from dataclasses import dataclass
from typing import Protocol

from worker.nlp.speakers.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Resolved:
    """A speaker: the mention to publish, and its entity, or None where only the mention is known.

    `owner`: the entity whose lawyer, office or relative the speaker is called.
    `spoke`: of the last speaker, where what they said ends; -1 where nobody has spoken.
    """

    start: int
    end: int
    group: int | None
    owner: int | None = None
    spoke: int = -1


class RoleResolver(Protocol):
    """Resolves the roles that pronouns and documents lead to."""

    def role(self, candidate: Candidate, phrase: str, last: Resolved | None) -> Resolved | None:
        """The entity of a role; `phrase` is its mention in small letters."""

    def of(self, c: Candidate, last: Resolved | None) -> Resolved:
        """The entity of a name or a role."""
