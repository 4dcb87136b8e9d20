"""Formats any record as `tap` prints it: whole as JSON, or as a card or line for a person."""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from aiokafka import ConsumerRecord
from rich.console import Console
from rich.text import Text

from worker.channels import Channel
from worker.commands.shell.output import json_line, print_json, print_line
from worker.commands.shell.visible import visible_bytes
from worker.commands.shown.alert_lines import alert_line, match_line, rule_line, state_line
from worker.commands.shown.cards import (
    LINE_CHARS,
    JsonObject,
    headline_of,
    printable,
    quote_text,
    show_card,
    tag_rows,
)
from worker.commands.shown.story_cards import (
    assignment_line,
    size_line,
    story_line,
    story_rows,
    story_title,
)
from worker.commands.shown.trend_lines import trend_line
from worker.records.cloudevents import rfc3339

# Each describes a record of its topic, or returns None if the value is not valid.
_LINES: Mapping[Channel | None, Callable[[bytes], str | None]] = {
    Channel.ALERTS: alert_line,
    Channel.MATCHES: match_line,
    Channel.STATE: state_line,
    Channel.STORY_ARTICLES: assignment_line,
    Channel.STORIES: story_line,
    Channel.SKETCHES: size_line,
    Channel.STORY_STATE: size_line,
    Channel.STORY_RULE_STATE: size_line,
    Channel.TREND_NOTES: size_line,
    Channel.TRENDS: trend_line,
    Channel.TREND_STATE: size_line,
}
_Card = tuple[str, list[tuple[str, str]], str]
"""Its title, its rows and its note."""
# Anybody with the right to write puts into a topic what they like: fields may be missing, or of other kinds.
NOT_AS_EXPECTED = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError)
# Enough for a line, of a value of any size.
MAX_LINE_BYTES = 16 * LINE_CHARS
# What a null value means in its topic.
_TOMBSTONES: Mapping[Channel | None, str] = {
    Channel.RULES: "deleted",
    Channel.STATE: "over",
    Channel.STORY_STATE: "forgotten",
    Channel.STORY_RULE_STATE: "over",
    Channel.TREND_STATE: "forgotten",
}


def as_json(record: ConsumerRecord[bytes, bytes]) -> bytes:
    """The whole record in one line of JSON.

    A value that is not JSON stands in `value_text`, bytes that are not UTF-8 in `value_base64`, `key_base64`.
    """
    return json_line(as_fields(record))


def as_fields(record: ConsumerRecord[bytes, bytes]) -> dict[str, Any]:
    """The fields of `as_json`, for lines that add others."""
    line: dict[str, Any] = {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "timestamp": rfc3339(record.timestamp),
    }
    line.update(_text_or_base64("key", record.key))
    line["headers"] = _headers(record)
    line.update(_value(record.value))
    return line


def show_record(
    console: Console,
    channel: Channel | None,
    record: ConsumerRecord[bytes, bytes],
    *,
    in_a_line: bool = False,
) -> None:
    """Prints a card for an article or a story, unless it is to stand `in_a_line`, as others do."""
    value = _parsed(record.value)
    card_of = _CARDS.get(channel)
    if card_of is not None and (card := card_of(value)) is not None:
        if not in_a_line:
            title, rows, note = card
            show_card(console, title, rows, note=note)
            return
        # An article's headline, as that of the search topic's record.
        channel = Channel.SEARCH if channel is Channel.ENRICHED else channel
    line = Text(f"{_time_of(record.timestamp)} {record.partition}/{record.offset} ", style="dim")
    line.append(_describe(channel, record, value), style="default")
    console.print(line)


