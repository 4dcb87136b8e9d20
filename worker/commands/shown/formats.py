"""A record as `tap` prints it: whole, as JSON, or as a person reads it."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from aiokafka import ConsumerRecord
from rich.console import Console
from rich.text import Text

from worker.channels import Channel
from worker.commands.shown.alert_lines import alert_line, match_line, rule_line, silence_line
from worker.commands.shown.cards import (
    LINE_CHARS,
    Record,
    article_rows,
    clean,
    headline_of,
    quote_text,
    show_card,
)

# Of alerts and what becomes one; None where a value is no such record.
_LINES = {
    Channel.ALERTS: alert_line,
    Channel.MATCHES: match_line,
    Channel.STATE: silence_line,
}
# What a tombstone says.
_GONE = {Channel.RULES: "deleted", Channel.STATE: "over"}


def as_json(record: ConsumerRecord) -> bytes:
    """One line, nothing lost: a value that is no JSON stands as `value_text`, what is no UTF-8 as base64."""
    return orjson.dumps(as_fields(record))


def as_fields(record: ConsumerRecord) -> dict[str, Any]:
    """The same, for a line that says more."""
    line: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": _time(record).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    line.update(_text_or_base64("key", record.key))
    line["headers"] = _headers(record)
    line.update(_value(record.value))
    return line


def show(console: Console, channel: Channel | None, record: ConsumerRecord) -> None:
    """A card for an enriched article, a line for all else."""
    value = _parsed(record.value)
    if channel is Channel.ENRICHED and isinstance(value, dict):
        show_card(console, headline_of(value), article_rows(value), note=clean(value.get("id", "")))
        return
    line = Text(f"{_time(record):%H:%M:%S} {record.partition}/{record.offset} ", style="dim")
    line.append(_told(channel, record, value), style="default")
    console.print(line)


def _told(channel: Channel | None, record: ConsumerRecord, value: Any) -> str:
    key = clean(record.key.decode(errors="replace")) if record.key is not None else "-"
    if channel is Channel.DEAD:
        headers = {name: data.decode(errors="replace") for name, data in record.headers if data is not None}
        return f"{dead_letter_line(headers)} (key {key}, {len(record.value or b''):,} bytes)"
    if record.value is None:
        return f"{key} {_GONE.get(channel, 'retracted')}"
    if channel is Channel.RULES:
        return f"{key} {rule_line(record.value)}"
    if channel in _LINES and (line := _LINES[channel](record.value)) is not None:
        return line
    if isinstance(value, dict):
        if channel is Channel.QUOTES:
            return f"{quote_text(value)}  [{_about(value)}]"
        if channel is Channel.ENTITIES:
            return f"{_entity(value)}  [{_about(value)}]"
        if channel in (Channel.RAW, Channel.SEARCH):
            return f"{key} {headline_of({'headline': value.get('title'), **value})}"
    return f"{key} {clean(record.value.decode(errors='replace'), most=LINE_CHARS)}"


def _entity(entity: Record) -> str:
    """`PERSON Lena Okafor ×3`: named three times."""
    times = entity.get("mention_count", 1)
    return f"{clean(entity.get('type'))} {clean(entity.get('name'))}" + (f" ×{times}" if times != 1 else "")


def _about(record: Record) -> str:
    """Which article a quote or an entity is from: its headline, else its id."""
    article = record.get("article", {})
    return clean(article.get("headline") or article.get("id", "?"), most=LINE_CHARS)


def dead_letter_line(headers: Mapping[str, str]) -> str:
    """`invalid news.articles.raw.v1/3/17: text is missing`"""
    origin = "/".join(headers.get(f"dead-letter-{part}", "?") for part in ("topic", "partition", "offset"))
    reason, error = (headers.get(f"dead-letter-{part}", "?") for part in ("reason", "error"))
    return f"{clean(reason)} {clean(origin)}: {clean(error)}"


def _value(value: bytes | None) -> dict[str, Any]:
    if value is None:
        return {"value": None}
    parsed = _parsed(value)
    if parsed is None and value.strip() != b"null":
        stands = _text_or_base64("value", value)
        return {"value_text": stands["value"]} if "value" in stands else stands
    # As it came where it is one line: what a parser would lose, such as a number's digits, stays.
    return {"value": parsed if b"\n" in value or b"\r" in value else orjson.Fragment(value)}


def _parsed(value: bytes | None) -> Any:
    try:
        return orjson.loads(value or b"null")
    except orjson.JSONDecodeError:
        return None


def _headers(record: ConsumerRecord) -> dict[str, Any]:
    """By name; a name that comes more than once has a list, what is no UTF-8 stands as `{"base64": ...}`."""
    headers: dict[str, list[Any]] = {}
    for name, data in record.headers:
        value = _text_or_base64("text", data)
        headers.setdefault(shown_name(name), []).append(
            value["text"] if "text" in value else {"base64": value["text_base64"]}
        )
    return {name: values[0] if len(values) == 1 else values for name, values in headers.items()}


def shown_name(name: str) -> str:
    """A header's name; bytes that are no UTF-8 as `\\xff`."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _text_or_base64(name: str, data: bytes | None) -> dict[str, str | None]:
    try:
        return {name: None if data is None else data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(data or b"").decode()}


def _time(record: ConsumerRecord) -> datetime:
    return datetime.fromtimestamp(max(0, record.timestamp) / 1000, tz=UTC)
