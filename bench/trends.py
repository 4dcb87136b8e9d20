"""What trends cost: python -m bench.trends [--articles N] [--days D] [--enriched N]

Counts so many articles that come within so many days. Their subjects are drawn as names in news are: a few
are in many articles, and most in few. Prints the CPU time of a note, the memory that all of them take, and
how long a worker takes to read the state back. With `--enriched` it prints instead what a note, and the
stage's work on it, cost beside the enrichment of as many articles of 500 words.
"""

import argparse
import random
import time
from collections.abc import Iterator

import orjson

from bench.stories import memory_mib
from bench.texts import articles_of_length
from worker.channels import HOUR_MS, Channel
from worker.enrichment import Enricher
from worker.enrichment_config import EnrichmentConfig
from worker.records.messages import OutMessage, RawMessage
from worker.settings import Output, Settings
from worker.stories.messages import sketch_message, story_messages
from worker.stories.sketch_codec import read_sketch
from worker.stories.stories import Position, Stories
from worker.trends.messages import note_message, trend_messages
from worker.trends.note import Kind, Note, Subject, note_bytes
from worker.trends.trends import Trends

_START_MS = 1_800_000_000_000
_DAY_MS = 24 * HOUR_MS
_WORDS, _WARM = 500, 3
# How many names of a kind there are, and how many of them an article has at most.
_NAMES = {Kind.PERSON: (100_000, 4), Kind.ORGANISATION: (60_000, 4), Kind.PLACE: (20_000, 5)}
_TOPICS, _TOPICS_EACH, _COPIES = 200, 3, 0.3


def notes(articles: int, days: int) -> Iterator[tuple[str, bytes, int]]:
    """The articles' ids, their notes, and when these were written. The same each time."""
    draw = random.Random(1)
    for number in range(articles):
        now_ms = _START_MS + number * days * _DAY_MS // articles
        subjects = [
            _subject(kind, int(names ** draw.random()))
            for kind, (names, most) in _NAMES.items()
            for _ in range(draw.randint(0, most))
        ]
        subjects += [_subject(Kind.TOPIC, int(_TOPICS ** draw.random())) for _ in range(_TOPICS_EACH)]
        story = f"{draw.randrange(number // 2 + 1):024x}"
        published_ms = now_ms - draw.randrange(2 * HOUR_MS)
        note = Note(published_ms, story, draw.random() < _COPIES, tuple(dict.fromkeys(subjects)))
        # As a consumer gives them: what orjson makes holds more memory than it has bytes.
        yield f"article-{number:024}", bytes(bytearray(note_bytes(note))), now_ms


def _subject(kind: Kind, number: int) -> Subject:
    return Subject(kind, f"{kind.value}:somebody-or-other-{number}", f"Somebody Or Other {number}")


def stage_outputs(trends: Trends, offset: int, article: str, value: bytes, now_ms: int) -> list[OutMessage]:
    """What the stage does with a note."""
    message = RawMessage("news.trend-notes.v1", 0, offset, now_ms, article.encode(), value)
    return list(trend_messages(message, trends.take(article, value, now_ms), event_source="/bench"))


def trends_beside_enrichment(count: int) -> str:
    """The CPU time of a note, and of what the stage does with it, beside that of enrichment."""
    config = EnrichmentConfig.from_settings(Settings(outputs=tuple(Output)))
    enrich, stories, trends = Enricher(config), Stories(), Trends()
    enriching = noting = counting = 0.0
    for number, (key, raw) in enumerate(articles_of_length(count + _WARM, _WORDS)):
        message = RawMessage("news.articles.raw.v1", 0, number, _START_MS + number, key.encode(), raw)
        began = time.process_time()
        outputs = enrich(message)
        enriched = time.process_time()
        assert isinstance(outputs, tuple), outputs
        value = next(out.value for out in outputs if out.channel is Channel.ENRICHED)
        sketched = sketch_message(message, orjson.loads(value or b""), pipeline="p", event_source="/bench")
        sketch = read_sketch(sketched.value or b"")
        told = stories.take(sketch, Position(number, message.timestamp_ms))
        tuple(story_messages(message, told, shift=0, sketches_id="", event_source="/bench"))
        assert told.assignment is not None
        began_note = time.process_time()
        note = note_message(message, sketch, told.assignment, event_source="/bench")
        noted = time.process_time()
        stage_outputs(trends, number, sketch.id, note.value or b"", message.timestamp_ms)
        ended = time.process_time()
        if number >= _WARM:
            enriching += enriched - began
            noting += noted - began_note
            counting += ended - noted
    return (
        f"{count} articles of {_WORDS} words: enrichment {1000 * enriching / count:.1f} ms of CPU, a note "
        f"{1000 * noting / count:.2f} ms ({noting / enriching:.2%}), the stage's work on it "
        f"{1000 * counting / count:.2f} ms ({counting / enriching:.2%})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--days", type=int, default=8)
    parser.add_argument("--enriched", type=int, default=0, metavar="N", help="so many beside enrichment")
    options = parser.parse_args()
    if options.enriched:
        print(trends_beside_enrichment(options.enriched))
        return
    before = memory_mib()
    trends, spent, records, size = Trends(), 0.0, 0, 0
    for offset, (article, value, now_ms) in enumerate(notes(options.articles, options.days)):
        began = time.process_time()
        written = stage_outputs(trends, offset, article, value, now_ms)
        spent += time.process_time() - began
        records += len(written)
        size += sum(len(out.value or b"") for out in written)
    memory = memory_mib() - before
    state = dict(trends.records())
    held = trends.articles, trends.counts
    print(
        f"{options.articles:,} articles in {options.days} days: {1e6 * spent / options.articles:.0f} us of "
        f"CPU a note, {records / options.articles:.1f} records of {size / records:.0f} bytes; "
        f"{held[0]:,} remembered, {held[1]:,} counts, {memory:.0f} MiB"
    )
    began = time.process_time()
    again = Trends()
    again.restore(state)
    values = sum(map(len, state.values())) / 2**20
    print(f"{values:.0f} MiB of state are read back in {time.process_time() - began:.1f} s of CPU")
    assert (again.articles, again.counts) == held


if __name__ == "__main__":
    main()
