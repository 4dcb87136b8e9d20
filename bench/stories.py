"""How stories grow: python -m bench.stories DATA [--articles N] [--an-hour N] [--enriched N]

More articles than there are texts are made by recombining sentences: each has sentences of three articles of
one kind of news, so that its words are as rare as those of news, and one in five is a copy of one before it.
What stands in quotation marks is a quote.
Prints, for each tenth, the CPU time of a decision and the memory that came with it; then how long a worker
takes to read the state back, and whether it is the same. With `--enriched` it prints instead what a sketch,
and the stage's work on it, cost beside the enrichment of the same articles of 500 words.
"""

from __future__ import annotations

import argparse
import random
import re
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import orjson

from training.stories.gold import StoryArticle, read_strangers
from worker.channels import Channel
from worker.enrichment import Enricher
from worker.enrichment_config import EnrichmentConfig
from worker.records.messages import RawMessage
from worker.settings import Output, Settings
from worker.stories.messages import sketch_message, story_messages
from worker.stories.sketch import make_sketch
from worker.stories.sketch_codec import read_sketch
from worker.stories.stories import Position, Stories

_START_MS = 1_700_000_000_000
_COPIES, _RECENT = 5, 2_000
_SENTENCES = 12
_WORDS, _WARM = 500, 3
_LEAST_WORDS = 6
_QUOTED = re.compile(r"[“\"]([^”\"]{20,400})[”\"]")


def recombined(texts: list[StoryArticle], count: int, *, seed: int) -> Iterator[StoryArticle]:
    """So many articles, put together from sentences of these. The same seed gives the same articles."""
    draw = random.Random(seed)
    sentences = [
        [one for one in re.split(r"(?<=[.!?])\s+", article.text) if one.count(" ") >= _LEAST_WORDS]
        for article in texts
    ]
    usable = [some for some in sentences if len(some) >= 4]
    recent: deque[list[str]] = deque(maxlen=_RECENT)
    for number in range(count):
        if recent and draw.randrange(_COPIES) == 0:
            chosen = list(draw.choice(recent))
        else:
            near = draw.randrange(len(usable))
            sources = [usable[(near + step) % len(usable)] for step in (0, 1, 2)]
            chosen = [one for some in sources for one in draw.sample(some, min(4, len(some)))][:_SENTENCES]
        recent.append(chosen)
        text = " ".join(chosen)
        tags = {"quotes": quotes_in(text)}
        yield StoryArticle(f"recombined-{number:012}", text, source=f"paper {number % 97}", tags=tags)


def quotes_in(text: str) -> list[dict[str, object]]:
    """What stands in quotation marks, as enrichment has it, each said by somebody else."""
    return [
        {
            "text": found[1],
            "kind": "direct",
            "speaker": {
                "text": "he",
                "name": f"Ada Speaker {place}",
                "entity": f"person:ada-speaker-{place}",
            },
            "confidence": 0.9,
        }
        for place, found in enumerate(_QUOTED.finditer(text))
    ]


def memory_mib() -> float:
    """The memory that this process has."""
    status = Path("/proc/self/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def read_back(stories: Stories) -> tuple[float, int, bool]:
    """Seconds of CPU to read the state back, its number of records, and whether it is the same."""
    kept = list(stories.memory.records())
    began = time.process_time()
    again = Stories()
    for key, value in kept:
        again.memory.restore(key, value)
    again.memory.restored()
    took = time.process_time() - began
    return took, len(kept), dict(again.memory.records()) == dict(kept)


def beside_enrichment(texts: list[StoryArticle], count: int) -> str:
    """The CPU time of a sketch, and of what the stage does with it, beside that of enrichment."""
    config = EnrichmentConfig.from_settings(Settings(outputs=tuple(Output)))
    enrich, stories = Enricher(config), Stories()
    enriching = sketching = deciding = 0.0
    for number, article in enumerate(recombined(texts, count + _WARM, seed=2)):
        words = f"{article.text} {article.text} {article.text}".split()[:_WORDS]
        raw = orjson.dumps({"id": article.id, "text": " ".join(words), "source": article.source})
        message = RawMessage("news.articles.raw.v1", 0, number, _START_MS + number, None, raw)
        began = time.process_time()
        outputs = enrich(message)
        enriched = time.process_time()
        assert isinstance(outputs, tuple), outputs
        value = next(out.value for out in outputs if out.channel is Channel.ENRICHED)
        began_sketch = time.process_time()
        sketched = sketch_message(message, orjson.loads(value or b""), pipeline="p", event_source="/bench")
        began_decision = time.process_time()
        told = stories.take(read_sketch(sketched.value or b""), Position(number, message.timestamp_ms))
        tuple(story_messages(message, told, shift=0, sketches_id="", event_source="/bench"))
        ended = time.process_time()
        if number >= _WARM:
            enriching += enriched - began - (began_decision - began_sketch)
            sketching += began_decision - began_sketch
            deciding += ended - began_decision
    return (
        f"{count} articles of {_WORDS} words: enrichment {1000 * enriching / count:.1f} ms of CPU, a sketch "
        f"{1000 * sketching / count:.2f} ms ({sketching / enriching:.1%}), the stage's work on it "
        f"{1000 * deciding / count:.2f} ms ({deciding / enriching:.1%})"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--an-hour", type=int, default=4_167, help="the pace of the log: 100,000 a day")
    parser.add_argument("--enriched", type=int, default=0, metavar="N", help="so many beside enrichment")
    options = parser.parse_args()
    texts = sorted(read_strangers(options.data, {}), key=lambda article: article.id)
    if options.enriched:
        print(beside_enrichment(texts, options.enriched))
        return
    stories = Stories()
    before, size = memory_mib(), max(1, options.articles // 10)
    deciding = longest = 0.0
    for number, article in enumerate(recombined(texts, options.articles, seed=1), 1):
        sketch = make_sketch(article.enriched(), origin=f"{number}")
        began = time.process_time()
        stories.take(sketch, Position(number, _START_MS + number * 3_600_000 // options.an_hour))
        took = time.process_time() - began
        deciding, longest = deciding + took, max(longest, took)
        if number % size == 0:
            memory = stories.memory
            print(
                f"{number:9,} articles: {1000 * deciding / size:.2f} ms a decision, at most "
                f"{1000 * longest:.0f} ms; {memory.articles:,} remembered, {memory.open_stories:,} open "
                f"stories, {memory_mib() - before:.0f} MiB",
                flush=True,
            )
            deciding = longest = 0.0
    seconds, records, same = read_back(stories)
    print(f"read back: {records:,} records in {seconds:.1f} s of CPU, the same: {same}")


if __name__ == "__main__":
    main()
