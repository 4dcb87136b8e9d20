"""The component that finds the dates and amounts of money of a doc. Factory name: "dateline_values".

It sets `doc._.values`, which take the place of the DATE and MONEY that the encoder tags: that learnt them
from English alone.
"""

from __future__ import annotations

from collections.abc import Callable

from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.encoder.text import text_of
from worker.nlp.values.find import FoundValue, values_in
from worker.nlp.values.tables import value_table

if not Doc.has_extension("values"):
    Doc.set_extension("values", default=None)


def found_values(doc: Doc) -> list[FoundValue] | None:
    """The doc's dates and amounts; None where the component did not run."""
    values: list[FoundValue] | None = doc._.values
    return values


@Language.factory("dateline_values", assigns=["doc._.values"])
def make_values(nlp: Language, name: str) -> Callable[[Doc], Doc]:
    """The component for the pipeline's language, which must have a table."""
    table = value_table(nlp.lang or "")
    assert table is not None, f"no table of dates and money for {nlp.lang}"

    def find_values(doc: Doc) -> Doc:
        doc._.values = values_in(text_of(doc), table)
        return doc

    return find_values
