"""How well copies are found: python -m training.stories.reprints DATA [--count N]

Copies are made of articles that stand among others: cut, put together, given a new lead, edited in a row or
word by word, or quoted inside another text. What is put in comes from texts that are not among the others.
Each copy is asked about by itself, and is found if the article that it was made of, or the text that it is
the same as, is its source.

Precision: of the articles themselves, taken one after the other, how many that were found to share text with
an earlier one do: a run of `LEAST_RUN` words stands in both.
"""

from __future__ import annotations

import argparse
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from pathlib import Path

from training.stories.gold import StoryArticle, read_ecb, read_strangers
from worker.stories.relations import COPIES, Relation
from worker.stories.sketch import make_sketch
from worker.stories.stories import Position, Stories
from worker.stories.words import text_words

LEAST_RUN = 10
_START_MS, _APART_MS = 1_700_000_000_000, 8_000
_SHORTEST = 120
_MOST_WORDS = 3_000
_STRANGERS = 2_000
_MOST_PAIRS = 500

_Words = list[str]
Make = Callable[[random.Random, _Words, _Words], _Words]
"""A copy of the first text, with the help of the second, a stranger's."""


def _cut(share: float) -> Make:
    return lambda draw, words, other: words[: round(len(words) * share)]


def _new_lead(share: float) -> Make:
    return lambda draw, words, other: (
        (other * 9)[: round(len(words) * share)] + words[round(len(words) * share) :]
    )


def _merged(draw: random.Random, words: _Words, other: _Words) -> _Words:
    return words + other if draw.random() < 0.5 else other + words


def _bunched(share: float, run: int = 12) -> Make:
    """So much is put in other words, a dozen in a row."""

    def edit(draw: random.Random, words: _Words, other: _Words) -> _Words:
        edited, count = list(words), max(1, round(len(words) * share / run))
        for start in sorted(draw.sample(range(0, max(len(words) - run, count), 1), count)):
            edited[start : start + run] = draw.choices(other, k=run)
        return edited

    return edit


def _scattered(share: float) -> Make:
    return lambda draw, words, other: [
        draw.choice(other) if draw.random() < share else word for word in words
    ]


def _quoted(count: int) -> Make:
    def quote(draw: random.Random, words: _Words, other: _Words) -> _Words:
        start = draw.randrange(max(1, len(words) - count))
        place = draw.randrange(len(other))
        return other[:place] + words[start : start + count] + other[place:]

    return quote


KINDS: dict[str, Make] = {
    "whole": _cut(1.0),
    "cut to 75 %": _cut(0.75),
    "cut to half": _cut(0.5),
    "merged": _merged,
    "new lead 10 %": _new_lead(0.1),
    "new lead 20 %": _new_lead(0.2),
    "new lead 30 %": _new_lead(0.3),
    "bunched edits 10 %": _bunched(0.1),
    "bunched edits 20 %": _bunched(0.2),
    "bunched edits 30 %": _bunched(0.3),
    "scattered edits 10 %": _scattered(0.1),
    "scattered edits 20 %": _scattered(0.2),
    "quoted, 143 words": _quoted(143),
    "quoted, 85 words": _quoted(85),
    "quoted, 57 words": _quoted(57),
    "quoted, 29 words": _quoted(29),
}


def take_all(articles: Sequence[StoryArticle]) -> tuple[Stories, list[tuple[str, str, Relation]]]:
    """Takes the articles in turn, and gives each that shares text, with its source and how."""
    stories, related = Stories(), []
    for number, article in enumerate(articles):
        sketch = make_sketch(article.enriched(), origin=f"{number}")
        told = stories.take(sketch, Position(number, _START_MS + number * _APART_MS))
        found = told.assignment
        if found is not None and found.of is not None:
            related.append((article.id, found.of, found.relation))
    return stories, related


def longest_run(this: str, that: str) -> int:
    """The longest run of words that stands in both texts."""
    first, second = text_words(this)[:_MOST_WORDS], text_words(that)[:_MOST_WORDS]
    return SequenceMatcher(None, first, second, autojunk=False).find_longest_match().size


def recall(
    stories: Stories,
    articles: Sequence[StoryArticle],
    strangers: Sequence[StoryArticle],
    same: dict[str, set[str]],
    count: int,
) -> Iterator[str]:
    """A line for each kind of copy: how many of so many were found, and as what."""
    texts = [article for article in articles if len(article.text.split()) >= _SHORTEST]
    for kind, make in KINDS.items():
        draw = random.Random(kind)
        hits, relations = 0, Counter[str]()
        chosen, others = draw.sample(texts, count), draw.choices(strangers, k=count)
        for article, other in zip(chosen, others, strict=True):
            copy = " ".join(make(draw, article.text.split(), other.text.split()))
            sketch = make_sketch(StoryArticle("copy", copy).enriched(), origin="copy")
            source = stories.source_of(sketch)
            if source is not None and source.entry.id in {article.id} | same.get(article.id, set()):
                hits += 1
                relations[source.copied.relation.value] += 1
        yield f"{kind:22} {100 * hits / count:5.1f} %  {dict(relations.most_common())}"


def precision(
    articles: Sequence[StoryArticle], related: Sequence[tuple[str, str, Relation]]
) -> Iterator[str]:
    """How many of the pairs that were found share text, by relation; earnings notices by themselves."""
    texts = {article.id: article.text for article in articles}
    right, wrong = Counter[str](), Counter[str]()
    shown = []
    some = random.Random(1).sample(related, min(_MOST_PAIRS, len(related)))
    for this, that, relation in some:
        kinds = ["copy" if relation in COPIES else "quotes"]
        if is_earnings(texts[this]):
            kinds.append("earnings")
        run = longest_run(texts[this], texts[that])
        for kind in kinds:
            (right if run >= LEAST_RUN else wrong)[kind] += 1
        if run < LEAST_RUN:
            shown.append(f"  {this} {that} {relation} {run}")
    for kind in sorted(right.keys() | wrong.keys()):
        total = right[kind] + wrong[kind]
        share = 100 * right[kind] / total
        yield f"{kind:22} {right[kind]} of {total} share {LEAST_RUN} words in a row ({share:.1f} %)"
    yield f"{len(some)} of {len(related)} pairs were looked at; these do not share as much:"
    yield from shown


def is_earnings(text: str) -> bool:
    """Whether this is a notice of a company's earnings, as Reuters wrote them."""
    return bool(re.search(r"\b(shr|net|revs)\b.*\bvs\b", text[:400], re.IGNORECASE | re.DOTALL))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--count", type=int, default=200, help="copies of each kind")
    options = parser.parse_args()
    everything = [*read_ecb(options.data, {}), *read_strangers(options.data, {})]
    articles, others = everything[: options.articles], everything[options.articles :]
    strangers = [article for article in others if len(article.text.split()) >= _SHORTEST][-_STRANGERS:]
    stories, related = take_all(articles)
    same: dict[str, set[str]] = {}
    for this, that, relation in related:
        if relation in COPIES:
            same.setdefault(this, set()).add(that)
            same.setdefault(that, set()).add(this)
    for line in (*recall(stories, articles, strangers, same, options.count), *precision(articles, related)):
        print(line, flush=True)


if __name__ == "__main__":
    main()
