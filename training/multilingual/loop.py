"""The loop of training: workers of one thread each, whose weights are averaged every few steps.

Workers wait for each other only when they average, so that a run makes the most of a machine that others use
too. After each averaging all workers hold the same weights, and the first one writes a checkpoint when one is
due. A run goes on from its checkpoint with the next batch, with as many workers as it is given then.
"""

from __future__ import annotations

import copy
import math
import os
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import connection, get_context
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, distributed

from training.examples import Window
from training.network import Network

WARM_UP = 0.1
LAST_RATE = 0.02
HEADS_FASTER = 8
AVERAGE_EVERY = 16
"""Steps of each worker between two averagings."""

MEAN_KEEPS = 0.9
"""What the moving average of the weights keeps at each averaging, once a run has had some."""

PATIENCE = timedelta(hours=6)


@dataclass(frozen=True)
class RunOptions:
    """How a run trains: the encoder's peak rate, the minutes between checkpoints, the shares of the run
    after which it is scored. `stop_after`: so many batches, to see whether all steps run.
    """

    rate: float
    minutes: float
    scored_at: tuple[float, ...]
    seed: int
    workers: int
    stop_after: int | None = None


Loss = Callable[[Network, list[Window], int], Tensor]
"""The loss of a network on a batch; the number is the worker's."""

Score = Callable[[Network, int, int, str], None]
"""Scores a network: the worker's number, how many there are, and the name of the moment."""


def rate_at(share: float) -> float:
    """The learning rate at a share of the run, as a share of its peak: up in a line, down as a cosine."""
    if share < WARM_UP:
        return max(LAST_RATE, share / WARM_UP)
    along = (share - WARM_UP) / (1 - WARM_UP)
    return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(math.pi * min(1.0, along))) / 2


def optimizer_of(network: Network, rate: float) -> torch.optim.AdamW:
    """AdamW for all parameters that are trained; those outside the encoder learn faster."""
    named = [(name, p) for name, p in network.named_parameters() if p.requires_grad]
    encoder = [p for name, p in named if name.startswith("encoder.")]
    rest = [p for name, p in named if not name.startswith("encoder.")]
    groups = [{"params": encoder, "peak": rate}, {"params": rest, "peak": HEADS_FASTER * rate}]
    return torch.optim.AdamW(groups, lr=rate, weight_decay=0.01, fused=True)


