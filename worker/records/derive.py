"""Derives the messages of an enriched article: which record goes to which topic, under which key."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from worker.channels import RETRACTED_CE_TYPE, RETRACTING, SPECS, Channel, schema_uri
from worker.records.article import EnrichedArticle, Entity, Quote, Record
from worker.records.cloudevents import Envelope, publishers_headers, version_of
from worker.records.codec import to_bytes
from worker.records.messages import OutMessage, RawMessage
from worker.records.published import (
    ArticleReference,
    EntityRecord,
    QuoteRecord,
    SearchDocument,
    SearchQuote,
    reference,
)

# These keep records of one entity or quote below their topics' 1 MiB, headers included: a record lists the
# first mentions only, and is not written if it is still too large. The enriched article has everything.
MAX_MENTIONS = 1000
MAX_VALUE_BYTES = 900_000
SMALL_RECORDS = frozenset({Channel.ENTITIES, Channel.QUOTES})
# The limit on all such records of one article. Each repeats the article's headline and url, by which a
# megabyte of names could become hundreds of megabytes. Ordinary articles take about 7 bytes a character.
MAX_SMALL_RECORDS_BYTES = 16 << 20
MAX_SMALL_RECORDS_BYTES_PER_CHAR = 64
# The longest document id that OpenSearch and Elasticsearch take. With a longer one they refuse the whole bulk
# request, with all its other documents.
MAX_SEARCH_ID_BYTES = 512
VERSION_HEADER = "version"
_OTHER_NAMES = "other_names"
_FIELDS = {"PERSON": "people", "ORG": "organisations", "GPE": "places", "LOC": "places", "FAC": "places"}
"""The fields of a search document for names, by the entity's type; other types go to _OTHER_NAMES."""


def derive(
    message: RawMessage, article: EnrichedArticle, *, channels: Collection[Channel], event_source: str
) -> tuple[OutMessage, ...]:
    """The messages of one enriched article for these channels."""
    messages = _messages(message, article, event_source)
    wanted = (out for out in messages if out.channel in channels)
    return tuple(_within_limits(wanted, text_chars=len(article.text)))


def _messages(message: RawMessage, article: EnrichedArticle, event_source: str) -> Iterator[OutMessage]:
    """One for the article, one for each entity that has an id, one for each quote, one for search engines."""
    pipeline = article.pipeline.identity
    envelope = Envelope(message, source=event_source, subject=article.id, pipeline=pipeline)
    about, version = reference(dict(article)), version_of(message)

    def write(channel: Channel, key: str, part: str, record: Record) -> OutMessage:
        headers = envelope.headers(
            ce_type=SPECS[channel].ce_type or "", part=part, dataschema=schema_uri(channel)
        )
        return OutMessage(channel, key.encode(), to_bytes(record), headers)

    enriched = write(Channel.ENRICHED, article.id, "article", article)
    yield replace(enriched, headers=enriched.headers + publishers_headers(message))
    for i, entity in enumerate(article.entities):
        if entity.id is not None:
            yield write(Channel.ENTITIES, entity.id, f"entity/{i}", _entity_record(entity, article, about))
    for i, quote in enumerate(article.quotes):
        key = (quote.speaker and quote.speaker.entity) or article.id
        yield write(Channel.QUOTES, key, f"quote/{i}", _quote_record(quote, article, about))
    if is_indexable(article.id):
        document = search_document(article, version=version)
        yield versioned(write(Channel.SEARCH, article.id, "search", document), version)


def _within_limits(messages: Iterable[OutMessage], *, text_chars: int) -> Iterator[OutMessage]:
    """Leaves out records of entities and quotes that exceed the limits on one record or on one article."""
    room = max(MAX_SMALL_RECORDS_BYTES, MAX_SMALL_RECORDS_BYTES_PER_CHAR * text_chars)
    for out in messages:
        if out.channel in SMALL_RECORDS:
            size = len(out.value or b"")
            if size > min(MAX_VALUE_BYTES, room):
                continue
            room -= size
        yield out


