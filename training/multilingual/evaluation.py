"""Score a network on held-out texts of many languages: strict F1 of PERSON, ORG and LOC by set."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from training.batches import TASKS, collate, inputs_of
from training.data import AnnotatedArticle, read_corpus
from training.evaluate import f1
from training.examples import Example, make_example
from training.multilingual.corpus import NAME_SETS, blank_by_language, read_german_quotes, read_names
from training.multilingual.label_sets import THREE_LABELS
from worker.nlp.encoder.reader import PieceReader
from worker.nlp.encoder.tags import best_path, decode_spans, transitions
from worker.nlp.encoder.windows import cut

HeldOut = dict[str, list[Example]]
"""Examples by the name of their set. English has "en_names" and "en_attributions"."""

MOST_WINDOWS = 24
"""So many windows of like length are scored together."""


def held_out_sets(data: Path, reader: PieceReader, most: int | None) -> HeldOut:
    """The dev parts. `most`: a sample of so many sentences of each, and a fifth as many articles."""
    languages = blank_by_language(names.language for names in NAME_SETS)
    corpus = read_corpus(data, everything=True)
    articles = None if most is None else max(1, most // 5)
    parts: dict[str, list[AnnotatedArticle]] = {
        "en_names": _sample(corpus.dev, articles),
        "en_attributions": _sample(corpus.attribution_dev, articles),
        "de_quotes": _sample(list(read_german_quotes(data / "quotes/german_dev.jsonl")), articles),
    }
    for names in NAME_SETS:
        parts[names.name] = _sample(list(read_names(names.path(data, "dev"))), most)
    return {
        name: [make_example(article, languages[article.language], reader) for article in found]
        for name, found in parts.items()
    }


def _sample(articles: list[AnnotatedArticle], most: int | None) -> list[AnnotatedArticle]:
    if most is None or most >= len(articles):
        return articles
    return random.Random(7).sample(articles, most)


def logits_of(
    network: torch.nn.Module, examples: list[Example], reader: PieceReader, *, size: int
) -> list[dict[str, np.ndarray]]:
    """The logits of each task for whole articles, float32 [pieces, tags], from windows of `size` pieces."""
    cuts = [(i, start, end) for i, e in enumerate(examples) for start, end in cut(e.breaks, size=size)]
    by_length = sorted(range(len(cuts)), key=lambda k: cuts[k][2] - cuts[k][1])
    found: dict[int, dict[str, np.ndarray]] = {}
    for here in range(0, len(by_length), MOST_WINDOWS):
        chosen = by_length[here : here + MOST_WINDOWS]
        windows = [(examples[cuts[k][0]], *cuts[k][1:]) for k in chosen]
        batch = collate(windows, begin=reader.begin, end=reader.end)
        with torch.inference_mode():
            *tagged, _ = network(*inputs_of(batch))
        for row, k in enumerate(chosen):
            inside = slice(1, cuts[k][2] - cuts[k][1] + 1)
            found[k] = {name: t[row, inside].numpy() for name, t in zip(TASKS, tagged, strict=True)}
    parts: list[list[int]] = [[] for _ in examples]
    for k, (i, _, _) in enumerate(cuts):
        parts[i].append(k)
    return [{name: np.concatenate([found[k][name] for k in ks]) for name in TASKS} for ks in parts]


def held_out_scores(
    network: torch.nn.Module, examples: list[Example], reader: PieceReader, *, size: int = 190
) -> Iterator[tuple[str, float, dict[str, float]]]:
    """The tasks that the examples have annotations for, with strict F1 in all and by label.

    Of names with labels of their own language's set, PERSON, ORG and LOC count.
    """
    logits = logits_of(network, examples, reader, size=size)
    for task, tags in TASKS.items():
        cells: dict[str, list[int]] = {}
        rules = transitions(tags)
        for example, found in zip(examples, logits, strict=True):
            target = getattr(example, task)
            if target is None:
                continue
            counted = THREE_LABELS if task == "entities" and example.article.labels else None
            is_head = target >= 0
            guess = set(decode_spans(best_path(found[task][is_head], rules), tags))
            gold = set(decode_spans(target[is_head], tags))
            for span in guess | gold:
                if counted is None or span[2] in counted:
                    cell = cells.setdefault(span[2], [0, 0, 0])
                    cell[0 if span in guess and span in gold else 1 if span in guess else 2] += 1
        if cells:
            by_label = {label: f1(*cell) for label, cell in sorted(cells.items())}
            yield task, f1(*np.sum(list(cells.values()), axis=0)), by_label


def print_held_out(
    network: torch.nn.Module, sets: HeldOut, reader: PieceReader, *, name: str, size: int = 190
) -> None:
    """Print the scores of each set. `name` says of what or when."""
    for part, examples in sets.items():
        for task, total, by_label in held_out_scores(network, examples, reader, size=size):
            print("SCORE", name, part, task, total, by_label, flush=True)
