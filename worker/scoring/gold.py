"""Reads gold data for `dateline score` in these formats, and says which files it leaves out and why.

    ner/*.jsonl      {id, source, text, entities: [{start, end, label}]}
    quotes/*.jsonl   {id, quotes: [{start, end, kind: direct|mixed|other, speaker}], text?}
                     {id, text, attributions: [{source, cue, content: [[start, end]], kind}]}: complete
    topics/*.jsonl   {id, topics: [code], text?, headline?}
    *.jsonl          {id, text, entities?, quotes?, attributions?, topics?, headline?, source?}: all of it
    languages/*.jsonl    the same, with `language`: one file for each language
    ner/multi/*.jsonl    {id, lang, text, entities, labels}: names in sentences, one set a file
    topics/multi/*.jsonl {id, lang, text, label, headline?}: a publisher's category, one set a file

Quotes and topics may omit the text if another file has an article of the same id. Files may be packed, as
*.jsonl.xz; those named *_train.jsonl hold training data. Offsets count code points of the text. Any row may
name its `language`, or `lang` (else it is taken for English), and the `labels` of entities that were
annotated, where these are not all.
"""

import lzma
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson
from pydantic import BaseModel, NonNegativeInt, ValidationError

from worker.languages import language_of

_REQUIRED_KEYS: dict[str, list[tuple[str, ...]]] = {
    "ner": [("id", "text", "entities")],
    "quotes": [("id", "quotes"), ("id", "text", "attributions")],
    "topics": [("id", "topics")],
    ".": [("id", "text")],
    "languages": [("id", "language", "text")],
    "ner/multi": [("id", "lang", "text", "entities", "labels")],
    "topics/multi": [("id", "lang", "text", "label")],
}
_CATEGORIES = "topics/multi"
_SETS = ("ner/multi", _CATEGORIES)
_WITH_TEXT = ("ner", ".", "languages", *_SETS)
_WHOLE = (".", "languages")
"""The kinds of files whose rows have annotations of every kind."""
_ENGLISH = "en"

CATEGORY_TOPICS = {
    "business": "medtop:04000000",
    "entertainment": "medtop:01000000",
    "health": "medtop:07000000",
    "politics": "medtop:11000000",
    "religion": "medtop:12000000",
    "sports": "medtop:15000000",
    "technology": "medtop:13000000",
}
"""The topic that a category of topics/multi stands for."""

CALIBRATED_ON = slice(1, None, 2)
"""The rows of a set in topics/multi that topics are calibrated on: every second. The others are scored."""

_GoldSpan = tuple[NonNegativeInt, NonNegativeInt]


class GoldError(ValueError):
    """Gold data cannot be read. The message is one line that names the file and the line."""


class _Entity(BaseModel):
    start: NonNegativeInt
    end: NonNegativeInt
    label: str


class _Quote(BaseModel):
    start: NonNegativeInt
    end: NonNegativeInt
    kind: Literal["direct", "mixed", "other"]
    speaker: str | None = None


class _Attribution(BaseModel):
    source: list[_GoldSpan]
    cue: list[_GoldSpan]
    content: list[_GoldSpan]
    kind: str


class _Row(BaseModel):
    id: str
    text: str = ""
    headline: str | None = None
    source: str | None = None
    language: str = _ENGLISH
    labels: list[str] | None = None
    entities: list[_Entity] = []
    quotes: list[_Quote] = []
    attributions: list[_Attribution] = []
    topics: list[str] = []


@dataclass
class GoldArticle:
    """One article with its annotations, None for each kind that was not annotated."""

    id: str
    source: str
    text: str
    headline: str | None = None
    entities: list[tuple[int, int, str]] | None = None
    quotes: list[dict[str, Any]] | None = None
    topics: list[str] | None = None
    attributions: list[dict[str, Any]] | None = None
    language: str = _ENGLISH
    labels: frozenset[str] | None = None
    """The labels of entities that were annotated; None for all of them."""
    category: str | None = None
    """The topic of a publisher's category, where that is all that is known of topics."""
    categories: frozenset[str] = frozenset()
    """The topics that the publisher has categories for. Whether another topic is right is not known."""


@dataclass
class Gold:
    """The articles to score, by id, and a line for each file or part of a file that is left out."""

    articles: dict[str, GoldArticle] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def parted(self) -> Iterator[tuple[str, "Gold"]]:
        """The articles of each language, in the order in which these first come."""
        for code in dict.fromkeys(article.language for article in self.articles.values()):
            yield code, Gold({key: found for key, found in self.articles.items() if found.language == code})


def read_gold(
    folder: Path,
    *,
    held_out: frozenset[str],
    everything: bool,
    languages: Collection[str] = (_ENGLISH,),
    unnamed: str = _ENGLISH,
) -> Gold:
    """All gold data in a folder. Raises GoldError if some of it cannot be read.

    The model was not trained on the `held_out` newspapers. If a file has articles of these, its other
    articles are left out unless `everything`. Files without such articles, and all quotes, are kept whole.
    Articles in a language other than these `languages` are left out in any case. One that names none is in
    `unnamed`.
    """
    if not folder.is_dir():
        raise GoldError(f"--data takes a folder, and {str(folder)!r} is none")
    gold = Gold()
    texts: dict[str, dict[str, Any]] = {}
    rows = {kind: list(_files(folder, kind, gold, everything=everything)) for kind in _REQUIRED_KEYS}
    for _, articles in (file for kind in _WITH_TEXT for file in rows[kind]):
        texts.update({row["id"]: row for row in articles})
    foreign = Counter[str]()
    for kind, files in rows.items():
        for name, articles in files:
            sources = {texts.get(row["id"], row).get("source") for row in articles}
            only_held_out = kind != "quotes" and not everything and bool(sources & held_out)
            kept = [
                r for r in articles if not only_held_out or texts.get(r["id"], r).get("source") in held_out
            ]
            if len(kept) < len(articles):
                gold.left_out.append(f"{name}: {len(articles) - len(kept)} articles of newspapers trained on")
            for row in kept:
                about = texts.get(row["id"], row)
                if (language := about.get("language") or unnamed) in languages:
                    _add_row(gold, kind, row, about | {"language": language}, name)
                else:
                    foreign[language] += 1
    if foreign:
        gold.left_out.append(f"{foreign.total()} articles in other languages: {', '.join(sorted(foreign))}")
    if not gold.articles:
        raise GoldError(_nothing_to_score(folder, foreign, languages))
    return gold


