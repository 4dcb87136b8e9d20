"""Fit maps of the scores of tags: python -m training.multilingual.maps --data FOLDER PIPELINE fi_tc=129575

For languages whose texts annotate names in ways of their own. The shipped encoder reads those texts of a
set's training part that its own training did not come to; the number behind the set's name is that of the
pieces that training.multilingual.train printed for it. A linear map of the scores of a token's tags is fitted
by the loss of names, with a penalty for every change; with `--bias` only what PERSON, ORG, LOC and all other
names get or lose against "O", four numbers.

Prints F1 of these texts before, and after with maps that were fitted on the others: of five parts that follow
each other in the set, so that hardly an article is in two. A map is worth its while where all of that gains.
Writes the maps to the pipeline's folder, with the hashes of its files.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from tokenizers import Tokenizer

from training.evaluate import f1
from training.examples import Example, make_example
from training.multilingual.corpus import NAME_SETS, SPACY_LANGUAGES, NameSet, blank_by_language, read_names
from training.multilingual.evaluation import logits_of
from training.multilingual.label_sets import OTHER_NAMES, THREE_LABELS, label_set_of, possible_tags
from training.multilingual.plan import joined_and_shuffled
from training.multilingual.score import ExportedNetwork
from training.multilingual.ship import FOLDER
from worker.nlp.encoder.component import MAPS, PIECES
from worker.nlp.encoder.maps import ScoreMap, read_maps, written_maps
from worker.nlp.encoder.reader import PieceReader
from worker.nlp.encoder.tags import ENTITY_TAGS, best_path, decode_spans, transitions
from worker.nlp.fingerprint import stamp

PARTS = 5
WINDOW = 190
SIZE = len(ENTITY_TAGS)
_POSSIBLE, _RULES = possible_tags(), transitions(ENTITY_TAGS)


@dataclass(frozen=True, eq=False)
class ScoredText:
    """A text's tokens: the encoder's scores [tokens, tags], annotated tags [tokens], and the set's labels."""

    scores: np.ndarray
    tags: np.ndarray
    labels: int


def unseen_examples(
    names: NameSet, data: Path, reader: PieceReader, *, drawn: int, seed: int, most: int
) -> list[Example]:
    """The texts that follow the first `drawn` pieces of a run with this seed, in the set's order.

    They have about `most` pieces.
    """
    nlp = blank_by_language([names.language])[names.language]
    texts = joined_and_shuffled(list(read_names(names.path(data, "train"))))
    found: list[Example] = []
    read = 0
    for article in texts(random.Random(f"{seed} {names.name}")):
        example = make_example(article, nlp, reader)
        if read >= drawn:
            found.append(example)
        read += len(example.pieces)
        if read >= drawn + most:
            break
    return sorted(found, key=lambda example: int(example.article.id.rsplit("_", 1)[1]))


def scored_texts(network: ExportedNetwork, examples: list[Example], reader: PieceReader) -> list[ScoredText]:
    """The encoder's scores of the examples' tokens."""
    texts = []
    for example, found in zip(examples, logits_of(network, examples, reader, size=WINDOW), strict=True):
        assert example.entities is not None
        judged = example.entities >= 0
        labels = label_set_of(example.article.labels)
        texts.append(ScoredText(found["entities"][judged], example.entities[judged], labels))
    return texts


def joined(texts: Sequence[ScoredText]) -> tuple[np.ndarray, np.ndarray]:
    """Of all tokens the scores less their mean, and 1 for each tag that the annotated one allows."""
    scores = np.concatenate([text.scores for text in texts]).astype(np.float64)
    possible = np.concatenate([_POSSIBLE[text.labels][text.tags] for text in texts]).astype(np.float64)
    return scores - scores.mean(1, keepdims=True), possible


def masked_loss(scores: np.ndarray, possible: np.ndarray) -> tuple[float, np.ndarray]:
    """The sum of -log of the probability of the possible tags, and its slope by score [tokens, tags]."""
    odds = np.exp(scores - scores.max(1, keepdims=True))
    right = odds * possible
    total, right_total = odds.sum(1), right.sum(1) + 1e-30
    slope = odds / total[:, None] - right / right_total[:, None]
    return float(np.log(total / right_total).sum()), slope


