"""schemas/asyncapi.yaml says what the code does: topics, settings, event types, headers, schemas."""

from pathlib import Path

import jsonschema
import orjson
import pytest
import yaml

from worker.channels import (
    ALERTING,
    COMPACTED_OUTPUTS,
    OUTPUTS,
    RETRACTED_CE_TYPE,
    SPECS,
    Channel,
    topic_name,
)
from worker.delivery.lanes.dead_letter import (
    FIRST_ORIGIN,
    HEADER_PREFIX,
    OFFSETS,
    REDRIVEN,
    REDRIVEN_AT,
    REDRIVEN_FROM,
    TRUNCATED,
    UNTIL,
    dead_letter,
)
from worker.records.alert_messages import alert_message, match_message
from worker.records.alerts import Alert, AlertMatch, AlertRule
from worker.records.article import EnrichedArticle, PipelineVersion
from worker.records.derive import derive, retract
from worker.records.messages import FailedStep, RawMessage, Reason, Rejected
from worker.records.published import ArticleReference
from worker.settings import Output, Settings
from worker.topology import topic_use

SCHEMAS = Path(__file__).parents[2] / "schemas"
DOCUMENT = yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text(encoding="utf-8"))
BY_ADDRESS = {channel["address"]: channel for channel in DOCUMENT["channels"].values()}
_RETRACTED = {*COMPACTED_OUTPUTS, Channel.SKETCHES, Channel.STORY_ARTICLES}
RAW = RawMessage(
    "news.articles.raw.v1",
    3,
    14,
    1_736_758_800_123,
    b"k",
    b"{}",
    (("traceparent", b"00-1-2-01"), ("tracestate", b"a=1")),
)
ARTICLE = EnrichedArticle(
    id="a-1", text="A day.", language="en", entities=(), quotes=(), topics=(),
    pipeline=PipelineVersion(name="en_news", version="1.0.0"),
)  # fmt: skip


def find(reference):
    found = DOCUMENT
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def references(node):
    if isinstance(node, dict):
        yield from (value for name, value in node.items() if name == "$ref")
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def messages_of(channel):
    return [find(entry["$ref"]) for entry in BY_ADDRESS[topic_name(channel, "news.")]["messages"].values()]


def schema_of(channel):
    return orjson.loads((SCHEMAS / f"{channel.value}.schema.json").read_bytes())


def check_headers(message, headers):
    """Whether they are those that the message is described with."""
    schema = message["headers"]["$ref"].rpartition("/")[2]
    texts = {name: value.decode() for name, value in headers}
    document = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(document).validate(texts)


def test_every_topic_is_described_and_no_other():
    assert list(BY_ADDRESS) == [topic_name(channel, "news.") for channel in Channel]


@pytest.mark.parametrize("channel", Channel)
def test_a_topics_settings_are_those_it_is_created_with(channel):
    binding = BY_ADDRESS[topic_name(channel, "news.")]["bindings"]["kafka"]
    settings = binding["topicConfiguration"] | {
        "cleanup.policy": ",".join(binding["topicConfiguration"]["cleanup.policy"])
    }
    assert {name: str(value) for name, value in settings.items()} == SPECS[channel].config
    assert binding["topic"] == topic_name(channel, "news.")


def test_every_reference_leads_somewhere():
    for reference in references(DOCUMENT):
        if reference.startswith("#/"):
            assert find(reference)
        else:
            assert (SCHEMAS / reference).is_file(), reference


@pytest.mark.parametrize(
    "channel", [Channel.RAW, Channel.RULES, *OUTPUTS, *ALERTING, Channel.STORY_ARTICLES, Channel.STORIES]
)
def test_a_topics_first_message_has_its_schema(channel):
    assert messages_of(channel)[0]["payload"] == {"$ref": f"./{channel.value}.schema.json"}


@pytest.mark.parametrize("channel", [Channel.ALERTS, Channel.MATCHES, Channel.STORIES])
def test_what_follows_from_an_article_is_named_by_its_event_type_and_keyed(channel):
    for message in messages_of(channel):
        assert message["name"] == SPECS[channel].ce_type
        assert message["bindings"]["kafka"]["key"]["description"] == SPECS[channel].key


