"""Readers of the training data, and the newspapers that are held out."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from worker.nlp.entities.group import LabelledSpan

REPORTED_SOURCES = frozenset(
    {
        "af_ips",
        "asia_aljazeera",
        "guyana_kaieteurnews",
        "kr_article_ilbo",
        "kr_jgdaily",
        "qt_peninsula",
        "tw_tp_times",
        "ven_caracaschronicles",
    }
)
"""The newspapers that scores are reported on."""

DEV_SOURCES = REPORTED_SOURCES | {"afs_ips", "tw_article_tptimes"}
"""The newspapers that are never trained on: the reported ones, two of them under a second name too."""

TUNING_SOURCES = frozenset(
    {"th_post", "nm_economist", "et_tribune", "ecuador_ecuadortimes", "in_kash", "kw_gulftimes"}
)
"""The newspapers that settings are chosen on. Only `train --all` trains on them too."""


@dataclass(frozen=True)
class AnnotatedArticle:
    """A text with its annotations. None: not annotated. An empty tuple: annotated, and there is nothing."""

    id: str
    source: str
    text: str
    headline: str = ""
    entities: tuple[LabelledSpan, ...] | None = None
    roles: tuple[LabelledSpan, ...] | None = None
    contents: tuple[LabelledSpan, ...] | None = None
    topics: tuple[str, ...] | None = None
    weak: bool = False
    """The topics come from a publisher's category: they are right, but others may be missing."""
    language: str = "en"
    labels: tuple[str, ...] | None = None
    """The labels of entities that are annotated, where others are not: those are unknown, not absent."""


@dataclass(frozen=True)
class Corpus:
    """Articles to train on, to choose settings on, and to report names, topics and attributions on."""

    train: list[AnnotatedArticle]
    tuning: list[AnnotatedArticle]
    dev: list[AnnotatedArticle]
    attribution_dev: list[AnnotatedArticle]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON Lines file."""
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def read_corpus(folder: Path, *, everything: bool, open_only: bool = False) -> Corpus:
    """The data in `folder`. With `everything`, the tuning newspapers are among the articles to train on.

    With `open_only`, training gets only data whose publishers state an open licence (training/README.md lists
    it); the other parts are the same.
    """
    worldwide = list(read_worldwide(folder))
    quoted = {row["id"] for row in read_lines(folder / "quotes/worldwide_dev.jsonl")}
    apart = DEV_SOURCES if everything else DEV_SOURCES | TUNING_SOURCES
    if open_only:
        train = [*read_columns(folder / "ner/uner_ewt_train.iob2")]
        train += read_weak_topics(folder / "topics", names=OPEN_TOPICS)
    else:
        train = [a for a in worldwide if a.source not in apart and a.id not in quoted]
        train += read_polnear(folder / "quotes/polnear_train.jsonl")
        train += read_weak_topics(folder / "topics")
    return Corpus(
        train=train,
        tuning=[a for a in worldwide if a.source in TUNING_SOURCES and a.id not in quoted],
        dev=[a for a in worldwide if a.source in REPORTED_SOURCES],
        attribution_dev=list(read_polnear(folder / "quotes/polnear_dev.jsonl")),
    )


def read_worldwide(folder: Path) -> Iterator[AnnotatedArticle]:
    """The articles of the English Worldwide Newswire, with entities and most of them with topics."""
    topics = {row["id"]: row["topics"] for row in read_lines(folder / "topics/worldwide_topics.jsonl")}
    for row in read_lines(folder / "ner/worldwide.jsonl"):
        yield AnnotatedArticle(
            id=row["id"],
            source=row["source"],
            text=row["text"],
            entities=tuple((e["start"], e["end"], e["label"]) for e in row["entities"]),
            topics=tuple(topics[row["id"]]) if row["id"] in topics else None,
        )


def read_polnear(path: Path, *, types: frozenset[str] | None = None) -> Iterator[AnnotatedArticle]:
    """The articles of a PolNeAR file, with sources and cues as roles, and contents.

    `types`: of a file whose attributions have a type, only those are read.
    """
    for row in read_lines(path):
        roles: list[LabelledSpan] = []
        contents: list[LabelledSpan] = []
        for attribution in row["attributions"]:
            if types is not None and attribution["type"] not in types:
                continue
            roles += [(start, end, "CUE") for start, end in attribution["cue"]]
            roles += [(start, end, "SOURCE") for start, end in attribution["source"]]
            contents += [(start, end, attribution["kind"].upper()) for start, end in attribution["content"]]
        yield AnnotatedArticle(
            row["id"], "polnear", row["text"], roles=tuple(roles), contents=tuple(contents)
        )


COLUMN_LABELS = {"PER": "PERSON", "LOC": "LOC", "ORG": "ORG"}
"""Universal NER's labels and the project's. Universal NER does not tag its other labels consistently."""


def read_columns(path: Path) -> Iterator[AnnotatedArticle]:
    """The documents of Universal NER's IOB2 files, which have `# newdoc id = ` and `# text = ` lines."""
    name, text, here = "", "", 0
    spans: list[LabelledSpan] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# newdoc id = "):
            if text:
                yield AnnotatedArticle(name, "uner", text, entities=tuple(spans))
            name, text, spans = line.removeprefix("# newdoc id = "), "", []
        elif line.startswith("# text = "):
            text += " " if text else ""
            here = len(text)
            text += line.removeprefix("# text = ")
        elif line and not line.startswith("#"):
            word, tag = line.split("\t")[1:3]
            start = text.index(word, here)
            here = start + len(word)
            label = COLUMN_LABELS.get(tag[2:])
            if label and tag[0] == "I" and spans and spans[-1][2] == label:
                spans[-1] = (spans[-1][0], here, label)
            elif label:
                spans.append((start, here, label))
    if text:
        yield AnnotatedArticle(name, "uner", text, entities=tuple(spans))


