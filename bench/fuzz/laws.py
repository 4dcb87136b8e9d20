"""Laws: what holds for whatever the enrich step makes of a raw message, however hostile."""

import unicodedata
from dataclasses import replace
from itertools import pairwise
from typing import Any

import orjson

from worker.channels import SPECS, Channel
from worker.intake.decode import MAX_ERROR_CHARS
from worker.intake.limits import Limits
from worker.intake.retraction import Retraction
from worker.records.article import EnrichedArticle, TextSpan
from worker.records.codec import from_bytes
from worker.records.messages import Outcome, OutMessage, RawMessage, Reason, Rejected
from worker.records.schemas import RECORD_TYPES
from worker.stories.index.copies import LEAST_SHARED
from worker.stories.relations import Relation
from worker.stories.sketch import make_sketch
from worker.stories.sketch_codec import read_sketch, sketch_bytes
from worker.stories.stories import Position, Stories

# What aiokafka and Kafka put around a record.
_OVERHEAD_BYTES = 1000
# The most that is kept of headline, source, url, names and quotes, each of its characters as JSON escapes it.
_SKETCH_BYTES = 60_000
_REASONS = frozenset(
    {Reason.UNDECODABLE, Reason.INVALID, Reason.TOO_LARGE, Reason.UNSUPPORTED_LANGUAGE, Reason.WITHHELD}
)


class LawBroken(AssertionError):
    """A law does not hold; the message says which and for what."""


def require(holds: object, law: str, *found: Any) -> None:
    """Raises LawBroken, with the law and what was found, unless it holds."""
    if not holds:
        raise LawBroken(": ".join([law, *(repr(one)[:300] for one in found)]))


def check_outcome(message: RawMessage, outcome: Outcome) -> None:
    """Raises LawBroken where the outcome of one message breaks a law."""
    if isinstance(outcome, Rejected):
        check_rejected(outcome)
        return
    require(outcome, "an article has outputs")
    for out in outcome:
        check_record(message, out)
    if message.value is not None:
        article = next(out for out in outcome if out.channel is Channel.ENRICHED)
        # A value may say that its article was deleted.
        if article.value is not None:
            check_article(from_bytes(EnrichedArticle, article.value))
            check_stories(orjson.loads(article.value))


def check_decoded(decoded: object) -> None:
    """Decoding alone gives an article within the limits, a retraction, or a known rejection."""
    if isinstance(decoded, Rejected):
        check_rejected(decoded)
        return
    require(getattr(decoded, "id", "").strip(), "an article has an id")
    decoded.id.encode()  # type: ignore[attr-defined]
    if not isinstance(decoded, Retraction):
        require(decoded.text.strip(), "an article has a text")  # type: ignore[attr-defined]
        require(len(decoded.text) <= Limits().max_text_chars, "a text is within the limit")  # type: ignore[attr-defined]
        orjson.dumps(decoded.model_dump())  # type: ignore[attr-defined]


def check_rejected(rejected: Rejected) -> None:
    """A rejection has a known reason, and an error of our own words, not those of an unforeseen exception."""
    require(rejected.reason in _REASONS, "an article is rejected for a reason of its own", rejected)
    require(len(rejected.error) <= MAX_ERROR_CHARS, "an error is short", len(rejected.error))
    require("Error: " not in rejected.error[:40], "an error is no exception's", rejected)
    rejected.error.encode(errors="replace")


def check_record(message: RawMessage, out: OutMessage) -> None:
    """A record can be read by strict readers, fits its schema, and is small enough for its topic."""
    spec = SPECS[out.channel]
    size = len(out.key or b"") + len(out.value or b"") + _OVERHEAD_BYTES
    for name, value in out.headers:
        size += len(name.encode(errors="surrogateescape")) + len(value or b"")
    theirs = sum(len(name) + len(value or b"") for name, value in message.headers)
    require(size - theirs <= spec.max_message_bytes, "a record fits its topic", out.channel, size)
    require(out.key is not None and out.key.decode(), "a record has a key in UTF-8", out.key)
    ours = [(name, value) for name, value in out.headers if name.startswith("ce_") or name == "origin"]
    require(len(dict(ours)) == len(ours) >= 7, "CloudEvents' headers are there once", out.headers)
    for _, value in ours:
        require(value is not None and value.decode(), "our headers are UTF-8", ours)
    if out.value is not None and out.channel is Channel.SKETCHES:
        require(sketch_bytes(read_sketch(out.value)) == out.value, "a sketch is read back as it was written")
    elif out.value is not None:
        RECORD_TYPES[out.channel].model_validate(orjson.loads(out.value))


def check_article(article: EnrichedArticle) -> None:
    """Spans slice back, entities have distinct ids, speakers are entities, saliences sum to 1.

    Ids have nothing that can't be seen, and no span cuts a letter from its marks.
    """
    text = article.text
    require("\0" not in text, "NUL is replaced")
    ids = [entity.id for entity in article.entities if entity.id]
    require(len(set(ids)) == len(ids), "no two entities share an id", ids)
    require(all(map(str.isprintable, ids)), "an id can be seen", ids)
    spans: list[TextSpan | None] = [
        *article.quotes,
        *(quote.cue for quote in article.quotes),
        *(quote.speaker for quote in article.quotes),
    ]
    for entity in article.entities:
        require(entity.name.strip(), "an entity has a name", entity)
        spans += entity.mentions
        for one, other in pairwise(entity.mentions):
            require(one.end <= other.start, "mentions are in order", one, other)
    for span in spans:
        if span is not None:
            require(0 <= span.start < span.end <= len(text), "a span lies in the text", span)
            require(text[span.start : span.end] == span.text, "a span slices back", span)
            require(not _is_cut(text, span.start), "a span begins with a letter, not with its mark", span)
            require(not _is_cut(text, span.end), "a span has the marks of its last letter", span)
    for quote in article.quotes:
        if quote.speaker is not None and quote.speaker.entity is not None:
            require(quote.speaker.entity in ids, "a speaker is an entity", quote.speaker)
    for quote, following in pairwise(article.quotes):
        require(quote.start <= following.start, "quotes are in order", quote, following)
    if article.entities:
        total = sum(entity.salience for entity in article.entities)
        require(abs(total - 1) < 1e-6, "shares sum to 1", total)


def check_stories(article: dict[str, Any]) -> None:
    """An article's sketch is small and read back as it is, and its copy joins its story."""
    sketch = make_sketch(article, origin="raw/0/0")
    value = sketch_bytes(sketch)
    require(read_sketch(value) == sketch, "a sketch is read back")
    ids = len(article["id"].encode())
    require(len(value) <= _SKETCH_BYTES + 6 * ids, "a sketch is small", len(value))
    stories = Stories()
    first = stories.take(sketch, Position(0, 0)).assignment
    again = stories.take(replace(sketch, id="a copy of " + sketch.id), Position(1, 0)).assignment
    require(first is not None and again is not None, "an article is assigned")
    if len(sketch.fingerprints) >= LEAST_SHARED:
        require(again and first and again.story == first.story, "a copy joins the story", again)
        require(again and again.relation is Relation.REPRINT, "a copy is a reprint", again)
    kept = dict(stories.memory.records())
    restored = Stories()
    for key, record in kept.items():
        restored.memory.restore(key, record)
    restored.memory.restored()
    require(dict(restored.memory.records()) == kept, "state is read back")


def _is_cut(text: str, place: int) -> bool:
    """Whether a letter ends here and its mark follows, such as an accent or the sign of a vowel."""
    if not 0 < place < len(text):
        return False
    return unicodedata.category(text[place])[0] == "M" and text[place - 1].isalpha()
