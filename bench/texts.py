"""Articles of a given length for measurements, put together from paragraphs of the samples."""

import json
import random
from collections.abc import Iterator

import orjson

from tests.faults.workers import ROOT

_ENGLISH = (ROOT / "seeds/quality/articles.jsonl", ROOT / "seeds/quality/world.jsonl")
_OTHERS = ROOT / "seeds/quality/languages"


def articles_of_length(
    count: int, words: int, *, seed: int = 1, first: int = 0, language: str = "en"
) -> Iterator[tuple[str, bytes]]:
    """So many raw articles with their keys: each has an id of its own and a text of so many words.

    The same seed gives the same texts.
    """
    draw = random.Random(seed)
    samples = _samples(language)
    paragraphs = [one for article in samples for one in article["text"].split("\n\n") if one.strip()]
    for number in range(first, first + count):
        key = f"article-{number:07}"
        headline = draw.choice(samples)["headline"]
        text = _text(paragraphs, words, draw)
        article = {
            "id": key,
            "source": "bench.example",
            "headline": headline,
            "text": text,
            "language": language,
        }
        yield key, orjson.dumps(article)


def _samples(language: str) -> list[dict[str, str]]:
    paths = _ENGLISH if language == "en" else (_OTHERS / f"{language}.jsonl",)
    articles = [json.loads(line) for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return [one for one in articles if one.get("language", "en") == language]


def _text(paragraphs: list[str], words: int, draw: random.Random) -> str:
    """Paragraphs, the last of them cut, that have so many words together."""
    chosen, left = [], words
    while left > 0:
        paragraph = draw.choice(paragraphs).split()[:left]
        chosen.append(" ".join(paragraph))
        left -= len(paragraph)
    return "\n\n".join(chosen)
