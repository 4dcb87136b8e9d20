"""What `dateline score` counts: one article against its gold, and all of them together."""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from worker.commands.gold import GoldArticle
from worker.nlp.measure import Counts, compare, match, same_speaker
from worker.nlp.measure_attribution import annotated, compare_attributions, published
from worker.records.article import EnrichedArticle, Quote
from worker.records.media_topics import topic_name

NAMES = ("PERSON", "ORG", "LOC")
"""The labels that all data of names has."""
SURE = 0.9
"""The confidence from which a topic tag counts as sure."""
SHARE_OF_GOLD = frozenset({"speakers", "scare quotes kept out", "attribution parts", "sure topics, recall"})
SHARE_OF_FOUND = frozenset({"sure topics"})
RESAMPLES, SEED = 2000, 1
# The pipeline knows places; gold that has no label for countries calls them LOC, and so compares with both.
_SAME_LABEL = {"GPE": "LOC"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of the text where gold and pipeline differ, or agree: "missed", "wrong" or "right"."""

    start: int
    end: int
    outcome: str
    label: str


@dataclass
class Differences:
    """Where one article's tags are not those of its gold, and where they are."""

    article: GoldArticle
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.notes) + sum(mark.outcome != "right" for mark in self.marks)


@dataclass
class Scores:
    """Counts over all articles, by measure and by label or kind."""

    counts: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    details: dict[str, dict[str, Counts]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Counts))
    )
    by_article: dict[str, list[Counts]] = field(default_factory=lambda: defaultdict(list))
    differences: list[Differences] = field(default_factory=list)
    words: int = 0
    seconds: float = 0.0

    @property
    def articles(self) -> dict[str, int]:
        """How many articles each measure looked at."""
        return {measure: len(counts) for measure, counts in self.by_article.items()}

    def add(self, measure: str, counts: Counts, details: dict[str, Counts] | None = None) -> None:
        self.counts[measure] += counts
        self.by_article[measure].append(counts)
        for name, part in (details or {}).items():
            self.details[measure][name] += part

    def has(self, measure: str) -> bool:
        """Whether there was anything to find, or anything was found."""
        return measure in self.counts and self.counts[measure] != Counts()

    def score(self, measure: str) -> float:
        """In percent: F1, or the share of gold or of what was found that is right (see `SHARE_OF_...`)."""
        return float(_percent(measure, *_parts(self.counts[measure])))

    def interval(self, measure: str) -> tuple[float, float]:
        """Between these the score lies for 95 of 100 draws of as many articles, each drawn at random."""
        table = np.array([_parts(counts) for counts in self.by_article[measure]])
        draws = np.random.default_rng(SEED).multinomial(
            len(table), [1 / len(table)] * len(table), size=RESAMPLES
        )
        low, high = np.quantile(_percent(measure, *(draws @ table).T), [0.025, 0.975])
        return float(low), float(high)


def _parts(counts: Counts) -> tuple[int, int, int]:
    return counts.right, counts.wrong, counts.missed


def _percent(measure: str, right: np.ndarray, wrong: np.ndarray, missed: np.ndarray) -> np.ndarray:
    if measure in SHARE_OF_GOLD:
        return 100 * right / np.maximum(1, right + missed)
    if measure in SHARE_OF_FOUND:
        return 100 * right / np.maximum(1, right + wrong)
    return 200 * right / np.maximum(1, 2 * right + wrong + missed)


def add_article(scores: Scores, gold: GoldArticle, found: EnrichedArticle) -> None:
    """Compares one article with its gold, for whatever is annotated."""
    differences = Differences(gold)
    if gold.entities is not None:
        _add_entities(scores, gold, found, differences)
    if gold.quotes is not None:
        _add_quotes(scores, gold, found, differences)
    if gold.attributions is not None:
        _add_attributions(scores, gold, found, differences)
    if gold.topics is not None:
        _add_topics(scores, gold.topics, found, differences)
    scores.differences.append(differences)


