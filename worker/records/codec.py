"""Converts records to bytes and back."""

from typing import Any, TypeVar

import orjson

from worker.records.article import Record

R = TypeVar("R", bound=Record)


def to_bytes(record: Record) -> bytes:
    """JSON with the fields in the order of their declaration, so that equal records give equal bytes."""
    return orjson.dumps(record.model_dump())


def from_bytes(kind: type[R], value: bytes | str) -> R:
    """The record in a value; fields that a later version of the worker added are ignored.

    Raises ValidationError, which names the fields, or orjson.JSONDecodeError.
    """
    fields: Any = orjson.loads(value)
    return kind.model_validate(fields, extra="ignore")
