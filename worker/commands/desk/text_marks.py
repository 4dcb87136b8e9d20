"""Marks in the text of an indexed article: the index has no offsets, so the words are looked for."""

from collections.abc import Iterator
from itertools import islice

from worker.desk.marking import MOST_TEXT_MARKS, TextMark
from worker.search.conditions import TextPhrase
from worker.search.document import Document
from worker.search.places import PhraseFinder
from worker.search.tokens import words_in

_LABELS = {"people": "PERSON", "organisations": "ORG", "places": "GPE", "other_names": "MISC"}
_GROUPS = {"people": "People", "organisations": "Organisations", "places": "Places", "other_names": "Others"}
_MOST_NAMES, _MOST_QUOTES = 400, 400


def remarked(document: Document) -> list[TextMark]:
    """The names where they stand as words of their own, and the quotes, in the order of the text."""
    return [*_names(document), *_quotes(document)][:MOST_TEXT_MARKS]


def names_by_group(document: Document) -> dict[str, list[str]]:
    """The names of a document by what they are, without empty groups."""
    return {title: list(document[field]) for field, title in _GROUPS.items() if document[field]}


def _names(document: Document) -> Iterator[TextMark]:
    labels = {name: _LABELS[field] for field in reversed(_LABELS) for name in document[field]}
    finder = PhraseFinder(document["text"], document["language"])
    found = [
        (start, -end, label)
        for name, label in islice(labels.items(), _MOST_NAMES)
        if (words := tuple(words_in(name)))
        for start, end in finder.find(TextPhrase(words))
    ]
    marked = 0
    # Of those that begin at one place the longest: of "Port Amsel Bank" no "Port Amsel" is marked.
    for start, minus_end, label in sorted(found):
        if start >= marked:
            marked = -minus_end
            yield TextMark(start, marked, "name", label, says=label)


def _quotes(document: Document) -> Iterator[TextMark]:
    text, begin = document["text"], 0
    for number, quote in enumerate(document["quotes"][:_MOST_QUOTES], 1):
        start = text.find(quote["text"], begin)
        if start < 0 or not quote["text"]:
            continue
        begin = start
        who = quote["speaker"] or "nobody named"
        end = start + len(quote["text"])
        yield TextMark(start, end, "quote", who, number, says=f"{quote['kind']} quote, {who}")
