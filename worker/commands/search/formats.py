"""Formats what a search found, for a terminal or as JSON, with control characters made visible."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from worker.commands.shell.output import json_line
from worker.commands.shell.terminal import counted
from worker.commands.shell.visible import visible
from worker.commands.shown.cards import printable
from worker.records.published import reference
from worker.search.answer import Hit, QuoteHit
from worker.search.document import Document, seconds_of
from worker.search.places import CharSpan
from worker.search.snippet import Snippet, SoughtWords, snippet
from worker.search.story_rows import DocumentStory

HIGHLIGHT = "bold yellow"
MARK = "**"
"""Stands around each highlight where the output has no colours."""
_RELATIONS = {"reprint": "reprint of", "excerpt": "excerpt of", "extends": "extends", "quotes": "quotes"}
_SPACES = re.compile(r"\s+")
_HEADLINE_CHARS = 160
_QUOTE_CHARS = 500
_FIELD_CHARS = 120


def article_fields(hit: Hit, words: Sequence[SoughtWords]) -> bytes:
    """One line of JSON: the article, its score, and the highlights of the headline and the snippet.

    Highlights are half-open spans in code points, counted in the headline and in the snippet's text; `start`
    is the snippet's place in the article's text. `story` is null if it was given none, and `copies` are the
    articles that are folded under it.
    """
    document = hit.document
    found = snippet(words, document["text"], document["language"])
    return json_line(
        {
            **_about(document),
            # Adding 0.0 turns -0.0, which a negated BM25 score can be, into 0.0.
            "score": round(hit.score, 4) + 0.0,
            "headline_highlights": _highlights(
                words, document["headline"] or "", document["language"], headline=True
            ),
            "snippet": {"start": found.start, "text": found.text, "highlights": found.highlights},
            "story": _story(hit.story),
            "copies": hit.copies,
        }
    )


def quote_fields(hit: QuoteHit, words: Sequence[SoughtWords]) -> bytes:
    """One line of JSON: the quote with its highlights, and its article."""
    quote = hit.quote
    return json_line(
        {
            "text": quote["text"],
            "kind": quote["kind"],
            "speaker": quote["speaker"],
            "speaker_id": quote["speaker_id"],
            "speaker_of": quote.get("speaker_of"),
            "highlights": _highlights(words, quote["text"], hit.document["language"]),
            "article": _about(hit.document),
            "copies": hit.copies,
        }
    )


def show_article(console: Console, hit: Hit, words: Sequence[SoughtWords]) -> None:
    """Prints the headline, when and where the article was published, its story, and the snippet."""
    document = hit.document
    found = snippet(words, document["text"], document["language"])
    if document["headline"]:
        console.print(_headline(console, document, words))
    console.print(_line(_when_and_where(document)))
    console.print(Text("  ").append(_marked(console, found)))
    if about := _about_story(hit):
        console.print(_line(about))
    console.print()


def show_quote(console: Console, hit: QuoteHit, words: Sequence[SoughtWords]) -> None:
    """Prints the speaker and the quote, then when and in which article it was published."""
    quote, document = hit.quote, hit.document
    found = snippet(words, quote["text"], document["language"], most=_QUOTE_CHARS)
    opening, closing = ("", "") if quote["kind"] == "indirect" else ("“", "”")
    line = Text()
    line.append(printable(quote["speaker"] or "(nobody named)", most=_FIELD_CHARS), style="bold")
    line.append(f": {opening}").append(_marked(console, found)).append(closing)
    console.print(line)
    about = [*_when_and_where(document), printable(document["headline"] or "", most=_FIELD_CHARS)]
    if hit.copies:
        about.append(f"and in {copies_line(len(hit.copies))}")
    console.print(_line(about))
    console.print()


def copies_line(count: int) -> str:
    """`1 copy`, `2,000 copies`."""
    return "1 copy" if count == 1 else f"{count:,} copies"


def _about_story(hit: Hit) -> list[str]:
    """What is folded under an article, what it is to others, and its story if that has more than it."""
    said = [f"{copies_line(len(hit.copies))} (--all)"] if hit.copies else []
    story = hit.story
    if story is None:
        return said
    if story.original and story.relation in _RELATIONS:
        original = printable(story.original, most=_FIELD_CHARS)
        said.append(f"{_RELATIONS[story.relation]} {original}")
    if said or story.sources > 1:
        named = f"story {printable(story.id, most=_FIELD_CHARS)}"
        said.append(f"{named}, {counted(story.sources, 'independent source')}" if story.sources else named)
    return said


def _story(story: DocumentStory | None) -> Mapping[str, Any] | None:
    if story is None:
        return None
    return {
        "id": story.id,
        "sources": story.sources or None,
        "relation": story.relation,
        "of": story.original,
    }


def _highlights(
    words: Sequence[SoughtWords], text: str, language: str, *, headline: bool = False
) -> Sequence[CharSpan]:
    """The highlights of a whole text."""
    return snippet(words, text, language, headline=headline, most=len(text)).highlights


def _about(document: Document) -> Mapping[str, Any]:
    return reference(document).model_dump()


def _headline(console: Console, document: Document, words: Sequence[SoughtWords]) -> Text:
    found = snippet(words, document["headline"], document["language"], headline=True, most=_HEADLINE_CHARS)
    line = _marked(console, found)
    line.stylize_before("bold")
    return line


def _when_and_where(document: Document) -> list[str]:
    moment = datetime.fromtimestamp(seconds_of(document), UTC)
    named = [document["source"], document["url"] or document["id"]]
    return [f"{moment:%Y-%m-%d %H:%M}", *(printable(name, most=_FIELD_CHARS) for name in named if name)]


def _line(parts: Sequence[str]) -> Text:
    return Text("  " + "  ".join(part for part in parts if part), style="dim")


def _marked(console: Console, found: Snippet) -> Text:
    """The snippet in one line. Highlights are coloured on a terminal, else they stand between marks."""
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
    """The text in pieces, each with whether it is highlighted."""
    last = 0
    for start, end in spans:
        yield text[last:start], False
        yield text[start:end], True
        last = end
    yield text[last:], False
