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


def attributed(marked: str, start: str) -> tuple[str | None, str | None, str | None]:
    """Of the quote that begins so: the speaker's mention, their entity's name, and whose they are."""
    doc = tag_speakers(tag_quotes(doc_of(marked)))
    (quote,) = (q for q in doc._.quotes if doc.text.startswith(start, q.start))

    def name(group: int | None) -> str | None:
        return doc._.groups[group].name if group is not None else None

    mention = doc.text[slice(*quote.speaker)] if quote.speaker else None
    return mention, name(quote.group), name(quote.owner)