def _time_of(timestamp: int) -> str:
    """The time of day in UTC, behind its date if that is not today: `--last 10` may reach back days."""
    date, time_of_day = rfc3339(timestamp)[:19].split("T")
    today = rfc3339(time.time_ns() // 1_000_000)[:10]
    return time_of_day if date == today else f"{date} {time_of_day}"


def print_value(record: ConsumerRecord[bytes, bytes]) -> None:
    """Prints the value in one line: JSON as `as_fields` has it, other text with its line breaks escaped."""
    shown = _value(record.value)
    if "value" in shown:
        print_json(shown["value"])
    else:
        data = record.value or b""
        print_line(visible_bytes(data, most=len(data)))


def _article_card(value: Any) -> _Card | None:
    """An article's card; None if the value is no enriched article."""
    try:
        return headline_of(value), tag_rows(value), printable(value.get("id", ""))
    except NOT_AS_EXPECTED:
        return None


def _story_card(value: Any) -> _Card | None:
    """A story's card; None if the value is no story."""
    try:
        return story_title(value), story_rows(value), printable(value["id"])
    except NOT_AS_EXPECTED:
        return None


_CARDS: Mapping[Channel | None, Callable[[Any], _Card | None]] = {
    Channel.ENRICHED: _article_card,
    Channel.STORIES: _story_card,
}


def _describe(channel: Channel | None, record: ConsumerRecord[bytes, bytes], value: Any) -> str:
    """Describes the record as its topic's, or, if it is not what the topic takes, by its text."""
    try:
        return _describe_as(channel, record, value)
    except NOT_AS_EXPECTED:
        return _describe_as(None, record, value)


def _describe_as(channel: Channel | None, record: ConsumerRecord[bytes, bytes], value: Any) -> str:
    key = printable(record.key.decode(errors="replace")) if record.key is not None else "-"
    if channel is Channel.DEAD:
        return f"{dead_letter_line(header_texts(record))} (key {key}, {len(record.value or b''):,} bytes)"
    if record.value is None:
        return f"{key} {_TOMBSTONES.get(channel, 'retracted')}"
    if channel is Channel.RULES:
        return f"{key} {rule_line(record.value)}"
    if (line_of := _LINES.get(channel)) and (line := line_of(record.value)) is not None:
        return line
    if isinstance(value, dict):
        if channel is Channel.QUOTES:
            return f"{quote_text(value)}  [{_about(value)}]"
        if channel is Channel.ENTITIES:
            return f"{_entity(value)}  [{_about(value)}]"
        if channel in (Channel.RAW, Channel.SEARCH):
            return f"{key} {headline_of({'headline': value.get('title'), **value})}"
    beginning = record.value[:MAX_LINE_BYTES].decode(errors="replace")
    return f"{key} {printable(beginning, most=LINE_CHARS)}"


def _entity(entity: JsonObject) -> str:
    """`PERSON Lena Okafor ×3` for an entity with three mentions."""
    times = entity.get("mention_count", 1)
    return f"{printable(entity.get('type'))} {printable(entity.get('name'))}" + (
        f" ×{times}" if times != 1 else ""
    )


def _about(record: JsonObject) -> str:
    """The article of a quote or an entity: its headline, or its id if it has none."""
    article = record.get("article", {})
    return printable(article.get("headline") or article.get("id", "?"), most=LINE_CHARS)


def dead_letter_line(headers: Mapping[str, str]) -> str:
    """Describes a dead letter by its headers, as `invalid news.articles.raw.v1/3/17: text is missing`."""
    origin = "/".join(headers.get(f"dead-letter-{part}", "?") for part in ("topic", "partition", "offset"))
    reason, error = (headers.get(f"dead-letter-{part}", "?") for part in ("reason", "error"))
    return f"{printable(reason)} {printable(origin)}: {printable(error)}"


def _value(value: bytes | None) -> dict[str, Any]:
    if value is None:
        return {"value": None}
    parsed = _parsed(value)
    if parsed is None and value.strip() != b"null":
        stands = _text_or_base64("value", value)
        return {"value_text": stands["value"]} if "value" in stands else stands
    # A value of one line stays as it came, because parsing loses detail, such as the digits of a number.
    return {"value": parsed if b"\n" in value or b"\r" in value else orjson.Fragment(value)}


def _parsed(value: bytes | None) -> Any:
    try:
        return orjson.loads(value or b"null")
    except orjson.JSONDecodeError:
        return None


def _headers(record: ConsumerRecord[bytes, bytes]) -> dict[str, Any]:
    """Each header's value by its name: `{"base64": ...}` if it is not UTF-8, a list if the name repeats."""
    headers: dict[str, list[Any]] = {}
    for name, data in record.headers:
        value = _text_or_base64("text", data)
        headers.setdefault(shown_name(name), []).append(
            value["text"] if "text" in value else {"base64": value["text_base64"]}
        )
    return {name: values[0] if len(values) == 1 else values for name, values in headers.items()}


def header_texts(record: ConsumerRecord[bytes, bytes]) -> dict[str, str]:
    """The last value of each header as text; a header whose last value is null is left out."""
    values: dict[str, bytes | None] = dict(record.headers)
    return {name: value.decode(errors="replace") for name, value in values.items() if value is not None}


def shown_name(name: str) -> str:
    """A header's name, with each byte that is not UTF-8 as `\\xff`."""
    return name.encode(errors="surrogateescape").decode(errors="backslashreplace")


def _text_or_base64(name: str, data: bytes | None) -> dict[str, str | None]:
    try:
        return {name: None if data is None else data.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": b64encode(data or b"").decode()}
