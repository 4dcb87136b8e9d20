"""The token tasks that the network is trained on, and padded batches of windows for it."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from training.examples import IGNORED, Window
from worker.nlp.encoder.reader import CLS_ID, SEP_ID
from worker.nlp.encoder.tags import CONTENT_TAGS, ENTITY_TAGS, ROLE_TAGS
from worker.nlp.topics.labels import CODES

TASKS = {"entities": ENTITY_TAGS, "roles": ROLE_TAGS, "contents": CONTENT_TAGS}
"""The tags of each token task. The network returns the tasks' logits in this order."""


_INPUTS = ("ids", "shapes", "spacings", "mask")


def inputs_of(batch: dict[str, Tensor]) -> tuple[Tensor, ...]:
    """What the network reads of a batch that `collate` made, in its order."""
    return tuple(batch[name] for name in _INPUTS)


def collate(batch: list[Window], *, begin: int = CLS_ID, end: int = SEP_ID) -> dict[str, Tensor]:
    """Windows as padded tensors by name. `begin` and `end` are the ids of the pieces around each.

    `ids`, `shapes`, `spacings`, `mask`: the network's inputs, int64 [windows, pieces]. A task's name: tag
    indices, IGNORED where there is no label. `soft_` and a task's name: a teacher's probabilities [windows,
    pieces, tags], if any window has them. `topics` and `topic_weight`: float32 [windows, 17], the labels and
    what each counts in the loss; weights are 0 except in an article's first window.
    """
    length = max(last - first for _, first, last in batch) + 2
    shape = (len(batch), length)
    out: dict[str, np.ndarray] = {name: np.zeros(shape, dtype=np.int64) for name in _INPUTS}
    out |= {name: np.full(shape, IGNORED, dtype=np.int64) for name in TASKS}
    for name, tags in TASKS.items():
        if any(getattr(e, f"soft_{name}") is not None for e, _, _ in batch):
            out[f"soft_{name}"] = np.zeros((*shape, len(tags)), dtype=np.float32)
    out["topics"] = np.zeros((len(batch), len(CODES)), dtype=np.float32)
    out["topic_weight"] = np.zeros((len(batch), len(CODES)), dtype=np.float32)
    for i, (example, first, last) in enumerate(batch):
        inside = slice(1, last - first + 1)
        out["ids"][i, 0] = begin
        out["ids"][i, inside] = example.pieces.ids[first:last]
        out["ids"][i, last - first + 1] = end
        out["shapes"][i, inside] = example.pieces.shapes[first:last]
        out["spacings"][i, inside] = example.pieces.spacings[first:last]
        out["mask"][i, : last - first + 2] = 1
        for name in TASKS:
            target, soft = getattr(example, name), getattr(example, f"soft_{name}")
            if target is not None:
                out[name][i, inside] = target[first:last]
            if soft is not None:
                out[f"soft_{name}"][i, inside] = soft[first:last]
        if example.topics is not None and first == 0:
            out["topics"][i] = example.topics
            # Under a publisher's category an article may well have topics that the category does not name.
            out["topic_weight"][i] = np.where(example.topics > 0, 0.5, 0.1) if example.article.weak else 1
    return {name: torch.from_numpy(array) for name, array in out.items()}
