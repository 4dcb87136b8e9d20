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
from worker.nlp.encoder.tags import ENTITY_TAGS, LabelledTokens, best_path, decode_spans, transitions
from worker.nlp.encoder.text import text_of, token_bounds
from worker.nlp.entities.agreement import agree_labels
from worker.nlp.entities.trusted import without_left_out

_TRANSITIONS = transitions(ENTITY_TAGS)

MAX_NAME_CHARS = 200
"""Longer spans are no names: they come from text that the encoder was not made for."""


def tag_entities(doc: Doc) -> Doc:
    """Set `doc.ents` to the names in `doc._.encoding`: the best valid tags, with one label for each name."""
    found = (Span(doc, start, end, label=label) for start, end, label in entity_bounds(doc))
    doc.ents = [ent for ent in found if ent.end_char - ent.start_char <= MAX_NAME_CHARS]
    return doc


def entity_bounds(doc: Doc) -> Iterator[LabelledTokens]:
    """The token ranges and labels of the entities, in order.

    Of tokens that share a word piece only the first is decoded, so a name may contain the others but not end
    with one: in "the 1970s" the piece is "1970s", and the date is the token "1970".
    """
    encoding: Encoding = doc._.encoding
    read = np.flatnonzero(encoding.heads >= 0)
    judged = read[np.diff(encoding.heads[read], prepend=-1) != 0]
    text, (starts, ends) = text_of(doc), token_bounds(doc)
    places = zip(starts[judged].tolist(), ends[judged].tolist(), strict=True)
    words = [text[start:end] for start, end in places]
    scores = without_left_out(encoding.entities[judged], words, doc.lang_)
    found = decode_spans(best_path(scores, _TRANSITIONS), ENTITY_TAGS)
    for start, end, label in agree_labels(found, words, scores):
        yield int(judged[start]), int(judged[end - 1]) + 1, label


@Language.factory("dateline_entities", requires=["doc._.encoding"], assigns=["doc.ents"])
def make_entities(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component, which has no settings and no model."""
    return tag_entities
