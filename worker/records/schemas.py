"""The JSON schemas of the topics' values. `python -m worker.records.schemas FOLDER` writes them."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from worker.channels import SPECS, Channel, schema_uri
from worker.records.alerts import Alert, AlertMatch, Silence
from worker.records.article import EnrichedArticle
from worker.records.progress import GroupProgress
from worker.records.published import EntityRecord, QuoteRecord, SearchDocument
from worker.records.raw import RawArticle
from worker.records.redriven import Receipt
from worker.records.rules import Rule
from worker.records.stories import StoryAssignment, StoryCard
from worker.records.trends import TrendCount

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RECORD_TYPES: dict[Channel, type[Any]] = {
    Channel.RAW: RawArticle,
    Channel.ENRICHED: EnrichedArticle,
    Channel.ENTITIES: EntityRecord,
    Channel.QUOTES: QuoteRecord,
    Channel.SEARCH: SearchDocument,
    Channel.RULES: Rule,
    Channel.ALERTS: Alert,
    Channel.MATCHES: AlertMatch,
    Channel.STATE: Silence,
    Channel.STORY_ARTICLES: StoryAssignment,
    Channel.STORIES: StoryCard,
    Channel.TRENDS: TrendCount,
    Channel.REDRIVEN: Receipt,
    Channel.PROGRESS: GroupProgress,
}
# Whoever writes to these may leave out fields that have a default.
WRITTEN_BY_OTHERS = frozenset({Channel.RAW, Channel.RULES})


def schema(channel: Channel, *, strict: bool = False) -> dict[str, Any]:
    """The channel's schema, as it is published; `strict`: as the record type itself is.

    What others write is taken as strictly as the code takes it: both forms are the same. What the worker
    writes has all fields, so all are required. For its readers objects and enumerations are open: a field or
    a value may be added within a version, and a reader generated from the schema must not break then.
    """
    written = channel not in WRITTEN_BY_OTHERS
    generated = TypeAdapter(RECORD_TYPES[channel]).json_schema(
        mode="serialization" if written else "validation"
    )
    about = {"$schema": DIALECT, "$id": schema_uri(channel), "x-key": SPECS[channel].key}
    plain = _rewritten(generated, _without_defaults if written else _without_title)
    if written and not strict:
        plain = _rewritten(plain, _open)
    # The only title: generators name the type after it, and would make types of the titles of fields.
    return about | plain | {"title": generated["title"]}


def _rewritten(
    schema: Mapping[str, Any], change: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    """A copy in which every schema, from the innermost outwards, is what `change` makes of it."""

    def within(keyword: str, value: Any) -> Any:
        if keyword in ("properties", "patternProperties", "$defs"):
            return {name: _rewritten(one, change) for name, one in value.items()}
        if isinstance(value, dict) and keyword != "default":
            return _rewritten(value, change)
        if keyword == "anyOf":
            return [_rewritten(one, change) for one in value]
        return value

    return change({keyword: within(keyword, value) for keyword, value in schema.items()})


def _without_title(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {keyword: value for keyword, value in schema.items() if keyword != "title"}


def _without_defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A default says what a missing field means, and none is missing in what the worker writes."""
    return {keyword: value for keyword, value in _without_title(schema).items() if keyword != "default"}


def _open(schema: Mapping[str, Any]) -> dict[str, Any]:
    opened = dict(schema)
    if opened.get("additionalProperties") is False:
        del opened["additionalProperties"]
    if "enum" in opened:
        # Generators make the known values of this, and any other string.
        known = {"enum": opened.pop("enum"), "type": opened.pop("type")}
        opened = {"anyOf": [known, {"type": "string"}]} | opened
    return opened


def files() -> dict[str, bytes]:
    """The names and contents of the schema files, as they are checked in."""
    return {
        f"{channel.value}.schema.json": orjson.dumps(schema(channel), option=orjson.OPT_INDENT_2) + b"\n"
        for channel in RECORD_TYPES
    }


if __name__ == "__main__":
    for name, content in files().items():
        Path(sys.argv[1], name).write_bytes(content)
