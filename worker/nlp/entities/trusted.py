"""Which labels come out in a language whose own texts taught people, organizations and places alone.

FAC, NORP, PRODUCT and MISC were learnt from English, or nearly so. `data/labels.tsv` lists those that hold in
other languages; the rest is left out. People, organizations, places, dates and amounts always come out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from worker.languages import language_of
from worker.nlp.entities.countries import demonyms_of
from worker.nlp.entities.group import LabelledSpan
from worker.nlp.wordlists import shared_rows

LEARNT_FROM_ENGLISH = frozenset({"FAC", "NORP", "PRODUCT", "MISC"})

EVERY_NAME, COUNTRIES = "all", "countries"
"""Which names of a label come out: all, or those that the language's table of countries has as adjectives."""


@cache
def trusted_labels() -> Mapping[tuple[str, str], str]:
    """EVERY_NAME or COUNTRIES, by language and label."""
    return {(language, label): which for language, label, which in shared_rows("labels.tsv")}


def trusted(spans: Iterable[LabelledSpan], text: str, language: str) -> Iterator[LabelledSpan]:
    """The spans without those of labels that do not hold in the language."""
    code = language_of(language)
    adjectives = demonyms_of(language)
    for start, end, label in spans:
        which = trusted_labels().get((code, label), EVERY_NAME if label not in LEARNT_FROM_ENGLISH else None)
        if which == EVERY_NAME or (which == COUNTRIES and text[start:end].casefold() in adjectives):
            yield start, end, label
