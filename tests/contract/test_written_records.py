"""What the worker writes for an article: keys, headers, values."""

import orjson
import pytest

from worker.channels import OUTPUTS, SPECS, Channel
from worker.records.article import (
    EnrichedArticle,
    Entity,
    Mention,
    PipelineIdentity,
    PipelineVersion,
    Quote,
    Speaker,
    TextSpan,
    TopicTag,
)
from worker.records.derive import derive, retract
from worker.records.messages import RawMessage

TEXT = "Ada Obi of Kenya met an envoy on Monday. “No,” said Obi. “Perhaps,” said an official."
HEADERS = (
    ("content-type", b"application/json"),
    ("traceparent", b"00-1-2-01"),
    ("tracestate", b"vendor=theirs-to-keep"),
    ("pipeline", b"theirs"),
    ("article_version", b"theirs"),
    ("ce_id", b"theirs"),
    ("CE_custom", b"theirs"),
    ("desk", b"\xff africa"),
    ("nothing", None),
)


def span(kind, text, **more):
    start = TEXT.index(text)
    return kind(start=start, end=start + len(text), text=text, **more)


ARTICLE = EnrichedArticle(
    id="a-1", headline="H", text=TEXT, source="S", language="en", published_at="2025-01-13T09:00:00Z",
    authors=("Ines Cabral",), extra={"desk": "x"},
    entities=(
        Entity(id="person:ada-obi", name="Ada Obi", type="PERSON", salience=0.6,
               mentions=(span(Mention, "Ada Obi"),)),
        Entity(id="gpe:kenya", name="Kenya", type="GPE", salience=0.3, links={"iso3166": "KE"},
               mentions=(span(Mention, "Kenya"),)),
        Entity(id=None, name="Monday", type="DATE", salience=0.1, mentions=(span(Mention, "Monday"),)),
    ),
    quotes=(
        Quote(**dict(span(TextSpan, "No,")), kind="direct", cue=span(TextSpan, "said"), confidence=0.9,
              speaker=span(Speaker, "Obi", entity="person:ada-obi", name="Ada Obi")),
        Quote(**dict(span(TextSpan, "Perhaps,")), kind="direct", cue=None, confidence=0.8,
              speaker=span(Speaker, "an official", entity=None, name=None)),
    ),
    topics=(
        TopicTag(code="medtop:20000574", name="election", confidence=0.9, broader=("medtop:11000000",)),
        TopicTag(code="medtop:11000000", name="politics and government", confidence=0.8),
    ),
    pipeline=PipelineVersion(name="en_news", version="1.0.0"),
)  # fmt: skip


def message(**changes):
    fields = {
        "topic": "news.articles.raw.v1", "partition": 3, "offset": 41, "timestamp_ms": 1_741_351_200_123,
        "key": b"k", "value": b"raw bytes", "headers": HEADERS,
    }  # fmt: skip
    return RawMessage(**{**fields, **changes})


def written(article=ARTICLE, channels=OUTPUTS, **changes):
    return derive(message(**changes), article, channels=channels, event_source="/dateline")


def of(channel, messages=None):
    return [out for out in (messages if messages is not None else written()) if out.channel is channel]


def test_each_topic_has_its_records_under_its_keys():
    assert [out.key for out in of(Channel.ENRICHED)] == [b"a-1"]
    assert [out.key for out in of(Channel.ENTITIES)] == [b"person:ada-obi", b"gpe:kenya"]
    assert [out.key for out in of(Channel.QUOTES)] == [b"person:ada-obi", b"a-1"]
    assert [out.key for out in of(Channel.SEARCH)] == [b"a-1"]


def test_values_such_as_dates_go_to_no_topic_of_their_own():
    assert all(orjson.loads(out.value)["type"] != "DATE" for out in of(Channel.ENTITIES))


@pytest.mark.parametrize("channel", OUTPUTS)
def test_only_the_topics_that_are_wanted_are_written(channel):
    assert {out.channel for out in written(channels=(channel,))} == {channel}