CATEGORIES = {
    "business": "04", "entertainment": "01", "politics": "11", "sport": "15", "sports": "15", "tech": "13",
    "technology": "13", "health": "07",
    "POLITICS": "11", "ENTERTAINMENT": "01", "CRIME": "02", "SPORTS": "15", "BUSINESS": "04", "TECH": "13",
    "SCIENCE": "13", "RELIGION": "12", "EDUCATION": "05", "COLLEGE": "05", "ENVIRONMENT": "06", "GREEN": "06",
    "WELLNESS": "07", "HEALTHY LIVING": "07", "TRAVEL": "10", "FOOD & DRINK": "10", "TASTE": "10",
    "STYLE & BEAUTY": "10", "HOME & LIVING": "10", "ARTS": "01", "ARTS & CULTURE": "01",
    "CULTURE & ARTS": "01",
    "MEDIA": "01", "QUEER VOICES": "14", "BLACK VOICES": "14", "LATINO VOICES": "14", "WOMEN": "14",
    "PARENTING": "14", "DIVORCE": "14", "WEIRD NEWS": "08", "MONEY": "04",
}  # fmt: skip
"""The first two digits of the IPTC Media Topic for each publisher's category that has one."""

OPEN_TOPICS = ("huffpost_2018", "huffpost_headlines")
"""The files of articles with categories, under an open licence."""

TOPIC_FILES = ("bbc_2004", "masakhanews", *OPEN_TOPICS)
"""All files of articles with categories."""


def read_weak_topics(folder: Path, *, names: tuple[str, ...] = TOPIC_FILES) -> Iterator[AnnotatedArticle]:
    """Articles and headlines with the topic of their publisher's category, and IPTC's definitions."""
    for name in names:
        for i, row in enumerate(read_lines(folder / f"{name}.jsonl")):
            if row["label"] in CATEGORIES:
                code = f"medtop:{CATEGORIES[row['label']]}000000"
                yield AnnotatedArticle(
                    f"{name}_{i}", name, row["text"], row.get("headline", ""), topics=(code,), weak=True
                )
    for term in json.loads((folder / "iptc_media_topics.json").read_text(encoding="utf-8")):
        if not term["retired"]:
            text = f"{term['name']}. {term['definition'] or ''}"
            yield AnnotatedArticle(term["qcode"], "iptc", text, topics=(term["path"][0],), weak=True)


def read_unlabelled(folder: Path, count: int) -> Iterator[AnnotatedArticle]:
    """So many articles that nobody annotated, of Reuters in 1987. Half as many are every second of them."""
    if not count:
        return
    with lzma.open(folder / "stories/reuters_21578.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in islice(rows[:: max(1, len(rows) // count)], count):
        yield AnnotatedArticle(f"reuters_{row['id']}", "reuters", row["text"])
