"""Records of one entity or quote fit their topics, and headers their format, whatever the article holds."""

import json
from datetime import UTC, datetime

import pytest

from worker.channels import OUTPUTS, SPECS, Channel
from worker.records.article import EnrichedArticle, Entity, Mention, PipelineVersion, Quote, Speaker
from worker.records.cloudevents import rfc3339
from worker.records.derive import derive
from worker.records.messages import RawMessage

PIPELINE = PipelineVersion(name="en_news", version="1.0.0")
# Room for a key and headers beside a value.
OVERHEAD_BYTES = 20_000


def enriched(text="Ada spoke.", *, name="Ada", **more):
    mention = Mention(start=0, end=len(name), text=name)
    entity = Entity(id="person:ada", name=name, type="PERSON", salience=1.0, mentions=(mention,))
    fields = {"id": "a-1", "text": text, "language": "en", "entities": (entity,), "quotes": (), "topics": ()}
    return EnrichedArticle(**(fields | {"pipeline": PIPELINE} | more))


def written(article, timestamp_ms=0):
    message = RawMessage("news.articles.raw.v1", 0, 7, timestamp_ms, None, b"{}")
    return derive(message, article, channels=OUTPUTS, event_source="urn:dateline")


def test_a_headline_of_a_mebibyte_swells_no_record_of_an_entity():
    outs = written(
        enriched(headline="é" * 500_000, url="https://x.example/" + "a" * 500_000, source="s" * 9999)
    )
    record = next(out for out in outs if out.channel is Channel.ENTITIES)
    about = json.loads(record.value)["article"]
    assert (len(about["headline"]), about["url"], len(about["source"])) == (2000, None, 2000)
    whole = json.loads(next(out for out in outs if out.channel is Channel.ENRICHED).value)
    assert len(whole["headline"]) == 500_000


@pytest.mark.parametrize("character", ["a", "\u20ac", "\x01"])
def test_a_quote_or_name_as_long_as_a_text_may_be_stays_below_the_topics_limits(character):
    text = character * 200_000
    speaker = Speaker(start=0, end=len(text), text=text, entity="person:ada", name=text)
    quote = Quote(start=0, end=len(text), text=text, kind="direct", cue=None, speaker=speaker, confidence=0.5)
    outs = written(enriched(text, name=text, quotes=(quote,)))
    for out in outs:
        assert len(out.value) + OVERHEAD_BYTES < SPECS[out.channel].max_message_bytes
    assert {Channel.ENRICHED, Channel.SEARCH} <= {out.channel for out in outs}


@pytest.mark.parametrize("timestamp_ms", [-1, 0, 1_736_758_800_123, 1_736_758_800_123_456, 2**63 - 1])
def test_any_timestamp_of_kafkas_gives_a_time(timestamp_ms):
    moment = datetime.fromisoformat(rfc3339(timestamp_ms))
    assert moment.tzinfo == UTC
    assert written(enriched(), timestamp_ms)


def test_a_time_has_its_milliseconds():
    assert rfc3339(1_736_758_800_123) == "2025-01-13T09:00:00.123Z"
