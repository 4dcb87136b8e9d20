"""A desk for tests: articles of every kind, a source without a broker, and a client."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from typing import Any

from aiohttp.test_utils import TestClient, TestServer

from tests.unit.desk.rule_desks import FakeRuleSource
from tests.unit.desk.texts import TEXT, span
from worker.desk.access import Access, loopback_hosts
from worker.desk.app import Desk
from worker.desk.live import Live
from worker.desk.ring import PlacedArticle
from worker.desk.source import PageFields

PIPELINE = {"name": "en_test", "version": "1.0+abcdef"}


def entity(text: str, name: str, type_: str, *, id_: str | None = "e") -> dict[str, Any]:
    return {
        "id": id_,
        "name": name,
        "type": type_,
        "salience": 0.5,
        "links": {},
        "mentions": [span(text, name)],
    }


def enriched(**changes: Any) -> dict[str, Any]:
    """An enriched article in the form of its topic."""
    text = changes.get("text", TEXT)
    tagged = text == TEXT
    speaker = span(TEXT, "Ada Obi", entity="person:ada-obi", name="Ada Obi")
    fields = {
        "id": "quay-1",
        "url": "https://harbour.example/quay",
        "headline": "Quay opens again",
        "text": text,
        "source": "Harbour Post",
        "language": "en",
        "published_at": "2026-01-13T10:05:00Z",
        "authors": ["Lena Rast"],
        "extra": {},
        "entities": [
            entity(text, "Ada Obi", "PERSON", id_="person:ada-obi"),
            entity(text, "Port Amsel", "GPE", id_="gpe:port-amsel"),
            entity(text, "Friday", "DATE", id_=None),
        ]
        if tagged
        else [],
        "quotes": [
            span(
                TEXT,
                "The quay is open,",
                kind="direct",
                cue=span(TEXT, "said"),
                speaker=speaker,
                report=None,
                confidence=0.97,
            ),
            span(
                TEXT,
                "The ferry, she said, may sail on Friday",
                kind="indirect",
                cue=None,
                speaker=None,
                report=None,
                confidence=0.55,
            ),
        ]
        if tagged
        else [],
        "topics": [
            {
                "code": "medtop:04000000",
                "name": "economy, business and finance",
                "confidence": 0.95,
                "broader": [],
            },
            {"code": "medtop:20000822", "name": "shipping", "confidence": 0.5, "broader": []},
        ],
        "pipeline": PIPELINE,
    }
    return fields | changes


def placed(offset: int = 0, *, partition: int = 0, **changes: Any) -> PlacedArticle:
    value = json.dumps(enriched(**changes)).encode()
    return PlacedArticle(
        partition, offset, 1_768_298_700_000 + offset, value, f"news.articles.raw.v1/0/{offset}"
    )


def story(**changes: Any) -> dict[str, Any]:
    """A story as `stories.v1` has it."""
    return {
        "id": "5f0c",
        "status": "open",
        "into": None,
        "version": 2,
        "language": "en",
        "headline": "Quay opens again",
        "first": {"id": "quay-1", "source": "Harbour Post", "url": None, "wire": None},
        "counts": {"articles": 3, "unique": 1, "reprints": 2, "sources": 2, "retracted": 0},
        "members": [],
        "people": [{"id": "person:ada-obi", "name": "Ada Obi", "articles": 3}],
        "places": [{"id": "gpe:port-amsel", "name": "Port Amsel", "articles": 2}],
        "quotes": [
            {"text": "The quay is open", "speaker": "Ada Obi", "speaker_id": None, "article": "quay-1"}
        ],
        "quote_lineage": [
            lineage(
                "The quay is open until Friday at noon", "The quay is open until Monday at noon", (23, 29)
            )
        ],
        "first_published_at": None,
        "last_published_at": None,
        "first_seen_at": "2026-01-13T10:05:00Z",
        "last_seen_at": "2026-01-13T11:05:00Z",
        "merged_from": [],
    } | changes


def lineage(was: str, now: str, span: tuple[int, int] = (0, 1), **changes: Any) -> dict[str, Any]:
    """A quote of two variants as `stories.v1` has it, which differ within this span."""
    (start, end), found = (
        span,
        {
            "id": "quay-1",
            "record_source": "Harbour Post",
            "speaker": "Ada Obi",
            "speaker_id": None,
            "seen_at": "2026-01-13T10:05:00.000Z",
            "published_at": None,
        }
        | changes,
    )
    spans = {"start": start, "end": end, "of_start": start, "of_end": end}
    edits = [{"kind": "replaced", "was": was[start:end], "now": now[start:end], **spans}]
    variant = {"text": was, "wording": "first", "of": None, "edits": [], "articles": 4, "found_in": [found]}
    other = {"text": now, "wording": "altered", "of": 0, "edits": edits, "articles": 1}
    return {
        "speaker": found["speaker"],
        "speaker_id": None,
        "articles": 5,
        "unlisted": 1,
        "variants": [variant, {**other, "found_in": [{**found, "id": "post-2"}]}],
    }


def listed_story(**changes: Any) -> dict[str, Any]:
    return {
        "id": "5f0c",
        "status": "open",
        "into": None,
        "language": "en",
        "headline": "Quay opens again",
        "first": "Harbour Post",
        "articles": 3,
        "unique": 1,
        "reprints": 2,
        "sources": 2,
        "growth": 2,
        "first_seen_at": "2026-01-13T10:05:00Z",
        "last_seen_at": "2026-01-13T11:05:00Z",
    } | changes


def told(article: str, relation: str = "original", of: str | None = None, **changes: Any) -> dict[str, Any]:
    """An article in the timeline of a story."""
    return {
        "at": "2026-01-13T10:05:00Z",
        "time": "2026-01-13T10:01:00Z",
        "dated_by": "published",
        "id": article,
        "story": "5f0c",
        "relation": relation,
        "of": of,
        "score": 1,
        "share": 1,
        "of_share": 1,
        "wire": None,
        "record_source": "Harbour Post",
        "language": "en",
        "new": "adds nothing",
    } | changes


def assignment_told(article: str, **changes: Any) -> dict[str, Any]:
    """The record of such an article, as the worker writes it."""
    told_apart = ("at", "time", "dated_by", "new")
    return {name: value for name, value in told(article, **changes).items() if name not in told_apart}


def letter(**changes: Any) -> dict[str, Any]:
    return {
        "partition": 2,
        "offset": 7,
        "time": "2026-01-13T10:05:00.000Z",
        "reason": "invalid",
        "error": "text is missing",
        "stage": "decode",
        "origin": "news.articles.raw.v1/0/3",
        "first_origin": "news.articles.raw.v1/0/3",
        "redriven": 0,
        "sent_back": False,
        "bytes": 141,
        "truncated": False,
        "stands_for": "",
        "until": None,
    } | changes


def look(**changes: Any) -> dict[str, Any]:
    """What `dateline status --json` prints."""
    return {
        "time": "2026-01-13T10:05:00.000Z",
        "brokers": "kafka-1:9092",
        "group": "news.dateline",
        "state": "Stable",
        "workers": [
            {
                "host": "ops-1",
                "process": 4711,
                "client_id": "dateline",
                "address": "/10.0.0.4",
                "version": "0.1.0",
                "pipeline": "en_news/1.1.0",
                "partitions": {"news.articles.raw.v1": [0, 1]},
            }
        ],
        "stages": [
            {
                "stage": "enrich",
                "topic": "news.articles.raw.v1",
                "lag": 1200,
                "lag_is_exact": True,
                "oldest_seconds": 300.0,
                "per_second": 12.34,
                "delivered_seconds_ago": 1.0,
                "waiting_offsets": {"five_minutes_ago": None, "now": None},
                "partitions": [],
            }
        ],
        "dead_letters": {
            "since": "2026-01-13T09:05:00Z",
            "total": 2,
            "whole": True,
            "reasons": {"invalid": 2},
        },
        "troubles": [],
    } | changes


class FakeSource(FakeRuleSource):
    """Gives what a test sets. With `away` each question fails, as where the brokers do not answer."""

    def __init__(self) -> None:
        super().__init__()
        self.error: PageFields | None = None
        self.listed = [listed_story()]
        self.told_story: PageFields | None = {"story": story(), "timeline": [told("quay-1")]}
        self.kept_letters = [letter()]
        self.rows = [("reason", "invalid"), ("", "text is missing")]
        self.bytes = ["00000000  7b 7d"]
        self.look = look()
        self.articles: dict[tuple[int, int], PlacedArticle] = {}

    async def article(self, partition: int, offset: int) -> PlacedArticle | None:
        self._ask()
        return self.articles.get((partition, offset))

    async def stories(self, order: str, status: str) -> PageFields:
        self._ask()
        return {"stories": self.listed, "wanted": len(self.listed)}

    async def story(self, asked: str) -> PageFields | None:
        self._ask()
        return self.told_story

    async def letters(self, reason: str | None) -> PageFields:
        self._ask()
        found = [each for each in self.kept_letters if reason in (None, each["reason"])]
        return {"letters": found, "reasons": {"invalid": 1}, "looked": 1, "is_whole": True}

    async def letter(self, partition: int, offset: int) -> PageFields | None:
        self._ask()
        return {
            "rows": self.rows,
            "value": self.bytes,
            "error": self.error,
            "sent_back": False,
            "is_cut": True,
            "shown_bytes": 2,
            "bytes": 9,
        }

    async def operation(self) -> PageFields:
        self._ask()
        return self.look


@asynccontextmanager
async def client_of(
    live: Live, source: FakeSource, access: Access | None = None, **parts: Any
) -> AsyncIterator[TestClient]:
    desk = Desk(live, source, access or Access(hosts=loopback_hosts([])), **parts)
    async with TestClient(TestServer(desk.application())) as client:
        yield client


class Page(HTMLParser):
    """A page as a browser parses it: `elements` in order, with their attributes; `text` by element id."""

    _VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: dict[str, str] = {}
        self.whole = ""
        self._open: list[tuple[str, str | None]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.elements.append((tag, attributes))
        if tag not in self._VOID:
            self._open.append((tag, attributes.get("id")))

    def handle_endtag(self, tag: str) -> None:
        while self._open:
            closed, _ = self._open.pop()
            if closed == tag:
                return

    def handle_data(self, data: str) -> None:
        self.whole += data
        for _, name in self._open:
            if name:
                self.text[name] = self.text.get(name, "") + data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def links(self) -> list[str]:
        return [attributes["href"] or "" for attributes in self.all("a") if "href" in attributes]
