"""What a set of names annotates, and which tags are therefore possible where it says "O" or MISC."""

from __future__ import annotations

import numpy as np

from worker.nlp.encoder.tags import ENTITY_LABELS, ENTITY_TAGS

THREE_LABELS = ("PERSON", "ORG", "LOC")
LABEL_SETS: tuple[tuple[str, ...], ...] = (ENTITY_LABELS, THREE_LABELS, (*THREE_LABELS, "MISC"))
"""Which labels the texts have that annotate names: all, three, or three and a fourth for all other names."""

OTHER_NAMES = ("MISC", "NORP", "PRODUCT", "FAC")
"""What the fourth label of LABEL_SETS may be under the labels of the English texts."""


def possible_tags() -> np.ndarray:
    """Which tags are possible under an annotated one: bool [label sets, annotated tag, possible tag].

    Where not all labels are annotated, "O" says only that none of the annotated ones is there.
    """
    table = np.zeros((len(LABEL_SETS), len(ENTITY_TAGS), len(ENTITY_TAGS)), dtype=bool)
    for i, labels in enumerate(LABEL_SETS):
        unknown = [label for label in ENTITY_LABELS if label not in labels]
        for j, tag in enumerate(ENTITY_TAGS):
            possible = [tag]
            if tag == "O":
                possible += [f"{prefix}-{label}" for label in unknown for prefix in "BIES"]
            elif tag[2:] == "MISC" and unknown:
                possible += [f"{tag[0]}-{label}" for label in OTHER_NAMES]
            table[i, j, [ENTITY_TAGS.index(name) for name in possible]] = True
    return table


def label_set_of(labels: tuple[str, ...] | None) -> int:
    """The index in LABEL_SETS of a text's labels; None are all of them."""
    return 0 if labels is None else LABEL_SETS.index(labels)
