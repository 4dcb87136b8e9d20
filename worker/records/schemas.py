"""The JSON schemas of the topics' values. `python -m worker.records.schemas FOLDER` writes them."""

import sys
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from worker.channels import SPECS, Channel
from worker.records.alerts import Alert, AlertMatch, Silence
from worker.records.article import EnrichedArticle
from worker.records.progress import Position, WritingGroup
from worker.records.published import EntityRecord, QuoteRecord, SearchDocument
from worker.records.raw import RawArticle
from worker.records.redriven import Receipt
from worker.records.rules import Rule

DIALECT = "https://json-schema.org/draft/2020-12/schema"
RECORD_TYPES: dict[Channel, Any] = {
    Channel.RAW: RawArticle,
    Channel.ENRICHED: EnrichedArticle,
    Channel.ENTITIES: EntityRecord,
    Channel.QUOTES: QuoteRecord,
    Channel.SEARCH: SearchDocument,
    Channel.RULES: Rule,
    Channel.ALERTS: Alert,
    Channel.MATCHES: AlertMatch,
    Channel.STATE: Silence,
    Channel.REDRIVEN: Receipt,
    Channel.PROGRESS: Position | WritingGroup,
}
# Whoever writes to these may leave out fields that have a default.
WRITTEN_BY_OTHERS = frozenset({Channel.RAW, Channel.RULES})


def schema(channel: Channel) -> dict[str, Any]:
    """The channel's schema. The worker writes all fields, so all are required in what it writes."""
    generated = TypeAdapter(RECORD_TYPES[channel]).json_schema(
        mode="validation" if channel in WRITTEN_BY_OTHERS else "serialization"
    )
    about = {"$schema": DIALECT, "$id": f"news.{channel.value}.schema.json", "x-key": SPECS[channel].key}
    return about | generated


def files() -> dict[str, bytes]:
    """The names and contents of the schema files, as they are checked in."""
    return {
        f"{channel.value}.schema.json": orjson.dumps(schema(channel), option=orjson.OPT_INDENT_2) + b"\n"
        for channel in RECORD_TYPES
    }


if __name__ == "__main__":
    for name, content in files().items():
        Path(sys.argv[1], name).write_bytes(content)
