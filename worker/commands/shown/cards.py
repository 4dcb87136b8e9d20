"""Records as a person reads them: an article as a small card, everything else as a line.

A card is rows of (label, text). What articles contain is cleaned of control characters: a text from anywhere
must not steer the terminal.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

Record = Mapping[str, Any]

ENTITY_ROWS = {
    "people": ("PERSON",),
    "organisations": ("ORG",),
    "places": ("GPE", "LOC", "FAC"),
    "groups": ("NORP",),
    "also": ("EVENT", "PRODUCT", "WORK_OF_ART", "LAW", "MISC"),
    "when": ("DATE", "TIME"),
    "amounts": ("MONEY", "PERCENT", "QUANTITY"),
}
MOST_NAMES = 8
MOST_QUOTES = 12
LINE_CHARS = 160
HEADLINE_CHARS = 100
LABEL_STYLE = "cyan"
LABEL_WIDTH = max(map(len, ENTITY_ROWS)) + 2


def clean(value: object, *, most: int | None = None) -> str:
    """One line of printable text, cut at `most` characters."""
    text = " ".join(str(value).split())
    text = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return text if most is None or len(text) <= most else text[: most - 1].rstrip() + "…"


def headline_of(article: Record) -> str:
    """Its headline, else how its text begins."""
    return clean(article.get("headline") or article.get("text") or "(no text)", most=HEADLINE_CHARS)


def article_rows(article: Record) -> list[tuple[str, str]]:
    """Entities by kind, topics with confidence, and who said what."""
    rows = []
    for label, types in ENTITY_ROWS.items():
        names = [_entity(entity) for entity in article.get("entities", ()) if entity["type"] in types]
        if names:
            rows.append((label, _listed(names)))
    topics = [f"{clean(topic['name'])} {topic['confidence']:.0%}" for topic in article.get("topics", ())]
    if topics:
        rows.append(("topics", _listed(topics)))
    quotes = [quote_text(quote) for quote in article.get("quotes", ())]
    rows += [("quotes" if not index else "", text) for index, text in enumerate(quotes[:MOST_QUOTES])]
    if len(quotes) > MOST_QUOTES:
        rows.append(("", f"and {len(quotes) - MOST_QUOTES} more"))
    return rows or [("", "nothing found")]


def quote_text(quote: Record) -> str:
    """`Lena Okafor said: “We waited.”`; a speaker known by role alone stands as the text has it."""
    speaker, cue = quote.get("speaker") or {}, quote.get("cue") or {}
    who = clean(speaker.get("name") or speaker.get("text") or "(nobody named)")
    said = f" {clean(cue['text'])}" if cue.get("text") else ""
    words = clean(quote["text"])
    return f"{who}{said}: {words if quote['kind'] == 'indirect' else f'“{words}”'}"


def card(title: str, rows: Iterable[tuple[str, str]], *, note: str = "") -> RenderableType:
    """For a terminal: texts wrap beside their labels."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(width=LABEL_WIDTH, justify="right", style=LABEL_STYLE)
    grid.add_column(overflow="fold")
    for label, text in rows:
        grid.add_row(label, Text(text))
    head = Text(title, style="bold")
    if note:
        head.append(f"  {note}", style="dim")
    return Group(head, grid, Text())


def plain_card(title: str, rows: Iterable[tuple[str, str]], *, note: str = "") -> str:
    """The same for a pipe: unwrapped, no colours."""
    head = f"{title}  ({note})" if note else title
    return "\n".join([head, *(f"  {label:<{LABEL_WIDTH}}{text}" for label, text in rows), ""])


def show_card(console: Console, title: str, rows: Iterable[tuple[str, str]], *, note: str = "") -> None:
    if console.is_terminal:
        console.print(card(title, rows, note=note))
    else:
        print(plain_card(title, rows, note=note), file=console.file, flush=True)


def _entity(entity: Record) -> str:
    """`Lena Okafor ×3`: named three times."""
    times = len(entity["mentions"])
    return clean(entity["name"]) + (f" ×{times}" if times > 1 else "")


def _listed(names: list[str]) -> str:
    more = f", and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return ", ".join(names[:MOST_NAMES]) + more
