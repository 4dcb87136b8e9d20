"""What `dateline score` compares: one article's tags with its gold."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from worker.records.article import EnrichedArticle, Quote
from worker.records.media_topics import media_topic_name
from worker.scoring.gold import GoldArticle
from worker.scoring.measure import Bounds, Counts, compare, match, same_speaker
from worker.scoring.measure_attribution import annotated, compare_attributions, published

NAMES = ("PERSON", "ORG", "LOC")
"""The labels that all data of names has."""
SURE = 0.9
"""The confidence from which a topic tag counts as sure."""
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
class Compared:
    """One article's counts by measure, and by label or kind of each; where gold and pipeline differ."""

    article: GoldArticle
    counts: dict[str, Counts] = field(default_factory=dict)
    details: dict[str, dict[str, Counts]] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def differences(self) -> int:
        return len(self.notes) + sum(mark.outcome != "right" for mark in self.marks)

    def count(self, measure: str, counts: Counts, details: dict[str, Counts] | None = None) -> None:
        self.counts[measure] = counts
        self.details[measure] = details or {}


def compare_article(gold: GoldArticle, found: EnrichedArticle) -> Compared:
    """Everything that is annotated, and nothing else."""
    result = Compared(gold)
    if gold.entities is not None:
        _entities(result, gold.entities, found)
    if gold.quotes is not None:
        _quotes(result, found)
    if gold.attributions is not None:
        _attributions(result, found)
    if gold.topics is not None:
        _topics(result, gold.topics, found)
    return result


def _entities(result: Compared, gold: list[tuple[int, int, str]], found: EnrichedArticle) -> None:
    expected = {(start, end, _SAME_LABEL.get(label, label)) for start, end, label in gold}
    got = {
        (mention.start, mention.end, _SAME_LABEL.get(entity.type, entity.type))
        for entity in found.entities
        for mention in entity.mentions
    }
    by_label = {
        label: compare([s for s in expected if s[2] == label], [s for s in got if s[2] == label])
        for label in sorted({span[2] for span in expected | got})
    }
    result.count("entities", compare(expected, got), by_label)
    result.count("names", sum((by_label.get(label, Counts()) for label in NAMES), Counts()))
    for outcome, spans in (("missed", expected - got), ("wrong", got - expected), ("right", got & expected)):
        result.marks += [Mark(start, end, outcome, label) for start, end, label in sorted(spans)]


def _topics(result: Compared, gold: list[str], found: EnrichedArticle) -> None:
    """Gold has topics of the top level; narrower ones are not compared."""
    top = {topic.code: topic.confidence for topic in found.topics if not topic.broader}
    by_topic = {
        media_topic_name(code) or code: compare([code] * (code in gold), [code] * (code in top))
        for code in sorted({*gold, *top})
    }
    result.count("topics", compare(gold, list(top)), by_topic)
    sure = compare(gold, [code for code, confidence in top.items() if confidence >= SURE])
    result.count("sure topics", sure)
    result.count("sure topics, recall", sure)
    for outcome, codes in (("missed", set(gold) - set(top)), ("wrong", set(top) - set(gold))):
        result.notes += [f"{outcome} topic {media_topic_name(code) or code}" for code in sorted(codes)]


def _quotes(result: Compared, found: EnrichedArticle) -> None:
    gold = result.article.quotes or ()
    said = [quote for quote in gold if quote["kind"] in ("direct", "mixed")]
    others = [(quote["start"], quote["end"]) for quote in gold if quote["kind"] == "other"]
    got = [quote for quote in found.quotes if quote.kind in ("direct", "mixed")]
    wanted, spans = [(q["start"], q["end"]) for q in said], [(q.start, q.end) for q in got]
    pairs = match(wanted, spans)
    same = sum(said[i]["kind"] == got[j].kind for i, j in pairs)
    result.count(
        "quotes",
        Counts(len(pairs), len(got) - len(pairs), len(said) - len(pairs)),
        {
            "exact bounds": compare(wanted, spans),
            "same kind": Counts(same, len(pairs) - same, len(pairs) - same),
        },
    )
    taken = len(match(others, spans))
    result.count("scare quotes kept out", Counts(len(others) - taken, 0, taken))
    _mark(result, wanted, ["QUOTE"] * len(wanted), spans, ["QUOTE"] * len(spans), pairs)
    speakers = Counts()
    for i, j in pairs:
        name, expected = _speaker(got[j]), said[i].get("speaker") or ""
        is_right = same_speaker(expected, name)
        abstained = name is None and bool(expected)
        speakers += Counts(is_right, not is_right and not abstained, not is_right)
        if not is_right:
            result.notes.append(f"speaker of {got[j].text[:50]!r}: {name!r}, gold {expected!r}")
    result.count("speakers", speakers)


def _speaker(quote: Quote) -> str | None:
    return (quote.speaker.name or quote.speaker.text) if quote.speaker else None


def _attributions(result: Compared, found: EnrichedArticle) -> None:
    text = result.article.text
    gold, got = annotated(text, result.article.attributions or ()), published(found.quotes)
    counts = compare_attributions(text, gold, got)
    parts = {"source": counts.sources, "cue": counts.cues}
    result.count("attributions", counts.contents, counts.by_kind)
    result.count("attribution parts", counts.sources + counts.cues, parts)
    wanted, spans = [a.content for a in gold], [a.content for a in got]
    _mark(result, wanted, [a.kind.upper() for a in gold], spans, [a.kind.upper() for a in got], counts.pairs)


def _mark(
    result: Compared,
    gold: Sequence[Bounds], gold_labels: Sequence[str],
    found: Sequence[Bounds], found_labels: Sequence[str],
    pairs: Sequence[tuple[int, int]],
) -> None:  # fmt: skip
    """Marks for spans of which `pairs`, by their numbers, are the same."""
    matched, right = {i for i, _ in pairs}, {j for _, j in pairs}
    result.marks += [
        Mark(*span, "missed", label)
        for i, (span, label) in enumerate(zip(gold, gold_labels, strict=True))
        if i not in matched
    ]
    result.marks += [
        Mark(*span, "right" if j in right else "wrong", label)
        for j, (span, label) in enumerate(zip(found, found_labels, strict=True))
    ]
