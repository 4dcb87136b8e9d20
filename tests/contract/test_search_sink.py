"""deploy/search fits the search topic: fields mapped, records versioned, files explained."""

import json
import re
from pathlib import Path

import pytest

from worker.channels import RETRACTED_CE_TYPE, SPECS, Channel, topic_name
from worker.languages import known_languages
from worker.records.article import EnrichedArticle, PipelineVersion
from worker.records.derive import VERSION_HEADER, derive, retract
from worker.records.messages import RawMessage
from worker.records.published import SearchDocument, SearchQuote
from worker.records.stories import StoryAssignment

FOLDER = Path(__file__).parents[2] / "deploy" / "search"
PAGE = (FOLDER / "README.md").read_text(encoding="utf-8")
SET_UP = (FOLDER / "set-up").read_text(encoding="utf-8")
FILES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.json"))
TOPIC = topic_name(Channel.SEARCH, "news.")
RAW = RawMessage("news.articles.raw.v1", 3, 14, 1_736_758_800_123, b"k", b"{}", ())
ARTICLE = EnrichedArticle(
    id="a-1", text="A day.", language="en", entities=(), quotes=(), topics=(),
    pipeline=PipelineVersion(name="en_news", version="1.0.0"),
)  # fmt: skip
(DOCUMENT,) = derive(RAW, ARTICLE, channels={Channel.SEARCH}, event_source="/dateline")
(TOMBSTONE,) = retract(RAW, "a-1", channels={Channel.SEARCH}, event_source="/dateline", pipeline="p/1")
# What JSON type a field of the mapping takes; an array of a type counts as the type.
TAKES = {
    "keyword": "string",
    "text": "string",
    "date": "string",
    "long": "integer",
    "boolean": "boolean",
    "nested": "object",
    "object": "object",
}


def read(name):
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


STORY_TOPIC = topic_name(Channel.STORY_ARTICLES, "news.")
TEMPLATE = read("index-template.json")["template"]
FIELDS = TEMPLATE["mappings"]["properties"]
SINKS = {name: read(f"{name}-sink.json")["config"] for name in ("opensearch", "elasticsearch")}
STORY_SINKS = {name: read(f"{name}-stories-sink.json")["config"] for name in SINKS}
STORY_FIELD = STORY_SINKS["opensearch"]["transforms.hoist.field"]
STUB_FIELD = SINKS["opensearch"]["transforms.stub.field"]


def json_type(schema):
    """string, integer, ... of a field that may be null or an array."""
    if "anyOf" in schema:
        (schema,) = (one for one in schema["anyOf"] if one.get("type") != "null")
    if schema.get("type") == "array":
        return json_type(schema["items"])
    return schema.get("type", "object")


def fields_of(query):
    """Every field that a query names."""
    if isinstance(query, list):
        for part in query:
            yield from fields_of(part)
    elif isinstance(query, dict):
        for name, value in query.items():
            if name in ("field", "path"):
                yield value
            elif (name == "terms" and "field" not in value) or (name == "fields" and isinstance(value, list)):
                yield from value
            elif name in ("term", "match", "match_phrase", "range", "fields", "sort"):
                yield from (field for one in (value if isinstance(value, list) else [value]) for field in one)
            elif name == "_source":
                yield from value
            else:
                yield from fields_of(value)


def mapping_of(path):
    """What the mapping says of `quotes.speaker.keyword`."""
    found = {"properties": FIELDS}
    for step in path.split("."):
        found = (found.get("properties") or found.get("fields") or {})[step]
    return found


@pytest.mark.parametrize(
    ("model", "fields", "more"),
    [
        (SearchDocument, FIELDS, {STUB_FIELD, STORY_FIELD, "stemmed"}),
        (SearchQuote, FIELDS["quotes"]["properties"], {"stemmed"}),
    ],
)
def test_every_field_is_mapped_as_its_type_and_no_other(model, fields, more):
    assert set(fields) == set(model.model_fields) | more
    for name, schema in model.model_json_schema()["properties"].items():
        assert TAKES[fields[name]["type"]] == json_type(schema), name


def test_what_has_no_field_is_kept_unindexed():
    assert TEMPLATE["mappings"]["dynamic"] is False
    assert FIELDS["quotes"]["dynamic"] is False


