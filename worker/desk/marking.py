"""An article's text cut into segments, each with what stands there: names, quotes, their speakers and cues.

Spans count code points, as Python's strings do, so a text is cut right in every script. The segments joined
are the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

SURE_QUOTE, SURE_TOPIC = 0.8, 0.9
"""Quotes and topics with less confidence are shown as uncertain."""
MOST_MARKED_CHARS = 400_000
"""Of a longer text the beginning is shown. Articles of newspapers have a hundredth of it."""
MOST_TEXT_MARKS = 20_000
# What no font shows or a terminal would obey. HTML has no character for most of them.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_RETURNS = re.compile(r"\r\n?")
_PICTURES, _DELETE = 0x2400, 0x7F


@dataclass(frozen=True, slots=True)
class TextMark:
    """A span of the text that is marked. `kind`: name, value, quote, report, speaker or cue.

    `label`: what it is, for people: an entity's type, or who speaks. `quote`: the number of the quote that it
    belongs to. `says`: what is told when somebody points at it.
    """

    start: int
    end: int
    kind: str
    label: str = ""
    quote: int | None = None
    is_sure: bool = True
    says: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the text with all marks that cover it, longest first; `starts`: those that begin here."""

    text: str
    marks: tuple[TextMark, ...]
    starts: tuple[TextMark, ...] = ()

    @property
    def classes(self) -> str:
        """Fixed words alone: nothing of an article becomes a class."""
        kinds = list(dict.fromkeys(mark.kind for mark in self.marks))
        quotes = [mark for mark in self.marks if mark.quote is not None]
        unsure = ["unsure"] if quotes and not any(mark.is_sure for mark in quotes) else []
        return " ".join([*kinds, *unsure])

    @property
    def quotes(self) -> str:
        """The numbers of the quotes whose words, speaker or cue stand here, as `2 3`."""
        return " ".join(str(n) for n in dict.fromkeys(m.quote for m in self.marks if m.quote is not None))

    @property
    def name(self) -> TextMark | None:
        """The name or value that stands here, the shortest if there are several."""
        return next((m for m in reversed(self.marks) if m.kind in ("name", "value")), None)

    @property
    def says(self) -> str:
        return "; ".join(mark.says for mark in reversed(self.marks) if mark.says)


def marks_of(article: Mapping[str, Any], values: frozenset[str]) -> list[TextMark]:
    """The marks of an enriched article, from its fields. `values`: the entity types that are no names."""
    found = list(_of_entities(article["entities"], values))
    for number, quote in enumerate(article["quotes"], 1):
        found += _of_quote(number, quote)
    return found[:MOST_TEXT_MARKS]


def _of_entities(entities: Iterable[Mapping[str, Any]], values: frozenset[str]) -> Iterator[TextMark]:
    for entity in entities:
        kind = "value" if entity["type"] in values else "name"
        for mention in entity["mentions"]:
            full = "" if mention["text"] == entity["name"] else f"{entity['name']}, "
            says = f"{full}{entity['type']}"
            yield TextMark(mention["start"], mention["end"], kind, entity["type"], says=says)


def _of_quote(number: int, quote: Mapping[str, Any]) -> Iterator[TextMark]:
    is_sure = quote["confidence"] >= SURE_QUOTE
    speaker = quote["speaker"]
    who = (speaker["name"] or speaker["text"]) if speaker else "nobody named"
    says = f"{quote['kind']} quote, {who}, confidence {quote['confidence']:.2f}"
    yield TextMark(quote["start"], quote["end"], "quote", who, number, is_sure, says)
    if quote["report"]:
        yield TextMark(quote["report"]["start"], quote["report"]["end"], "report", "", number, is_sure)
    if speaker:
        yield TextMark(speaker["start"], speaker["end"], "speaker", who, number, is_sure)
    if quote["cue"]:
        yield TextMark(quote["cue"]["start"], quote["cue"]["end"], "cue", "", number, is_sure)


def segments(text: str, marks: Iterable[TextMark]) -> list[Segment]:
    """The text in pieces, at each of whose borders a mark begins or ends.

    Marks that lie beyond the text are left out: somebody else may have written the record.
    """
    inside = [mark for mark in marks if 0 <= mark.start < mark.end <= len(text)]
    opening: dict[int, list[TextMark]] = {}
    closing: dict[int, list[TextMark]] = {}
    for mark in inside:
        opening.setdefault(mark.start, []).append(mark)
        closing.setdefault(mark.end, []).append(mark)
    borders = sorted({0, len(text), *opening, *closing})
    active: dict[int, TextMark] = {}
    found = []
    for start, end in pairwise(borders):
        for mark in closing.get(start, ()):
            active.pop(id(mark), None)
        starts = sorted(opening.get(start, ()), key=_longest_first)
        active |= {id(mark): mark for mark in starts}
        found.append(
            Segment(text[start:end], tuple(sorted(active.values(), key=_longest_first)), tuple(starts))
        )
    return found


def shown_text(text: str) -> str:
    """The text as HTML can have it: lines end in a line feed, other control characters have their picture."""
    return _CONTROLS.sub(_picture, _RETURNS.sub("\n", text))


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x20:
        return chr(_PICTURES + code)
    return "\N{SYMBOL FOR DELETE}" if code == _DELETE else "\N{REPLACEMENT CHARACTER}"


def _longest_first(mark: TextMark) -> tuple[int, int]:
    return mark.start, -mark.end