def train_in_workers(
    network: Network,
    schedule: list[list[Window]],
    options: RunOptions,
    loss: Loss,
    score: Score,
    output: Path,
    *,
    resume: bool,
) -> None:
    """Train on all batches of `schedule`. Writes `checkpoint.pt` now and then, and `mean.pt` at the end.

    Raises SystemExit if there is no checkpoint to go on from, or one of another plan, or if a worker fails.
    """
    if resume and not (output / "checkpoint.pt").exists():
        raise SystemExit(f"--resume goes on from {output / 'checkpoint.pt'}, which is not there")
    print(len(schedule), "steps", flush=True)
    os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = "127.0.0.1", str(free_port())
    context = get_context("fork")
    workers = [
        context.Process(
            target=_work, args=(rank, network, schedule, options, loss, score, output, resume), daemon=True
        )
        for rank in range(options.workers)
    ]
    for worker in workers:
        worker.start()
    running = {worker.sentinel: worker for worker in workers}
    while running:
        connection.wait(list(running))
        for sentinel in [sentinel for sentinel, worker in running.items() if worker.exitcode is not None]:
            worker = running.pop(sentinel)
            if worker.exitcode:
                # The others would wait for its weights.
                for other in running.values():
                    other.kill()
                raise SystemExit(f"a worker of training ended with {worker.exitcode}")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _work(
    rank: int,
    network: Network,
    schedule: list[list[Window]],
    options: RunOptions,
    loss: Loss,
    score: Score,
    output: Path,
    resume: bool,
) -> None:
    torch.set_num_threads(1)
    distributed.init_process_group("gloo", rank=rank, world_size=options.workers, timeout=PATIENCE)
    optimizer = optimizer_of(network, options.rate)
    mean = copy.deepcopy(network).eval()
    done, averaged = 0, 0
    if resume:
        saved = torch.load(output / "checkpoint.pt", weights_only=True)
        if saved.get("steps", len(schedule)) != len(schedule):
            raise SystemExit(f"the checkpoint is of a plan of {saved['steps']} steps: give the same options")
        network.load_state_dict(saved["network"])
        mean.load_state_dict(saved["mean"])
        optimizer.load_state_dict(saved["optimizer"])
        done, averaged = saved["done"], saved["averaged"]
    to_score = [share for share in options.scored_at if share * len(schedule) > done]
    began = saved_at = time.monotonic()
    running, counted, pieces = 0.0, 0, 0
    last = min(len(schedule), options.stop_after or len(schedule))
    while done < last:
        for i in range(done + rank, min(done + AVERAGE_EVERY * options.workers, last), options.workers):
            torch.manual_seed(options.seed * 1_000_003 + i)
            _set_rate(optimizer, rate_at(i / len(schedule)))
            network.train()
            value = loss(network, schedule[i], rank)
            value.backward()
            torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            running, counted = running + value.item(), counted + 1
            pieces += sum(end - start for _, start, end in schedule[i])
        done = min(done + AVERAGE_EVERY * options.workers, last)
        average_workers(network, optimizer, options.workers)
        averaged += 1
        # Less at first: the weights of the first steps find no names at all.
        follow(mean, network, keep=min(MEAN_KEEPS, averaged / (averaged + 9)))
        if rank == 0:
            seconds = time.monotonic() - began
            rate = options.workers * pieces / seconds
            print(done, round(running / counted, 4), round(seconds), "s", round(rate), "pieces/s", flush=True)
            running, counted = 0.0, 0
            if time.monotonic() - saved_at > 60 * options.minutes or done == last:
                _save(output, network, mean, optimizer, done, averaged, len(schedule))
                saved_at = time.monotonic()
        while to_score and done >= to_score[0] * len(schedule):
            score(mean, rank, options.workers, f"{round(100 * to_score.pop(0))} %")
    if rank == 0:
        torch.save(mean.state_dict(), output / "mean.pt")
    distributed.destroy_process_group()


def _set_rate(optimizer: torch.optim.Optimizer, share: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = share * group["peak"]


def average_workers(network: Network, optimizer: torch.optim.Optimizer, workers: int) -> None:
    """Set the weights and the optimizer's moments of every worker to their mean."""
    if workers == 1:
        return
    tensors: list[Tensor] = []
    for parameter in network.parameters():
        if parameter.requires_grad:
            state: dict[str, Any] = optimizer.state[parameter]
            if not state:  # a head that this worker's batches did not teach yet
                state["step"] = torch.tensor(0.0)
                state["exp_avg"], state["exp_avg_sq"] = (torch.zeros_like(parameter) for _ in range(2))
            tensors += [parameter.data, state["exp_avg"], state["exp_avg_sq"], state["step"]]
    flat = torch.cat([tensor.reshape(-1) for tensor in tensors])
    distributed.all_reduce(flat)
    flat /= workers
    for tensor, part in zip(tensors, flat.split([tensor.numel() for tensor in tensors]), strict=True):
        tensor.copy_(part.view_as(tensor))


def follow(mean: Network, network: Network, *, keep: float) -> None:
    """Move the moving average towards the network's weights."""
    with torch.no_grad():
        for old, new in zip(mean.parameters(), network.parameters(), strict=True):
            if new.requires_grad:
                old.lerp_(new, 1 - keep)


def _save(
    output: Path,
    network: Network,
    mean: Network,
    optimizer: torch.optim.Optimizer,
    done: int,
    averaged: int,
    steps: int,
) -> None:
    """Write the checkpoint. A run that is ended meanwhile leaves the one before it."""
    saved = {
        "network": network.state_dict(),
        "mean": mean.state_dict(),
        "optimizer": optimizer.state_dict(),
        "done": done,
        "averaged": averaged,
        "steps": steps,
    }
    torch.save(saved, output / "checkpoint.pt.new")
    (output / "checkpoint.pt.new").replace(output / "checkpoint.pt")