def test_no_field_can_have_a_term_longer_than_lucene_takes():
    def keywords(fields):
        for field in fields.values():
            if field["type"] == "keyword":
                yield field
            yield from keywords(field.get("fields", {}))
            yield from keywords(field.get("properties", {}))

    assert all(4 * field["ignore_above"] <= 32_766 for field in keywords(FIELDS))


def test_every_analyzer_and_normalizer_is_defined():
    analysis = TEMPLATE["settings"]["index"]["analysis"]
    named = set(re.findall(r'"(?:analyzer|normalizer)": "(\w+)"', json.dumps(TEMPLATE["mappings"])))
    assert named == set(analysis["analyzer"]) | set(analysis["normalizer"])


def test_the_template_is_of_the_topics_index_and_has_the_pipeline_that_is_set_up():
    assert read("index-template.json")["index_patterns"] == [f"{TOPIC}*"]
    pipeline = TEMPLATE["settings"]["index"]["final_pipeline"]
    assert f'call PUT "$search/_ingest/pipeline/{pipeline}" "$here/version-pipeline.json"' in SET_UP
    processor, _ = read("version-pipeline.json")["processors"]
    source = f"ctx._version = ctx.{VERSION_HEADER}; ctx._version_type = 'external_gte';"
    # A partial update goes through the pipeline too, with what it has alone.
    assert processor["script"]["source"] == f"if (ctx.{VERSION_HEADER} != null) {{ {source} }}"
    assert VERSION_HEADER in SearchDocument.model_fields


def test_every_language_has_a_field_of_its_own_and_what_it_is_called_leads_there():
    _, processor = read("version-pipeline.json")["processors"]
    codes = processor["script"]["params"]["languages"]
    languages = set(known_languages())
    assert set(codes.values()) == languages - {"en"}
    for row in known_languages().values():
        assert all(codes.get(one, "en") == row.code for one in (row.code, *row.also)), row.code
    assert set(FIELDS["stemmed"]["properties"]) == languages
    assert set(FIELDS["quotes"]["properties"]["stemmed"]["properties"]) == languages


def test_english_is_found_in_the_texts_themselves():
    english = FIELDS["stemmed"]["properties"]["en"]["properties"]
    assert {name: field["path"] for name, field in english.items()} == {
        "headline": "headline",
        "text": "text",
    }
    assert FIELDS["quotes"]["properties"]["stemmed"]["properties"]["en"]["path"] == "quotes.text"


def test_each_language_has_an_analyzer_of_its_own_or_the_words_alone():
    for code, field in FIELDS["stemmed"]["properties"].items():
        if code != "en":
            used = {one["analyzer"] for one in field["properties"].values()}
            used.add(FIELDS["quotes"]["properties"]["stemmed"]["properties"][code]["analyzer"])
            (analyzer,) = used
            name = known_languages()[code].name.lower()
            assert analyzer == ("words" if code in ("pl", "hr", "uk", "sw") else f"{name}_stems")
            assert f"`{code}`" in PAGE


def test_the_alias_is_of_the_topics_index_and_hides_stubs_and_stories_without_their_article():
    (action,) = (part["add"] for part in read("alias.json")["actions"])
    assert action["index"] == TOPIC
    hidden, needed = ({"exists": {"field": field}} for field in (STUB_FIELD, VERSION_HEADER))
    assert action["filter"] == {"bool": {"must_not": hidden, "filter": needed}}


@pytest.mark.parametrize(
    ("config", "topic"),
    [
        (config, topic)
        for sinks, topic in ((SINKS, TOPIC), (STORY_SINKS, STORY_TOPIC))
        for config in sinks.values()
    ],
)
def test_a_sink_reads_what_is_committed_and_writes_each_document_under_its_key(config, topic):
    assert config["topics"] == topic
    assert config["consumer.override.isolation.level"] == "read_committed"
    assert config["key.ignore"] == "false"
    assert config["key.converter"].endswith(".StringConverter")
    assert config["value.converter"].endswith(".JsonConverter")
    assert config["value.converter.schemas.enable"] == "false"
    assert config["schema.ignore"] == "true"
    assert all(isinstance(value, str) for value in config.values())  # as Connect's API takes them


