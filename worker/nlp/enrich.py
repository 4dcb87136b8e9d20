"""Runs the pipeline over one article and makes a record of the spans it finds."""

from dataclasses import dataclass
from typing import Any, Literal, cast

from spacy.language import Language
from spacy.tokens import Doc

from worker.nlp.encoder.text import made_doc
from worker.nlp.entities.group import Group, Span
from worker.nlp.entities.groups import doc_language, group_mentions
from worker.nlp.entities.romanized import romanized
from worker.nlp.entities.salience import saliences
from worker.nlp.entities.slug import entity_ids
from worker.nlp.pipeline import pipeline_version
from worker.nlp.quotes.quote_span import QuoteSpan
from worker.nlp.reading import Reading, read_line, reading_of
from worker.nlp.topics.component import TOPIC_THRESHOLD, choose_topics
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


@dataclass(frozen=True, slots=True)
class _Places:
    """Leads spans of what was read back into the published text."""

    text: str
    reading: Reading

    def fields(self, span: Span) -> dict[str, Any]:
        """The fields of the published span, its words among them."""
        start, end = self.reading.published(*span)
        return {"start": start, "end": end, "text": self.text[start:end]}

    def span(self, span: Span | None) -> TextSpan | None:
        """The published span, where there is one."""
        return None if span is None else TextSpan(**self.fields(span))


def enrich(nlp: Language, article: Article) -> EnrichedArticle:
    """The article with its tags. The same article and pipeline always give the same record."""
    reading, headline = reading_of(article.text), read_line(article.headline)
    doc = run_pipeline(nlp, reading.text, headline, article.language)
    groups = groups_of(doc)
    place = _Places(article.text, reading)
    entities = build_entities(place, groups, headline=headline, language=doc_language(doc))
    return EnrichedArticle(
        **dict(article),
        entities=tuple(entities),
        quotes=tuple(build_quote(place, quote, entities) for quote in quotes_of(doc)),
        topics=tuple(build_topic_tags(nlp, doc)),
        pipeline=pipeline_version(nlp),
    )


def run_pipeline(nlp: Language, text: str, headline: str | None = None, language: str | None = None) -> Doc:
    """The text, processed by every component. They read the headline too, but find no spans in it.

    `language`: the article's, which a pipeline for several languages (spaCy's `xx`) does not know.
    """
    doc = made_doc(nlp, text)
    doc.user_data["headline"] = headline
    doc.user_data["language"] = language
    return nlp(doc)


def build_entities(
    place: _Places, groups: tuple[Group, ...], *, headline: str | None, language: str
) -> list[Entity]:
    """One entity a group, in the groups' order. Values (dates, money) have no id."""
    ids = iter(entity_ids((group.type, group.name) for group in groups if group.type not in VALUE_TYPES))
    shares = saliences(groups, text=place.reading.text, headline=headline)
    return [
        Entity(
            id=None if group.type in VALUE_TYPES else next(ids),
            name=group.name,
            romanized=None if group.type in VALUE_TYPES else romanized(group.name, language),
            type=cast(EntityType, group.type),
            salience=share,
            links=links_of(group),
            mentions=tuple(Mention(**place.fields(mention)) for mention in group.mentions),
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


def build_quote(place: _Places, quote: QuoteSpan, entities: list[Entity]) -> Quote:
    """The quote's record. Its speaker has an entity's id and name where one with an id was resolved."""
    speaker = None
    if quote.speaker is not None:
        entity = entities[quote.group] if quote.group is not None else None
        speaker = Speaker(
            **place.fields(quote.speaker),
            entity=entity.id if entity else None,
            name=entity.name if entity and entity.id else None,
            of=entities[quote.owner].id if quote.owner is not None else None,
        )
    return Quote(
        **place.fields((quote.start, quote.end)),
        kind=cast(QuoteKind, quote.kind),
        report=place.span(quote.report),
        cue=place.span(quote.cue),
        speaker=speaker,
        confidence=round(quote.confidence, 4),
    )


def build_topic_tags(nlp: Language, doc: Doc) -> list[TopicTag]:
    """The topics at or above the thresholds in the pipeline's meta.json, most confident first."""
    meta = nlp.meta  # spaCy puts it together anew each time
    threshold = meta.get(TOPIC_THRESHOLD, DEFAULT_TOPIC_THRESHOLD)
    thresholds = meta.get("topic_thresholds", {})
    known = media_topics()
    return [
        TopicTag(code=code, name=known[code].name, confidence=confidence, broader=known[code].broader)
        for code, confidence in choose_topics(doc.cats, threshold=threshold, thresholds=thresholds)
        if code in known
    ]
