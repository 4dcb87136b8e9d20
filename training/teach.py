"""Let trained networks label what is not annotated: their averaged probabilities become soft targets."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from training.batches import TASKS
from training.evaluate import network_logits
from training.examples import Example
from training.network import Network

MAX_HEADLINE_PIECES = 100
"""Texts of up to so many pieces are headlines and definitions, which teach nothing but topics."""


def teach(examples: list[Example], checkpoints: list[Path], *, size: int) -> None:
    """Fill `soft_*` of every article of some length, for the tasks it has no annotation for."""
    networks = [Network().load(path) for path in checkpoints]
    for example in examples:
        if len(example.pieces) <= MAX_HEADLINE_PIECES:
            continue
        there = np.zeros(len(example.pieces), dtype=bool)
        there[example.heads[example.heads >= 0]] = True
        found = [network_logits(network, example, size=size) for network in networks]
        for task in TASKS:
            if getattr(example, task) is None:
                logits = np.stack([one[task] for one in found])
                odds = np.exp(logits - logits.max(-1, keepdims=True))
                soft = (odds / odds.sum(-1, keepdims=True)).mean(0)
                setattr(example, f"soft_{task}", (soft * there[:, None]).astype(np.float16))