def _nothing_to_score(folder: Path, foreign: Collection[str], languages: Collection[str]) -> str:
    if foreign:
        return f"{folder} has gold in {', '.join(sorted(foreign))}; to be scored is {', '.join(languages)}"
    return f"{folder} has no gold data in ner/, quotes/ or topics/ that could be read"


def _files(
    folder: Path, kind: str, gold: Gold, *, everything: bool
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    for path in sorted([*(folder / kind).glob("*.jsonl"), *(folder / kind).glob("*.jsonl.xz")]):
        name, stem = str(path.relative_to(folder)), path.name.partition(".")[0]
        if stem.endswith("_train") and not everything:
            gold.left_out.append(f"{name}: trained on")
            continue
        rows: list[dict[str, Any]] = []
        for number, line in enumerate(_content(path, name).splitlines(), 1):
            if not line.strip():
                continue
            try:
                row = orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise GoldError(f"{name}, line {number}: not JSON: {error}") from None
            if reason := _format_error(row, kind):
                gold.left_out.append(f"{name}: other shape ({reason} in line {number})")
                rows = []
                break
            rows.append(row | _told_by_file(row, kind, stem))
        if kind == _CATEGORIES:
            rows = _with_categories(rows, name, gold, everything=everything)
        if rows:
            yield name, rows


def _told_by_file(row: dict[str, Any], kind: str, stem: str) -> dict[str, Any]:
    """A row's language by the name of its field, and its source where that is the set."""
    told = {"source": stem.removesuffix("_dev")} if kind in _SETS else {}
    if "lang" in row and "language" not in row:
        told["language"] = language_of(row["lang"])
    return told


def _with_categories(
    rows: list[dict[str, Any]], name: str, gold: Gold, *, everything: bool
) -> list[dict[str, Any]]:
    """The rows of a set of categories that are to be scored, with the topics that these stand for."""
    topics = sorted({CATEGORY_TOPICS[row["label"]] for row in rows})
    rows = [row | {"category": CATEGORY_TOPICS[row["label"]], "categories": topics} for row in rows]
    if not everything and (calibrated_on := rows[CALIBRATED_ON]):
        gold.left_out.append(f"{name}: {len(calibrated_on)} articles calibrated on")
        del rows[CALIBRATED_ON]
    return rows


def _content(path: Path, name: str) -> bytes:
    try:
        return lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
    except lzma.LZMAError as error:
        raise GoldError(f"{name}: not packed with xz: {error}") from None


def _format_error(row: Any, kind: str) -> str:
    """Why a row has none of the formats of its kind, by the nearest one; empty if it has one."""
    lacking = [
        [key for key in shape if not isinstance(row, dict) or key not in row]
        for shape in _REQUIRED_KEYS[kind]
    ]
    if missing := min(lacking, key=len):
        return f"no {', '.join(missing)}"
    try:
        _Row.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    if kind == _CATEGORIES and row["label"] not in CATEGORY_TOPICS:
        return f"label: takes {', '.join(CATEGORY_TOPICS)}, got {row['label']!r}"
    return ""


def _add_row(gold: Gold, kind: str, row: dict[str, Any], about: dict[str, Any], name: str) -> None:
    if "text" not in about:
        gold.left_out.append(f"{name}: {row['id']} has no text, here or in a file of entities")
        return
    article = gold.articles.setdefault(
        row["id"],
        GoldArticle(
            row["id"],
            about.get("source") or "",
            about["text"],
            about.get("headline"),
            language=about["language"],
            labels=frozenset(about["labels"]) if about.get("labels") is not None else None,
        ),
    )
    if any(not start < end <= len(article.text) for start, end in _spans(row)):
        raise GoldError(f"{name}: {row['id']} has a span that is empty or ends beyond its text")
    if "entities" in row and kind in _WITH_TEXT:
        article.entities = [(e["start"], e["end"], e["label"]) for e in row["entities"]]
    if "quotes" in row and kind in ("quotes", *_WHOLE):
        article.quotes = row["quotes"]
    if "attributions" in row and kind in ("quotes", *_WHOLE):
        article.attributions = row["attributions"]
    if "topics" in row and kind in ("topics", *_WHOLE):
        article.topics = row["topics"]
    if kind == _CATEGORIES:
        article.category, article.categories = row["category"], frozenset(row["categories"])


def _spans(row: dict[str, Any]) -> Iterator[tuple[int, int]]:
    """All spans of a row."""
    for span in (*row.get("entities", ()), *row.get("quotes", ())):
        yield span["start"], span["end"]
    for attribution in row.get("attributions", ()):
        for part in ("source", "cue", "content"):
            yield from attribution[part]
