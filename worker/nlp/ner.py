"""The component that turns the encoder's scores into `doc.ents`. Factory name: "dateline_entities".

Labels are those of ENTITY_LABELS; LOC includes countries and cities. Titles ("President") and possessives
("’s") are not part of a name.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc, Span

from worker.nlp.encoder import Encoding
from worker.nlp.tags import ENTITY_TAGS, Bounds, best_path, spans, transitions

RULES = transitions(ENTITY_TAGS)

LONGEST_NAME = 200
"""In characters. What is longer is no name but a text the encoder was not made for."""


def tag_entities(doc: Doc) -> Doc:
    """Set `doc.ents` from `doc._.encoding`: the best sequence of tags that obeys the scheme."""
    found = (Span(doc, start, end, label=label) for start, end, label in entity_bounds(doc._.encoding))
    doc.ents = [ent for ent in found if ent.end_char - ent.start_char <= LONGEST_NAME]
    return doc


def entity_bounds(encoding: Encoding) -> Iterator[Bounds]:
    """Token bounds and labels of the entities, in order. Tokens that share a word piece stay together."""
    read = np.flatnonzero(encoding.heads >= 0)
    groups = encoding.heads[read]
    first, last = read[np.diff(groups, prepend=-1) != 0], read[np.diff(groups, append=-1) != 0]
    for start, end, label in spans(best_path(encoding.entities[first], RULES), ENTITY_TAGS):
        yield int(first[start]), int(last[end - 1]) + 1, label


@Language.factory("dateline_entities", requires=["doc._.encoding"], assigns=["doc.ents"])
def make_entities(nlp: Language, name: str):
    """The component has no settings and nothing to load."""
    return tag_entities
