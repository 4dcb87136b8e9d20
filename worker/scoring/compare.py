"""Compares the tags of one article with its gold annotations, for `dateline score`."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from worker.nlp.entities.group import LabelledSpan, Span
from worker.records.article import EnrichedArticle, Quote
from worker.records.media_topics import media_topic_name
from worker.scoring.gold import GoldArticle
from worker.scoring.measure import Counts, compare_multisets, match_spans, same_speaker
from worker.scoring.measure_attribution import (
    compare_attributions,
    compare_direct,
    gold_attributions,
    published_attributions,
)

NAME_LABELS = ("PERSON", "ORG", "LOC")
"""The entity labels that all gold data of entities has."""
DIRECT_MEASURES = ("direct quotes found", "direct speakers")
"""Of gold that tells the type of an attribution: the direct ones that were found, and their speakers."""
FIRST_TOPIC = "first topic"
"""Of the articles that have a topic, the share whose most confident one is right."""
SURE_CONFIDENCE = 0.9
"""The confidence from which a topic tag counts as sure."""
# Some gold labels countries and cities LOC, so GPE is compared as LOC.
_SAME_LABEL = {"GPE": "LOC"}


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of gold or of the pipeline. `outcome`: "missed", "wrong" or "right"."""

    start: int
    end: int
    outcome: str
    label: str


@dataclass
class ArticleComparison:
    """One article's counts by measure, with details by label or kind, and its differences from gold."""

    article: GoldArticle
    counts: dict[str, Counts] = field(default_factory=dict)
    details: dict[str, dict[str, Counts]] = field(default_factory=dict)
    marks: list[Mark] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def differences(self) -> int:
        """How many differences from gold there are."""
        return len(self.notes) + sum(mark.outcome != "right" for mark in self.marks)

    def count(self, measure: str, counts: Counts, details: dict[str, Counts] | None = None) -> None:
        """Set the counts of a measure."""
        self.counts[measure] = counts
        self.details[measure] = details or {}


def compare_article(gold: GoldArticle, found: EnrichedArticle) -> ArticleComparison:
    """Compare every kind of tag that is annotated in gold."""
    result = ArticleComparison(gold)
    if gold.entities is not None:
        _entities(result, gold.entities, found)
    if gold.quotes is not None:
        _quotes(result, found)
    if gold.attributions is not None:
        _attributions(result, found)
    if gold.topics is not None:
        _topics(result, gold.topics, found)
    if gold.topics:
        _first_topic(result, gold.topics, [topic.code for topic in found.topics if not topic.broader])
    elif gold.category:
        judged = [topic.code for topic in found.topics if topic.code in gold.categories]
        _first_topic(result, [gold.category], judged)
    return result


def _entities(result: ArticleComparison, gold: list[LabelledSpan], found: EnrichedArticle) -> None:
    """Compare names, and all entities where every label is annotated. What is not annotated is not wrong."""
    annotated = result.article.labels
    expected = {(start, end, _SAME_LABEL.get(label, label)) for start, end, label in gold}
    got = {
        (mention.start, mention.end, label)
        for entity in found.entities
        for mention in entity.mentions
        if (label := _SAME_LABEL.get(entity.type, entity.type)) and (annotated is None or label in annotated)
    }
    by_label = {
        label: compare_multisets([s for s in expected if s[2] == label], [s for s in got if s[2] == label])
        for label in sorted({span[2] for span in expected | got})
    }
    if annotated is None:
        result.count("entities", compare_multisets(expected, got), by_label)
    result.count("names", sum((by_label.get(label, Counts()) for label in NAME_LABELS), Counts()))
    for outcome, spans in (("missed", expected - got), ("wrong", got - expected), ("right", got & expected)):
        result.marks += [Mark(start, end, outcome, label) for start, end, label in sorted(spans)]


