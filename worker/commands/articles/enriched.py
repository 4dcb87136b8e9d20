"""Articles that are enriched already: told from raw ones, and checked."""

from typing import Any

import orjson
from pydantic import ValidationError

from worker.commands.articles.documents import JSON, Document
from worker.records.article import EnrichedArticle

# What no article has before it is enriched.
_TAGS = ("entities", "quotes", "topics", "pipeline")


class NotEnrichedError(ValueError):
    """A value that should be an enriched article; says where it is not."""


def is_enriched(document: Document) -> bool:
    """Whether it is a record as `dateline enrich` writes it."""
    if document.content_type != JSON or not document.value or b'"pipeline"' not in document.value:
        return False
    try:
        fields = orjson.loads(document.value)
    except orjson.JSONDecodeError:
        return False
    return isinstance(fields, dict) and all(name in fields for name in _TAGS)


def enriched_article(value: bytes) -> dict[str, Any]:
    """The JSON of the enriched topic, parsed. Raises NotEnrichedError."""
    try:
        article: dict[str, Any] = orjson.loads(value)
        EnrichedArticle.model_validate(article)
    except orjson.JSONDecodeError as error:
        raise NotEnrichedError(f"not JSON: {error}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"])) or "the value"
        raise NotEnrichedError(f"no enriched article: {place}: {problem['msg']}") from None
    return article
