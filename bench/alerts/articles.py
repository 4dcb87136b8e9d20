"""Articles enriched by the shipped pipeline, and what that takes."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from statistics import median

from tests.faults.workers import ROOT
from worker.channels import Channel
from worker.commands.articles.documents import InputDocument, InputDocuments
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.records.messages import OutMessage, RawMessage
from worker.settings import Settings

SAMPLES = (ROOT / "seeds", ROOT / "seeds/quality/articles.jsonl", ROOT / "seeds/quality/world.jsonl")
"""The project's own articles."""


@dataclass(frozen=True, slots=True)
class Enriched:
    """An article's value in the enriched topic, and the CPU seconds its enrichment took (all outputs)."""

    value: bytes
    seconds: float


def enrich_articles(paths: Sequence[Path], *, limit: int | None, rounds: int) -> list[Enriched]:
    """Enriches the files' articles; of those that can be, the record and the median time of the rounds."""
    messages = list(islice(_messages(paths), limit))
    enrich = make_enricher(replace(EnrichmentConfig.from_settings(Settings()), model=""))
    found: dict[str, bytes] = {}
    seconds: dict[str, list[float]] = {}
    for number in range(rounds + 1):  # the first warms up
        for message in messages:
            began = time.process_time()
            outcome = enrich(message)
            took = time.process_time() - began
            value = _value(outcome) if isinstance(outcome, tuple) else None
            if value is not None:
                found[message.origin] = value
                seconds.setdefault(message.origin, []).extend([took] if number else [])
    return [Enriched(value, median(seconds[origin])) for origin, value in found.items()]


def _messages(paths: Sequence[Path]) -> Iterator[RawMessage]:
    documents = InputDocuments(tuple(str(path) for path in paths), max_bytes=Settings().max_record_bytes)
    for number, document in enumerate(documents):
        if isinstance(document, InputDocument):
            yield RawMessage(
                document.source, 0, number, 0, document.key, document.value, document.raw_headers
            )


def _value(outcome: tuple[OutMessage, ...]) -> bytes | None:
    return next((out.value for out in outcome if out.channel is Channel.ENRICHED), None)
