"""Records of one entity or quote fit their topics, and headers their format, whatever the article holds."""

import json
import time
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
# It took 7.5, and takes 0.7.
MAX_CPU_SECONDS = 4


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


def test_the_records_of_all_names_together_stay_within_a_bound_and_the_article_has_them_all():
    text = "Ada spoke. " * 15_000
    mention = Mention(start=0, end=3, text="Ada")
    entities = tuple(
        Entity(id=f"person:ada-{n}", name="Ada", type="PERSON", salience=0, mentions=(mention,))
        for n in range(8000)
    )
    outs = written(enriched(text, headline="\x01" * 3000, entities=entities))
    records = [out for out in outs if out.channel is Channel.ENTITIES]
    assert 0 < len(records) < len(entities)
    assert 15 << 20 < sum(len(out.value) for out in records) <= 16 << 20
    whole = json.loads(next(out for out in outs if out.channel is Channel.ENRICHED).value)
    assert len(whole["entities"]) == len(entities)
    assert {Channel.ENRICHED, Channel.SEARCH} <= {out.channel for out in outs}


def test_a_large_value_and_many_headers_are_read_once_not_for_each_of_thousands_of_records():
    mention = Mention(start=0, end=3, text="Ada")
    entities = tuple(
        Entity(id=f"person:ada-{n}", name="Ada", type="PERSON", salience=0, mentions=(mention,))
        for n in range(8000)
    )
    headers = tuple((f"h{n}", b"x") for n in range(8000))
    message = RawMessage("news.articles.raw.v1", 0, 7, 0, None, b" " * 1_000_000, headers)
    began = time.process_time()
    outs = derive(message, enriched(entities=entities), channels=OUTPUTS, event_source="urn:dateline")
    assert time.process_time() - began < MAX_CPU_SECONDS
    assert len(outs) == len(entities) + 2


@pytest.mark.parametrize("timestamp_ms", [-1, 0, 1_736_758_800_123, 1_736_758_800_123_456, 2**63 - 1])
def test_any_timestamp_of_kafkas_gives_a_time(timestamp_ms):
    moment = datetime.fromisoformat(rfc3339(timestamp_ms))
    assert moment.tzinfo == UTC
    assert written(enriched(), timestamp_ms)


def test_a_time_has_its_milliseconds():
    assert rfc3339(1_736_758_800_123) == "2025-01-13T09:00:00.123Z"
