"""One article through the pipeline: the order of the steps, and spans into records."""

from typing import Literal, cast

from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.entities.group import Group
from worker.nlp.entities.groups import group_mentions
from worker.nlp.entities.salience import saliences
from worker.nlp.entities.slug import entity_ids
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.topics.component import chosen
from worker.records.article import (
    VALUE_TYPES,
    Article,
    EnrichedArticle,
    Entity,
    EntityType,
    Mention,
    PipelineVersion,
    Quote,
    Speaker,
    TextSpan,
    TopicTag,
)
from worker.records.media_topics import media_topics

DEFAULT_TOPIC_THRESHOLD = 0.5
QuoteKind = Literal["direct", "mixed", "indirect"]


def enrich(nlp: Language, article: Article) -> EnrichedArticle:
    """The article with its tags: a pure function of article and pipeline, twice gives the same record."""
    doc = read(nlp, article.text, article.headline)
    groups = groups_of(doc)
    entities = entity_records(article.text, groups, headline=article.headline)
    return EnrichedArticle(
        **dict(article),
        entities=tuple(entities),
        quotes=tuple(quote_record(article.text, quote, entities) for quote in quotes_of(doc)),
        topics=tuple(topic_records(nlp, doc)),
        pipeline=PipelineVersion(name=pipeline_name(nlp), version=nlp.meta["version"]),
    )


def pipeline_name(nlp: Language) -> str:
    """As spaCy names packages: `en_news`."""
    return f"{nlp.lang}_{nlp.meta['name']}"


def read(nlp: Language, text: str, headline: str | None = None) -> Doc:
    """The text through every component; the headline helps, and has no spans of its own."""
    doc = nlp.make_doc(text)
    doc.user_data["headline"] = headline
    return nlp(doc)


def entity_records(text: str, groups: tuple[Group, ...], *, headline: str | None) -> list[Entity]:
    """One entity a group, in the groups' order. Values (dates, money) have no id."""
    ids = iter(entity_ids((group.type, group.name) for group in groups if group.type not in VALUE_TYPES))
    shares = saliences(groups, text=text, headline=headline)
    return [
        Entity(
            id=None if group.type in VALUE_TYPES else next(ids),
            name=group.name,
            type=cast(EntityType, group.type),
            salience=share,
            links=links_of(group),
            mentions=tuple(
                Mention(start=start, end=end, text=text[start:end]) for start, end in group.mentions
            ),
        )
        for group, share in zip(groups, shares, strict=True)
    ]


def links_of(group: Group) -> dict[str, str]:
    """By scheme, those that are certain."""
    found = {"iso3166": group.iso3166, "geonames": group.geonames}
    return {scheme: value for scheme, value in found.items() if value}


def groups_of(doc: Doc) -> tuple[Group, ...]:
    """As the speakers component left them, so that its quotes point into them."""
    groups = doc._.groups if doc.has_extension("groups") else None
    return group_mentions(doc) if groups is None else groups


def quotes_of(doc: Doc) -> tuple[QuoteSpan, ...]:
    return doc._.quotes or () if doc.has_extension("quotes") else ()


def quote_record(text: str, quote: QuoteSpan, entities: list[Entity]) -> Quote:
    """The quote with its words; the speaker's entity, where there is one with an id."""
    speaker = None
    if quote.speaker is not None:
        start, end = quote.speaker
        entity = entities[quote.group] if quote.group is not None else None
        speaker = Speaker(
            start=start,
            end=end,
            text=text[start:end],
            entity=entity.id if entity else None,
            name=entity.name if entity and entity.id else None,
        )
    return Quote(
        start=quote.start,
        end=quote.end,
        text=text[quote.start : quote.end],
        kind=cast(QuoteKind, quote.kind),
        report=span_record(text, quote.report) if quote.report is not None else None,
        cue=span_record(text, quote.cue) if quote.cue is not None else None,
        speaker=speaker,
        confidence=round(quote.confidence, 4),
    )


def span_record(text: str, span: tuple[int, int]) -> TextSpan:
    start, end = span
    return TextSpan(start=start, end=end, text=text[start:end])


def topic_records(nlp: Language, doc: Doc) -> list[TopicTag]:
    """Most confident first, those above the thresholds that the pipeline was calibrated for."""
    threshold = nlp.meta.get("topic_threshold", DEFAULT_TOPIC_THRESHOLD)
    thresholds = nlp.meta.get("topic_thresholds", {})
    known = media_topics()
    return [
        TopicTag(code=code, name=known[code].name, confidence=confidence, broader=known[code].broader)
        for code, confidence in chosen(doc.cats, threshold=threshold, thresholds=thresholds)
        if code in known
    ]
