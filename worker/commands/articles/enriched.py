"""Tells articles that are already enriched from raw ones, and validates them."""

from typing import Any

import orjson
from pydantic import ValidationError

from worker.commands.articles.documents import JSON_TYPE, InputDocument
from worker.records.article import EnrichedArticle

# Fields that only an enriched article has.
_TAGS = ("entities", "quotes", "topics", "pipeline")


class NotEnrichedError(ValueError):
    """The value is not a valid enriched article. The message names the first wrong field."""


def is_enriched(document: InputDocument) -> bool:
    """Whether the document looks like a record that `dateline enrich` wrote; it may still be invalid."""
    if document.content_type != JSON_TYPE or not document.value or b'"pipeline"' not in document.value:
        return False
    try:
        fields = orjson.loads(document.value)
    except orjson.JSONDecodeError:
        return False
    return isinstance(fields, dict) and all(name in fields for name in _TAGS)


def enriched_article(value: bytes) -> dict[str, Any]:
    """Parses the value of a record of the enriched topic. Raises NotEnrichedError if it is not valid."""
    try:
        article: dict[str, Any] = orjson.loads(value)
        EnrichedArticle.model_validate(article, extra="ignore")
    except orjson.JSONDecodeError as error:
        raise NotEnrichedError(f"not JSON: {error}") from None
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"])) or "the value"
        raise NotEnrichedError(f"no enriched article: {place}: {problem['msg']}") from None
    return article
