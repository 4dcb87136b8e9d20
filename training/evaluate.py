"""Score a network while it trains: strict F1 of spans and labels, without the pipeline's rules."""

from __future__ import annotations

import numpy as np
import torch

from training.batches import TASKS, collate, inputs_of
from training.examples import Example
from worker.nlp.encoder.tags import best_path, decode_spans, transitions
from worker.nlp.encoder.windows import cut


def network_logits(network: torch.nn.Module, example: Example, *, size: int) -> dict[str, np.ndarray]:
    """The logits of each task for a whole article, float32 [pieces, tags], from windows of `size` pieces."""
    cuts = cut(example.breaks, size=size)
    batch = collate([(example, start, end) for start, end in cuts])
    with torch.inference_mode(), torch.autocast("cpu", dtype=torch.bfloat16):
        *tagged, _ = network(*inputs_of(batch))
    found = {}
    for name, tensor in zip(TASKS, tagged, strict=True):
        logits = tensor.float().numpy()
        parts = [logits[i, 1 : end - start + 1] for i, (start, end) in enumerate(cuts)]
        found[name] = np.concatenate(parts)
    return found


def print_scores(
    network: torch.nn.Module, held_out: dict[str, list[Example]], *, size: int, name: str
) -> None:
    """Print the F1 of each task and label for each part of the held-out examples. `name` says when."""
    for part, examples in held_out.items():
        counts: dict[str, dict[str, list[int]]] = {task: {} for task in TASKS}
        for example in examples:
            found = network_logits(network, example, size=size)
            for task, tags in TASKS.items():
                target = getattr(example, task)
                if target is not None:
                    is_labelled = target >= 0
                    guess = set(decode_spans(best_path(found[task][is_labelled], transitions(tags)), tags))
                    gold = set(decode_spans(target[is_labelled], tags))
                    for span in guess | gold:
                        cell = counts[task].setdefault(span[2], [0, 0, 0])
                        cell[0 if span in guess and span in gold else 1 if span in guess else 2] += 1
        for task, cells in counts.items():
            if cells:
                total = f1(*np.sum(list(cells.values()), axis=0))
                by_label = {label: f1(*cell) for label, cell in sorted(cells.items())}
                print("SCORE", name, part, task, total, by_label, flush=True)


def f1(right: int, wrong: int, missed: int) -> float:
    """In percent; 0 where there is nothing to find and nothing was found."""
    return round(200 * right / max(1, 2 * right + wrong + missed), 1)