def fitted(texts: Sequence[ScoredText], penalty: float) -> ScoreMap:
    """The map with the least loss, -log of the probability of all tags that an annotated one allows."""
    scores, possible = joined(texts)

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        change, bias = numbers[:-SIZE].reshape(SIZE, SIZE), numbers[-SIZE:]
        cost, slope = masked_loss(scores + scores @ change + bias, possible)
        gradient = np.concatenate([(scores.T @ slope).ravel(), slope.sum(0)])
        return cost + penalty / 2 * numbers @ numbers, gradient + penalty * numbers

    best = minimize(
        loss, np.zeros(SIZE * SIZE + SIZE), jac=True, method="L-BFGS-B", options={"maxiter": 60}
    ).x
    # A map of scores less their mean, as one of the scores.
    centre = np.eye(SIZE) - 1 / SIZE
    return ScoreMap.of(centre @ (np.eye(SIZE) + best[:-SIZE].reshape(SIZE, SIZE)), best[-SIZE:])


NAMES_APART = (*((label,) for label in THREE_LABELS), OTHER_NAMES)
"""The labels that have a bias together."""


def fitted_bias(texts: Sequence[ScoredText], penalty: float) -> ScoreMap:
    """The bias of the labels with the least loss, as `fitted`. It leaves "O", dates and money as they are."""
    groups = np.array(
        [[tag[2:] in labels for tag in ENTITY_TAGS] for labels in NAMES_APART], dtype=np.float64
    )
    scores, possible = joined(texts)

    def loss(numbers: np.ndarray) -> tuple[float, np.ndarray]:
        cost, slope = masked_loss(scores + numbers @ groups, possible)
        return cost + penalty / 2 * numbers @ numbers, groups @ slope.sum(0) + penalty * numbers

    best = minimize(loss, np.zeros(len(groups)), jac=True, method="L-BFGS-B").x
    return ScoreMap.of(np.eye(SIZE), best @ groups)


def counts(texts: Sequence[ScoredText], change: ScoreMap | None) -> np.ndarray:
    """How many names are right, wrong and missed."""
    found = np.zeros(3, dtype=int)
    for text in texts:
        scores = change(text.scores) if change else text.scores
        guess, gold = (
            {span for span in decode_spans(path, ENTITY_TAGS) if span[2] in THREE_LABELS}
            for path in (best_path(scores, _RULES), text.tags)
        )
        found += [len(guess & gold), len(guess - gold), len(gold - guess)]
    return found


def judged_by_parts(
    texts: list[ScoredText], fit: Callable[[Sequence[ScoredText]], ScoreMap]
) -> tuple[float, float]:
    """F1 without a map, and with those that were fitted on the other parts."""
    bounds = np.linspace(0, len(texts), PARTS + 1).astype(int).tolist()
    with_map = np.zeros(3, dtype=int)
    for start, end in itertools.pairwise(bounds):
        with_map += counts(texts[start:end], fit(texts[:start] + texts[end:]))
    return f1(*counts(texts, None)), f1(*with_map)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pipeline", type=Path, help="its folder; the encoder is in multilingual")
    parser.add_argument("sets", nargs="+", help="name=pieces, as fi_tc=129575")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pieces", type=int, default=45_000, help="how many to fit a map on at most")
    parser.add_argument("--penalty", type=float, default=30.0, help="for the square of a change")
    parser.add_argument("--bias", action="store_true", help="fit a bias by label and no more")
    parser.add_argument("--seed", type=int, default=1, help="that of the encoder's training")
    parser.add_argument("--try", action="store_true", dest="only_try", help="print F1 and write nothing")
    options = parser.parse_args()
    fit = functools.partial(fitted_bias if options.bias else fitted, penalty=options.penalty)
    folder = options.pipeline / FOLDER
    network = ExportedNetwork(folder / "model.onnx")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    reader = PieceReader(tokenizer, (folder / PIECES).read_bytes())
    kept = folder / MAPS
    maps = read_maps(kept.read_text(encoding="utf-8"), str(kept)) if kept.exists() else {}
    by_name = {names.name: names for names in NAME_SETS}
    for name, _, drawn in (entry.partition("=") for entry in options.sets):
        names = by_name[name]
        examples = unseen_examples(
            names, options.data, reader, drawn=int(drawn), seed=options.seed, most=options.pieces
        )
        texts = scored_texts(network, examples, reader)
        before, after = judged_by_parts(texts, fit)
        print(f"{name}: {len(texts)} texts, F1 {before} before, {after} after", flush=True)
        maps[SPACY_LANGUAGES.get(names.language, names.language)] = fit(texts)
    if not options.only_try:
        kept.write_text(written_maps(maps), encoding="utf-8")
        print(options.pipeline, stamp(options.pipeline))


if __name__ == "__main__":
    main()
