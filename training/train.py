"""Train the network: python -m training.train --data FOLDER --output FOLDER

Writes `mean.pt`, the moving average of the weights, and prints its scores on held-out articles, halfway and
at the end.
"""

from __future__ import annotations

import argparse
import copy
import random
import time
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from training.batches import TASKS, collate, inputs_of
from training.blank import blank_pipeline
from training.data import read_corpus, read_unlabelled
from training.evaluate import print_scores
from training.examples import IGNORED, Example, Window, is_short, make_example, windows
from training.network import Network, pretrained_reader
from training.restore import network_from, with_layers
from training.teach import add_soft_targets
from worker.nlp.encoder.wordpieces import WORD_SHAPES
from worker.nlp.topics.labels import CODES

MASK_ID = 103
"""The id of [MASK]."""

LAST_SPECIAL_ID = 999
"""Pieces up to this id are never masked: special and unused ones, and "!"."""

IN_CAPITALS, IN_TITLE_CASE = 0.03, 0.02
"""The shares of windows that `recase` changes to capitals and to title case."""

LOWER_CASE = torch.tensor([WORD_SHAPES.index("lower")])
PARTLY_CAPITAL = torch.tensor([WORD_SHAPES.index(name) for name in ("title", "mixed")])

BLOCK_WINDOWS = 512
"""So many shuffled windows at a time are sorted by length and divided into batches."""

TASK_WEIGHTS = (1.0, 0.7, 0.5)
"""The weights of the tasks' losses, in the order of TASKS."""


