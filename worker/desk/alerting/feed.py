"""The latest alerts, in bounded memory, and the viewers who watch them come."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from worker.desk.alert_record import NotAnAlert, PlacedAlert, alert_fields
from worker.desk.live import MOST_WAITING_EVENTS, EventIds, Live, Viewer, event_bytes
from worker.desk.pages import Pages
from worker.desk.ring import KeptArticle
from worker.records.alerts import Alert

MOST_ALERTS = 500
MOST_ALERT_BYTES = 16 << 20
"""Of the values of all kept alerts together, as their topic has them."""


@dataclass(slots=True)
class _KeptAlert:
    """`has_article`: whether the article was at hand when `fields` were made."""

    number: int
    placed: PlacedAlert
    fields: dict[str, Any]
    has_article: bool


class AlertFeed:
    """Keeps alerts as they come: MOST_ALERTS and MOST_ALERT_BYTES, of one id the latest. Tells viewers."""

    def __init__(self, live: Live, pages: Pages | None = None) -> None:
        self.unreadable = 0
        self._live, self._pages = live, pages or Pages()
        self._ids = EventIds()
        self._last = self._bytes = 0
        self._by_id: OrderedDict[str, _KeptAlert] = OrderedDict()
        self._by_place: dict[tuple[int, int], _KeptAlert] = {}
        self._parsed: tuple[KeptArticle, dict[str, Any]] | None = None
        self._viewers: set[Viewer] = set()
        self._wanted: dict[Viewer, str | None] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def take(self, placed: PlacedAlert) -> None:
        """Keeps an alert, and tells the viewers who want those of its rule."""
        try:
            alert = placed.alert()
        except NotAnAlert:
            self.unreadable += 1
            return
        self._drop(alert.id)
        self._last += 1
        fields, has_article = self._fields(alert, placed)
        kept = _KeptAlert(self._last, placed, fields, has_article)
        self._by_id[alert.id] = self._by_place[placed.partition, placed.offset] = kept
        self._bytes += len(placed.value)
        while len(self._by_id) > MOST_ALERTS or (self._bytes > MOST_ALERT_BYTES and len(self._by_id) > 1):
            self._drop(next(iter(self._by_id)))
        event = b""
        for viewer, rule in self._wanted.items():
            if rule in (None, alert.rule.id):
                event = event or self._event(kept)
                viewer.tell(event)

    def latest(self, rule: str | None, *, most: int) -> list[dict[str, Any]]:
        """What the list shows of the latest alerts, newest first. `rule`: of this one alone."""
        found: list[dict[str, Any]] = []
        for kept in reversed(self._by_id.values()):
            if len(found) >= most:
                break
            if rule in (None, kept.fields["rule"]["id"]):
                found.append(self._shown(kept))
        return found

    def at(self, partition: int, offset: int) -> PlacedAlert | None:
        kept = self._by_place.get((partition, offset))
        return kept.placed if kept else None

    @contextmanager
    def viewer(self, rule: str | None, /) -> Iterator[Viewer]:
        """A viewer of a rule's alerts, or of all, until the end of the block. Raises TooManyViewers."""
        with self._live.viewer(None, among=self._viewers) as viewer:
            self._wanted[viewer] = rule
            try:
                yield viewer
            finally:
                del self._wanted[viewer]

    async def since(self, event_id: str, rule: str | None, /) -> list[bytes] | None:
        """The events after this one, oldest first; None if the desk was started anew or they are too many."""
        if (number := self._ids.number_of(event_id)) is None:
            return None
        later = [
            kept
            for kept in self._by_id.values()
            if kept.number > number and rule in (None, kept.fields["rule"]["id"])
        ]
        return None if len(later) >= MOST_WAITING_EVENTS else [self._event(kept) for kept in later]

    def last_event_id(self) -> str:
        return self._ids.id_of(self._last)

    def _event(self, kept: _KeptAlert) -> bytes:
        # The row is made as the page makes it, so that the script has nothing to make of a record's text.
        html = self._pages.page("alert-row.html", alert=self._shown(kept))
        return event_bytes("alert", {"place": kept.placed.place, "html": html}, self._ids.id_of(kept.number))

    def _shown(self, kept: _KeptAlert) -> dict[str, Any]:
        """The alert's fields; made anew where its article has come since."""
        at_hand = self._live.ring.with_id(kept.fields["id"])
        if not kept.has_article and at_hand is not None:
            kept.fields, kept.has_article = self._fields(kept.placed.alert(), kept.placed)
        return {**kept.fields, "article_place": at_hand.article.place if at_hand else None}

    def _fields(self, alert: Alert, placed: PlacedAlert) -> tuple[dict[str, Any], bool]:
        at_hand = self._live.ring.with_id(alert.article.id)
        if at_hand is None:
            return alert_fields(alert, placed.place, None), False
        # Broad rules raise many alerts about one article, one after the other.
        if self._parsed is None or self._parsed[0] is not at_hand:
            self._parsed = at_hand, at_hand.article.fields()
        return alert_fields(alert, placed.place, self._parsed[1]), True

    def _drop(self, alert_id: str) -> None:
        kept = self._by_id.pop(alert_id, None)
        if kept is None:
            return
        place = kept.placed.partition, kept.placed.offset
        if self._by_place.get(place) is kept:
            del self._by_place[place]
        self._bytes -= len(kept.placed.value)
