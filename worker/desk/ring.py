"""The latest enriched articles, in bounded memory: the list of articles asks no broker."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from worker.query.language import quote_value
from worker.records.article import EnrichedArticle
from worker.records.cloudevents import rfc3339
from worker.records.codec import from_bytes

MOST_ARTICLES = 2_000
MOST_ARTICLE_BYTES = 64 << 20
"""Of the values of all kept articles together, as their topic has them."""
_HEADLINE_CHARS, _NAME_CHARS, _ID_CHARS = 300, 100, 500
_LISTED_TOPICS = 3
# What an article takes in memory beside its value.
_ARTICLE_BYTES = 2_000


class NotAnArticle(ValueError):
    """The value is no enriched article."""


@dataclass(frozen=True)
class PlacedArticle:
    """An enriched article as its topic has it. `at_ms`: when it was written, in milliseconds since the epoch.

    `origin`: the raw record that it came from, as `topic/partition/offset`; empty if the record does not say.
    """

    partition: int
    offset: int
    at_ms: int
    value: bytes
    origin: str = ""

    @property
    def place(self) -> str:
        return f"{self.partition}/{self.offset}"

    def fields(self) -> dict[str, Any]:
        """The article with all its fields.

        Raises NotAnArticle: anybody with the right to write puts into the topic what they like.
        """
        try:
            return from_bytes(EnrichedArticle, self.value).model_dump()
        except (ValidationError, ValueError, RecursionError) as error:
            raise NotAnArticle(str(error)) from None


def listed_fields(article: PlacedArticle, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the list of articles shows of one, each text cut to a bounded length.

    `query`: the filter for articles that have the topic.
    """
    topics = sorted(fields["topics"], key=lambda topic: -topic["confidence"])[:_LISTED_TOPICS]
    return {
        "place": article.place,
        "id": fields["id"][:_ID_CHARS],
        "headline": (fields["headline"] or fields["text"].strip().split("\n")[0])[:_HEADLINE_CHARS],
        "has_headline": bool(fields["headline"]),
        "source": (fields["source"] or "")[:_NAME_CHARS],
        "language": fields["language"][:_NAME_CHARS],
        "topics": [
            {
                "name": topic["name"][:_NAME_CHARS],
                "query": f"topic:{quote_value(topic['code'][:_NAME_CHARS])}",
            }
            for topic in topics
        ],
        "quotes": len(fields["quotes"]),
        "at": rfc3339(article.at_ms),
        "published_at": fields["published_at"],
    }


@dataclass(frozen=True, slots=True)
class KeptArticle:
    """An article in the ring. `number` rises by one with each that comes. `listed`: what the list shows."""

    number: int
    article: PlacedArticle
    listed: Mapping[str, Any]


class ArticleRing:
    """The latest articles, MOST_ARTICLES and MOST_ARTICLE_BYTES at most. Of one id only the latest."""

    def __init__(self, most: int = MOST_ARTICLES, most_bytes: int = MOST_ARTICLE_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._bytes = 0
        self._last = 0
        self._by_id: OrderedDict[str, KeptArticle] = OrderedDict()
        self._by_place: dict[tuple[int, int], KeptArticle] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def last_number(self) -> int:
        return self._last

    def add(self, article: PlacedArticle, listed: Mapping[str, Any], article_id: str) -> KeptArticle:
        """Keeps an article, and drops the oldest if they are too many. `listed`: `listed_fields` of it."""
        self.remove(article_id)
        self._last += 1
        kept = KeptArticle(self._last, article, listed)
        self._by_id[article_id] = kept
        self._by_place[article.partition, article.offset] = kept
        self._bytes += _size(article)
        while len(self._by_id) > self._most or (self._bytes > self._most_bytes and len(self._by_id) > 1):
            self.remove(next(iter(self._by_id)))
        return kept

    def remove(self, article_id: str) -> KeptArticle | None:
        """Drops an article; None if it is not there."""
        kept = self._by_id.pop(article_id, None)
        if kept is not None:
            place = kept.article.partition, kept.article.offset
            # Where the topic was made anew, another article may stand at the same place.
            if self._by_place.get(place) is kept:
                del self._by_place[place]
            self._bytes -= _size(kept.article)
        return kept

    def at(self, partition: int, offset: int) -> PlacedArticle | None:
        kept = self._by_place.get((partition, offset))
        return kept.article if kept else None

    def with_id(self, article_id: str) -> KeptArticle | None:
        return self._by_id.get(article_id)

    def newest_first(self) -> Iterator[KeptArticle]:
        """Over a copy, so that articles may come meanwhile."""
        return iter(list(reversed(self._by_id.values())))


def _size(article: PlacedArticle) -> int:
    return len(article.value) + _ARTICLE_BYTES
