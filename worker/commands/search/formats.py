"""What a search found, as a person or a program reads it. Nothing that is found can steer the terminal."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from rich.console import Console
from rich.text import Text

from worker.commands.shell.visible import visible
from worker.commands.shown.cards import clean
from worker.records.published import reference
from worker.search.answer import Hit, QuoteHit
from worker.search.conditions import TextPhrase
from worker.search.document import Document, seconds_of
from worker.search.places import CharSpan
from worker.search.snippet import Snippet, snippet

HIGHLIGHT = "bold yellow"
MARK = "**"
"""Around what is highlighted, where there are no colours."""
_SPACES = re.compile(r"\s+")
_HEADLINE_CHARS = 160
_QUOTE_CHARS = 500
_FIELD_CHARS = 120


def article_fields(hit: Hit, words: Sequence[TextPhrase]) -> bytes:
    """JSON: which article, its `score`, and the `headline`'s and the `snippet`'s highlights.

    Highlights are half-open spans in code points, of the headline and of the snippet's text; `start` says
    where in the article's text the snippet stands.
    """
    document = hit.document
    found = snippet(words, document["text"])
    return _json(
        {
            **_about(document),
            # SQLite's BM25 is better the lower it is: turned round, its zero would keep a sign.
            "score": round(hit.score, 4) + 0.0,
            "headline_highlights": _whole(words, document["headline"] or "", headline=True),
            "snippet": {"start": found.start, "text": found.text, "highlights": found.highlights},
        }
    )


def quote_fields(hit: QuoteHit, words: Sequence[TextPhrase]) -> bytes:
    """JSON: the quote with its highlights, and which article it is of."""
    quote = hit.quote
    return _json(
        {
            "text": quote["text"],
            "kind": quote["kind"],
            "speaker": quote["speaker"],
            "speaker_id": quote["speaker_id"],
            "highlights": _whole(words, quote["text"]),
            "article": _about(hit.document),
        }
    )


def show_article(console: Console, hit: Hit, words: Sequence[TextPhrase]) -> None:
    """The headline, when and where it was published, and the snippet."""
    document = hit.document
    found = snippet(words, document["text"])
    if document["headline"]:
        console.print(_headline(console, document, words))
    console.print(_line(_when_and_where(document)))
    console.print(Text("  ").append(_marked(console, found)))
    console.print()


def show_quote(console: Console, hit: QuoteHit, words: Sequence[TextPhrase]) -> None:
    """Who said what, then when and in which article."""
    quote, document = hit.quote, hit.document
    found = snippet(words, quote["text"], most=_QUOTE_CHARS)
    opening, closing = ("", "") if quote["kind"] == "indirect" else ("“", "”")
    line = Text()
    line.append(clean(quote["speaker"] or "(nobody named)", most=_FIELD_CHARS), style="bold")
    line.append(f": {opening}").append(_marked(console, found)).append(closing)
    console.print(line)
    about = [*_when_and_where(document), clean(document["headline"] or "", most=_FIELD_CHARS)]
    console.print(_line(about))
    console.print()


def _whole(words: Sequence[TextPhrase], text: str, *, headline: bool = False) -> Sequence[CharSpan]:
    """The highlights of all of a text."""
    return snippet(words, text, headline=headline, most=len(text)).highlights


def _json(fields: Mapping[str, Any]) -> bytes:
    """A line in which what is not printable is escaped: a terminal may be what reads it."""
    line = orjson.dumps(fields).decode()
    if not line.isprintable():
        line = "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in line)
    return line.encode()


def _about(document: Document) -> Mapping[str, Any]:
    return reference(document).model_dump()


def _headline(console: Console, document: Document, words: Sequence[TextPhrase]) -> Text:
    found = snippet(words, document["headline"], headline=True, most=_HEADLINE_CHARS)
    line = _marked(console, found)
    line.stylize_before("bold")
    return line


def _when_and_where(document: Document) -> list[str]:
    moment = datetime.fromtimestamp(seconds_of(document), UTC)
    named = [document["source"], document["url"] or document["id"]]
    return [f"{moment:%Y-%m-%d %H:%M}", *(clean(name, most=_FIELD_CHARS) for name in named if name)]


def _line(parts: Sequence[str]) -> Text:
    return Text("  " + "  ".join(part for part in parts if part), style="dim")


def _marked(console: Console, found: Snippet) -> Text:
    """The snippet in one line, its highlights in colour, or between marks where there is none."""
    line = Text("" if found.start == 0 else "…")
    for text, is_highlighted in _pieces(found.text, found.highlights):
        shown = visible(_SPACES.sub(" ", text))
        if not is_highlighted:
            line.append(shown)
        elif console.is_terminal:
            line.append(shown, style=HIGHLIGHT)
        else:
            line.append(f"{MARK}{shown}{MARK}")
    return line if found.ends_text else line.append("…")


def _pieces(text: str, spans: Sequence[CharSpan]) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and which of them are highlighted."""
    last = 0
    for start, end in spans:
        yield text[last:start], False
        yield text[start:end], True
        last = end
    yield text[last:], False
