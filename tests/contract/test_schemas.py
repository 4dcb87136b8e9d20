"""Records, schemas and examples say the same."""

from pathlib import Path

import jsonschema
import orjson
import pytest

from worker.channels import SPECS, Channel
from worker.delivery.lanes.dead_letter import (
    FIRST_ORIGIN,
    HEADER_PREFIX,
    REDRIVEN,
    REDRIVEN_AT,
    REDRIVEN_FROM,
    dead_letter,
)
from worker.intake.decode import decode
from worker.intake.limits import Limits
from worker.records.article import Article
from worker.records.codec import from_bytes, to_bytes
from worker.records.messages import RawMessage, Rejected
from worker.records.rules import RuleError, rule_from_bytes, rule_to_bytes
from worker.records.schemas import RECORD_TYPES, WRITTEN_BY_OTHERS, files, schema

SCHEMAS = Path(__file__).parents[2] / "schemas"
EXAMPLES_OF = SCHEMAS / "examples"
LETTERS = sorted((EXAMPLES_OF / Channel.DEAD.value).glob("*.json"))
EXAMPLES = sorted(set(EXAMPLES_OF.glob("*/*.json")) - set(LETTERS))
WRITTEN = [path for path in EXAMPLES if path.parent.name not in WRITTEN_BY_OTHERS]
RULES = [path for path in EXAMPLES if path.parent.name == Channel.RULES.value]
# Their values are no JSON, and nobody else's.
BINARY = {
    Channel.SKETCHES,
    Channel.STORY_STATE,
    Channel.STORY_RULE_STATE,
    Channel.TREND_NOTES,
    Channel.TREND_STATE,
}
RAW = [path for path in EXAMPLES if path.parent.name == Channel.RAW.value]


def name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def test_the_schemas_are_those_of_the_records():
    checked_in = {path.name: path.read_bytes() for path in SCHEMAS.glob("*.schema.json")}
    assert checked_in == files(), "python -m worker.records.schemas schemas"


def test_every_channel_has_a_schema_and_an_example():
    assert set(RECORD_TYPES) == set(SPECS) - {Channel.DEAD, Channel.CLOCK, *BINARY}
    assert {path.parent.name for path in [*EXAMPLES, *LETTERS]} == {
        channel.value for channel in set(SPECS) - {Channel.CLOCK, *BINARY}
    }


@pytest.mark.parametrize("path", EXAMPLES, ids=name)
def test_an_example_is_valid_against_its_schema(path):
    channel = Channel(path.parent.name)
    for one in (schema(channel), schema(channel, strict=True)):
        jsonschema.Draft202012Validator.check_schema(one)
        jsonschema.Draft202012Validator(one).validate(orjson.loads(path.read_bytes()))


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_an_example_of_what_is_written_reads_and_writes_the_same_bytes(path):
    value = orjson.dumps(orjson.loads(path.read_bytes()))
    assert to_bytes(from_bytes(RECORD_TYPES[Channel(path.parent.name)], value)) == value


@pytest.mark.parametrize("path", RULES, ids=name)
def test_an_example_of_a_rule_is_taken_and_written_the_same(path):
    value = path.read_bytes()
    assert orjson.loads(rule_to_bytes(rule_from_bytes(value))) == orjson.loads(value)


@pytest.mark.parametrize("path", RAW, ids=name)
def test_an_example_of_a_raw_article_is_taken(path):
    message = RawMessage("news.articles.raw.v1", 0, 0, 0, None, path.read_bytes())
    assert isinstance(decode(message, limits=Limits(), default_language="en"), Article)


@pytest.mark.parametrize("path", LETTERS, ids=name)
def test_an_example_of_a_dead_letter_is_what_the_worker_makes_of_it(path):
    """Key, headers and value as text: the publisher's own, and what the worker adds."""
    letter = orjson.loads(path.read_bytes())
    theirs = {name: text for name, text in letter["headers"].items() if not name.startswith(HEADER_PREFIX)}
    ours = {name: text for name, text in letter["headers"].items() if name.startswith(HEADER_PREFIX)}
    kept = [
        (name, ours[name].encode())
        for name in (REDRIVEN, REDRIVEN_AT, REDRIVEN_FROM, FIRST_ORIGIN)
        if name in ours
    ]
    message = RawMessage(
        ours["dead-letter-topic"],
        int(ours["dead-letter-partition"]),
        int(ours["dead-letter-offset"]),
        int(ours["dead-letter-timestamp"]),
        letter["key"].encode(),
        letter["value_text"].encode(),
        (*((name, text.encode()) for name, text in theirs.items()), *kept),
    )
    rejected = decode(message, limits=Limits(), default_language="en")
    assert isinstance(rejected, Rejected)
    made = dead_letter(message, rejected)
    assert (made.key, made.value) == (message.key, message.value)
    written = {name: value.decode() for name, value in made.headers}
    assert written | {"dead-letter-worker": ours["dead-letter-worker"]} == letter["headers"]


@pytest.mark.parametrize("path", [p for p in WRITTEN if "enriched" in p.parent.name], ids=name)
def test_spans_of_an_example_slice_back(path):
    article = orjson.loads(path.read_bytes())
    spans = [mention for entity in article["entities"] for mention in entity["mentions"]]
    for quote in article["quotes"]:
        spans += [span for span in (quote, quote["cue"], quote["speaker"]) if span]
    assert all(article["text"][span["start"] : span["end"]] == span["text"] for span in spans)


def grown(value):
    """The value as a later version may write it: a field more in every object, but for maps of names."""
    if isinstance(value, dict):
        fields = {name: one if name in ("links", "extra") else grown(one) for name, one in value.items()}
        return fields | {"surprise": {"x": 1}}
    return [grown(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("path", WRITTEN, ids=name)
def test_a_reader_takes_fields_that_are_added_and_the_worker_writes_none_that_the_record_lacks(path):
    channel, value = Channel(path.parent.name), orjson.loads(path.read_bytes())
    later = grown(value)
    jsonschema.validate(later, schema(channel))
    assert from_bytes(RECORD_TYPES[channel], orjson.dumps(later)) == RECORD_TYPES[channel](**value)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(later, schema(channel, strict=True))
    for key in value:
        if (channel, key) == (Channel.ALERTS, "story"):
            continue  # an alert about an article has none
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({name: one for name, one in value.items() if name != key}, schema(channel))


@pytest.mark.parametrize(
    ("example", "field"),
    [
        ("articles.enriched.v1/full", ("entities", 0, "type")),
        ("articles.enriched.v1/full", ("quotes", 0, "kind")),
        ("quotes.v1/named-speaker", ("kind",)),
        ("alerts.v1/speaker-and-topic", ("why", 1, "spans", 0, "field")),
    ],
)
def test_a_reader_takes_values_that_are_added(example, field):
    channel = Channel(example.split("/")[0])
    value = orjson.loads((EXAMPLES_OF / f"{example}.json").read_bytes())
    holder = value
    for step in field[:-1]:
        holder = holder[step]
    holder[field[-1]] = "added later"
    jsonschema.validate(value, schema(channel))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(value, schema(channel, strict=True))


@pytest.mark.parametrize("path", RULES, ids=name)
def test_an_unknown_field_of_a_rule_is_refused_by_schema_and_code(path):
    rule = orjson.loads(path.read_bytes()) | {"surprise": 1}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(rule, schema(Channel.RULES))
    with pytest.raises(RuleError, match="surprise"):
        rule_from_bytes(orjson.dumps(rule))


def test_an_unknown_field_of_a_raw_article_is_taken():
    jsonschema.validate({"text": "A day.", "surprise": 1}, schema(Channel.RAW))
