"""Rules, enriched articles and alerts on a cluster, as the tests of alerts write and read them."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from tests.faults.account import end_offsets, read_topic
from worker.alerts.text import condition_from_text
from worker.channels import Channel, topic_name
from worker.records.cloudevents import rfc3339
from worker.records.rules import Cooldown, Rule, rule_to_bytes

DAY_MS = 24 * 3600 * 1000


def rule(rule_id: str, text: str, **fields: Any) -> Rule:
    return Rule(id=rule_id, name=rule_id, owner="desk", when=condition_from_text(text), **fields)


def per_rule(seconds: int) -> Cooldown:
    return Cooldown(seconds=seconds)


def article(number: int, text: str = "The ferry ran late.") -> bytes:
    """An enriched article without tags."""
    return orjson.dumps(
        {
            "id": f"a{number}", "url": None, "headline": None, "text": text, "source": None, "language": "en",
            "published_at": None, "authors": [], "extra": {}, "entities": [], "quotes": [], "topics": [],
            "pipeline": {"name": "en_news", "version": "1.0.0"},
        }
    )  # fmt: skip


class Stream:
    """Writes to the rules' and the enriched topic under a prefix, and reads what came of it."""

    def __init__(self, brokers: str, prefix: str) -> None:
        self.brokers, self.prefix = brokers, prefix
        self.put_articles = 0

    async def put(self, *rules: Rule) -> None:
        await self.put_values({one.id: rule_to_bytes(one) for one in rules})

    async def put_values(self, values: dict[str, bytes | None]) -> None:
        """Whatever they are, under these keys."""
        async with AIOKafkaProducer(bootstrap_servers=self.brokers, acks="all") as producer:
            topic = topic_name(Channel.RULES, self.prefix)
            for key, value in values.items():
                await producer.send_and_wait(topic, value, key=key.encode())

    async def publish(
        self, count: int, text: str = "The ferry ran late.", *, times_ms: Sequence[int] = ()
    ) -> None:
        """So many enriched articles more, with the times at which they are to have come in, else now."""
        now = int(time.time() * 1000)
        first, self.put_articles = self.put_articles, self.put_articles + count
        async with AIOKafkaProducer(bootstrap_servers=self.brokers, enable_idempotence=True) as producer:
            sent = []
            for place, number in enumerate(range(first, first + count)):
                time_ms = times_ms[place] if times_ms else now
                headers = [("ce_time", rfc3339(time_ms).encode()), ("ce_id", b"e%d" % number)]
                sent.append(
                    await producer.send(
                        topic_name(Channel.ENRICHED, self.prefix),
                        article(number, text),
                        key=b"a%d" % number,
                        headers=headers,
                    )
                )
            await asyncio.gather(*sent)

    async def alerts(self) -> list[dict[str, Any]]:
        """All there are."""
        return [orjson.loads(one.value) for one in await read_topic(self.brokers, self.topic(Channel.ALERTS))]

    async def fired(self, *, expected: int, seconds: float = 40) -> list[tuple[str, str]]:
        """Rule and article of each alert, sorted, once there are so many, or as it stands after a while."""
        deadline = time.monotonic() + seconds
        # Where the topic ends is soon asked; so many alerts are not read again and again.
        while sum((await end_offsets(self.brokers, [self.topic(Channel.ALERTS)])).values()) < expected:
            if time.monotonic() > deadline:
                break
            await asyncio.sleep(0.3)
        while True:
            found = sorted((alert["rule"]["id"], alert["article"]["id"]) for alert in await self.alerts())
            if len(found) >= expected or time.monotonic() > deadline:
                return found
            await asyncio.sleep(0.3)

    def topic(self, channel: Channel) -> str:
        return topic_name(channel, self.prefix)


async def until(is_so: Callable[[], bool], *, seconds: float = 40) -> None:
    """Until it is so; fails if that takes too long."""
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.2)


def pairs(rules: Iterable[str], articles: Iterable[int]) -> list[tuple[str, str]]:
    """Every rule with every article, as `fired` gives them."""
    return sorted((one, f"a{number}") for one in rules for number in articles)
