"""Readers of the data on which stories are trained and judged, as enriched articles.

Names come from the project's own pipeline. Its records are made once, by
`python -m training.stories.gold DATA CACHE --part ecb`, and read from the folder CACHE ever after; an article
without one has no names.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from training.stories.weights import data_rows


@dataclass(frozen=True)
class StoryArticle:
    """An article with the story it tells of; None of a stranger. `tags`: what the pipeline found in it."""

    id: str
    text: str
    story: str | None = None
    headline: str | None = None
    source: str | None = None
    time_ms: int | None = None
    topic: str | None = None
    tags: Mapping[str, Any] = field(default_factory=dict)

    def enriched(self) -> dict[str, Any]:
        """The article as the enriched topic has it, as far as stories look at it."""
        return {
            "id": self.id,
            "language": "en",
            "headline": self.headline,
            "text": self.text,
            "source": self.source,
            "url": None,
            "authors": (),
            "published_at": None,
            "entities": self.tags.get("entities", ()),
            "quotes": self.tags.get("quotes", ()),
        }


def read_ecb(folder: Path, tags: Mapping[str, Any]) -> list[StoryArticle]:
    """The dev part of ECB+, spread over topics as a stream would have them: the order of a hash of the id."""
    rows = [
        StoryArticle(
            row["id"], row["text"], row["story"], topic=str(row["topic"]), tags=tags.get(row["id"], {})
        )
        for row in data_rows(folder / "stories/ecb_dev.jsonl")
    ]
    return sorted(rows, key=lambda row: _shuffled(row.id))


def read_uci(folder: Path, tags: Mapping[str, Any]) -> list[StoryArticle]:
    """The dev part of the UCI headlines, in the order of their times."""
    rows = [
        StoryArticle(
            row["id"], row["text"], row["story"], source=row["source"], time_ms=int(row["ts"]),
            tags=tags.get(row["id"], {}),
        )
        for row in data_rows(folder / "stories/uci_headlines_dev.jsonl")
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row.time_ms or 0, row.id))


def read_strangers(folder: Path, tags: Mapping[str, Any]) -> Iterator[StoryArticle]:
    """Full texts that have nothing to do with the gold, in the order of a hash."""
    yield from sorted(_strangers(folder, tags), key=lambda row: _shuffled(row.id))


def _strangers(folder: Path, tags: Mapping[str, Any]) -> Iterator[StoryArticle]:
    for name in ("stories/reuters_21578.jsonl.xz", "topics/bbc_2004.jsonl", "ner/worldwide.jsonl",
                 "topics/masakhanews.jsonl", "quotes/polnear_train.jsonl"):  # fmt: skip
        for row in data_rows(folder / name):
            id_ = f"stranger-{row['id']}"
            yield StoryArticle(id_, row["text"], headline=row.get("headline") or None, tags=tags.get(id_, {}))


def read_strange_headlines(folder: Path) -> list[StoryArticle]:
    """Headlines of HuffPost, in the order of a hash."""
    rows = [
        StoryArticle(f"huffpost-{number}", row["text"])
        for number, row in enumerate(data_rows(folder / "topics/huffpost_headlines.jsonl"))
    ]
    return sorted(rows, key=lambda row: _shuffled(row.id))


def read_tags(cache: Path | None) -> dict[str, Any]:
    """What the pipeline found, by article."""
    found: dict[str, Any] = {}
    for path in sorted(cache.glob("*.jsonl")) if cache and cache.is_dir() else ():
        for line in path.read_bytes().splitlines():
            row = orjson.loads(line)
            found[row["id"]] = row
    return found


def _shuffled(name: str) -> bytes:
    import hashlib

    return hashlib.sha256(name.encode()).digest()


def tag(articles: Iterable[StoryArticle], output: Path, known: Mapping[str, Any]) -> None:
    """Appends what the shipped pipeline finds in the articles that have no tags yet."""
    from worker.nlp.enrich import enrich
    from worker.nlp.pipeline import load
    from worker.records.article import Article

    nlp = load(None)
    with output.open("ab") as file:
        for article in articles:
            if article.id in known:
                continue
            found = enrich(
                nlp, Article(id=article.id, headline=article.headline, text=article.text, language="en")
            )
            row = found.model_dump(include={"id", "entities", "quotes"})
            for entity in row["entities"]:
                entity["mentions"] = entity["mentions"][:1]
            file.write(orjson.dumps(row) + b"\n")
            file.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--part", choices=("ecb", "uci", "strangers"), required=True)
    parser.add_argument("--count", type=int, help="no more than so many articles")
    options = parser.parse_args()
    options.cache.mkdir(parents=True, exist_ok=True)
    read = {"ecb": read_ecb, "uci": read_uci, "strangers": lambda *of: list(read_strangers(*of))}[
        options.part
    ]
    articles = read(options.data, {})[: options.count]
    tag(articles, options.cache / f"{options.part}.jsonl", read_tags(options.cache))


if __name__ == "__main__":
    main()