def test_every_record_has_the_cloudevents_headers():
    for out in written():
        headers = dict(out.headers)
        assert headers["ce_specversion"] == b"1.0"
        assert headers["ce_source"] == b"/dateline"
        assert headers["ce_type"].decode() == SPECS[out.channel].ce_type
        assert headers["ce_time"] == b"2025-03-07T12:40:00.123Z"
        assert headers["ce_subject"] == b"a-1"
        assert headers["content-type"] == b"application/json"
        assert headers["traceparent"] == b"00-1-2-01"
        assert headers["tracestate"] == b"vendor=theirs-to-keep"
        assert headers["origin"] == b"news.articles.raw.v1/3/41"
        assert len([name for name, _ in out.headers if name == "ce_id"]) == 1


@pytest.mark.parametrize("channel", OUTPUTS)
def test_every_record_says_its_schema_its_pipeline_and_its_articles_version(channel):
    for out in of(channel):
        assert [value for name, value in out.headers if name == "pipeline"] == [b"en_news/1.0.0"]
        assert [value for name, value in out.headers if name == "article_version"] == [b"1741351200123"]
        assert dict(out.headers)["ce_dataschema"] == f"urn:dateline:schema:{channel.value}".encode()


def test_a_record_names_the_pipeline_that_completes_another_and_has_ids_of_its_own():
    shipped = PipelineIdentity(name="en_news", version="1.1.0+3fa9c1")
    alone = PipelineVersion(name="en_farm", version="2.1.0+5e02d7")
    both = alone.model_copy(update={"completed_by": shipped})
    ids = []
    for pipeline in (alone, both):
        outs = written(ARTICLE.model_copy(update={"pipeline": pipeline}))
        assert {dict(out.headers)["pipeline"].decode() for out in outs} == {pipeline.identity}
        ids.append({dict(out.headers)["ce_id"] for out in outs})
    assert both.identity == "en_farm/2.1.0+5e02d7 en_news/1.1.0+3fa9c1"
    assert not ids[0] & ids[1]


def test_a_superseded_record_has_the_lower_version():
    old, new = (dict(written(timestamp_ms=time)[0].headers)["article_version"] for time in (-1, 1_000))
    assert (int(old), int(new)) == (0, 1_000)


@pytest.mark.parametrize(
    ("headers", "passed_on"),
    [
        ({"traceparent": b"00-1-2-01", "tracestate": b"a" * 512}, ["traceparent", "tracestate"]),
        ({"traceparent": b"00-1-2-01", "tracestate": None}, ["traceparent"]),
        ({"traceparent": b"00-1-2-01", "tracestate": b"a" * 513}, ["traceparent"]),
        ({"traceparent": b"0" * 257, "tracestate": b"a=1"}, []),
        ({"tracestate": b"a=1"}, []),
    ],
)
def test_a_trace_is_passed_on_to_every_record(headers, passed_on):
    for out in written(headers=tuple(headers.items())):
        found = {name: value for name, value in out.headers if name.startswith("trace")}
        assert found == {name: headers[name] for name in passed_on}


def test_the_publishers_headers_are_passed_on_to_the_enriched_record_alone_and_ce_ones_to_none():
    for out in written():
        theirs = [(name, value) for name, value in out.headers if name in ("desk", "nothing")]
        assert theirs == (
            [("desk", b"\xff africa"), ("nothing", None)] if out.channel is Channel.ENRICHED else []
        )
        assert not any(value == b"theirs" for _, value in out.headers)


def test_ids_tell_the_records_of_an_article_apart_and_repeat_with_it():
    ids = [dict(out.headers)["ce_id"] for out in written()]
    assert len(set(ids)) == len(ids)
    assert written() == written()
    assert ids == [dict(out.headers)["ce_id"] for out in written(offset=99)]
    assert not set(ids) & {dict(out.headers)["ce_id"] for out in written(value=b"other")}
    newer = ARTICLE.model_copy(update={"pipeline": PipelineVersion(name="en_news", version="1.0.1")})
    assert not set(ids) & {dict(out.headers)["ce_id"] for out in written(newer)}