def parse_training_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=8, help="passes over the articles with entities")
    parser.add_argument("--attribution-epochs", type=float, default=3, help="passes over PolNeAR")
    parser.add_argument("--weak", type=int, default=300, help="articles with weak topics, an epoch")
    parser.add_argument("--weak-headlines", type=int, default=800, help="headlines, an epoch")
    parser.add_argument("--rate", type=float, default=1.2e-4, help="the encoder's peak learning rate")
    parser.add_argument("--memory", type=float, default=0.985, help="what the average keeps every 5 steps")
    parser.add_argument("--window", type=int, default=190, help="pieces")
    parser.add_argument("--batch", type=int, default=2560, help="pieces a step")
    parser.add_argument("--hide", type=float, default=0.08, help="share of words masked in training")
    parser.add_argument("--taught", type=Path, help="what training.teach wrote: soft targets")
    parser.add_argument("--soft", type=float, default=1.0, help="the weight of soft targets")
    parser.add_argument("--like", type=Path, help="a checkpoint, or a model.onnx, whose states are followed")
    parser.add_argument("--topics-weight", type=float, default=0.5, help="the weight of topics' labels")
    parser.add_argument("--unlabelled", type=int, default=0, help="articles without labels, an epoch")
    parser.add_argument("--start", type=Path, help="a checkpoint, or a model.onnx, to go on from")
    parser.add_argument("--layers", type=int, nargs="+", help="which layers of it, 1 is the lowest")
    parser.add_argument("--open", action="store_true", help="train only on data with open licences")
    parser.add_argument("--all", action="store_true", help="train on the tuning newspapers too")
    parser.add_argument("--steps", type=int, help="stop after so many, to see whether all steps run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.unlabelled and not options.taught:
        parser.error("--unlabelled: articles without labels teach nothing without --taught")
    if options.open and (options.taught or options.unlabelled or options.like):
        parser.error("--open: what --taught, --unlabelled and --like bring in was trained on other data")
    return options


def main() -> None:
    options = parse_training_arguments()
    options.output.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    chance = random.Random(options.seed)
    reader = pretrained_reader()
    nlp = blank_pipeline()
    corpus = read_corpus(options.data, everything=options.all, open_only=options.open)
    train = [make_example(article, nlp, reader) for article in corpus.train]
    unlabelled = (
        make_example(each, nlp, reader) for each in read_unlabelled(options.data, options.unlabelled)
    )
    # As for teachers, who don't read short articles either.
    train += [example for example in unlabelled if not is_short(example)]
    held_out = {
        name: [make_example(article, nlp, reader) for article in getattr(corpus, name)]
        for name in ("tuning", "dev", "attribution_dev")
    }
    print(len(train), {name: len(examples) for name, examples in held_out.items()}, flush=True)
    if options.taught:
        add_soft_targets(train, options.taught)
    schedule = plan_batches(train, options, chance)[: options.steps]
    network = network_from(options.start) if options.start else Network()
    if options.layers:
        with_layers(network, options.layers)
    train_network(network, schedule, options, held_out)


def plan_batches(
    train: list[Example], options: argparse.Namespace, chance: random.Random
) -> list[list[Window]]:
    """All batches of a run, in order. Articles are cut into other windows in each epoch."""
    batches: list[list[Window]] = []
    named = [e for e in train if e.entities is not None]
    attributed = [e for e in train if e.roles is not None]
    weak = [e for e in train if e.article.weak and not is_short(e)]
    short = [e for e in train if e.article.weak and is_short(e)]
    unlabelled = [e for e in train if e.article.source == "reuters"]
    epochs = round(options.epochs)
    share = options.attribution_epochs / options.epochs
    queue: list[Example] = []
    for _ in range(epochs):
        while len(queue) < len(attributed) * share:
            queue += chance.sample(attributed, len(attributed))
        count = round(len(attributed) * share)
        chosen, queue = queue[:count], queue[count:]
        chosen = [
            *named,
            *chosen,
            *chance.sample(weak, min(options.weak, len(weak))),
            *chance.sample(short, min(options.weak_headlines, len(short))),
            *unlabelled,
        ]
        cuts = [w for example in chosen for w in windows(example, size=options.window, chance=chance)]
        chance.shuffle(cuts)
        epoch = batches_of_like_length(cuts, pieces=options.batch)
        chance.shuffle(epoch)
        batches += epoch
    return batches


def batches_of_like_length(cuts: list[Window], *, pieces: int) -> list[list[Window]]:
    """Batches of up to `pieces` pieces, padding included, whose windows have nearly the same length."""
    batches: list[list[Window]] = []
    for i in range(0, len(cuts), BLOCK_WINDOWS):
        block = sorted(cuts[i : i + BLOCK_WINDOWS], key=lambda window: window[2] - window[1])
        while block:
            _, start, end = block[-1]
            count = max(1, pieces // (end - start + 2))
            batches.append(block[-count:])
            block = block[:-count]
    return batches


def multitask_loss(
    outputs: tuple[Tensor, ...], batch: dict[str, Tensor], tokens: int, *, soft: float, topics_weight: float
) -> Tensor:
    """The weighted cross entropies of all tasks. Sums over tokens are divided by one number in every batch.

    With means instead, a token would count less in a batch with more labelled tokens. `soft` is the weight of
    what teachers say beside what people annotated.
    """
    *logits, topics = outputs
    total = torch.zeros(())
    for name, task_logits, weight in zip(TASKS, logits, TASK_WEIGHTS, strict=True):
        score = task_logits.float()
        if (batch[name] != IGNORED).any():
            hard = functional.cross_entropy(
                score.flatten(0, 1), batch[name].flatten(), ignore_index=IGNORED, reduction="sum"
            )
            total = total + weight * hard / tokens
        if f"soft_{name}" in batch:
            apart = -(batch[f"soft_{name}"] * score.log_softmax(-1)).sum()
            total = total + soft * weight * apart / tokens
    topic_loss = functional.binary_cross_entropy_with_logits(
        topics.float(), batch["topics"], batch["topic_weight"], reduction="sum"
    )
    return total + topics_weight * topic_loss / (5 * len(CODES))


def likeness_loss(states: Tensor, wanted: Tensor, mask: Tensor, tokens: int) -> Tensor:
    """How far states and their windows' means point away from another network's: cosine distances.

    A window's mean counts as much as all its pieces. `states`, `wanted`: [windows, pieces, width].
    """
    present = mask.unsqueeze(-1).to(torch.float32)
    apart = 1 - functional.cosine_similarity(states.float(), wanted.float(), dim=-1)
    means = [(part.float() * present).sum(1) for part in (states, wanted)]
    windows_apart = 1 - functional.cosine_similarity(*means, dim=-1)
    return ((apart * mask).sum() + (windows_apart * mask.sum(1)).sum()) / tokens


def mask_pieces(
    ids: Tensor, share: float, *, mask: int = MASK_ID, last_special: int = LAST_SPECIAL_ID
) -> Tensor:
    """Replace a share of the pieces by `mask`, so that the network learns from context and shape too."""
    chosen = (torch.rand(ids.shape) < share) & (ids > last_special)
    return torch.where(chosen, mask, ids)


def recase(shapes: Tensor) -> Tensor:
    """Give some windows, or their beginnings, the shapes of headlines: IN CAPITALS or In Title Case."""
    shapes = shapes.clone()
    for window in shapes:
        draw, length = torch.rand(2).tolist()
        if draw < IN_CAPITALS + IN_TITLE_CASE:
            part = window if length > 0.5 else window[: 8 + int(60 * length)]
            wanted = "upper" if draw < IN_CAPITALS else "title"
            recased = LOWER_CASE if wanted == "title" else torch.cat((LOWER_CASE, PARTLY_CAPITAL))
            part[torch.isin(part, recased)] = WORD_SHAPES.index(wanted)
    return shapes


def train_network(
    network: Network,
    schedule: list[list[Window]],
    options: argparse.Namespace,
    held_out: dict[str, list[Example]],
) -> None:
    """Train on all batches of `schedule`; save and score the moving average halfway and at the end."""
    parameters = list(network.named_parameters())
    encoder = [p for name, p in parameters if name.startswith("encoder.")]
    rest = [p for name, p in parameters if not name.startswith("encoder.")]
    optimizer = torch.optim.AdamW(
        [{"params": encoder}, {"params": rest}], lr=options.rate, weight_decay=0.01, fused=True
    )
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, [options.rate, 8 * options.rate], total_steps=len(schedule) + 1, pct_start=0.1
    )
    mean = copy.deepcopy(network).eval()
    followed = network_from(options.like) if options.like else None
    tokens = options.batch // 2
    began = time.time()
    print(len(schedule), "steps", flush=True)
    running = 0.0
    for step, cuts in enumerate(schedule, 1):
        network.train()
        batch = collate(cuts)
        batch["ids"] = mask_pieces(batch["ids"], options.hide)
        batch["shapes"] = recase(batch["shapes"])
        read = inputs_of(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = network.states(*read)
            loss = multitask_loss(
                network.read(states, batch["mask"]),
                batch,
                tokens,
                soft=options.soft,
                topics_weight=options.topics_weight,
            )
            if followed is not None:
                with torch.no_grad():
                    wanted = followed.states(*read)
                loss = loss + likeness_loss(states, wanted, batch["mask"], tokens)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rates.step()
        optimizer.zero_grad()
        running += loss.item()
        if step % 5 == 0:
            keep = min(options.memory, 1 - 5 / (step + 5))
            with torch.no_grad():
                for old, new in zip(mean.parameters(), network.parameters(), strict=True):
                    old.lerp_(new, 1 - keep)
        if step % 100 == 0:
            print(step, round(running / 100, 4), round(time.time() - began), "s", flush=True)
            running = 0.0
        if step % max(1, len(schedule) // 2) == 0 or step == len(schedule):
            torch.save(mean.state_dict(), options.output / "mean.pt")
            print_scores(mean, held_out, size=options.window, name=f"step {step}")


if __name__ == "__main__":
    main()
