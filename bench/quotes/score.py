"""Counts how many altered quotes are found to be one utterance, and how many others are taken for it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from bench.quotes.alterations import Altered, Another, alterations_of, others_of
from bench.quotes.seeds import SeedQuote, SeedSpeaker
from worker.query.words import words_of
from worker.stories.lineage.alignment import LEAST_WORDS, QuoteWords, align
from worker.stories.lineage.shown import shown_edits, shown_wording
from worker.stories.lineage.utterances import Spoken, Teller, Utterance, note_quotes

_ALTERED_AT_ONCE = 4
"""So many retellings of a quote come into a story, beside the quote: no more variants are kept."""


@dataclass
class LineageScore:
    """Pairs of quotes in stories: `right` are one utterance and found to be, of `found` and of `due`.

    By kind of alteration, pairs with the quote itself: `told` how many there are, `known` how many of them
    are found, `named` of how many all that was altered is named and nothing else. By kind of other quote:
    `others`, and `taken` for the same utterance.
    """

    right: int = 0
    found: int = 0
    due: int = 0
    told: Counter[str] = field(default_factory=Counter)
    known: Counter[str] = field(default_factory=Counter)
    named: Counter[str] = field(default_factory=Counter)
    others: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.due)

    @property
    def naming(self) -> float:
        """Of the alterations that are found, the part that is named right."""
        return self.named.total() / max(1, self.known.total())


def score_speakers(speakers: Iterable[SeedSpeaker], *, seed: int = 1) -> LineageScore:
    """The score on all quotes of eight words and more. The same seed gives the same alterations."""
    score, draw = LineageScore(), random.Random(seed)
    for speaker in speakers:
        for quote in speaker.quotes:
            if QuoteWords(quote.text).has_words(LEAST_WORDS):
                altered, others = alterations_of(quote, draw), others_of(quote, speaker, draw)
                _score_pairs(score, quote, altered, others)
                for some in _parted(altered, draw):
                    _score_story(score, quote, some, others, draw)
    return score


def _parted(altered: list[Altered], draw: random.Random) -> Iterator[list[Altered]]:
    mixed = draw.sample(altered, len(altered))
    for begin in range(0, len(mixed), _ALTERED_AT_ONCE):
        yield mixed[begin : begin + _ALTERED_AT_ONCE]


def _score_pairs(
    score: LineageScore, quote: SeedQuote, altered: list[Altered], others: list[Another]
) -> None:
    """What is said of two quotes alone."""
    of = QuoteWords(quote.text)
    for one in altered:
        score.told[one.how] += 1
        found = align(of, QuoteWords(one.text))
        if found is None:
            continue
        score.known[one.how] += 1
        edits = shown_edits(one.text, quote.text, found)
        named = tuple((words_of(edit["was"]), words_of(edit["now"])) for edit in edits)
        wording = shown_wording(edits) if edits else "same"
        score.named[one.how] += named == one.edits and wording == one.wording
    for other in others:
        score.others[other.how] += 1
        score.taken[other.how] += align(of, QuoteWords(other.text)) is not None


def _score_story(
    score: LineageScore, quote: SeedQuote, altered: list[Altered], others: list[Another], draw: random.Random
) -> None:
    """What becomes of them in a story, an article each, in an order by chance."""
    texts = [(quote.text, True), *((one.text, True) for one in altered)]
    texts += [(other.text, False) for other in others]
    draw.shuffle(texts)
    utterances: list[Utterance] = []
    for number, (text, _) in enumerate(texts):
        note_quotes(utterances, [Spoken(text, None, None)], Teller(f"{number}", None, number, None))
    homes = {
        int(carrier[0]): place
        for place, (variants, _) in enumerate(utterances)
        for variant in variants
        for carrier in variant[4]
    }
    for one, other in combinations(range(len(texts)), 2):
        are_one = texts[one][1] and texts[other][1]
        # Others are compared with the quote alone: they may share passages with one another.
        if not texts[one][1] and not texts[other][1]:
            continue
        is_found = homes.get(one, -1) == homes.get(other, -2)
        score.right += are_one and is_found
        score.found += is_found
        score.due += are_one


def score_lines(score: LineageScore) -> Iterator[str]:
    """The score in words, a line for all and one for each kind."""
    yield (
        f"{score.due:,} pairs of one utterance in stories: precision {score.precision:.1%}, "
        f"recall {score.recall:.1%}; {score.naming:.1%} of the alterations are named right"
    )
    for how, count in score.told.items():
        yield (
            f"  {how:<24} {count:7,}  found {score.known[how] / count:6.1%}  "
            f"named right {score.named[how] / max(1, score.known[how]):6.1%}"
        )
    for how, count in score.others.items():
        yield f"  {how:<24} {count:7,}  taken for the same {score.taken[how] / count:6.1%}"
