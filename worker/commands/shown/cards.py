"""Shows an enriched article to a person: a small card with a title and rows of (label, text).

Characters that are not printable are replaced, because an article's text must not control the terminal.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TextIO, cast

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from worker.commands.shell.output import print_line

JsonObject = Mapping[str, Any]
"""A record's value as its JSON was parsed."""

ENTITY_ROWS = {
    "people": ("PERSON",),
    "organisations": ("ORG",),
    "places": ("GPE", "LOC", "FAC"),
    "groups": ("NORP",),
    "also": ("EVENT", "PRODUCT", "WORK_OF_ART", "LAW", "MISC"),
    "when": ("DATE", "TIME"),
    "amounts": ("MONEY", "PERCENT", "QUANTITY"),
}
MAX_NAMES = 8
MAX_QUOTES = 12
LINE_CHARS = 160
SHOWN_HEADLINE_CHARS = 100
LABEL_STYLE = "cyan"
LABEL_WIDTH = max(map(len, ENTITY_ROWS)) + 2


def printable(value: object, *, most: int | None = None) -> str:
    """The value as one line of printable text, cut after `most` characters."""
    text = " ".join(str(value).split())
    text = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return text if most is None or len(text) <= most else text[: most - 1].rstrip() + "…"


def headline_of(article: JsonObject) -> str:
    """The article's headline, or the beginning of its text if it has none."""
    return printable(article.get("headline") or article.get("text") or "(no text)", most=SHOWN_HEADLINE_CHARS)


def tag_rows(article: JsonObject) -> list[tuple[str, str]]:
    """A card's rows: entities by kind, topics with their confidence, and quotes with their speakers."""
    rows = []
    for label, types in ENTITY_ROWS.items():
        names = [_entity(entity) for entity in article.get("entities", ()) if entity["type"] in types]
        if names:
            rows.append((label, _listed(names)))
    topics = [f"{printable(topic['name'])} {topic['confidence']:.0%}" for topic in article.get("topics", ())]
    if topics:
        rows.append(("topics", _listed(topics)))
    quotes = [quote_text(quote) for quote in article.get("quotes", ())]
    rows += [("quotes" if not index else "", text) for index, text in enumerate(quotes[:MAX_QUOTES])]
    if len(quotes) > MAX_QUOTES:
        rows.append(("", f"and {len(quotes) - MAX_QUOTES} more"))
    return rows or [("", "nothing found")]


def quote_text(quote: JsonObject) -> str:
    """A quote with its speaker, as `Lena Okafor said: “We waited.”`

    A speaker who is not resolved to a name is shown in the text's own words.
    """
    speaker, cue = quote.get("speaker") or {}, quote.get("cue") or {}
    who = printable(speaker.get("name") or speaker.get("text") or "(nobody named)")
    said = f" {printable(cue['text'])}" if cue.get("text") else ""
    words = printable(quote["text"])
    return f"{who}{said}: {words if quote['kind'] == 'indirect' else f'“{words}”'}"


def _terminal_card(title: str, rows: Iterable[tuple[str, str]], *, note: str = "") -> RenderableType:
    """The card for a terminal, where texts wrap beside their labels."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=LABEL_WIDTH, justify="right", style=LABEL_STYLE)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(label, Text(text))
    head = Text(title, style="bold")
    if note:
        head.append(f"  {note}", style="dim")
    return Group(head, grid, Text())


def _plain_card(title: str, rows: Iterable[tuple[str, str]], *, note: str = "") -> str:
    """The card for a pipe: not wrapped, without colours."""
    head = f"{title}  ({note})" if note else title
    return "\n".join([head, *(f"  {label:<{LABEL_WIDTH}}{text}" for label, text in rows), ""])


def show_card(console: Console, title: str, rows: Iterable[tuple[str, str]], *, note: str = "") -> None:
    """Prints a card. `note` stands behind the title."""
    if console.is_terminal:
        console.print(_terminal_card(title, rows, note=note))
    else:
        # Without the console, which would wrap long lines where a pipe reads them.
        print_line(_plain_card(title, rows, note=note), file=cast(TextIO, console.file))


def _entity(entity: JsonObject) -> str:
    """`Lena Okafor ×3` for an entity with three mentions."""
    times = len(entity["mentions"])
    return printable(entity["name"]) + (f" ×{times}" if times > 1 else "")


def _listed(names: list[str]) -> str:
    more = f", and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more
