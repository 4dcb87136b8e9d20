"""The same synthetic article as the topics of enriched articles and of search have it."""

from collections.abc import Mapping
from typing import Any

import orjson

from bench.search.articles import NEWEST_SECOND, SyntheticArticles

_TAKEN_OVER = ("id", "url", "headline", "text", "source", "language", "authors")


def documents_until(count: int, second: int) -> list[bytes]:
    """So many search documents, six seconds apart, the last published then (seconds since the epoch)."""
    found = []
    for value in SyntheticArticles(count):
        document = orjson.loads(value)
        document["version"] += (second - NEWEST_SECOND) * 1000
        found.append(orjson.dumps(document))
    return found


def enriched_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """The enriched article of a search document. Names and quotes are where their words stand first."""
    text: str = document["text"]
    names = [(entity, entity.partition(":")[0].upper()) for entity in document["entity_ids"]]
    return {
        **{
            name: document[name]
            for name in ("id", "url", "headline", "text", "source", "language", "authors")
        },
        "published_at": None,
        "extra": {},
        "entities": [
            {
                "id": entity,
                "name": entity.partition(":")[2],
                "type": type_,
                "salience": 0.5,
                "links": {},
                "mentions": [_span(text, 7 * place, 6)],
            }
            for place, (entity, type_) in enumerate(names)
        ],
        "quotes": [
            {
                **_span(text, 200 * place, 90),
                "kind": "direct",
                "cue": None,
                "speaker": {**_span(text, 200 * place + 95, 12), "entity": None, "name": quote["speaker"]},
                "report": None,
                "confidence": 0.9,
            }
            for place, quote in enumerate(document["quotes"])
        ],
        "topics": [
            {"code": code, "name": code, "confidence": 0.9, "broader": []}
            for code in document["topic_codes"][:2]
        ],
        "pipeline": {"name": "en_bench", "version": "1.0+abcdef"},
    }


def _span(text: str, start: int, length: int) -> dict[str, Any]:
    start = min(start, len(text) - length)
    return {"start": start, "end": start + length, "text": text[start : start + length]}
