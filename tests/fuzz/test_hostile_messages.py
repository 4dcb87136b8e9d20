"""Every named hostile message ends as it should, soon, as valid records or as a reason."""

import gc
import time
import unicodedata
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from bench.fuzz.cases import cases
from bench.fuzz.laws import LawBroken, check_article, check_outcome
from bench.fuzz.scripts import ENGLISH, SCRIPT_TEXTS, script_messages
from bench.fuzz.seeds import corpus
from bench.fuzz.texts import HOSTILE_TEXTS
from bench.fuzz.wire import CHANGES, CONTENT_TYPES, changed, data_of, message_of
from tests.shipped import shared_enricher
from worker.channels import OUTPUTS, Channel
from worker.intake.decode import Limits, decode
from worker.records.article import EnrichedArticle
from worker.records.codec import from_bytes
from worker.records.messages import Rejected
from worker.records.schemas import schema

# Alone the slowest takes 4, and beside three others on two cores 16: a core that is shared counts in full.
MAX_CPU_SECONDS = 20
CHARS = 600
SCRIPT_CHARS = 300
# As large as limits let them be: the encoder alone takes seconds for their articles.
LONG = {
    "page: 9,000 rows",
    "page: 19,000 bold words in five paragraphs",
    "page: 19,000 tiny elements",
    "page part: 4,800 q",
    "page part: 4,500 lines that are the same",
    "page part: 2,400 articles",
    "page part: paragraphs far from the others",
    "feeds: a text of half escapes",
    "feeds: a text of open tags",
    "xml: as many elements as may be",
    "xml: tags that open and never close",
    "xml: a tag that nearly closes",
}
VALIDATORS = {channel: Draft202012Validator(schema(channel, strict=True)) for channel in OUTPUTS}


@pytest.fixture(scope="module")
def enrich():
    made = shared_enricher()
    # What the tests hold in memory is not the messages' cost: a process that enriches holds none of it.
    gc.collect()
    gc.freeze()
    yield made
    gc.unfreeze()


def params() -> list[Any]:
    assert {case.name for case in cases()} >= LONG
    return [
        pytest.param(case, id=ascii(case.name), marks=pytest.mark.long if case.name in LONG else ())
        for case in cases()
    ]


@pytest.mark.parametrize("case", params())
def test_a_hostile_message_ends_as_it_should_and_soon(enrich, case):
    began = time.process_time()
    outcome = enrich(case.message)
    assert time.process_time() - began < MAX_CPU_SECONDS
    assert (outcome.reason if isinstance(outcome, Rejected) else None) == case.end, outcome
    check_outcome(case.message, outcome)


# Without the tables, the bold words and the tiny elements, whose pages themselves take seconds.
@pytest.mark.parametrize(
    "case",
    [case for case in cases() if case.name in LONG and not case.name.startswith("page: ")],
    ids=lambda case: case.name,
)
def test_a_message_of_a_long_article_is_decoded_soon(case):
    began = time.process_time()
    assert not isinstance(decode(case.message, limits=Limits(), default_language="en"), Rejected)
    assert time.process_time() - began < MAX_CPU_SECONDS


@pytest.mark.parametrize("shape", HOSTILE_TEXTS)
def test_a_hostile_text_gives_records_of_their_schemas_and_the_same_ones_again(enrich, shape):
    message = message_of(data_of(HOSTILE_TEXTS[shape](CHARS).encode(), b"text/plain"))
    outcome = enrich(message)
    check_outcome(message, outcome)
    assert enrich(message) == outcome
    records = [] if isinstance(outcome, Rejected) else [out for out in outcome if out.channel in VALIDATORS]
    for out in records[:1] + records[-3:]:
        VALIDATORS[out.channel].validate(orjson.loads(out.value))


@pytest.mark.parametrize("name", SCRIPT_TEXTS)
def test_news_in_any_script_holds_the_laws_whatever_its_language_is_said_to_be(enrich, name):
    for message in script_messages(name, SCRIPT_CHARS):
        outcome = enrich(message)
        check_outcome(message, outcome)
    # Said to be English, it is read.
    assert b'"language": "en"' in message.value
    assert not isinstance(outcome, Rejected)
    assert enrich(message) == outcome


def test_the_texts_have_letters_of_many_scripts_and_every_one_is_of_its_length():
    letters = {
        unicodedata.name(letter).split()[0]
        for text in SCRIPT_TEXTS.values()
        for letter in text.piece
        if letter.isalpha()
    }
    assert letters >= {
        "CYRILLIC",
        "ARABIC",
        "HEBREW",
        "DEVANAGARI",
        "CJK",
        "HIRAGANA",
        "THAI",
        "GREEK",
        "HANGUL",
    }
    assert all(len(text.of(chars)) == chars for text in SCRIPT_TEXTS.values() for chars in (1, 40, 1000))
    assert sum(text.language == ENGLISH for text in SCRIPT_TEXTS.values()) > 5


@pytest.mark.parametrize("content_type", [*CONTENT_TYPES, b"text/plain; charset=utf-9"])
@pytest.mark.parametrize("key", [None, b"k"])
def test_the_fuzzers_bytes_stand_for_the_message_they_were_made_of(content_type, key):
    message = message_of(data_of(b"value", content_type, key))
    assert (message.header("content-type"), message.key, message.value) == (content_type, key, b"value")


def test_every_kind_of_change_keeps_the_seeds_messages():
    seeds = list(corpus())
    assert len(seeds) > 300
    for number, data in enumerate(seeds):
        assert len(changed(data, number, 5000)) <= max(5000, len(data))
        assert message_of(changed(data, number, 5000))
    assert len(CHANGES) > 5


def test_a_law_that_does_not_hold_is_named(enrich):
    outcome = enrich(message_of(data_of(b"Ada Obi left Nairobi on Monday.", b"text/plain")))
    record = next(out for out in outcome if out.channel is Channel.ENRICHED)
    article = from_bytes(EnrichedArticle, record.value)
    check_article(article)
    with pytest.raises(LawBroken, match="a span slices back"):
        check_article(article.model_copy(update={"text": article.text.upper()}))
    marked = article.text.replace("Obi", "Obi\u0301")
    with pytest.raises(LawBroken, match="a span has the marks of its last letter"):
        check_article(article.model_copy(update={"text": marked}))
