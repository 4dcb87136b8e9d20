"""The losses of a run: of names where only some labels are annotated, and of all tasks together."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from training.batches import TASKS
from training.examples import IGNORED, Window
from training.train import TASK_WEIGHTS
from worker.nlp.encoder.tags import ENTITY_LABELS, ENTITY_TAGS
from worker.nlp.topics.labels import CODES

THREE_LABELS = ("PERSON", "ORG", "LOC")
LABEL_SETS: tuple[tuple[str, ...], ...] = (ENTITY_LABELS, THREE_LABELS, (*THREE_LABELS, "MISC"))
"""Which labels the texts have that annotate names: all, three, or three and a fourth for all other names."""

OTHER_NAMES = ("MISC", "NORP", "PRODUCT", "FAC")
"""What the fourth label of LABEL_SETS may be under the labels of the English texts."""

MOST_LOGIT = 1e4


def possible_tags() -> Tensor:
    """0 where a tag is possible under an annotated one, else -MOST_LOGIT: float32 [label sets, tags, tags].

    Where not all labels are annotated, "O" says only that none of the annotated ones is there.
    """
    table = torch.full((len(LABEL_SETS), len(ENTITY_TAGS), len(ENTITY_TAGS)), -MOST_LOGIT)
    for i, labels in enumerate(LABEL_SETS):
        unknown = [label for label in ENTITY_LABELS if label not in labels]
        for j, tag in enumerate(ENTITY_TAGS):
            table[i, j, j] = 0
            if tag == "O":
                possible = [f"{prefix}-{label}" for label in unknown for prefix in "BIES"]
            elif tag[2:] == "MISC" and unknown:
                possible = [f"{tag[0]}-{label}" for label in OTHER_NAMES]
            else:
                possible = []
            for other in possible:
                table[i, j, ENTITY_TAGS.index(other)] = 0
    return table


POSSIBLE_TAGS = possible_tags()


def label_sets(cuts: list[Window]) -> Tensor:
    """The index in LABEL_SETS of what each window's text annotates: int64 [windows]."""
    sets = [example.article.labels for example, _, _ in cuts]
    return torch.tensor([0 if labels is None else LABEL_SETS.index(labels) for labels in sets])


def name_loss(scores: Tensor, targets: Tensor, sets: Tensor) -> Tensor:
    """The sum over pieces of -log of the probability of all tags that are possible under the annotated one.

    `scores`: float32 [windows, pieces, tags]. `targets`: int64 [windows, pieces]. `sets`: as `label_sets`.
    """
    labelled = targets != IGNORED
    allowed = POSSIBLE_TAGS[sets[:, None].expand_as(targets)[labelled], targets[labelled]]
    found = scores[labelled]
    return (found.logsumexp(-1) - (found + allowed).logsumexp(-1)).sum()


def task_losses(outputs: tuple[Tensor, ...], batch: dict[str, Tensor], sets: Tensor, tokens: int) -> Tensor:
    """The weighted losses of all tasks. Sums over tokens are divided by one number in every batch."""
    entities, *others, topics = (output.float() for output in outputs)
    total = TASK_WEIGHTS[0] * name_loss(entities, batch["entities"], sets) / tokens
    for name, scores, weight in zip(list(TASKS)[1:], others, TASK_WEIGHTS[1:], strict=True):
        if (batch[name] != IGNORED).any():
            hard = functional.cross_entropy(
                scores.flatten(0, 1), batch[name].flatten(), ignore_index=IGNORED, reduction="sum"
            )
            total = total + weight * hard / tokens
    topic_loss = functional.binary_cross_entropy_with_logits(
        topics, batch["topics"], batch["topic_weight"], reduction="sum"
    )
    return total + 0.5 * topic_loss / (5 * len(CODES))