def _add_entities(
    scores: Scores, gold: GoldArticle, found: EnrichedArticle, differences: Differences
) -> None:
    expected = {(start, end, _SAME_LABEL.get(label, label)) for start, end, label in gold.entities or ()}
    got = {
        (mention.start, mention.end, _SAME_LABEL.get(entity.type, entity.type))
        for entity in found.entities
        for mention in entity.mentions
    }
    by_label = {
        label: compare([s for s in expected if s[2] == label], [s for s in got if s[2] == label])
        for label in sorted({span[2] for span in expected | got})
    }
    scores.add("entities", compare(expected, got), by_label)
    scores.add("names", sum((by_label.get(label, Counts()) for label in NAMES), Counts()))
    for outcome, spans in (("missed", expected - got), ("wrong", got - expected), ("right", got & expected)):
        differences.marks += [Mark(start, end, outcome, label) for start, end, label in spans]


def _add_topics(scores: Scores, gold: list[str], found: EnrichedArticle, differences: Differences) -> None:
    """Gold has topics of the top level; narrower ones are not compared."""
    top = {topic.code: topic.confidence for topic in found.topics if not topic.broader}
    by_topic = {
        topic_name(code) or code: compare([code] * (code in gold), [code] * (code in top))
        for code in sorted({*gold, *top})
    }
    scores.add("topics", compare(gold, list(top)), by_topic)
    sure = compare(gold, [code for code, confidence in top.items() if confidence >= SURE])
    scores.add("sure topics", sure)
    scores.add("sure topics, recall", sure)
    for outcome, codes in (("missed", set(gold) - set(top)), ("wrong", set(top) - set(gold))):
        differences.notes += [f"{outcome} topic {topic_name(code) or code}" for code in sorted(codes)]


def _add_quotes(scores: Scores, gold: GoldArticle, found: EnrichedArticle, differences: Differences) -> None:
    said = [quote for quote in gold.quotes or () if quote["kind"] in ("direct", "mixed")]
    others = [(quote["start"], quote["end"]) for quote in gold.quotes or () if quote["kind"] == "other"]
    got = [quote for quote in found.quotes if quote.kind in ("direct", "mixed")]
    wanted, spans = [(q["start"], q["end"]) for q in said], [(q.start, q.end) for q in got]
    pairs = match(wanted, spans)
    same = sum(said[i]["kind"] == got[j].kind for i, j in pairs)
    scores.add(
        "quotes",
        Counts(len(pairs), len(got) - len(pairs), len(said) - len(pairs)),
        {
            "exact bounds": compare(wanted, spans),
            "same kind": Counts(same, len(pairs) - same, len(pairs) - same),
        },
    )
    taken = len(match(others, spans))
    scores.add("scare quotes kept out", Counts(len(others) - taken, 0, taken))
    names = [_speaker(got[j]) for _, j in pairs]
    right = [
        same_speaker(said[i].get("speaker") or "", name) for (i, _), name in zip(pairs, names, strict=True)
    ]
    abstained = sum(
        name is None and bool(said[i].get("speaker")) for (i, _), name in zip(pairs, names, strict=True)
    )
    scores.add("speakers", Counts(sum(right), len(right) - sum(right) - abstained, len(right) - sum(right)))
    _mark_quotes(differences, wanted, spans, pairs)
    differences.notes += [
        f"speaker of {got[j].text[:50]!r}: {name!r}, gold {said[i].get('speaker')!r}"
        for (i, j), name, is_right in zip(pairs, names, right, strict=True)
        if not is_right
    ]


def _speaker(quote: Quote) -> str | None:
    return (quote.speaker.name or quote.speaker.text) if quote.speaker else None


def _add_attributions(
    scores: Scores, gold: GoldArticle, found: EnrichedArticle, differences: Differences
) -> None:
    expected, got = annotated(gold.text, gold.attributions or ()), published(found.quotes)
    counts = compare_attributions(gold.text, expected, got)
    scores.add("attributions", counts.contents, counts.by_kind)
    scores.add(
        "attribution parts", counts.sources + counts.cues, {"source": counts.sources, "cue": counts.cues}
    )
    wanted, spans = [a.content for a in expected], [a.content for a in got]
    _mark_quotes(differences, wanted, spans, match(wanted, spans))


def _mark_quotes(
    differences: Differences,
    gold: list[tuple[int, int]],
    found: list[tuple[int, int]],
    pairs: list[tuple[int, int]],
) -> None:
    right, missed = {j for _, j in pairs}, set(range(len(gold))) - {i for i, _ in pairs}
    differences.marks += [Mark(*gold[i], "missed", "QUOTE") for i in sorted(missed)]
    differences.marks += [
        Mark(*span, "right" if j in right else "wrong", "QUOTE") for j, span in enumerate(found)
    ]
