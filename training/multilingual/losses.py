"""The losses of a run: of names where only some labels are annotated, and of all tasks together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.batches import TASKS
from training.examples import IGNORED, Window
from training.multilingual.label_sets import label_set_of, possible_tags
from training.train import TASK_WEIGHTS
from worker.nlp.topics.labels import CODES

MOST_LOGIT = 1e4
FORBIDDEN = torch.from_numpy(np.where(possible_tags(), 0, -MOST_LOGIT).astype(np.float32))
"""0 where a tag is possible under an annotated one: float32 [label sets, tags, tags]."""


def label_sets(cuts: list[Window]) -> Tensor:
    """The index in LABEL_SETS of what each window's text annotates: int64 [windows]."""
    return torch.tensor([label_set_of(example.article.labels) for example, _, _ in cuts])


def name_loss(scores: Tensor, targets: Tensor, sets: Tensor) -> Tensor:
    """The sum over pieces of -log of the probability of all tags that are possible under the annotated one.

    `scores`: float32 [windows, pieces, tags]. `targets`: int64 [windows, pieces]. `sets`: as `label_sets`.
    """
    labelled = targets != IGNORED
    barred = FORBIDDEN[sets[:, None].expand_as(targets)[labelled], targets[labelled]]
    found = scores[labelled]
    return (found.logsumexp(-1) - (found + barred).logsumexp(-1)).sum()


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


def soft_losses(
    outputs: tuple[Tensor, ...], taught: Sequence[Tensor], batch: dict[str, Tensor], tokens: int
) -> Tensor:
    """The weighted cross entropies of all token tasks with a teacher's probabilities, where tokens begin.

    `taught`: the teacher's scores of the same windows. Texts that no task annotates are left out.
    """
    begins = torch.stack([batch[name] != IGNORED for name in TASKS]).any(0)
    total = torch.zeros(())
    for scores, wanted, weight in zip(outputs[: len(TASKS)], taught[: len(TASKS)], TASK_WEIGHTS, strict=True):
        apart = -(wanted[begins].softmax(-1) * scores[begins].float().log_softmax(-1)).sum()
        total = total + weight * apart / tokens
    return total
