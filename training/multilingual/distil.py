"""Train the student: python -m training.multilingual.distil --data FOLDER --start FOLDER --teacher FILE --output F

The student has six of the teacher's layers. It learns from what the teacher finds in texts of all languages,
labelled or not, and from the labels where there are any. Writes `checkpoint.pt` every few minutes, from which
the same command with `--resume` goes on, and at the end `mean.pt`.
"""

from __future__ import annotations

import argparse
import functools
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from training.batches import TASKS
from training.examples import Window
from training.multilingual.encoders import load_reader, network_of, student_of
from training.multilingual.evaluation import held_out_sets
from training.multilingual.loop import train_in_workers
from training.multilingual.losses import label_sets, task_losses
from training.multilingual.train import (
    SAMPLE,
    add_run_arguments,
    hidden_batch,
    planned,
    run_options,
    score_share,
)
from training.network import Network
from training.train import TASK_WEIGHTS

LABELLED = 0.5
"""The weight of the loss of labels; that of the teacher's probabilities is 1."""

HIDDEN = 1.0
"""The weight of the distance between the last hidden states."""

TEMPERATURE = 2.0
"""Softens the probabilities, so that the student learns which tags the teacher thought of too."""


def distance(student: Tensor, teacher: Tensor, present: Tensor) -> Tensor:
    """The mean of 1 - cosine of the hidden states of all pieces. `present`: bool [windows, pieces]."""
    return (1 - functional.cosine_similarity(student[present], teacher[present], dim=-1)).mean()


def softened(student: Tensor, teacher: Tensor, present: Tensor) -> Tensor:
    """The mean over all pieces of the Kullback-Leibler divergence of the student's tags from the teacher's."""
    found = (student[present] / TEMPERATURE).log_softmax(-1)
    wanted = (teacher[present] / TEMPERATURE).log_softmax(-1)
    return TEMPERATURE**2 * functional.kl_div(found, wanted, log_target=True, reduction="batchmean")


def outputs_and_states(network: Network, batch: dict[str, Tensor]) -> tuple[tuple[Tensor, ...], Tensor]:
    """What the network's heads give, and the last hidden states."""
    hidden = network.states(batch["ids"], batch["shapes"], batch["spacings"], batch["mask"])
    return network.read(hidden, batch["mask"]), hidden


def distillation_loss(student: Network, teacher: Network, batch: dict[str, Tensor], sets: Tensor) -> Tensor:
    """The losses of labels, of tags softened by the temperature, of topics and of hidden states together."""
    with torch.no_grad():
        wanted, wanted_states = outputs_and_states(teacher, batch)
    found, states = outputs_and_states(student, batch)
    present = batch["mask"] > 0
    tokens = max(1, int(present.sum())) // 2
    total = LABELLED * task_losses(found, batch, sets, tokens)
    for scores, teacher_scores, weight in zip(found[: len(TASKS)], wanted, TASK_WEIGHTS, strict=False):
        total = total + weight * softened(scores, teacher_scores, present)
    topics = functional.binary_cross_entropy_with_logits(found[-1], wanted[-1].sigmoid())
    return total + topics + HIDDEN * distance(states, wanted_states, present)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_run_arguments(parser, pieces=5_000_000, rate=1.5e-4)
    parser.add_argument("--teacher", type=Path, required=True, help="mean.pt of training.multilingual.train")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    reader = load_reader(options.start)
    schedule = planned(options, reader)
    sets = held_out_sets(options.data, reader, SAMPLE)
    state = torch.load(options.teacher, weights_only=True)
    teacher, student = network_of(state).eval(), student_of(state)
    student.encoder.embeddings.word_embeddings.weight.requires_grad_(False)

    def loss(trained: Network, cuts: list[Window], rank: int) -> Tensor:
        batch = hidden_batch(cuts, reader, options.hide)
        return distillation_loss(trained, teacher, batch, label_sets(cuts))

    train_in_workers(
        student,
        schedule,
        run_options(options),
        loss,
        functools.partial(score_share, sets=sets, reader=reader),
        options.output,
        resume=options.resume,
    )


if __name__ == "__main__":
    main()
