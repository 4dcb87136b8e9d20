"""What an enriched record becomes: a match for each rule that holds, under the rule's key."""

import asyncio

import orjson
import pytest

from worker.agents.match import matching
from worker.alerts.book import RuleBook
from worker.alerts.text import condition_from_text
from worker.channels import Channel
from worker.metrics import REGISTRY
from worker.records.alerts import AlertMatch, RuleOverrun
from worker.records.codec import from_bytes
from worker.records.messages import RawMessage
from worker.records.rules import Rule, rule_to_bytes

ARTICLE = {
    "id": "a-1", "url": None, "headline": None, "text": "The ferry ran late.", "source": None,
    "language": "en", "published_at": None, "authors": [], "extra": {}, "entities": [], "quotes": [],
    "topics": [],
    "pipeline": {"name": "en_news", "version": "1.0.0"},
}  # fmt: skip
HEADERS = (
    ("ce_id", b"the-enriched-record"), ("ce_time", b"2025-01-13T09:00:00.250Z"), ("ce_subject", b"a-1"),
    ("origin", b"news.articles.raw.v1/3/14"), ("traceparent", b"00-1-2-01"), ("desk", b"night"),
    ("tracestate", b"a=1"), ("pipeline", b"en_news/1.1.0+3fa9c1"), ("article_version", b"1736758800250"),
)  # fmt: skip
NINE_MS = 1_736_758_800_250


def book(**texts: str) -> RuleBook:
    rules = RuleBook()
    for rule_id, text in texts.items():
        rule = Rule(id=rule_id, name="a rule", owner="desk", when=condition_from_text(text))
        assert rules.apply(rule_id.encode(), rule_to_bytes(rule)) is None
    return rules


def enriched(value: object = ARTICLE, headers=HEADERS, timestamp_ms: int = 77) -> RawMessage:
    data = value if isinstance(value, bytes) or value is None else orjson.dumps(value)
    return RawMessage("news.articles.enriched.v1", 1, 9, timestamp_ms, b"a-1", data, headers)


async def outputs(rules: RuleBook, message: RawMessage):
    return await matching(book=lambda: rules, event_source="urn:dateline")(message)


async def test_each_rule_that_holds_makes_a_match_under_its_key():
    found = await outputs(book(one="ferry", two="late", three="early"), enriched())
    assert [(out.channel, out.key, out.partition) for out in found] == [
        (Channel.MATCHES, b"one", None),
        (Channel.MATCHES, b"two", None),
    ]
    match = from_bytes(AlertMatch, found[0].value)
    assert (match.time_ms, match.alert.at) == (NINE_MS, "2025-01-13T09:00:00.250Z")


async def test_a_match_has_its_articles_event_headers_and_an_id_of_its_own():
    one, two = (dict(out.headers) for out in await outputs(book(one="ferry", two="late"), enriched()))
    assert one["ce_id"] != two["ce_id"] != b"the-enriched-record"
    assert one == one | {
        "ce_specversion": b"1.0", "ce_source": b"urn:dateline", "ce_type": b"news.alert.matched.v1",
        "ce_time": b"2025-01-13T09:00:00.250Z", "ce_subject": b"a-1", "origin": b"news.articles.raw.v1/3/14",
        "content-type": b"application/json", "traceparent": b"00-1-2-01", "tracestate": b"a=1",
        "pipeline": b"en_news/1.1.0+3fa9c1", "article_version": b"1736758800250",
        "ce_dataschema": b"urn:dateline:schema:alert-matches.v1",
    }  # fmt: skip
    assert "desk" not in one


@pytest.mark.parametrize(
    "headers", [(("pipeline", b"x" * 513),), (("article_version", b"x"),), (("article_version", b"1" * 20),)]
)
async def test_headers_that_no_worker_wrote_are_not_copied(headers):
    (strange,) = await outputs(book(one="ferry"), enriched(headers=(*HEADERS[:4], *headers)))
    (usual,) = await outputs(book(one="ferry"), enriched(headers=HEADERS[:4]))
    assert strange == usual


async def test_twice_gives_the_same_bytes():
    rules = book(one="ferry", two="late OR ferry")
    assert await outputs(rules, enriched()) == await outputs(rules, enriched())


