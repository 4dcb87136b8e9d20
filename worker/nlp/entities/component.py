"""The component that turns the encoder's scores into `doc.ents`. Factory name: "dateline_entities".

Labels are those of ENTITY_LABELS; LOC includes countries and cities. Titles ("President") and possessives
("’s") are not part of a name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span

from worker.nlp.encoder.encoding import Encoding
from worker.nlp.encoder.tags import ENTITY_TAGS, Bounds, best_path, spans, transitions
from worker.nlp.entities.agreement import agree

RULES = transitions(ENTITY_TAGS)

LONGEST_NAME = 200
"""In characters. What is longer is no name but a text the encoder was not made for."""


def tag_entities(doc: Doc) -> Doc:
    """Set `doc.ents` from `doc._.encoding`: the best tags that obey the scheme, one label a name."""
    found = (Span(doc, start, end, label=label) for start, end, label in entity_bounds(doc))
    doc.ents = [ent for ent in found if ent.end_char - ent.start_char <= LONGEST_NAME]
    return doc


def entity_bounds(doc: Doc) -> Iterator[Bounds]:
    """Token bounds and labels of the entities, in order.

    Of tokens that share a word piece only the first is judged: the others are inside a name, never its end,
    as in "the 1970s", where the piece is "1970s" and the date "1970".
    """
    encoding: Encoding = doc._.encoding
    read = np.flatnonzero(encoding.heads >= 0)
    judged = read[np.diff(encoding.heads[read], prepend=-1) != 0]
    scores = encoding.entities[judged]
    words = [doc[i].text for i in judged.tolist()]
    for start, end, label in agree(spans(best_path(scores, RULES), ENTITY_TAGS), words, scores):
        yield int(judged[start]), int(judged[end - 1]) + 1, label


@Language.factory("dateline_entities", requires=["doc._.encoding"], assigns=["doc.ents"])
def make_entities(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component has no settings and nothing to load."""
    return tag_entities
