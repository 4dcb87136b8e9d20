"""The whole worker on the embedded broker, and an OTLP endpoint: one trace from publisher to alert."""

from pathlib import Path

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from tests.faults.workers import POOLED, Worker
from tests.otlp_receiver import ReceivedSpan, otlp_receiver
from worker.channels import Channel, topic_name
from worker.commands.demo.broker import embedded_broker

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
HEADERS = [("traceparent", f"00-{TRACE}-{SPAN}-01".encode()), ("tracestate", b"vendor=theirs-to-keep")]
ARTICLE = b"Amara leaves the shipyard"
RULE = {"id": "shipyard", "name": "Shipyards", "owner": "desk", "when": {"phrase": {"text": "shipyard"}}}
# The steps of each topic's records, within the span of the record. The pool tells none of its own here.
STEPS = {
    Channel.RAW: {"enrich", "deliver"},
    Channel.ENRICHED: {"match", "deliver"},
    Channel.SKETCHES: {"stories", "deliver"},
    Channel.STORIES: {"story-rules", "deliver"},
    Channel.MATCHES: {"alert", "deliver"},
}


@pytest.fixture
def brokers():
    with embedded_broker() as address:
        yield address


@pytest.fixture
def endpoint():
    with otlp_receiver() as one:
        yield one


async def publish(brokers: str, channel: Channel, key: bytes, value: bytes, headers=()) -> None:
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        await producer.send_and_wait(topic_name(channel, "e."), value, key=key, headers=list(headers))


async def test_an_article_with_a_publishers_trace_has_all_its_spans_in_it_up_to_the_alert(
    brokers: str, endpoint, tmp_path: Path
) -> None:
    await publish(brokers, Channel.RULES, b"shipyard", orjson.dumps(RULE))
    variables = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint.url,
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=tell-nobody",
        "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip",
        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    worker = Worker(
        brokers,
        "e.",
        tmp_path / "worker.log",
        command=POOLED,
        variables=variables,
        DELIVERY="at-least-once",
        SESSION_TIMEOUT_SECONDS=6,
        PROCESSES=1,
    )
    try:
        worker.wait_until_ready(60)
        await publish(brokers, Channel.RAW, b"traced", ARTICLE, HEADERS)
        endpoint.wait_for(lambda spans: {"alert", "story-rules"} <= {one.name for one in spans}, 60)
        assert worker.stop() == 0
    finally:
        worker.end()
    spans = [one for one in endpoint.spans if one.trace == TRACE]
    for channel, steps in STEPS.items():
        (process,) = named(spans, f"process {topic_name(channel, 'e.')}")
        assert (process.parent, process.state) == (SPAN, "vendor=theirs-to-keep")
        assert {one.name for one in spans if one.parent == process.id} == steps
        # What makes trivial sketches gives them ids of its own, and a story's record is of no article.
        if channel not in (Channel.SKETCHES, Channel.STORIES):
            assert process.attributes["dateline.article.id"] == "traced"
    assert len({one.id for one in spans}) == len(spans) == len(STEPS) + sum(map(len, STEPS.values()))
    assert process.attributes["dateline.rules"] == ["shipyard"]
    assert process.service["service.name"] == "dateline"
    assert process.service["deployment.environment.name"] == "test"
    assert endpoint.headers["api-key"] == "tell-nobody"
    (line,) = worker.events("traces on")
    assert line["endpoint"] == f"{endpoint.url}/v1/traces"
    assert "tell-nobody" not in worker.said()


def named(spans: list[ReceivedSpan], name: str) -> list[ReceivedSpan]:
    return [one for one in spans if one.name == name]