def retract(
    message: RawMessage, article_id: str, *, channels: Collection[Channel], event_source: str, pipeline: str
) -> tuple[OutMessage, ...]:
    """Tombstones for those of these channels that take articles back."""
    envelope = Envelope(message, source=event_source, subject=article_id, pipeline=pipeline)

    def tombstone(channel: Channel) -> OutMessage:
        part = f"retraction/{channel.value}"
        headers = envelope.headers(ce_type=RETRACTED_CE_TYPE, part=part, dataschema=None)
        # An embedded broker gives every topic several partitions, of which some channels use one alone.
        partition = 0 if SPECS[channel].partitions == 1 else None
        out = OutMessage(channel, article_id.encode(), None, headers, partition)
        return versioned(out, version_of(message)) if channel is Channel.SEARCH else out

    return tuple(
        tombstone(channel)
        for channel in RETRACTING
        if channel in channels and (channel is not Channel.SEARCH or is_indexable(article_id))
    )


def versioned(out: OutMessage, version: int) -> OutMessage:
    """The message with its version as a header and as its timestamp, where sink connectors look for it.

    One connector takes the version from a header; another can read only the timestamp of a tombstone.
    """
    return replace(out, headers=(*out.headers, (VERSION_HEADER, b"%d" % version)), timestamp_ms=version)


def is_indexable(article_id: str) -> bool:
    """Whether search engines accept this as a document's id."""
    return len(article_id.encode()) <= MAX_SEARCH_ID_BYTES


def _entity_record(entity: Entity, article: EnrichedArticle, about: ArticleReference) -> EntityRecord:
    return EntityRecord(
        id=entity.id or "",
        name=entity.name,
        romanized=entity.romanized,
        type=entity.type,
        salience=entity.salience,
        links=entity.links,
        mentions=entity.mentions[:MAX_MENTIONS],
        mention_count=len(entity.mentions),
        article=about,
        pipeline=article.pipeline,
    )


def _quote_record(quote: Quote, article: EnrichedArticle, about: ArticleReference) -> QuoteRecord:
    return QuoteRecord(**dict(quote), article=about, pipeline=article.pipeline)


def search_document(article: EnrichedArticle, *, version: int) -> SearchDocument:
    """The article as a flat document; each name once, in the order of the article's entities."""
    named = [entity for entity in article.entities if entity.id is not None]
    by_field: dict[str, list[Entity]] = {field: [] for field in (*_FIELDS.values(), _OTHER_NAMES)}
    for entity in named:
        by_field[_FIELDS.get(entity.type, _OTHER_NAMES)].append(entity)
    names = {field: unique(entity.name for entity in those) for field, those in by_field.items()}
    latin = {field: unique(e.romanized for e in those if e.romanized) for field, those in by_field.items()}
    quotes = tuple(
        SearchQuote(
            text=quote.text,
            kind=quote.kind,
            speaker=(quote.speaker.name or quote.speaker.text) if quote.speaker else None,
            speaker_id=quote.speaker.entity if quote.speaker else None,
            speaker_of=quote.speaker.of if quote.speaker else None,
        )
        for quote in article.quotes
    )
    return SearchDocument(
        id=article.id,
        version=version,
        url=article.url,
        headline=article.headline,
        text=article.text,
        source=article.source,
        language=article.language,
        published_at=article.published_at,
        authors=article.authors,
        people=names["people"],
        organisations=names["organisations"],
        places=names["places"],
        countries=unique(e.links["iso3166"] for e in named if "iso3166" in e.links),
        other_names=names[_OTHER_NAMES],
        entity_ids=unique(entity.id for entity in named if entity.id),
        topics=tuple(topic.name for topic in article.topics),
        topic_codes=unique(code for topic in article.topics for code in (topic.code, *topic.broader)),
        # Words in a list of names are found by any of them, and the lawyer is not whom she works for.
        speakers=unique(q.speaker for q in quotes if q.speaker and (q.speaker_id or not q.speaker_of)),
        romanized={field: found for field, found in latin.items() if found},
        quotes=quotes,
    )


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Each value once, in order of first appearance."""
    return tuple(dict.fromkeys(values))
