"""The lists in docs/contract.md are those of the code."""

from pathlib import Path

import pytest

from worker.channels import SPECS, topic_name
from worker.delivery.lanes import dead_letter
from worker.intake.charset import _NO_CHARSETS
from worker.intake.feeds.names import names_table
from worker.intake.identity import _TRACKING
from worker.records import raw
from worker.records.alerts import Alert, AlertRule, AlertSpan, Why
from worker.records.cloudevents import Envelope
from worker.records.messages import FailedStep, RawMessage, Reason
from worker.records.published import SearchDocument, SearchQuote
from worker.records.redriven import LetterRange, Receipt
from worker.records.rules import Condition, Cooldown, EntityCondition, PhraseCondition, Rule, TopicCondition

PAGE = (Path(__file__).parents[2] / "docs" / "contract.md").read_text(encoding="utf-8")
RULE = (Rule, Condition, EntityCondition, TopicCondition, PhraseCondition, Cooldown)
HEADERS = {
    name for name in vars(dead_letter).values() if isinstance(name, str) and name.startswith("dead-letter-")
}


def written_headers():
    raw = RawMessage("raw", 0, 0, 0, b"a", b"{}", (("traceparent", b"00-1-2-01"), ("tracestate", b"a=1")))
    envelope = Envelope(raw, source="/dateline", subject="a", pipeline="en_news/1.1.0+3fa9c1")
    return envelope.headers(ce_type="news.article.enriched.v1", part="article", dataschema="urn:x")


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("topics", {topic_name(channel, "news.") for channel in SPECS}),
        ("charsets that are refused", _NO_CHARSETS),
        ("parameters of a url that are left out", _TRACKING),
        ("fields of a search document", set(SearchDocument.model_fields) | set(SearchQuote.model_fields)),
        ("fields of a receipt", set(Receipt.model_fields) | set(LetterRange.model_fields)),
        ("reasons", set(Reason)),
        ("headers", {name for name, _ in written_headers()}),
        ("stages", set(FailedStep)),
        (
            "fields of an alert",
            {n for record in (Alert, AlertRule, Why, AlertSpan) for n in record.model_fields},
        ),
        (
            "fields of a rule",
            {field.alias or name for r in RULE for name, field in r.__pydantic_fields__.items()},
        ),
    ],
)
def test_the_page_names_all(what, names):
    assert [name for name in sorted(names) if f"`{name}`" not in PAGE] == [], what


def test_the_page_names_all_headers_of_a_letter():
    short = {name: name.removeprefix("dead-letter") for name in HEADERS - {dead_letter.HEADER_PREFIX}}
    assert [name for name, end in short.items() if f"`{name}`" not in PAGE and f"`{end}`" not in PAGE] == []


@pytest.mark.parametrize(("field", "names"), names_table())
def test_the_page_has_the_table_of_names_that_the_code_gives(field, names):
    assert f"| `{field}` | {names} |" in PAGE.splitlines()


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("`id`", f"{raw.MAX_ID_CHARS:,} characters"),
        ("`url`", f"{raw.MAX_URL_CHARS:,} characters"),
        ("`language`", f"{raw.MAX_LANGUAGE_CHARS:,} characters"),
        ("`headline`", f"{raw.MAX_HEADLINE_CHARS:,} characters"),
        ("`source`", f"{raw.MAX_SOURCE_CHARS:,} characters"),
        ("a name in `authors`", f"{raw.MAX_AUTHOR_CHARS:,} characters"),
        ("names in `authors`", f"{raw.MAX_AUTHORS:,}"),
    ],
)
def test_the_page_and_the_schema_have_the_lengths_of_fields(field, limit):
    rows = [line.split("|")[1:3] for line in PAGE.splitlines() if line.startswith("| ")]
    assert [field, limit] in [[cell.strip() for cell in row] for row in rows]
    about = raw.RawArticle.model_fields[field.split("`")[1]].description or ""
    assert limit in about
