"""A worker reads all rules before its first article, however long that takes, as long as rules come."""

import asyncio
from collections.abc import AsyncGenerator
from types import SimpleNamespace

import pytest

from worker.agents import rules as rules_module
from worker.agents.rules import Rules
from worker.delivery.kafka.errors import FatalError
from worker.settings import Settings

VALUE = b'{"id": "r%d", "name": "n", "owner": "o", "when": {"source": "wire"}}'


class Topic:
    """A rules topic that gives a record each `apart` seconds; after `stops_after` of them none come."""

    partitions = frozenset({0})

    def __init__(self, count: int, apart: float, stops_after: int | None = None) -> None:
        self._count, self._apart, self._stops_after = count, apart, stops_after

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_error):
        return None

    async def to_the_end(self, *, at_once: int) -> AsyncGenerator[list, None]:
        for n in range(self._count):
            await asyncio.sleep(self._apart)
            while self._stops_after is not None and n >= self._stops_after:
                yield []
                await asyncio.sleep(self._apart)
            yield [SimpleNamespace(key=b"r%d" % n, value=VALUE % n)]

    async def more(self, *, at_once: int) -> list:
        await asyncio.sleep(3600)
        return []


async def started(monkeypatch, topic: Topic, *, seconds: float) -> Rules:
    monkeypatch.setattr(rules_module, "CompactedTopic", lambda *_: topic)
    monkeypatch.setattr(rules_module, "START_SECONDS", seconds)
    rules = Rules(Settings())
    try:
        await rules.start(seconds=seconds)
    finally:
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
    return rules


def test_rules_that_take_longer_than_the_limit_in_all_are_read(monkeypatch):
    rules = asyncio.run(started(monkeypatch, Topic(10, 0.1), seconds=0.6))
    assert rules.status().in_force == 10


def test_a_worker_does_not_start_if_no_further_rule_comes(monkeypatch):
    with pytest.raises(FatalError, match=r"could not be read: none came within 0\.3 s"):
        asyncio.run(started(monkeypatch, Topic(10, 0.05, stops_after=3), seconds=0.3))
