"""Runs the pipeline over one article and makes a record of the spans it finds."""

from typing import Literal, cast

from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.entities.group import Group, Span
from worker.nlp.entities.groups import group_mentions
from worker.nlp.entities.salience import saliences
from worker.nlp.entities.slug import entity_ids
from worker.nlp.pipeline import pipeline_version
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.topics.component import choose_topics
from worker.records.article import (
    VALUE_TYPES,
    Article,
    EnrichedArticle,
    Entity,
    EntityType,
    Mention,
    Quote,
    Speaker,
    TextSpan,
    TopicTag,
)
from worker.records.media_topics import media_topics

DEFAULT_TOPIC_THRESHOLD = 0.5
QuoteKind = Literal["direct", "mixed", "indirect"]


def enrich(nlp: Language, article: Article) -> EnrichedArticle:
    """The article with its tags. The same article and pipeline always give the same record."""
    doc = run_pipeline(nlp, article.text, article.headline)
    groups = groups_of(doc)
    entities = build_entities(article.text, groups, headline=article.headline)
    return EnrichedArticle(
        **dict(article),
        entities=tuple(entities),
        quotes=tuple(build_quote(article.text, quote, entities) for quote in quotes_of(doc)),
        topics=tuple(build_topic_tags(nlp, doc)),
        pipeline=pipeline_version(nlp),
    )


def run_pipeline(nlp: Language, text: str, headline: str | None = None) -> Doc:
    """The text, processed by every component. They read the headline too, but find no spans in it."""
    doc = nlp.make_doc(text)
    doc.user_data["headline"] = headline
    return nlp(doc)


def build_entities(text: str, groups: tuple[Group, ...], *, headline: str | None) -> list[Entity]:
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
    """The group's identifiers by scheme."""
    found = {"iso3166": group.iso3166, "geonames": group.geonames}
    return {scheme: value for scheme, value in found.items() if value}


def groups_of(doc: Doc) -> tuple[Group, ...]:
    """The doc's entities. If the speakers component ran, they are its own, which its quotes index."""
    groups = doc._.groups if doc.has_extension("groups") else None
    return group_mentions(doc) if groups is None else groups


def quotes_of(doc: Doc) -> tuple[QuoteSpan, ...]:
    """The doc's quotes; none without the quotes component."""
    return doc._.quotes or () if doc.has_extension("quotes") else ()


def build_quote(text: str, quote: QuoteSpan, entities: list[Entity]) -> Quote:
    """The quote's record. Its speaker has an entity's id and name where one with an id was resolved."""
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
        report=build_text_span(text, quote.report) if quote.report is not None else None,
        cue=build_text_span(text, quote.cue) if quote.cue is not None else None,
        speaker=speaker,
        confidence=round(quote.confidence, 4),
    )


def build_text_span(text: str, span: Span) -> TextSpan:
    """A span of the text, with its words."""
    start, end = span
    return TextSpan(start=start, end=end, text=text[start:end])


def build_topic_tags(nlp: Language, doc: Doc) -> list[TopicTag]:
    """The topics at or above the thresholds in the pipeline's meta.json, most confident first."""
    threshold = nlp.meta.get("topic_threshold", DEFAULT_TOPIC_THRESHOLD)
    thresholds = nlp.meta.get("topic_thresholds", {})
    known = media_topics()
    return [
        TopicTag(code=code, name=known[code].name, confidence=confidence, broader=known[code].broader)
        for code, confidence in choose_topics(doc.cats, threshold=threshold, thresholds=thresholds)
        if code in known
    ]
