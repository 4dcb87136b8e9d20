"""Train the student: python -m training.multilingual.distil --teacher FILE --start FOLDER --output FOLDER ...

The student has six of the teacher's layers. It learns from what the teacher finds in texts of all languages,
labelled or not, and from the labels where there are any. Writes `checkpoint.pt` every few minutes, from which
the same command with `--resume` goes on, and at the end `mean.pt`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from training.batches import TASKS
from training.examples import Window
from training.multilingual.encoders import network_of, student_of
from training.multilingual.losses import label_sets, task_losses
from training.multilingual.train import add_run_arguments, hidden_batch, prepared
from training.network import Network
from training.train import TASK_WEIGHTS

LABELLED = 0.5
"""The weight of the loss of labels; that of the teacher's probabilities is 1."""

HIDDEN = 1.0
"""The weight of the distance between the last hidden states."""

TEMPERATURE = 2.0
"""Softens the probabilities, so that the student learns which tags the teacher thought of too."""


def head_mask(cuts: list[Window], shape: torch.Size) -> Tensor:
    """Which pieces of a batch are judged, those that a token begins in: bool [windows, pieces]."""
    mask = torch.zeros(shape, dtype=torch.bool)
    for row, (example, start, end) in zip(mask, cuts, strict=True):
        inside = example.heads[(example.heads >= start) & (example.heads < end)]
        row[torch.from_numpy(inside - start + 1)] = True
    return mask


def distance(student: Tensor, teacher: Tensor, present: Tensor) -> Tensor:
    """The mean of 1 - cosine of the hidden states of the pieces. `present`: bool [windows, pieces]."""
    return (1 - functional.cosine_similarity(student[present], teacher[present], dim=-1)).mean()


def softened(student: Tensor, teacher: Tensor, judged: Tensor) -> Tensor:
    """The mean over the pieces of the Kullback-Leibler divergence of the tags from those of the teacher."""
    found = (student[judged] / TEMPERATURE).log_softmax(-1)
    wanted = (teacher[judged] / TEMPERATURE).log_softmax(-1)
    return TEMPERATURE**2 * functional.kl_div(found, wanted, log_target=True, reduction="batchmean")


def distillation_loss(
    student: Network, teacher: Network, batch: dict[str, Tensor], cuts: list[Window], whole: Tensor
) -> Tensor:
    """The losses of labels, of tags softened by the temperature, of topics and of hidden states together.

    `whole`: the ids of the batch before a share of them was masked, which the teacher reads.
    """
    features = (batch["shapes"], batch["spacings"], batch["mask"])
    with torch.no_grad():
        wanted_states = teacher.states(whole, *features)
        wanted = teacher.read(wanted_states, batch["mask"])
    states = student.states(batch["ids"], *features)
    found = student.read(states, batch["mask"])
    judged = head_mask(cuts, whole.shape)
    total = LABELLED * task_losses(found, batch, label_sets(cuts), int(judged.sum()) + 1)
    for scores, teacher_scores, weight in zip(found[: len(TASKS)], wanted, TASK_WEIGHTS, strict=False):
        total = total + weight * softened(scores, teacher_scores, judged)
    topics = functional.binary_cross_entropy_with_logits(found[-1], wanted[-1].sigmoid())
    return total + topics + HIDDEN * distance(states, wanted_states, batch["mask"] > 0)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_run_arguments(parser, pieces=5_000_000, rate=1.5e-4)
    parser.add_argument("--teacher", type=Path, required=True, help="mean.pt of training.multilingual.train")
    options = parser.parse_args()
    run = prepared(options)
    state = torch.load(options.teacher, weights_only=True)
    teacher, student = network_of(state).eval(), student_of(state)

    def loss(trained: Network, cuts: list[Window], rank: int) -> Tensor:
        batch, whole = hidden_batch(cuts, run.reader, options.hide)
        return distillation_loss(trained, teacher, batch, cuts, whole)

    run.train(student, loss, options)


if __name__ == "__main__":
    main()
