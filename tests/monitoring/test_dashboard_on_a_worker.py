"""Every query of the dashboard finds data in a Prometheus that scraped a worker, and no alert fires."""

import asyncio
import math
from collections.abc import Iterator

import orjson
import pytest
from aiokafka import AIOKafkaProducer

from deploy.grafana.panels import ROWS, Query
from tests.faults.workers import ALL_OUTPUTS, REAL, Worker
from tests.monitoring.prometheus import Prometheus, prometheus, wait_until
from tests.monitoring.tools import needs_prometheus
from worker.channels import Channel, topic_name
from worker.commands.demo.broker import embedded_broker

PREFIX = "e."
TEXT = 'Amara Okafor, who leads the union, said on Tuesday: "The shipyard in Gdansk will be closed by May."'
ARTICLES = [
    orjson.dumps({"text": TEXT, "language": "en", "headline": f"Shipyard {number}"}) for number in range(8)
]
NO_ARTICLE = b"{"
RULE = {"id": "shipyard", "name": "Shipyards", "owner": "desk", "when": {"phrase": {"text": "shipyard"}}}
QUERIES = {
    f"{panel.title}: {query.legend}": query for row in ROWS for panel in row.panels for query in panel.queries
}
EMPTY_HERE = {"Clocks: {{instance}}": "the embedded broker does not tell the time"}


async def publish(brokers: str, channel: Channel, values: dict[bytes, bytes]) -> None:
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        for key, value in values.items():
            await producer.send_and_wait(topic_name(channel, PREFIX), value, key=key)


@pytest.fixture(scope="module")
def scraped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    """A Prometheus that saw a worker before it had articles, and after it had delivered them."""
    folder = tmp_path_factory.mktemp("monitoring")
    with embedded_broker() as brokers:
        asyncio.run(publish(brokers, Channel.RULES, {b"shipyard": orjson.dumps(RULE)}))
        settings = {"DELIVERY": "at-least-once", "PROCESSES": 1, "OUTPUTS": ALL_OUTPUTS}
        worker = Worker(brokers, PREFIX, folder / "worker.log", command=REAL, **settings)
        try:
            with prometheus(folder, worker.port) as one:
                worker.wait_until_ready(300)
                wait_until(lambda: one.values("dateline_ready == 1"), 60)
                raw = dict(enumerate([*ARTICLES, NO_ARTICLE]))
                asyncio.run(publish(brokers, Channel.RAW, {b"%d" % n: value for n, value in raw.items()}))
                ends = {Channel.ALERTS: len(ARTICLES), Channel.STORY_ARTICLES: len(ARTICLES), Channel.DEAD: 1}
                for channel, count in ends.items():
                    written = f'sum(dateline_records_written_total{{channel="{channel.value}"}}) >= {count}'
                    wait_until(lambda asked=written: one.values(asked), 300)
                # A rate takes two samples, and a step has none before its first article.
                wait_until(
                    lambda: one.values("count_over_time(dateline_article_step_seconds_sum[10m]) >= 2"), 60
                )
                yield one
        finally:
            worker.end()


@needs_prometheus
@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_query_finds_what_the_worker_did(scraped: Prometheus, query: Query, request) -> None:
    found = scraped.values(query.expr.replace("$__rate_interval", "10m"))
    is_told = bool(found) and not all(map(math.isnan, found))
    assert is_told is (request.node.callspec.id not in EMPTY_HERE)


@needs_prometheus
def test_every_alert_rule_can_be_evaluated_and_none_of_them_is_about_to_fire(scraped: Prometheus) -> None:
    wait_until(lambda: all(rule["health"] == "ok" for rule in scraped.rules()), 60)
    assert {rule["name"]: rule["state"] for rule in scraped.rules() if rule["state"] != "inactive"} == {}
