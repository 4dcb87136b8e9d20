"""The phrase of a speaker, which may be several mentions side by side."""

from dataclasses import dataclass

from worker.nlp.speakers.candidates import Candidate


@dataclass(frozen=True, slots=True)
class Phrase:
    """Mentions that name one speaker together: "NATO chief Mark Rutte". `head` is the speaker's mention."""

    start: int
    end: int
    head: Candidate
