"""Train the encoder: python -m training.multilingual.train --data FOLDER --start FOLDER --output FOLDER

`--start` is the folder that training.multilingual.vocabulary wrote. Writes `checkpoint.pt` every few minutes,
from which the same command with `--resume` goes on, and at the end `mean.pt`, the moving average of the
weights.
"""

from __future__ import annotations

import argparse
import functools
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from training.batches import collate, inputs_of
from training.examples import Window
from training.multilingual.encoders import load_reader, pretrained_network
from training.multilingual.evaluation import HeldOut, held_out_sets, print_held_out
from training.multilingual.loop import Loss, RunOptions, train_in_workers
from training.multilingual.losses import label_sets, soft_losses, task_losses
from training.multilingual.plan import english_pools, other_pools, plan_run
from training.multilingual.vocabulary import SPECIAL_PIECES
from training.network import Network
from training.restore import network_from, with_layers
from training.train import mask_pieces
from worker.nlp.encoder.reader import PieceReader

SCORED_AT = (0.1, 0.25, 0.5, 0.75, 1.0)
PRETRAINED_LAYERS = 9
HARD_SHARE = 0.5
"""The weight of the labels' losses beside a teacher's."""

SAMPLE = 60
"""Sentences of each held-out set that are scored while the network trains."""


def add_run_arguments(parser: argparse.ArgumentParser, *, pieces: int, rate: float) -> None:
    """The options that all runs of training have."""
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--start", type=Path, required=True, help="the folder of the pruned vocabulary")
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--pieces", type=int, default=pieces, help="how many to train on in all")
    parser.add_argument("--rate", type=float, default=rate, help="the encoder's peak learning rate")
    parser.add_argument("--window", type=int, default=190, help="pieces")
    parser.add_argument("--batch", type=int, default=1536, help="pieces a step of a worker")
    parser.add_argument("--hide", type=float, default=0.08, help="share of pieces masked in training")
    parser.add_argument("--minutes", type=float, default=10, help="between checkpoints")
    parser.add_argument("--workers", type=int, default=2, help="of one thread each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in the output")
    parser.add_argument("--open", action="store_true", help="train only on data with open licences")
    parser.add_argument("--tune", action="store_true", help="leave out the tuning newspapers")
    parser.add_argument(
        "--bfloat16", action="store_true", help="products in bfloat16, if the processor has it"
    )
    parser.add_argument("--steps", type=int, help="stop after so many batches, to see whether all steps run")


def run_options(options: argparse.Namespace) -> RunOptions:
    return RunOptions(
        rate=options.rate,
        minutes=options.minutes,
        scored_at=SCORED_AT,
        seed=options.seed,
        workers=options.workers,
        stop_after=options.steps,
    )


def planned(options: argparse.Namespace, reader: PieceReader) -> list[list[Window]]:
    """The batches of a run with these options."""
    pools = [
        *english_pools(options.data, everything=not options.tune, open_only=options.open),
        *other_pools(options.data, open_only=options.open),
    ]
    return plan_run(
        pools, reader, pieces=options.pieces, batch=options.batch, size=options.window, seed=options.seed
    )


def hidden_batch(cuts: list[Window], reader: PieceReader, hide: float) -> dict[str, Tensor]:
    """A batch in which a share of the pieces is masked."""
    batch = collate(cuts, begin=reader.begin, end=reader.end)
    batch["ids"] = mask_pieces(batch["ids"], hide, mask=reader.mask, last_special=len(SPECIAL_PIECES) - 1)
    return batch


def score_share(
    network: Network, rank: int, workers: int, name: str, *, sets: HeldOut, reader: PieceReader
) -> None:
    """Score a worker's share of the held-out sets."""
    mine = {part: examples for i, (part, examples) in enumerate(sets.items()) if i % workers == rank}
    print_held_out(network, mine, reader, name=name)


@dataclass(frozen=True)
class Prepared:
    """What a run trains on: the reader of pieces, the batches, and the held-out sets."""

    reader: PieceReader
    schedule: list[list[Window]]
    held_out: HeldOut

    def train(self, network: Network, loss: Loss, options: argparse.Namespace) -> None:
        """Train all of the network but its word embeddings."""
        network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        train_in_workers(
            network,
            self.schedule,
            run_options(options),
            loss,
            functools.partial(score_share, sets=self.held_out, reader=self.reader),
            options.output,
            resume=options.resume,
        )


def prepared(options: argparse.Namespace) -> Prepared:
    """The run that the options of `add_run_arguments` ask for."""
    options.output.mkdir(parents=True, exist_ok=True)
    # Workers are forked, which threads do not survive.
    torch.set_num_threads(1)
    torch.manual_seed(options.seed)
    reader = load_reader(options.start)
    return Prepared(reader, planned(options, reader), held_out_sets(options.data, reader, SAMPLE))


def starting_network(options: argparse.Namespace) -> Network:
    """The network that a run begins with, without gradients for what stays as it is."""
    if options.further:
        network = network_from(options.further)
        if options.layers:
            with_layers(network, list(range(1, options.layers + 1)))
    else:
        network = pretrained_network(options.start, options.layers or PRETRAINED_LAYERS)
    embedding = (network.encoder.embeddings, network.shapes, network.spacings)
    for part in (*embedding, *network.encoder.encoder.layer[: options.frozen]) if options.frozen else ():
        part.requires_grad_(False)
    return network


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_run_arguments(parser, pieces=9_000_000, rate=1.2e-4)
    parser.add_argument(
        "--layers",
        type=int,
        help=f"how many of the lowest; {PRETRAINED_LAYERS} of the pre-trained 12, or all with --further",
    )
    parser.add_argument(
        "--further", type=Path, help="a mean.pt or model.onnx, whose lowest layers are trained in their place"
    )
    parser.add_argument("--frozen", type=int, default=0, help="so many of the lowest layers stay")
    parser.add_argument("--teacher", type=Path, help="a mean.pt or model.onnx that teaches too")
    options = parser.parse_args()
    run = prepared(options)
    network = starting_network(options)
    teacher = network_from(options.teacher) if options.teacher else None

    def loss(trained: Network, cuts: list[Window], rank: int) -> Tensor:
        batch = hidden_batch(cuts, run.reader, options.hide)
        read = inputs_of(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bfloat16):
            outputs = trained(*read)
            total = task_losses(outputs, batch, label_sets(cuts), options.batch // 2)
            if teacher is None:
                return total
            with torch.inference_mode():
                taught = [scores.float() for scores in teacher(*read)]
        return HARD_SHARE * total + soft_losses(outputs, taught, batch, options.batch // 2)

    run.train(network, loss, options)


if __name__ == "__main__":
    main()
