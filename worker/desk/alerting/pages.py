"""The pages of alerts: the latest as they come, and one with its places marked in the article's text."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from aiohttp import web

from worker.desk.alert_record import NotAnAlert, alert_fields, spans_there
from worker.desk.alerting.feed import AlertFeed
from worker.desk.answers import Refusal, Renderer
from worker.desk.live import Live
from worker.desk.marking import MOST_MARKED_CHARS, Segment, TextMark, segments
from worker.desk.source import DeskSource
from worker.desk.stream import stream_events
from worker.records.alerts import Alert

LISTED_ALERTS = 50


class AlertPages:
    """Answers requests about alerts. `opened` is called when an answer that streams begins."""

    def __init__(
        self,
        feed: AlertFeed,
        live: Live,
        source: DeskSource,
        render: Renderer,
        opened: Callable[[web.Request], None],
    ) -> None:
        self._feed, self._live, self._source = feed, live, source
        self._render, self._opened = render, opened

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/alerts", self._list),
            web.get("/alerts/stream", self._stream, allow_head=False),
            web.get(r"/alerts/{partition:\d{1,9}}/{offset:\d{1,18}}", self._one),
        ]

    async def _list(self, request: web.Request) -> web.Response:
        rule = request.query.get("rule") or None
        last_event = self._feed.last_event_id()
        return self._render(
            "alerts.html",
            here="alerts",
            rule=rule,
            alerts=self._feed.latest(rule, most=LISTED_ALERTS),
            kept=len(self._feed),
            last_event=last_event,
        )

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        after = request.headers.get("Last-Event-ID") or request.query.get("after", "")
        rule = request.query.get("rule") or None
        opened = partial(self._opened, request)
        return await stream_events(request, self._feed, rule, after=after, opened=opened)

    async def _one(self, request: web.Request) -> web.Response:
        partition, offset = int(request.match_info["partition"]), int(request.match_info["offset"])
        placed = self._feed.at(partition, offset) or await self._source.alert(partition, offset)
        if placed is None:
            raise web.HTTPNotFound
        try:
            alert = placed.alert()
        except NotAnAlert:
            raise Refusal(404, "The record at this place is no alert.") from None
        at_hand = None if alert.story else self._live.ring.with_id(alert.article.id)
        article = at_hand.article.fields() if at_hand else None
        return self._render(
            "alert.html",
            here="alerts",
            alert=alert_fields(alert, placed.place, article),
            article_place=at_hand.article.place if at_hand else None,
            headline=_marked(alert, article, "headline"),
            text=_marked(alert, article, "text"),
            is_cut=article is not None and len(article["text"]) > MOST_MARKED_CHARS,
            is_changed=article is not None and _has_changed(alert, article),
        )


def _marked(alert: Alert, article: Mapping[str, Any] | None, field: str) -> list[Segment]:
    """The headline or the text, cut where a condition was met. That of a story is its headline alone."""
    if alert.story is not None:
        article = {"headline": alert.article.headline or "", "text": ""}
    if article is None:
        return []
    marks = [
        TextMark(span.start, span.end, "hit", says=condition)
        for span, condition in spans_there(alert, article, field)
    ]
    return segments((article[field] or "")[:MOST_MARKED_CHARS], marks)


def _has_changed(alert: Alert, article: Mapping[str, Any]) -> bool:
    """Whether something that the alert found is no longer at its place: a newer version is at hand."""
    there = sum(len(spans_there(alert, article, field)) for field in ("headline", "text"))
    return there < sum(len(why.spans) for why in alert.why)
