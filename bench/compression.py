"""Measures what each `DATELINE_COMPRESSION` costs: CPU time of writing and reading, and bytes.

    python -m bench.compression [--rounds N] [ARTICLES.jsonl ...]

The project's articles are enriched; their records go into aiokafka's own batches, a topic's records of one
article or of twenty in each, as a quiet and a busy worker write them. Each codec takes every batch.
The figures are medians of the rounds, for an average article with all its records; writing is also given
as a share of the CPU time that enriching the article took in the same run.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from statistics import fmean, median

from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from bench.alerts.articles import SAMPLES, Enriched, enrich_articles
from bench.command_line import argument_parser, as_markdown
from bench.isolation import in_fresh_process, use_one_thread
from worker.channels import OUTPUTS, Channel
from worker.records.article import EnrichedArticle
from worker.records.codec import from_bytes
from worker.records.derive import derive
from worker.records.messages import OutMessage, RawMessage

# The values of the setting, and their numbers in a batch of records.
_CODECS = {"none": 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
_ARTICLES_A_BATCH = (1, 20)
# More than twenty articles of the project's take, so that a batch is whole.
_BATCH_BYTES = 16 << 20


def main() -> None:
    options = _arguments()
    use_one_thread()
    articles = in_fresh_process(partial(enrich_articles, [*SAMPLES, *options.articles], limit=None, rounds=1))
    enriching = fmean(article.seconds for article in articles)
    records = [_records(number, article) for number, article in enumerate(articles)]
    rows = []
    for together in _ARTICLES_A_BATCH:
        batches = [batch for some in _groups(records, together) for batch in _by_topic(some)]
        for name, codec in _CODECS.items():
            size, writing, reading = (
                figure / len(articles) for figure in _measure(batches, codec, options.rounds)
            )
            rows.append(
                (
                    f"{together}",
                    name,
                    f"{size:,.0f}",
                    f"{writing * 1000:.2f} ms",
                    f"{writing / enriching:.2%}",
                    f"{reading * 1000:.2f} ms",
                )
            )
    print(f"{len(articles)} articles, {enriching * 1000:.0f} ms to enrich one\n")
    head = ("articles a batch", "compression", "bytes", "writing", "of enriching", "reading")
    print(as_markdown(head, rows, rule="---:"))


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("articles", nargs="*", type=Path, help="more articles than the project's own")
    parser.add_argument("--rounds", type=int, default=15)
    return parser.parse_args()


def _records(number: int, article: Enriched) -> tuple[OutMessage, ...]:
    raw = RawMessage("news.articles.raw.v1", 0, number, 1_736_758_800_000 + number, None, article.value)
    return derive(raw, from_bytes(EnrichedArticle, article.value), channels=OUTPUTS, event_source="urn:bench")


def _groups(records: Sequence[tuple[OutMessage, ...]], together: int) -> Iterator[list[OutMessage]]:
    rest = iter(records)
    while some := list(islice(rest, together)):
        yield [record for of_article in some for record in of_article]


def _by_topic(records: Sequence[OutMessage]) -> Iterator[list[OutMessage]]:
    topics: dict[Channel, list[OutMessage]] = {}
    for record in records:
        topics.setdefault(record.channel, []).append(record)
    yield from topics.values()


def _measure(batches: Sequence[list[OutMessage]], codec: int, rounds: int) -> tuple[float, float, float]:
    """Bytes of all batches, and the CPU seconds of building and of unpacking them: the median round's."""
    writing, reading = [], []
    for _ in range(rounds):
        began = time.process_time()
        built = [_built(batch, codec) for batch in batches]
        writing.append(time.process_time() - began)
        began = time.process_time()
        for one in built:
            _read(one)
        reading.append(time.process_time() - began)
    return sum(map(len, built)), median(writing), median(reading)


def _built(batch: Sequence[OutMessage], codec: int) -> bytes:
    builder = BatchBuilder(_BATCH_BYTES, codec, is_transactional=1)
    for record in batch:
        builder.append(timestamp=None, key=record.key, value=record.value, headers=list(record.headers))
    return bytes(builder._build())


def _read(batch: bytes) -> int:
    records = MemoryRecords(batch)
    found = records.next_batch()
    return sum(1 for _ in found) if found is not None else 0


if __name__ == "__main__":
    main()
