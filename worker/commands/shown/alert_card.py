"""Shows an alert to a person: the article, the rule, and the places in the text that match."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from rich.console import Console
from rich.text import Text

from worker.commands.shown.alert_lines import reason_text
from worker.commands.shown.cards import LINE_CHARS, SHOWN_HEADLINE_CHARS, headline_of, printable
from worker.records.alerts import Alert

MAX_REASONS = 8
MAX_REASON_PLACES = 2
_CONTEXT_CHARS = 40
SPAN_CHARS = 200
MARKS = ("[[", "]]")
SPAN_STYLE = "bold yellow"


class Excerpt(NamedTuple):
    """A condition that the article meets, what it found, and its first places in the text.

    Each place is the text before it, the text that was found, and the text after it.
    """

    condition: str
    found: str
    places: tuple[tuple[str, str, str], ...]


class AlertCard(NamedTuple):
    """What an alert's card shows of its article: short, because backtests keep many in memory."""

    title: str
    excerpts: tuple[Excerpt, ...]


def make_alert_card(alert: Alert, article: Mapping[str, Any]) -> AlertCard:
    """Makes the card from the article's title and the alert's first reasons."""
    reasons = (
        Excerpt(
            printable(why.condition, most=LINE_CHARS),
            printable(why.found, most=SHOWN_HEADLINE_CHARS),
            tuple(
                _place(article[span.field], span.start, span.end) for span in why.spans[:MAX_REASON_PLACES]
            ),
        )
        for why in alert.why[:MAX_REASONS]
    )
    return AlertCard(headline_of(article), tuple(reasons))


def show_alert(console: Console, alert: Alert, card: AlertCard) -> None:
    """Prints the alert. Places are coloured on a terminal, and stand between `[[` and `]]` in a pipe."""
    article = alert.article
    head = Text(card.title, style="bold")
    source = f"{printable(article.source)}, " if article.source else ""
    head.append(f"  {alert.at}  {source}{printable(article.id, most=LINE_CHARS)}", style="not bold dim")
    console.print(head)
    console.print(Text(f"  {alert.rule.id}  {printable(alert.rule.name)}", style="cyan"))
    for reason in card.excerpts:
        console.print(Text(f"    {reason_text(reason.condition, reason.found)}"))
        for place in reason.places:
            console.print(_marked(place, console))
    if len(alert.why) > len(card.excerpts):
        console.print(Text(f"    and {len(alert.why) - len(card.excerpts)} more", style="dim"))


def _place(text: str, start: int, end: int) -> tuple[str, str, str]:
    first, last = max(0, start - _CONTEXT_CHARS), min(len(text), end + _CONTEXT_CHARS)
    before, after = _printable_inside(text[first:start]), _printable_inside(text[end:last])
    # Drops the word that was cut at either end.
    if first:
        before = "…" + (before.partition(" ")[2] or before)
    if last < len(text):
        after = (after.rpartition(" ")[0] or after) + "…"
    return before, printable(text[start:end], most=SPAN_CHARS), after


def _printable_inside(text: str) -> str:
    """Like `printable`, but keeps a space at either end."""
    return printable(f"|{text}|")[1:-1]


def _marked(place: tuple[str, str, str], console: Console) -> Text:
    before, span, after = place
    line = Text("      ")
    line.append(before, style="dim")
    line.append(span if console.is_terminal else span.join(MARKS), style=SPAN_STYLE)
    line.append(after, style="dim")
    return line
