"""Runs the quotes and speakers components over a marked text, without an encoder."""

from tests.unit.nlp.marked import doc_of
from worker.nlp.quotes.component import tag_quotes
from worker.nlp.speakers.component import tag_speakers


def said(marked: str) -> list[tuple[str | None, str | None, str | None]]:
    """The speaker's mention, the entity's name and the cue of each quote."""
    doc = tag_speakers(tag_quotes(doc_of(marked)))
    return [
        (
            doc.text[slice(*quote.speaker)] if quote.speaker else None,
            doc._.groups[quote.group].name if quote.group is not None else None,
            doc.text[slice(*quote.cue)] if quote.cue else None,
        )
        for quote in doc._.quotes
    ]
