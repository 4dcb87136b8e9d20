"""Records of the topics of stories, as the worker writes them, for tests of commands."""

from typing import Any

import orjson


def card(story: str, *, articles: int = 1, version: int = 1, **fields: Any) -> dict[str, Any]:
    """A story's record. `fields` replace those of a story of one article."""
    return {
        "id": story,
        "status": "open",
        "into": None,
        "version": version,
        "language": "en",
        "headline": f"What {story} tells",
        "first": {"id": f"{story}-1", "source": "wire.example", "url": None, "wire": None},
        "counts": {"articles": articles, "unique": articles, "reprints": 0, "sources": 1, "retracted": 0},
        "members": [{"id": f"{story}-1", "relation": "original"}],
        "people": [{"id": "person:ada", "name": "Ada Okafor", "articles": 1}],
        "places": [],
        "quotes": [],
        "first_published_at": None,
        "last_published_at": None,
        "first_seen_at": "2026-01-13T10:00:00.000Z",
        "last_seen_at": "2026-01-13T11:00:00.000Z",
        "merged_from": [],
        **fields,
    }


def assignment(article: str, story: str, **fields: Any) -> dict[str, Any]:
    """An article's record: an original, unless `fields` say otherwise."""
    return {
        "id": article,
        "story": story,
        "relation": "original",
        "of": None,
        "score": 1.0,
        "share": 0.0,
        "of_share": 0.0,
        "wire": None,
        "record_source": "wire.example",
        "language": "en",
        **fields,
    }


def sent(value: dict[str, Any], at: str = "2026-01-13T10:00:00.000Z") -> dict[str, Any]:
    """What a producer is given for the record: its key, value and the header with the article's time."""
    return {
        "key": value["id"].encode(),
        "value": orjson.dumps(value),
        "headers": [("ce_time", at.encode())],
    }
