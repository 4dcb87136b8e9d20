"""An alert as its topic has it, and what pages show of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from worker.records.alerts import Alert, AlertSpan
from worker.records.codec import from_bytes

MOST_REASONS, MOST_REASON_PLACES = 8, 3
_CONTEXT_CHARS = 60
_SHORT_CHARS, _LONG_CHARS = 300, 600


class NotAnAlert(ValueError):
    """The value is no alert."""


@dataclass(frozen=True, slots=True)
class PlacedAlert:
    """A record of the topic of alerts. `at_ms`: when it was written, in milliseconds since the epoch."""

    partition: int
    offset: int
    at_ms: int
    value: bytes

    @property
    def place(self) -> str:
        return f"{self.partition}/{self.offset}"

    def alert(self) -> Alert:
        """Raises NotAnAlert: anybody with the right to write puts into the topic what they like."""
        try:
            return from_bytes(Alert, self.value)
        except (ValidationError, ValueError, RecursionError) as error:
            raise NotAnAlert(str(error)) from None


def alert_fields(alert: Alert, place: str, article: Mapping[str, Any] | None) -> dict[str, Any]:
    """What pages show of an alert, each text cut to a bounded length.

    `article`: the enriched article that it is about, if it is at hand, in whose text the places are shown.
    """
    story = alert.story
    if story is not None:
        article = {"headline": alert.article.headline or "", "text": ""}
    about = alert.article
    return {
        "place": place,
        "at": alert.at,
        "rule": {
            "id": alert.rule.id[:_SHORT_CHARS],
            "name": alert.rule.name[:_SHORT_CHARS],
            "owner": alert.rule.owner[:_SHORT_CHARS],
            "version": alert.rule.version[:_SHORT_CHARS],
        },
        "id": about.id[:_LONG_CHARS],
        "headline": _headline(alert, article)[:_SHORT_CHARS],
        "source": (about.source or "")[:_SHORT_CHARS],
        "language": about.language[:_SHORT_CHARS],
        "url": about.url,
        "story": None if story is None else story.model_dump(),
        "reasons": reasons_shown(alert, article),
        "more": max(0, len(alert.why) - MOST_REASONS),
    }


def _headline(alert: Alert, article: Mapping[str, Any] | None) -> str:
    """The headline, or the first line of the text where there is none."""
    if alert.article.headline or article is None:
        return alert.article.headline or ""
    return str(article["text"]).strip().split("\n")[0]


def reasons_shown(alert: Alert, article: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    """The first conditions that were met, each with what met it and its first places in the article."""
    return [
        {
            "condition": why.condition[:_LONG_CHARS],
            "found": why.found[:_SHORT_CHARS],
            "places": [_excerpt(span, article) for span in why.spans[:MOST_REASON_PLACES]],
        }
        for why in alert.why[:MOST_REASONS]
    ]


def spans_there(alert: Alert, article: Mapping[str, Any], field: str) -> Sequence[tuple[AlertSpan, str]]:
    """The spans of a field that say there what the alert says, each with its condition.

    A newer version of an article may say something else at that place.
    """
    return [
        (span, why.condition)
        for why in alert.why
        for span in why.spans
        if span.field == field and _is_there(span, article)
    ]


def _is_there(span: AlertSpan, article: Mapping[str, Any]) -> bool:
    text = article[span.field] or ""
    # An alert has the beginning of a long span alone.
    return 0 <= span.start < span.end <= len(text) and text[span.start : span.end].startswith(span.text)


def _excerpt(span: AlertSpan, article: Mapping[str, Any] | None) -> dict[str, str]:
    """The span between the words around it; alone where the article is not at hand or has changed."""
    shown = {"field": span.field, "before": "", "text": span.text[:_SHORT_CHARS], "after": ""}
    if article is None or not _is_there(span, article):
        return shown
    text = article[span.field]
    first, last = max(0, span.start - _CONTEXT_CHARS), min(len(text), span.end + _CONTEXT_CHARS)
    before, after = text[first : span.start], text[span.end : last]
    # Words that are cut are left out.
    if first:
        before = "…" + (before.partition(" ")[2] or before)
    if last < len(text):
        after = (after.rpartition(" ")[0] or after) + "…"
    return shown | {"before": " ".join(before.split("\n")), "after": " ".join(after.split("\n"))}
