"""Scores of a network in PyTorch, while it trains: strict spans and labels."""

from __future__ import annotations

import numpy as np
import torch

from training.batches import TASKS, collate
from training.examples import Example
from worker.nlp.encoder.tags import best_path, spans, transitions
from worker.nlp.encoder.windows import cut
from worker.nlp.encoder.wordpieces import pauses


def network_logits(network: torch.nn.Module, example: Example, *, size: int) -> dict[str, np.ndarray]:
    """Logits [pieces, tags] by task."""
    cuts = cut(pauses(example.pieces), size=size)
    batch = collate([(example, start, end) for start, end in cuts])
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        *tagged, _ = network(batch["ids"], batch["shapes"], batch["spacings"], batch["mask"])
    found = {}
    for name, score in zip(TASKS, tagged, strict=True):
        score = score.float().numpy()
        parts = [score[i, 1 : end - start + 1] for i, (start, end) in enumerate(cuts)]
        found[name] = np.concatenate(parts)
    return found


def print_scores(network: torch.nn.Module, held: dict[str, list[Example]], *, size: int, name: str) -> None:
    """Print F1 by task and label."""
    for part, examples in held.items():
        counts: dict[str, dict[str, list[int]]] = {task: {} for task in TASKS}
        for example in examples:
            found = network_logits(network, example, size=size)
            for task, tags in TASKS.items():
                target = getattr(example, task)
                if target is not None:
                    there = target >= 0
                    guess = set(spans(best_path(found[task][there], transitions(tags)), tags))
                    gold = set(spans(target[there], tags))
                    for span in guess | gold:
                        cell = counts[task].setdefault(span[2], [0, 0, 0])
                        cell[0 if span in guess and span in gold else 1 if span in guess else 2] += 1
        for task, cells in counts.items():
            if cells:
                total = f1(*np.sum(list(cells.values()), axis=0))
                by_label = {label: f1(*cell) for label, cell in sorted(cells.items())}
                print("SCORE", name, part, task, total, by_label, flush=True)


def f1(right: int, wrong: int, missed: int) -> float:
    return round(200 * right / max(1, 2 * right + wrong + missed), 1)
