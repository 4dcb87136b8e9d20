"""Synthetic search documents, with invented words as frequent as those of a language, names and quotes.

Words follow Zipf's law over 60,000; articles have 500 of them on average, log-normally spread. The same seed
gives the same articles.
"""

import random
from collections.abc import Iterator
from typing import Any

import numpy as np
import orjson

from worker.records.media_topics import media_topics

VOCABULARY = 60_000
PEOPLE, ORGANISATIONS, PLACES, SOURCES = 20_000, 8_000, 4_000, 50
SECONDS_APART = 6
NEWEST_SECOND = 1_790_000_000
_ONSETS: list[str] = [*"bcdfghklmnprstvw", "br", "ch", "dr", "gr", "pl", "sh", "st", "th", "tr"]
_VOWELS: list[str] = [*"aeiouaeiou", "ai", "ea", "oo", "ou", "é"]
_CODAS: list[str] = ["", "", "", "", "", "n", "r", "s", "t", "nd"]


class SyntheticArticles:
    """So many articles, the newest last; iterating gives the JSON of each."""

    def __init__(self, count: int, *, seed: int = 1) -> None:
        self.count = count
        self._seed = seed
        draw = random.Random(seed)
        self.words = _invented(draw, VOCABULARY)
        self.people = [f"{_name(draw)} {_name(draw)}" for _ in range(PEOPLE)]
        self.organisations = [
            f"{_name(draw)} {draw.choice(['Union', 'Bank', 'Office'])}" for _ in range(ORGANISATIONS)
        ]
        self.places = [_name(draw) for _ in range(PLACES)]
        self.sources = [f"{_name(draw).lower()}.example" for _ in range(SOURCES)]
        self.topics = list(media_topics().values())

    def __iter__(self) -> Iterator[bytes]:
        draw = np.random.default_rng(self._seed)
        frequencies = np.cumsum(1 / np.arange(1, VOCABULARY + 1))
        for number in range(self.count):
            length = max(60, int(draw.lognormal(6.1, 0.45)))
            drawn = np.searchsorted(frequencies, draw.random(length + 10) * frequencies[-1])
            words = [self.words[rank] for rank in drawn]
            yield orjson.dumps(self._document(draw, number, words))

    def _document(self, draw: np.random.Generator, number: int, words: list[str]) -> dict[str, Any]:
        second = NEWEST_SECOND - (self.count - number) * SECONDS_APART
        people = self._some(draw, self.people, 6)
        organisations = self._some(draw, self.organisations, 5)
        places = self._some(draw, self.places, 5)
        topics = [self.topics[i] for i in draw.integers(0, len(self.topics), 2)]
        quotes = [
            {
                "text": " ".join(words[start : start + 18]) + ",",
                "kind": "direct",
                "speaker": (speaker := people[int(draw.integers(0, len(people)))]),
                "speaker_id": _id("person", speaker),
            }
            for start in range(20, len(words) - 40, 90)
        ]
        return {
            "id": f"url-{draw.bytes(16).hex()}",
            "version": second * 1000,
            "url": f"https://{self.sources[number % SOURCES]}/{number}",
            "headline": " ".join(words[-10:]).capitalize(),
            "text": _punctuated(words[:-10]),
            "source": self.sources[number % SOURCES],
            "language": "en",
            "published_at": None,
            "authors": [people[0]],
            "people": people,
            "organisations": organisations,
            "places": places,
            "countries": ["NL", "UA"][: number % 3],
            "other_names": [],
            "entity_ids": [
                *(_id("person", name) for name in people),
                *(_id("org", name) for name in organisations),
                *(_id("gpe", name) for name in places),
            ],
            "topics": [topic.name for topic in topics],
            "topic_codes": list(dict.fromkeys(code for t in topics for code in (t.code, *t.broader))),
            "speakers": list(dict.fromkeys(quote["speaker"] for quote in quotes)),
            "quotes": quotes,
        }

    def _some(self, draw: np.random.Generator, names: list[str], count: int) -> list[str]:
        """Draws names, the first of them most often."""
        ranks = (draw.pareto(0.7, count) * 10).astype(int) % len(names)
        return list(dict.fromkeys(names[rank] for rank in ranks))


def _invented(draw: random.Random, count: int) -> list[str]:
    """Invented words; the frequent ones, which come first, are short."""
    words: dict[str, None] = {}
    while len(words) < count:
        syllables = 1 + (len(words) > 100) + (len(words) > 3_000) + (len(words) > 20_000)
        words["".join(_syllable(draw) for _ in range(syllables))] = None
    return list(words)


def _syllable(draw: random.Random) -> str:
    return draw.choice(_ONSETS) + draw.choice(_VOWELS) + draw.choice(_CODAS)


def _name(draw: random.Random) -> str:
    return (_syllable(draw) + _syllable(draw)).capitalize()


def _id(kind: str, name: str) -> str:
    return f"{kind}:{name.lower().replace(' ', '-')}"


def _punctuated(words: list[str]) -> str:
    sentences = [" ".join(words[start : start + 20]) for start in range(0, len(words), 20)]
    return ".\n".join(
        f"“{each.capitalize()}”" if place % 4 == 1 else each for place, each in enumerate(sentences)
    )
