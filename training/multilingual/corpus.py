"""Readers of names in many languages, and the shares of a run that each set gets.

A set is a file `ner/multi/{language}_{source}_{train,dev}.jsonl.xz` of sentences. Sentences that follow each
other are joined, so that the network sees paragraphs too.
"""

from __future__ import annotations

import json
import lzma
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import spacy
from spacy.language import Language

from training.blank import blank_pipeline
from training.data import AnnotatedArticle, read_polnear
from worker.nlp.patterns import OVERLONG

TRAINED_LANGUAGES = (
    "de", "fr", "es", "pt", "it", "nl", "sv", "da", "no", "pl", "cs", "hr", "fi",
    "uk", "ru", "bg", "sw", "id", "ro",
)  # fmt: skip
"""The languages that are trained on, English aside: those of the first tier, then those of the second."""

SPACY_LANGUAGES = {"no": "nb", "sw": "xx"}
"""What spaCy calls a language, where that differs; "xx" is its tokenizer for all the others."""


@dataclass(frozen=True)
class NameSet:
    """A set of sentences with names. `is_open`: under a licence that allows all uses."""

    language: str
    source: str
    weight: float = 1.0
    is_open: bool = False

    @property
    def name(self) -> str:
        return f"{self.language}_{self.source}"

    def path(self, data: Path, part: str) -> Path:
        """Its file of the part "train" or "dev"."""
        return data / "ner/multi" / f"{self.name}_{part}.jsonl.xz"


SILVER_BESIDE_NEWS = 0.35
"""The weight of Wikipedia's sentences in a language that has news labelled by people."""

NAME_SETS = (
    NameSet("de", "wn"),
    NameSet("fr", "wn"),
    NameSet("es", "conll"),
    NameSet("es", "wn", SILVER_BESIDE_NEWS),
    NameSet("pt", "uner", is_open=True),
    NameSet("pt", "wn", SILVER_BESIDE_NEWS),
    NameSet("it", "tc"),
    NameSet("it", "wn", SILVER_BESIDE_NEWS),
    NameSet("nl", "conll"),
    NameSet("nl", "wn", SILVER_BESIDE_NEWS),
    NameSet("sv", "tc"),
    NameSet("da", "uner", is_open=True),
    NameSet("no", "tc"),
    NameSet("pl", "bsnlp", 1.5),
    NameSet("pl", "wn", 0.7),
    NameSet("cs", "bsnlp", 1.5),
    NameSet("hr", "uner", is_open=True),
    NameSet("fi", "tc"),
    NameSet("uk", "tc"),
    NameSet("ru", "bsnlp"),
    NameSet("ru", "wn", SILVER_BESIDE_NEWS),
    NameSet("bg", "bsnlp", 1.5),
    NameSet("sw", "mk", 0.7),
    NameSet("id", "tc"),
    NameSet("ro", "ronec", is_open=True),
)

GERMAN_TYPES = frozenset({"Direct", "Indirect", "IndirectFreeIndirect"})
"""The types of German attributions that PolNeAR's kinds know too."""


def read_names(path: Path) -> Iterator[AnnotatedArticle]:
    """The sentences of a set's file, in the order of their texts."""
    source = path.name.split("_")[1]
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            yield AnnotatedArticle(
                id=row["id"],
                source=source,
                text=row["text"],
                entities=tuple((e["start"], e["end"], e["label"]) for e in row["entities"]),
                language=row["lang"],
                labels=tuple(row["labels"]),
            )


def read_german_quotes(path: Path) -> Iterator[AnnotatedArticle]:
    """German articles with sources, cues and contents, of the types that PolNeAR has too."""
    for article in read_polnear(path, types=GERMAN_TYPES):
        yield replace(article, source="german_quotes", language="de")


MOST_JOINED_CHARACTERS = 800
STAY_ALONE = 0.35
"""The share of draws after which a sentence stays alone."""


def join_sentences(sentences: list[AnnotatedArticle], chance: random.Random) -> Iterator[AnnotatedArticle]:
    """The sentences as texts of one or more, which follow each other as in the set."""
    here = 0
    while here < len(sentences):
        most = 0 if chance.random() < STAY_ALONE else chance.randint(200, MOST_JOINED_CHARACTERS)
        joined = sentences[here]
        here += 1
        while here < len(sentences) and len(joined.text) + len(sentences[here].text) < most:
            gap = chance.choices((" ", "\n", "\n\n"), (80, 5, 15))[0]
            joined = joined_with(joined, gap, sentences[here])
            here += 1
        yield joined


def joined_with(first: AnnotatedArticle, gap: str, second: AnnotatedArticle) -> AnnotatedArticle:
    """Two texts as one, with the entities of both."""
    shift = len(first.text) + len(gap)
    moved = tuple((start + shift, end + shift, label) for start, end, label in second.entities or ())
    return replace(first, text=first.text + gap + second.text, entities=(first.entities or ()) + moved)


CAPITAL_PARAGRAPHS, TITLE_PARAGRAPHS = 0.03, 0.02
"""The shares of paragraphs that `recased` writes as headlines are written."""


def recased(text: str, chance: random.Random) -> str:
    """`text` with a few paragraphs IN CAPITALS or In Title Case. Every character keeps its place."""
    paragraphs = text.split("\n")
    for i, paragraph in enumerate(paragraphs):
        draw = chance.random()
        if draw < CAPITAL_PARAGRAPHS:
            paragraphs[i] = "".join(map(capital, paragraph))
        elif draw < CAPITAL_PARAGRAPHS + TITLE_PARAGRAPHS:
            words = paragraph.split(" ")
            paragraphs[i] = " ".join(capital(word[0]) + word[1:] if word else word for word in words)
    return "\n".join(paragraphs)


def capital(character: str) -> str:
    """The capital letter, or the same letter where its capital is more than one character."""
    upper = character.upper()
    return upper if len(upper) == 1 else character


def blank_by_language(languages: Iterable[str]) -> dict[str, Language]:
    """A pipeline for each language that has its tokenizer and no components."""
    pipelines = {"en": blank_pipeline()}
    for language in languages:
        if language not in pipelines:
            pipelines[language] = spacy.blank(SPACY_LANGUAGES.get(language, language))
            # spaCy's stub allows no assignment here, its class does.
            tokenizer: object = pipelines[language].tokenizer
            setattr(tokenizer, "token_match", OVERLONG.match)  # noqa: B010
    return pipelines
