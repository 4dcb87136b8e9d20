"""What a dead letter's value holds: the article or another record, or where it can no longer be read.

A letter may crash or hang whatever reads it, so it is read in a process of its own, within limits.
"""

import json
from functools import partial
from typing import NamedTuple

from worker.channels import Channel
from worker.commands.dead_letters.stage_records import (
    NotOfStageError,
    Rows,
    is_read_here,
    stage_record_rows,
)
from worker.commands.shell.read_alone import decode_whole, reading_pool
from worker.commands.shell.visible import visible, visible_bytes
from worker.field_paths import FieldPath
from worker.intake.retraction import Retraction
from worker.pool.pool import Killed, PoolBrokenError, PoolError
from worker.records.article import Article
from worker.records.messages import RawMessage, Rejected
from worker.settings import Settings

SHOWN_TEXT_CHARS = 600
FIELD_CHARS = 160
LABEL_CHARS = 24
MAX_SHOWN_FIELDS = 30
# Bytes or characters that are shown on each side of an error.
EXCERPT_LENGTH = 60


class LetterContents(NamedTuple):
    """What a letter holds. `error_at`: the byte of its value from which it can't be read, if it is known."""

    rows: Rows
    error_at: int | None = None


async def read_contents(message: RawMessage, settings: Settings, *, channel: Channel) -> LetterContents:
    """Reads a message of the channel in a process of its own. Rows for it, or for why it can't be read."""
    try:
        async with reading_pool(partial(_read_plainly, channel=channel), settings) as pool:
            found = await pool.submit(message)
    except (PoolBrokenError, PoolError) as error:
        return LetterContents([("unreadable", visible(str(error))), *_beginning(message)])
    if isinstance(found, Killed):
        return LetterContents([("unreadable", f"what reads it ends: {found.error}"), *_beginning(message)])
    return LetterContents(*found)


def _read_plainly(
    message: RawMessage,
    *,
    channel: Channel,
    languages: tuple[str, ...],
    field_paths: tuple[FieldPath, ...] = (),
) -> tuple[Rows, int | None]:
    """What `read_value` reads as a plain tuple: of the other process nothing else is taken."""
    rows, error_at = read_value(message, channel=channel, languages=languages, field_paths=field_paths)
    return rows, error_at


def read_value(
    message: RawMessage,
    *,
    channel: Channel,
    languages: tuple[str, ...],
    field_paths: tuple[FieldPath, ...] = (),
) -> LetterContents:
    """Rows for what the channel's records are; if the value is none, for the error and the value's start."""
    if not is_read_here(channel):
        # `field_paths` are the publishers'; an enriched article has its fields where the worker wrote them.
        paths = field_paths if channel is Channel.RAW else ()
        return read_article(message, languages=languages, field_paths=paths)
    try:
        return LetterContents(stage_record_rows(channel, message))
    except NotOfStageError as error:
        rows = [("unreadable", str(error)), *_fields(message.value or b""), *_beginning(message)]
        return LetterContents(rows)


def read_article(
    message: RawMessage, *, languages: tuple[str, ...], field_paths: tuple[FieldPath, ...] = ()
) -> LetterContents:
    """Rows for the article's fields; if there is none, for the error, its place and the value's start."""
    decoded = decode_whole(message, languages=languages, field_paths=field_paths)
    match decoded:
        case Article() as article:
            return LetterContents(_of_article(article))
        case Retraction(id=article_id):
            return LetterContents([("retraction", f"of article {visible(article_id)}")])
        case Rejected(reason=reason, error=error):
            value = message.value or b""
            names_charset = b"charset" in (message.header("content-type") or b"").lower()
            place = LetterContents([]) if names_charset else _place(value)
            where = place.rows or _fields(value)
            rows = [("unreadable", visible(f"{reason}: {error}")), *where, *_beginning(message)]
            return LetterContents(rows, place.error_at)


def _of_article(article: Article) -> Rows:
    fields = article.model_dump(exclude={"text"})
    rows = [
        (name, _short(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
        for name, value in fields.items()
        if value not in (None, (), {}, [])
    ]
    text = visible(article.text, most=SHOWN_TEXT_CHARS, keep_lines=True)
    return [*rows, ("text", f"{len(article.text):,} characters"), ("", text)]


def _place(value: bytes) -> LetterContents:
    """Where the value stops being UTF-8, or stops being JSON if it begins as JSON; else no rows."""
    try:
        text = value.decode()
    except UnicodeDecodeError as error:
        before = visible_bytes(value[max(0, error.start - EXCERPT_LENGTH) : error.start], most=EXCERPT_LENGTH)
        after = visible_bytes(value[error.start : error.start + EXCERPT_LENGTH], most=EXCERPT_LENGTH)
        return LetterContents([("place", f"byte {error.start:,}: {before} ⟶ {after}")], error.start)
    if not text.lstrip().startswith(("{", "[")):
        return LetterContents([])
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        before = text[max(0, error.pos - EXCERPT_LENGTH) : error.pos]
        after = text[error.pos : error.pos + EXCERPT_LENGTH]
        where = f"line {error.lineno:,}, column {error.colno:,}: {error.msg}"
        rows = [("place", where), ("", f"{visible(before)} ⟶ {visible(after)}")]
        return LetterContents(rows, len(text[: error.pos].encode()))
    except (ValueError, RecursionError):
        pass
    return LetterContents([])


def _fields(value: bytes) -> Rows:
    """The fields of a JSON object that is not an article."""
    try:
        fields = json.loads(value)
    except (ValueError, RecursionError):
        return []
    if not isinstance(fields, dict):
        return []
    shown = list(fields.items())[:MAX_SHOWN_FIELDS]
    return [
        (visible(name, most=LABEL_CHARS), _short(json.dumps(content, ensure_ascii=False)))
        for name, content in shown
    ]


def _beginning(message: RawMessage) -> Rows:
    if not message.value:
        return []
    return [("begins", visible_bytes(message.value, most=SHOWN_TEXT_CHARS, keep_lines=True))]


def _short(text: str) -> str:
    return visible(text, most=FIELD_CHARS)
