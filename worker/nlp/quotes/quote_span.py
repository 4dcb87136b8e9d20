"""A quote, as the quotes component finds it and the speakers component completes it at `doc._.quotes`."""

from dataclasses import dataclass

from spacy.tokens import Doc

if not Doc.has_extension("quotes"):
    Doc.set_extension("quotes", default=None)


@dataclass(frozen=True, slots=True)
class QuoteSpan:
    """A quote in code points of `doc.text`. The speakers component adds cue, speaker and group.

    `group`: index into `doc._.groups` of the entity that the speaker's mention stands for, None where that is
    unknown. `owner`: likewise, of whoever the speaker speaks for or belongs to. `report`: of a "mixed" quote,
    the report around it, if the encoder found one. `pattern`: what found the speaker, for measurements.
    """

    start: int
    end: int
    kind: str
    confidence: float
    cue: tuple[int, int] | None = None
    speaker: tuple[int, int] | None = None
    group: int | None = None
    report: tuple[int, int] | None = None
    owner: int | None = None
    pattern: str | None = None