async def test_fields_that_a_later_version_wrote_are_ignored():
    pipeline = ARTICLE["pipeline"] | {"trained_on": "wires"}
    later = enriched(ARTICLE | {"summary": "late", "pipeline": pipeline})
    matches = [from_bytes(AlertMatch, out.value) for out in await outputs(book(one="ferry"), later)]
    assert matches == [
        from_bytes(AlertMatch, out.value) for out in await outputs(book(one="ferry"), enriched())
    ]


async def test_a_record_without_event_headers_counts_by_its_own_place_and_time():
    (out,) = await outputs(book(one="ferry"), enriched(headers=(), timestamp_ms=NINE_MS))
    headers = dict(out.headers)
    assert headers["ce_time"] == b"2025-01-13T09:00:00.250Z"
    assert (headers["ce_subject"], headers["origin"]) == (b"a-1", b"news.articles.enriched.v1/1/9")
    assert headers["article_version"] == b"1736758800250"
    assert "pipeline" not in headers


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (book(), enriched(b"no JSON, and nobody looks")),
        (book(one="ferry"), enriched(None)),
        (book(one="early"), enriched()),
    ],
    ids=["no rules", "a tombstone", "none that holds"],
)
async def test_nothing_comes_of(rules, message):
    assert await outputs(rules, message) == ()


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"no JSON", b"no enriched article"),
        (b"[]", b"no enriched article"),
        (ARTICLE | {"text": None}, b"text"),
        ({"id": "a-1"}, b"Field required"),
        (ARTICLE | {"entities": [{"id": "x"}]}, b"entities.0.name"),
    ],
)
async def test_what_is_no_enriched_article_becomes_a_letter(value, says):
    message = enriched(value)
    (letter,) = await outputs(book(one="ferry OR entity:x"), message)
    assert (letter.channel, letter.key, letter.value) == (Channel.DEAD, message.key, message.value)
    headers = dict(letter.headers)
    assert (headers["dead-letter-reason"], headers["dead-letter-stage"]) == (b"undecodable", b"alert")
    assert says in headers["dead-letter-error"]


async def test_an_article_that_meets_a_bug_is_kept_as_a_letter(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("worker.agents.match.match_by_turns", broken)
    (letter,) = await outputs(book(one="ferry"), enriched())
    headers = dict(letter.headers)
    assert headers["dead-letter-reason"] == b"enrichment-failed"
    assert headers["dead-letter-error"] == b"ZeroDivisionError: a bug"


HOSTILE = ARTICLE | {"headline": "a x x x b x x x " * 60_000}
NEAR = " OR ".join(['"a b"~1'] * 199)


async def test_a_rule_over_its_budget_is_logged_counted_and_written_and_others_match(caplog):
    def overruns() -> float:
        return REGISTRY.get_sample_value("dateline_rule_overruns_total") or 0.0

    before, rules = overruns(), book(costly=NEAR, one="ferry")
    written, match = await outputs(rules, enriched(HOSTILE))
    assert (match.channel, match.key) == (Channel.MATCHES, b"one")
    assert (written.channel, written.key) == (Channel.STATE, b"_over-budget/costly")
    overrun = from_bytes(RuleOverrun, written.value)
    assert (overrun.rule, overrun.article, overrun.most) == ("costly", "a-1", 30_000)
    assert overruns() == before + 1
    (line,) = (record for record in caplog.records if "over its budget" in record.getMessage())
    assert "costly" in str(vars(line))
    assert await outputs(rules, enriched(HOSTILE)) == (written, match)


async def test_while_an_article_is_matched_others_have_their_turn():
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    long = enriched(ARTICLE | {"text": "a x x x b x x x " * 5_000})
    await outputs(book(**{f"r{n}": NEAR for n in range(10)}), long)
    task.cancel()
    assert turns > 30


async def test_rules_are_those_of_the_moment():
    rules = [book(one="ferry")]
    work = matching(book=lambda: rules[-1], event_source="urn:dateline")
    assert len(await work(enriched())) == 1
    rules.append(book())
    assert await work(enriched()) == ()