@pytest.mark.parametrize("channel", [*OUTPUTS, Channel.SKETCHES, Channel.STORY_ARTICLES])
def test_messages_are_named_by_their_event_type_and_keyed_as_the_contract_says(channel):
    message, *tombstone = messages_of(channel)
    assert message["name"] == SPECS[channel].ce_type
    assert message["bindings"]["kafka"]["key"]["description"] == SPECS[channel].key
    assert [t["name"] for t in tombstone] == [RETRACTED_CE_TYPE] * (channel in _RETRACTED)


def test_the_headers_we_write_are_those_described():
    for out in derive(RAW, ARTICLE, channels=OUTPUTS, event_source="urn:dateline"):
        check_headers(messages_of(out.channel)[0], out.headers)
        assert dict(out.headers)["ce_dataschema"].decode() == schema_of(out.channel)["$id"]
    tombstones = retract(RAW, "a-1", channels=OUTPUTS, event_source="urn:dateline", pipeline="en_news/1.0.0")
    for out in tombstones:
        check_headers(messages_of(out.channel)[1], out.headers)
    described = DOCUMENT["components"]["schemas"]["tombstoneHeaders"]["properties"]
    assert {name for out in tombstones for name, _ in out.headers} == set(described)


@pytest.mark.parametrize(
    "message", [RAW, derive(RAW, ARTICLE, channels=OUTPUTS, event_source="urn:dateline")[0]]
)
def test_the_headers_of_what_follows_from_an_article_are_those_described(message):
    enriched = RawMessage("news.articles.enriched.v1", 0, 7, 5, message.key, message.value, message.headers)
    rule = AlertRule(id="r1", version="0" * 16, name="ferries", owner="desk")
    about = ArticleReference(id="a-1", url=None, headline=None, source=None, language="en", published_at=None)
    alert = Alert(id="0" * 32, rule=rule, article=about, why=(), entities=(), at="")
    found = AlertMatch(alert=alert, time_ms=5, cooldown=None)
    for out in (
        match_message(enriched, found, event_source="urn:dateline"),
        alert_message(enriched, alert, event_source="urn:dateline"),
    ):
        check_headers(messages_of(out.channel)[0], out.headers)
        assert dict(out.headers)["ce_dataschema"].decode() == schema_of(out.channel)["$id"]


def test_a_dead_letters_headers_are_those_described():
    described = DOCUMENT["components"]["schemas"]["deadLetterHeaders"]
    letter = dead_letter(
        RAW, Rejected(Reason.INVALID, "text takes a string, got a number", FailedStep.DECODE)
    )
    check_headers(messages_of(Channel.DEAD)[0], letter.headers)
    ours = {name for name, _ in letter.headers if name.startswith(HEADER_PREFIX)}
    assert ours == set(described["required"])
    assert set(described["properties"]) == ours | {
        REDRIVEN,
        REDRIVEN_AT,
        REDRIVEN_FROM,
        FIRST_ORIGIN,
        TRUNCATED,
        OFFSETS,
        UNTIL,
    }
    for name, values in (("dead-letter-reason", Reason), ("dead-letter-stage", FailedStep)):
        known, any_other = described["properties"][name]["anyOf"]
        assert known["enum"] == [one.value for one in values]
        assert any_other == {"type": "string"}


def test_the_worker_reads_and_writes_what_its_settings_say():
    directions = {
        action: {
            find(operation["channel"]["$ref"])["address"]
            for operation in DOCUMENT["operations"].values()
            if operation["action"] == action
        }
        for action in ("receive", "send")
    }
    settings = Settings(outputs=tuple(Output))
    use = topic_use(settings)
    assert directions == {
        "receive": {settings.topic(channel) for channel in {*use.reads, *use.follows}},
        "send": {settings.topic(channel) for channel in {*use.writes, Channel.REDRIVEN, Channel.CLOCK}},
    }
