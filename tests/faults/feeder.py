"""Feeds articles to the raw topic for as long as a run goes on, some of them bad in known ways.

It does not remember what it sent: the inputs of a run are what the raw topic holds in the end.
"""

import asyncio
import itertools
import random
from collections.abc import Mapping, Sequence

import orjson
from aiokafka import AIOKafkaProducer

from bench.fuzz.bombs import ZSTD, send_bomb
from tests.faults.account import CLIENT_ERRORS
from tests.faults.enricher import PERSON_NAMES
from tests.faults.rules import NEAR_WORDS, WORD_OF_ALL, WORD_OF_SOME
from worker.alerts.work import RULE_STEPS
from worker.channels import MIB, Channel, topic_name

# How many of 1,000 articles. Those that cost a process, or make a lane start over, are the rarest.
BAD_IN_1000 = {"reject": 12, "raise": 5, "bloat": 1, "crash": 1, "eat memory": 1}
# Without those that make a worker write a batch again by themselves.
BAD_AND_WRITTEN_ONCE = BAD_IN_1000 | {"bloat": 0, "reject": BAD_IN_1000["reject"] + BAD_IN_1000["bloat"]}
BOMB_BYTES = 300 * MIB
SENDS_A_SECOND = 4
_TRANSACTION_RECORDS = 10
_TRANSACTION_EVERY_SECONDS = 3.0


class Feeder:
    """Feeds so many articles a second, and transactions beside them, unless it is `paused`.

    `sends_a_second`: in how many parts. Each partition's share of a part is a transaction of each stage.
    """

    def __init__(
        self,
        brokers: str,
        prefix: str,
        chance: random.Random,
        per_second: float,
        bad_in_1000: Mapping[str, int] = BAD_IN_1000,
        *,
        sends_a_second: int = SENDS_A_SECOND,
    ) -> None:
        self.fed = 0
        self.aborted = 0
        """Records of transactions that were aborted: no reader of committed records may see them."""
        self.paused = False
        self.stopping = False
        self._transaction_numbers = itertools.count()
        self._topic = topic_name(Channel.RAW, prefix)
        self._prefix, self._brokers = prefix, brokers
        self._chance, self._bad_in_1000 = chance, bad_in_1000
        self._pause_seconds, self._each_time = 1 / sends_a_second, round(per_second / sends_a_second)

    async def run(self) -> None:
        """Feeds until `stopping`; in between come transactions."""
        upstream = asyncio.create_task(self._transactions())
        try:
            while not self.stopping:
                try:
                    await self._stream()
                except CLIENT_ERRORS:
                    # The next producer knows nothing of the last one's trouble.
                    await asyncio.sleep(1)
        finally:
            await upstream

    async def _stream(self) -> None:
        producer = AIOKafkaProducer(bootstrap_servers=self._brokers, enable_idempotence=True)
        try:
            await producer.start()
            while not self.stopping:
                await asyncio.sleep(self._pause_seconds)
                if not self.paused:
                    await self._send(producer, [self.article() for _ in range(self._each_time)])
        finally:
            await producer.stop()

    async def send(self, values: Sequence[bytes], keys: Sequence[bytes] | None = None) -> None:
        """Sends some articles at once."""
        producer = AIOKafkaProducer(bootstrap_servers=self._brokers, enable_idempotence=True)
        try:
            await producer.start()
            await self._send(producer, values, keys)
        finally:
            await producer.stop()

    async def send_bomb(self) -> None:
        """Sends a batch that unpacks to too much: two articles, the bomb, and two that stay unread."""
        articles = [(self._key(), good_article(self._chance)) for _ in range(4)]
        bomb = (self._key(), BOMB_BYTES)
        await send_bomb(self._brokers, self._topic, ZSTD, [*articles[:2], bomb, *articles[2:]])
        # The two that are unread are read as one record.
        self.fed += len(articles)

    def article(self) -> bytes:
        """The next article: a good one, or by chance one of the bad ones."""
        number = self._chance.randrange(1000)
        for verb, share in self._bad_in_1000.items():
            if number < share:
                return bad_article(verb)
            number -= share
        return good_article(self._chance)

    async def _send(
        self, producer: AIOKafkaProducer, values: Sequence[bytes], keys: Sequence[bytes] | None = None
    ) -> None:
        keys = keys or [self._key() for _ in values]
        sent = [
            await producer.send(self._topic, value, key=key) for key, value in zip(keys, values, strict=True)
        ]
        for result in await asyncio.gather(*sent, return_exceptions=True):
            self.fed += not isinstance(result, BaseException)

    async def _transactions(self) -> None:
        while not self.stopping:
            await asyncio.sleep(_TRANSACTION_EVERY_SECONDS)
            if not self.paused:
                try:
                    async with asyncio.timeout(20):
                        await self.transaction(commit=self._chance.random() < 0.67)
                except CLIENT_ERRORS:
                    continue  # the next one comes with a producer of its own

    async def transaction(self, *, commit: bool) -> None:
        """Sends some articles in a transaction, as a publisher upstream may, and commits or aborts it."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self._brokers,
            transactional_id=f"{self._prefix}upstream-{next(self._transaction_numbers)}",
            transaction_timeout_ms=5000,
        )
        try:
            await producer.start()
            await producer.begin_transaction()
            for _ in range(_TRANSACTION_RECORDS):
                await producer.send_and_wait(self._topic, self.article(), key=self._key())
            if commit:
                await producer.commit_transaction()
                self.fed += _TRANSACTION_RECORDS
            else:
                await producer.abort_transaction()
                self.aborted += _TRANSACTION_RECORDS
        finally:
            await producer.stop()

    def _key(self) -> bytes:
        return b"%016x" % self._chance.getrandbits(64)


def good_article(chance: random.Random) -> bytes:
    """An article with the word of all articles.

    One in four has the word of some, half have names, and one in ten has two words side by side.
    """
    words = [WORD_OF_ALL] * chance.randint(1, 100)
    words += [WORD_OF_SOME] * (chance.random() < 0.25)
    words += chance.sample(PERSON_NAMES, chance.choice([0, 0, 1, 2]))
    words += NEAR_WORDS * (chance.random() < 0.1)
    return " ".join(words).encode()


def costly_article() -> bytes:
    """An article that matches the rules of every article, and costs one rule more than its budget."""
    return " ".join([*NEAR_WORDS * (RULE_STEPS // 2 + 1), WORD_OF_ALL]).encode()


def bad_article(verb: str) -> bytes:
    """An article that makes the enricher do what the verb says."""
    return orjson.dumps({"do": verb, "why": "one of the bad ones"})
