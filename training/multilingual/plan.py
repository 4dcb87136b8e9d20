"""Which texts a run is made of: shares for English and its tasks, and for each set of names."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from spacy.language import Language

from training.data import AnnotatedArticle, read_columns, read_corpus
from training.examples import MAX_SHORT_PIECES, Example, Window, make_example, windows
from training.multilingual.corpus import (
    NAME_SETS,
    blank_by_language,
    join_sentences,
    read_german_quotes,
    read_names,
    recased,
)
from training.multilingual.label_sets import THREE_LABELS
from training.train import batches_of_like_length
from worker.nlp.encoder.reader import PieceReader

CHARACTERS_A_PIECE = 4.2
SHORT_CHARACTERS = MAX_SHORT_PIECES * CHARACTERS_A_PIECE

ENGLISH_SHARE = 0.22
"""English texts' share of a run. They teach what other languages' texts do not label: attributions, topics,
dates, amounts, and names other than people, organizations and places.
"""

ENGLISH_SHARES = {"names": 0.35, "attributions": 0.35, "topics": 0.12, "headlines": 0.06, "web": 0.12}
"""The shares of English texts by what they teach. "web" is Universal NER's EWT: three labels of names."""

GERMAN_QUOTES = 0.04
MOST_PASSES = 6
"""A small set is passed over so often at most."""


@dataclass(frozen=True)
class TextPool:
    """Texts that a part of a run is drawn from.

    `one_pass` gives them in the order of one pass. `characters`: how many they have together. `wanted`: the
    share of the run, to be scaled so that all shares make one.
    """

    name: str
    one_pass: Callable[[random.Random], Iterable[AnnotatedArticle]]
    characters: int
    wanted: float


def shuffled(articles: list[AnnotatedArticle]) -> Callable[[random.Random], list[AnnotatedArticle]]:
    """One pass over articles in a random order."""
    return lambda chance: chance.sample(articles, len(articles))


def joined_and_shuffled(
    sentences: list[AnnotatedArticle],
) -> Callable[[random.Random], list[AnnotatedArticle]]:
    """One pass over sentences, joined anew to texts, in a random order."""

    def one_pass(chance: random.Random) -> list[AnnotatedArticle]:
        joined = list(join_sentences(sentences, chance))
        chance.shuffle(joined)
        return joined

    return one_pass


def count_characters(articles: Iterable[AnnotatedArticle]) -> int:
    return sum(len(article.text) for article in articles)


def english_pools(data: Path, *, everything: bool, open_only: bool) -> Iterator[TextPool]:
    """The pools of English texts: with names, with attributions, with topics."""
    train = read_corpus(data, everything=everything, open_only=open_only).train
    web = [
        replace(article, labels=THREE_LABELS) for article in read_columns(data / "ner/uner_ewt_train.iob2")
    ]
    parts = {
        "names": [a for a in train if a.entities is not None and a.source != "uner"],
        "attributions": [a for a in train if a.roles is not None],
        "topics": [a for a in train if a.weak and len(a.text) > SHORT_CHARACTERS],
        "headlines": [a for a in train if a.weak and len(a.text) <= SHORT_CHARACTERS],
        "web": [replace(article, labels=THREE_LABELS) for article in web],
    }
    for name, articles in parts.items():
        if articles:
            yield TextPool(
                f"en_{name}",
                shuffled(articles),
                count_characters(articles),
                ENGLISH_SHARE * ENGLISH_SHARES[name],
            )


def other_pools(data: Path, *, open_only: bool) -> Iterator[TextPool]:
    """The pools of the other languages. Of a set, the square root of its size counts: small ones gain."""
    sizes: dict[str, tuple[list[AnnotatedArticle], float]] = {}
    for names in NAME_SETS:
        if names.is_open or not open_only:
            sentences = list(read_names(names.path(data, "train")))
            sizes[names.name] = (sentences, names.weight * count_characters(sentences) ** 0.5)
    german = [] if open_only else list(read_german_quotes(data / "quotes/german_train.jsonl"))
    left = 1 - ENGLISH_SHARE - (GERMAN_QUOTES if german else 0)
    total = sum(size for _, size in sizes.values())
    for name, (sentences, size) in sizes.items():
        yield TextPool(name, joined_and_shuffled(sentences), count_characters(sentences), left * size / total)
    if german:
        yield TextPool("de_quotes", shuffled(german), count_characters(german), GERMAN_QUOTES)


def draw_windows(
    pool: TextPool, pieces: float, make: Callable[[AnnotatedArticle], Example], *, size: int, seed: int
) -> tuple[list[Window], int]:
    """Windows of a pool's texts with about so many pieces in all, and how many pieces they have."""
    chance = random.Random(f"{seed} {pool.name}")
    cuts: list[Window] = []
    taken = 0
    most = min(pieces, MOST_PASSES * pool.characters / CHARACTERS_A_PIECE)
    for article in itertools.chain.from_iterable(pool.one_pass(chance) for _ in itertools.count()):
        if taken >= most:
            break
        example = make(replace(article, text=recased(article.text, chance)))
        for window in windows(example, size=size, chance=chance):
            cuts.append(window)
            taken += window[2] - window[1]
    return cuts, taken


def plan_run(
    pools: list[TextPool], reader: PieceReader, *, pieces: int, batch: int, size: int, seed: int
) -> list[list[Window]]:
    """All batches of a run, in order. The same arguments give the same batches, so that a run can go on."""
    languages: dict[str, Language] = blank_by_language({pool.name.split("_")[0] for pool in pools})
    scale = pieces / sum(pool.wanted for pool in pools)
    cuts: list[Window] = []

    def make(article: AnnotatedArticle) -> Example:
        return make_example(article, languages[article.language], reader)

    for pool in pools:
        drawn, taken = draw_windows(pool, pool.wanted * scale, make, size=size, seed=seed)
        passes = taken * CHARACTERS_A_PIECE / pool.characters
        print(f"{pool.name}: {taken} pieces, {passes:.2f} passes", flush=True)
        cuts += drawn
    chance = random.Random(seed)
    chance.shuffle(cuts)
    batches = batches_of_like_length(cuts, pieces=batch)
    # In blocks, since a block's last batch is small and its batches are sorted by length.
    chance.shuffle(batches)
    return batches