def _topics(result: ArticleComparison, gold: list[str], found: EnrichedArticle) -> None:
    """Compare top-level topics, since gold has no narrower ones."""
    top = {topic.code: topic.confidence for topic in found.topics if not topic.broader}
    by_topic = {
        media_topic_name(code) or code: compare_multisets([code] * (code in gold), [code] * (code in top))
        for code in sorted({*gold, *top})
    }
    result.count("topics", compare_multisets(gold, list(top)), by_topic)
    sure = compare_multisets(
        gold, [code for code, confidence in top.items() if confidence >= SURE_CONFIDENCE]
    )
    result.count("sure topics", sure)
    result.count("sure topics, recall", sure)
    for outcome, codes in (("missed", set(gold) - set(top)), ("wrong", set(top) - set(gold))):
        result.notes += [f"{outcome} topic {media_topic_name(code) or code}" for code in sorted(codes)]


def _first_topic(result: ArticleComparison, gold: Sequence[str], found: Sequence[str]) -> None:
    """Whether the first of the top-level topics, the most confident one, is one of gold's."""
    first = found[0] if found else None
    is_right = first in gold
    result.count(FIRST_TOPIC, Counts(is_right, first is not None and not is_right, not is_right))
    if result.article.topics is None and not is_right:
        said = media_topic_name(first) if first else None
        result.notes.append(f"first topic {said or 'none'}, gold {media_topic_name(gold[0])}")


def _quotes(result: ArticleComparison, found: EnrichedArticle) -> None:
    gold = result.article.quotes or ()
    said = [quote for quote in gold if quote["kind"] in ("direct", "mixed")]
    others = [(quote["start"], quote["end"]) for quote in gold if quote["kind"] == "other"]
    got = [quote for quote in found.quotes if quote.kind in ("direct", "mixed")]
    wanted, spans = [(q["start"], q["end"]) for q in said], [(q.start, q.end) for q in got]
    pairs = match_spans(wanted, spans)
    same = sum(said[i]["kind"] == got[j].kind for i, j in pairs)
    result.count(
        "quotes",
        Counts(len(pairs), len(got) - len(pairs), len(said) - len(pairs)),
        {
            "exact bounds": compare_multisets(wanted, spans),
            "same kind": Counts(same, len(pairs) - same, len(pairs) - same),
        },
    )
    taken = len(match_spans(others, spans))
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


def _attributions(result: ArticleComparison, found: EnrichedArticle) -> None:
    text = result.article.text
    attributions = result.article.attributions or ()
    gold = gold_attributions(text, attributions)
    got = published_attributions(found.quotes, marks_too=any("type" in each for each in attributions))
    counts = compare_attributions(text, gold, got)
    parts = {"source": counts.sources, "cue": counts.cues}
    result.count("attributions", counts.contents, counts.by_kind)
    result.count("attribution parts", counts.sources + counts.cues, parts)
    direct = [each for each in attributions if each.get("type") == "Direct"]
    if direct:
        of_quotes = compare_direct(text, gold_attributions(text, direct), got, _mentions_by_entity(found))
        for measure, part in zip(DIRECT_MEASURES, of_quotes, strict=True):
            result.count(measure, part)
    wanted, spans = [a.content for a in gold], [a.content for a in got]
    _mark(result, wanted, [a.kind.upper() for a in gold], spans, [a.kind.upper() for a in got], counts.pairs)


def _mentions_by_entity(found: EnrichedArticle) -> dict[Span, tuple[Span, ...]]:
    """By a speaker's mention, all those of its entity."""
    places = {e.id: tuple((m.start, m.end) for m in e.mentions) for e in found.entities if e.id is not None}
    speakers = (quote.speaker for quote in found.quotes)
    return {
        (who.start, who.end): () if who.entity is None else places.get(who.entity, ())
        for who in speakers
        if who is not None
    }


def _mark(
    result: ArticleComparison,
    gold: Sequence[Span], gold_labels: Sequence[str],
    found: Sequence[Span], found_labels: Sequence[str],
    pairs: Sequence[tuple[int, int]],
) -> None:  # fmt: skip
    """Add marks for gold and found spans, of which `pairs` holds the indices of those that match."""
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
