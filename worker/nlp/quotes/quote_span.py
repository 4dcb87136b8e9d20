"""What the quotes component finds and the speakers component completes."""

from dataclasses import dataclass

from spacy.tokens import Doc

if not Doc.has_extension("quotes"):
    Doc.set_extension("quotes", default=None)


@dataclass(frozen=True, slots=True)
class QuoteSpan:
    """A quote in code points of `doc.text`, and who said it once the speakers component has run.

    `group`: index into `doc._.groups` of the entity behind the speaker's mention; None where it can't be
    told. `report`: of a fragment ("mixed") the whole report that it stands in, where that was seen.
    """

    start: int
    end: int
    kind: str
    confidence: float
    cue: tuple[int, int] | None = None
    speaker: tuple[int, int] | None = None
    group: int | None = None
    report: tuple[int, int] | None = None