def test_the_search_document_is_flat_but_for_its_quotes():
    (out,) = of(Channel.SEARCH)
    document = orjson.loads(out.value)
    assert document.pop("quotes") == [
        {
            "text": "No,",
            "kind": "direct",
            "speaker": "Ada Obi",
            "speaker_id": "person:ada-obi",
            "speaker_of": None,
        },
        {
            "text": "Perhaps,",
            "kind": "direct",
            "speaker": "an official",
            "speaker_id": None,
            "speaker_of": None,
        },
    ]
    assert document["people"] == ["Ada Obi"]
    assert document["countries"] == ["KE"]
    assert document["topic_codes"] == ["medtop:20000574", "medtop:11000000"]
    assert document["version"] == 1_741_351_200_123
    for value in document.values():
        for part in value if isinstance(value, list) else [value]:
            assert not isinstance(part, dict | list)


def test_a_lawyer_is_not_found_under_the_name_of_whom_she_works_for():
    lawyer = Speaker(start=0, end=5, text="a lawyer for Ada Obi", entity=None, name=None, of="person:ada-obi")
    quotes = tuple(quote.model_copy(update={"speaker": lawyer}) for quote in ARTICLE.quotes)
    outs = written(ARTICLE.model_copy(update={"quotes": quotes}))
    document = next(orjson.loads(out.value) for out in outs if out.channel is Channel.SEARCH)
    records = [orjson.loads(out.value) for out in outs if out.channel is Channel.QUOTES]
    assert document["speakers"] == []
    assert {quote["speaker_of"] for quote in document["quotes"]} == {"person:ada-obi"}
    assert {record["speaker"]["of"] for record in records} == {"person:ada-obi"}


def retracted(article_id="a-1", **changes):
    raw = message(value=None, **changes)
    return retract(raw, article_id, channels=OUTPUTS, event_source="/dateline", pipeline="en_news/1.0.0")


@pytest.mark.parametrize(("timestamp_ms", "version"), [(1_741_351_200_123, 1_741_351_200_123), (-1, 0)])
def test_search_records_and_tombstones_say_their_version_where_a_sink_finds_it(timestamp_ms, version):
    (out,) = of(Channel.SEARCH, written(timestamp_ms=timestamp_ms))
    (tombstone,) = of(Channel.SEARCH, retracted(timestamp_ms=timestamp_ms))
    assert orjson.loads(out.value)["version"] == version
    for record in (out, tombstone):
        assert record.timestamp_ms == version
        assert [value for name, value in record.headers if name == "version"] == [b"%d" % version]


def test_other_records_have_no_version_and_the_time_they_are_sent_at():
    for out in (*written(), *retracted()):
        if out.channel is not Channel.SEARCH:
            assert out.timestamp_ms is None
            assert "version" not in dict(out.headers)


@pytest.mark.parametrize(
    ("article_id", "is_there"), [("é" * 256, True), ("é" * 256 + "x", False), ("x" * 513, False)]
)
def test_an_article_whose_id_no_search_engine_takes_is_missing_there_alone(article_id, is_there):
    outs = written(ARTICLE.model_copy(update={"id": article_id}))
    assert {out.channel for out in outs} == set(OUTPUTS) - (set() if is_there else {Channel.SEARCH})
    tombstones = {out.channel for out in retracted(article_id)}
    assert tombstones == {Channel.ENRICHED} | ({Channel.SEARCH} if is_there else set())


def test_a_record_of_an_entity_named_ten_thousand_times_stays_small():
    mention = ARTICLE.entities[0].mentions[0]
    often = ARTICLE.entities[0].model_copy(update={"mentions": (mention,) * 10_000})
    (out,) = of(Channel.ENTITIES, written(ARTICLE.model_copy(update={"entities": (often,)})))
    assert len(out.value) < SPECS[Channel.ENTITIES].max_message_bytes / 4
    assert orjson.loads(out.value)["mention_count"] == 10_000


def test_a_retraction_is_a_tombstone_for_the_compacted_topics():
    outs = retracted()
    assert [(out.channel, out.key, out.value) for out in outs] == [
        (Channel.ENRICHED, b"a-1", None),
        (Channel.SEARCH, b"a-1", None),
    ]
    for out in outs:
        headers = dict(out.headers)
        assert headers["ce_type"] == b"news.article.retracted.v1"
        assert headers["ce_subject"] == b"a-1"
        assert headers["article_version"] == b"1741351200123"
        assert headers["pipeline"] == b"en_news/1.0.0"
        assert not {"ce_dataschema", "content-type"} & headers.keys()
    assert len({dict(out.headers)["ce_id"] for out in outs}) == 2
