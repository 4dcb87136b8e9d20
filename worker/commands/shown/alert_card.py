"""An alert as a person reads it: which article and rule, and the places that speak for it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from worker.commands.shown.alert_lines import reason_text
from worker.commands.shown.cards import HEADLINE_CHARS, LINE_CHARS, clean, headline_of
from worker.records.alerts import Alert

MOST_WHY = 8
MOST_PLACES = 2
CONTEXT_CHARS = 40
SPAN_CHARS = 200
MARKS = ("[[", "]]")
SPAN_STYLE = "bold yellow"


class Excerpt(NamedTuple):
    """A condition that holds, what it found, and the first places with the text around them."""

    condition: str
    found: str
    places: tuple[tuple[str, str, str], ...]


class Shown(NamedTuple):
    """What of an article stands on an alert's card: so short that many can be kept."""

    title: str
    excerpts: tuple[Excerpt, ...]


def shown_of(alert: Alert, article: Mapping[str, Any]) -> Shown:
    """The title, and the first reasons."""
    reasons = (
        Excerpt(
            clean(why.condition, most=LINE_CHARS),
            clean(why.found, most=HEADLINE_CHARS),
            tuple(_place(article[span.field], span.start, span.end) for span in why.spans[:MOST_PLACES]),
        )
        for why in alert.why[:MOST_WHY]
    )
    return Shown(headline_of(article), tuple(reasons))


def show_alert(console: Console, alert: Alert, shown: Shown) -> None:
    """Colours for a terminal, `[[ ]]` around the places for a pipe."""
    article = alert.article
    head = Text(shown.title, style="bold")
    source = f"{clean(article.source)}, " if article.source else ""
    head.append(f"  {alert.at}  {source}{clean(article.id, most=LINE_CHARS)}", style="not bold dim")
    console.print(head)
    console.print(Text(f"  {alert.rule.id}  {clean(alert.rule.name)}", style="cyan"))
    for reason in shown.excerpts:
        console.print(Text(f"    {reason_text(reason.condition, reason.found)}"))
        for place in reason.places:
            console.print(_marked(place, console))
    if len(alert.why) > len(shown.excerpts):
        console.print(Text(f"    and {len(alert.why) - len(shown.excerpts)} more", style="dim"))


def _place(text: str, start: int, end: int) -> tuple[str, str, str]:
    first, last = max(0, start - CONTEXT_CHARS), min(len(text), end + CONTEXT_CHARS)
    before, after = _clean_inside(text[first:start]), _clean_inside(text[end:last])
    # No half words where it is cut.
    if first:
        before = "…" + (before.partition(" ")[2] or before)
    if last < len(text):
        after = (after.rpartition(" ")[0] or after) + "…"
    return before, clean(text[start:end], most=SPAN_CHARS), after


def _clean_inside(text: str) -> str:
    """One line, and the space that stands at either end stays there."""
    return clean(f"|{text}|")[1:-1]


def _marked(place: tuple[str, str, str], console: Console) -> Text:
    before, span, after = place
    line = Text("      ")
    line.append(before, style="dim")
    line.append(span if console.is_terminal else span.join(MARKS), style=SPAN_STYLE)
    line.append(after, style="dim")
    return line
