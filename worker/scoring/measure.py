"""Counts how well tags agree with gold, without files or a pipeline.

Entities match strictly, by bounds and label. Quotes, direct and mixed together, match one to one if they
overlap by at least .8 (intersection over union). A speaker matches by the name it was resolved to.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from worker.nlp.entities.group import Span
from worker.nlp.wordlists import words

MIN_OVERLAP = 0.8


@dataclass(frozen=True, slots=True)
class Counts:
    """How many tags were found that are right, found that are wrong, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0 to 1."""
        return 2 * self.right / max(1, 2 * self.right + self.wrong + self.missed)


def compare_multisets(gold: Iterable[Hashable], found: Iterable[Hashable]) -> Counts:
    """The counts of two multisets of spans or tags: one that occurs twice counts twice."""
    expected, got = Counter(gold), Counter(found)
    right = (expected & got).total()
    return Counts(right, got.total() - right, expected.total() - right)


def overlap(a: Span, b: Span) -> float:
    """Intersection over union of two half-open spans."""
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared / (max(a[1], b[1]) - min(a[0], b[0])) if shared > 0 else 0.0


def match_spans(
    gold: Sequence[Span], found: Sequence[Span], at_least: float = MIN_OVERLAP
) -> list[tuple[int, int]]:
    """Pairs of indices of gold and found spans that overlap enough, one to one, best overlap first."""
    by_start = sorted(range(len(found)), key=lambda j: found[j])
    pairs = []
    for i, span in enumerate(gold):
        for j in by_start:
            if found[j][0] >= span[1]:
                break
            if (shared := overlap(span, found[j])) >= at_least:
                pairs.append((-shared, i, j))
    matched, used = [], set()
    for _, i, j in sorted(pairs):
        if ("gold", i) not in used and ("found", j) not in used:
            used |= {("gold", i), ("found", j)}
            matched.append((i, j))
    return matched


def same_speaker(gold: str, found: str | None) -> bool:
    """Whether two names mean the same speaker.

    They do if they are equal without titles and articles, or if one has two or more words and the other has
    these too, in order: "Mark Rutte" matches "Mark Jan Rutte". "Rutte" does not match "Mark Rutte", since it
    was not resolved. "" and None, for nobody, match only each other.
    """
    a, b = name_words(gold), name_words(found or "")
    if not a or not b:
        return not a and not b
    shorter, longer = sorted((a, b), key=len)
    if shorter == longer:
        return True
    return len(shorter) > 1 and _is_inside(shorter, longer)


def name_words(name: str) -> list[str]:
    """The words of a name, case-folded, without titles, articles and possessives."""
    found = re.findall(r"[^\W_]+(?:[-.&][^\W_]+)*", re.sub(r"['’]s\b", "", name.casefold()))
    return [word for word in found if word not in {"the", "a", "an"} and word not in words("honorifics.txt")]


def _is_inside(shorter: Sequence[str], longer: Sequence[str]) -> bool:
    """Whether all words of the shorter stand in the longer, in order."""
    rest = iter(longer)
    return all(word in rest for word in shorter)
