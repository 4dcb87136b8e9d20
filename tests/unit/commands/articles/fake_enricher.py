"""Enrichers that tests use in place of the pipeline: quick, and with faults on demand."""

import os
import time
from collections.abc import Callable

import orjson

from worker.channels import Channel
from worker.records.messages import FailedStep, OutMessage, RawMessage, Reason, Rejected


def make_enricher(config: object) -> Callable[[RawMessage], tuple[OutMessage, ...] | Rejected]:
    """The text `sleep 0.2` takes that long, `crash` ends the process, an empty text is rejected."""

    def enrich(message: RawMessage) -> tuple[OutMessage, ...] | Rejected:
        kind = (message.header("content-type") or b"").decode()
        if kind == "application/json":
            text = orjson.loads(message.value or b"").get("text", "")
        else:
            text = (message.value or b"").decode()
        if not text:
            return Rejected(Reason.INVALID, "text is missing", FailedStep.DECODE)
        if text.startswith("sleep "):
            time.sleep(float(text.removeprefix("sleep ")))
        if text == "crash":
            os._exit(7)
        record = {"text": text, "kind": kind}
        return (
            OutMessage(Channel.QUOTES, None, b"{}", ()),
            OutMessage(Channel.ENRICHED, b"a", orjson.dumps(record), ()),
        )

    return enrich


def make_tagger(config: object) -> Callable[[RawMessage], tuple[OutMessage, ...] | Rejected]:
    """Makes enriched articles without tags: from JSON with all its fields, else from the text."""

    def enrich(message: RawMessage) -> tuple[OutMessage, ...] | Rejected:
        value = message.value or b""
        is_json = message.header("content-type") == b"application/json"
        given = orjson.loads(value) if is_json else {"text": value.decode()}
        if not given.get("text"):
            return Rejected(Reason.INVALID, "text is missing", FailedStep.DECODE)
        empty = {
            "id": given["text"][:20], "url": None, "headline": None, "source": None, "language": "en",
            "published_at": None, "authors": [], "extra": {}, "entities": [], "quotes": [], "topics": [],
            "pipeline": {"name": "en_news", "version": "1.0.0"},
        }  # fmt: skip
        return (OutMessage(Channel.ENRICHED, b"a", orjson.dumps(empty | given), ()),)

    return enrich


def make_broken(config: object) -> Callable[[RawMessage], tuple[OutMessage, ...] | Rejected]:
    raise OSError("no such pipeline: /models/none")
