"""Distil trained networks: their mean probabilities are soft targets where an article is not annotated."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.batches import TASKS
from training.evaluate import network_logits
from training.examples import Example, is_short
from training.network import Network


def teach(examples: list[Example], checkpoints: list[Path], *, size: int) -> None:
    """Fill in `soft_*` for the tasks that an example has no annotation for, except in short texts."""
    networks = [Network().load(path) for path in checkpoints]
    for example in examples:
        if is_short(example):
            continue
        is_head = np.zeros(len(example.pieces), dtype=bool)
        is_head[example.heads[example.heads >= 0]] = True
        found = [network_logits(network, example, size=size) for network in networks]
        for task in TASKS:
            if getattr(example, task) is None:
                logits = np.stack([one[task] for one in found])
                odds = np.exp(logits - logits.max(-1, keepdims=True))
                soft = (odds / odds.sum(-1, keepdims=True)).mean(0)
                setattr(example, f"soft_{task}", (soft * is_head[:, None]).astype(np.float16))