@pytest.mark.parametrize("config", STORY_SINKS.values(), ids=STORY_SINKS)
def test_a_story_is_a_partial_update_of_its_articles_document(config):
    assert config.get("index.write.method", config.get("write.method")) == "upsert"
    assert "external.version.header" not in config
    assert re.fullmatch(config["transforms.route.regex"], STORY_TOPIC)
    assert config["transforms.route.replacement"] == TOPIC
    # A retraction is the other connector's: what it would delete here is the whole document.
    assert (config["transforms.drop.predicate"], config["behavior.on.null.values"]) == ("tombstone", "ignore")
    assert config["predicates.tombstone.type"].endswith(".RecordIsTombstone")


@pytest.mark.parametrize("config", STORY_SINKS.values(), ids=STORY_SINKS)
def test_a_storys_fields_are_those_that_are_mapped_and_none_of_the_documents_own(config):
    fields = dict(field.split(":") for field in config["transforms.fields.renames"].split(","))
    excluded = set(config["transforms.fields.exclude"].split(","))
    kept = {fields.get(name, name) for name in set(StoryAssignment.model_fields) - excluded}
    assert set(FIELDS[config["transforms.hoist.field"]]["properties"]) == kept - {
        "score",
        "share",
        "of_share",
    }
    assert config["transforms"] == "drop,fields,hoist,route"
    assert config["transforms.fields.type"].endswith("$Value")


@pytest.mark.parametrize("config", [*SINKS.values(), *STORY_SINKS.values()], ids=[*SINKS, *STORY_SINKS])
def test_what_is_refused_fits_its_topic(config):
    refused = config["errors.deadletterqueue.topic.name"]
    size = int(config["producer.override.max.request.size"])
    channel = Channel.SEARCH if config["topics"] == TOPIC else Channel.STORY_ARTICLES
    assert size > SPECS[channel].max_message_bytes
    assert f"--topic {refused} --config max.message.bytes={size}" in PAGE


def test_elasticsearch_takes_the_version_from_a_header_that_documents_and_tombstones_have():
    config = SINKS["elasticsearch"]
    for record in (DOCUMENT, TOMBSTONE):
        assert dict(record.headers)[config["external.version.header"]] == b"%d" % RAW.timestamp_ms
    assert config["behavior.on.null.values"] == "delete"


def test_opensearch_gets_a_stub_for_a_tombstone_and_for_nothing_else():
    config = SINKS["opensearch"]
    assert config["predicates.tombstone.type"].endswith(".RecordIsTombstone")
    assert config["transforms.stub.predicate"] == "tombstone"
    # Once it is a stub it is no tombstone any more: the second transform knows it by a header it lacks.
    header = config["predicates.document.name"]
    assert header in dict(DOCUMENT.headers)
    assert header not in dict(TOMBSTONE.headers)
    assert (config["transforms.fill.predicate"], config["transforms.fill.negate"]) == ("document", "true")
    assert config["transforms.fill.static.field"] == STUB_FIELD
    assert FIELDS[STUB_FIELD]["type"] == "boolean"


def test_a_stubs_version_is_its_tombstones_timestamp():
    assert SINKS["opensearch"]["transforms.fill.timestamp.field"] == VERSION_HEADER
    assert TOMBSTONE.timestamp_ms == DOCUMENT.timestamp_ms == RAW.timestamp_ms
    assert dict(TOMBSTONE.headers)["ce_type"] == RETRACTED_CE_TYPE.encode()


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("queries/")])
def test_a_query_asks_for_fields_that_there_are(name):
    asked = set(fields_of(read(name)))
    assert any(field.startswith(("quotes", "stemmed", STORY_FIELD)) for field in asked)
    for field in asked:
        assert mapping_of(field)["type"] in TAKES, field


def test_the_page_names_every_file():
    names = [path.name for path in FOLDER.iterdir() if path.name != "README.md"]
    assert [name for name in names if f"`{name}`" not in PAGE and f"`{name}/`" not in PAGE] == []
    assert [name for name in FILES if f"`{Path(name).name}`" not in PAGE] == []
