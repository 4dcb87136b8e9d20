"""Which labels come out in a language whose own texts taught people, organizations and places alone.

FAC, NORP, PRODUCT and MISC were learnt from English, or nearly so. `data/labels.tsv` lists those that hold in
other languages; the rest is left out. People, organizations, places, dates and amounts always come out.

Such texts say nothing about the other labels: where they say "O", training counted "O" and all labels that
they do not annotate as one. So does whoever reads the scores: what is left out adds to "O".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

import numpy as np

from worker.languages import language_of
from worker.nlp.encoder.tags import ENTITY_LABELS, ENTITY_TAGS, IMPOSSIBLE
from worker.nlp.entities.countries import demonyms_of
from worker.nlp.entities.group import LabelledSpan
from worker.nlp.values.tables import value_table
from worker.nlp.wordlists import shared_rows
from worker.records.article import VALUE_TYPES

LEARNT_FROM_ENGLISH = frozenset({"FAC", "NORP", "PRODUCT", "MISC"})

EVERY_NAME, COUNTRIES = "all", "countries"
"""Which names of a label come out: all, or those that the language's table of countries has as adjectives."""

_STEPS = 1024
"""Added scores are rounded to so many parts of one, since processors differ in the last bits of `exp`."""

_COLUMNS = {label: [i for i, tag in enumerate(ENTITY_TAGS) if tag[2:] == label] for label in ENTITY_LABELS}


@cache
def trusted_labels() -> Mapping[tuple[str, str], str]:
    """EVERY_NAME or COUNTRIES, by language and label."""
    return {(language, label): which for language, label, which in shared_rows("labels.tsv")}


def _which(code: str, label: str) -> str | None:
    """Which names of a label come out in another language than English: EVERY_NAME, COUNTRIES, or none."""
    return trusted_labels().get((code, label), EVERY_NAME if label not in LEARNT_FROM_ENGLISH else None)


def trusted(spans: Iterable[LabelledSpan], text: str, language: str) -> Iterator[LabelledSpan]:
    """The spans without those of labels that do not hold in the language."""
    code = language_of(language)
    adjectives = demonyms_of(language)
    for start, end, label in spans:
        which = _which(code, label)
        if which == EVERY_NAME or (which == COUNTRIES and text[start:end].casefold() in adjectives):
            yield start, end, label


def without_left_out(scores: np.ndarray, words: Sequence[str], language: str) -> np.ndarray:
    """The scores, with those of labels that do not come out added to "O". Takes and gives [tokens, tags].

    English, whose texts annotate all labels, keeps its own. `words` are the tokens' texts: where a label
    comes out for adjectives of countries, it is left out of all other words.
    """
    labels = _left_out(language)
    if not labels or not len(scores):
        return scores
    gone = np.zeros(scores.shape, np.bool_)
    for label, which in labels.items():
        gone[:, _COLUMNS[label]] = _are_none(words, language) if which == COUNTRIES else True
    rest = np.where(gone, scores, IMPOSSIBLE).astype(np.float64)
    rest[:, 0] = scores[:, 0]
    greatest = rest.max(axis=1)
    total = greatest + np.log(np.exp(rest - greatest[:, None]).sum(axis=1))
    found = np.where(gone, IMPOSSIBLE, scores)
    found[:, 0] = np.rint(total * _STEPS) / _STEPS
    return found


def _are_none(words: Sequence[str], language: str) -> np.ndarray:
    """Of each word, bool [words, 1], whether it is in no adjective of a country."""
    adjectives = _adjective_words(language)
    return np.array([[word.casefold() not in adjectives] for word in words])


@cache
def _left_out(language: str) -> Mapping[str, str | None]:
    """The labels that do not come out in a language, or only as COUNTRIES says.

    Dates and amounts are among them where the language finds its own by a table.
    """
    code = language_of(language)
    if code == "en":
        return {}
    found = {label: _which(code, label) for label in ENTITY_LABELS}
    if value_table(code) is not None:
        found |= dict.fromkeys(VALUE_TYPES & found.keys())
    return {label: which for label, which in found.items() if which != EVERY_NAME}


@cache
def _adjective_words(language: str) -> frozenset[str]:
    return frozenset(word for name in demonyms_of(language) for word in name.split())
