"""The faults, one function a kind. Each returns when what it broke is as it was, or has been replaced."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError

from tests.faults.feeder import bad_article
from tests.faults.rules import STANDING
from tests.faults.workers import Worker
from worker.channels import SPECS, Channel, topic_name

if TYPE_CHECKING:
    from tests.faults.run import Run

PAST_THE_SESSION = 1.5
AWAY_SECONDS = (1.0, 8.0)
TOPIC_SECONDS = 90.0
# Whose topic may go and be made anew.
DELETED = (Channel.QUOTES, Channel.ALERTS)


@dataclass(frozen=True)
class Kind:
    """`from_end`: recovery counts from when the fault is over, such as a cluster that is back.

    `blows`: how often it may strike one lane.
    """

    happen: "Callable[[Run], Awaitable[None]]"
    from_end: bool = False
    weight: int = 2
    blows: int = 1


async def kill_worker(run: "Run") -> None:
    worker = run.pick()
    worker.kill()
    run.replace(worker)


async def stop_worker(run: "Run") -> None:
    await run.retire(run.pick())
    run.workers.append(run.start_worker())


async def freeze(run: "Run") -> None:
    await _freeze(run, 2.0)


async def freeze_past_the_session(run: "Run") -> None:
    await _freeze(run, run.session_seconds * PAST_THE_SESSION)


async def _freeze(run: "Run", seconds: float) -> None:
    worker = run.pick()
    worker.send(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    worker.send(signal.SIGCONT)


async def kill_pool_child(run: "Run") -> None:
    children = [pid for worker in run.workers for pid in children_of(worker)]
    if children:
        os.kill(run.chance.choice(children), signal.SIGKILL)


async def article_crashes(run: "Run") -> None:
    await run.feeder.send([bad_article("crash")] * 3)


async def article_hangs(run: "Run") -> None:
    await run.feeder.send([bad_article("hang")])


async def article_eats_memory(run: "Run") -> None:
    await run.feeder.send([bad_article("eat memory")] * 2)


async def publish_rejected(run: "Run") -> None:
    await run.feeder.send([bad_article("bloat")] * 5)


async def worker_joins_and_leaves(run: "Run") -> None:
    extra = run.start_worker()
    await run.until_ready(extra)
    await run.stop(extra)


async def worker_joins_and_leaves_idle(run: "Run") -> None:
    run.feeder.paused = True
    await run.tail.caught_up(run.tail.target(), run.session_seconds * 2)
    await worker_joins_and_leaves(run)
    run.feeder.paused = False


async def kill_broker(run: "Run") -> None:
    broker = run.pick_broker()
    await asyncio.to_thread(run.cluster.kill, broker)
    await asyncio.sleep(run.chance.uniform(*AWAY_SECONDS))
    await asyncio.to_thread(run.cluster.start, broker)


async def all_brokers_down(run: "Run") -> None:
    numbers = [1, 2, 3]
    for broker in numbers:
        await asyncio.to_thread(run.cluster.kill, broker)
    await asyncio.sleep(run.chance.uniform(*AWAY_SECONDS))
    await asyncio.gather(*(asyncio.to_thread(run.cluster.start, broker) for broker in numbers))


async def leaders_move(run: "Run") -> None:
    """By a broker that leaves in good order, and back when it has returned."""
    broker = run.pick_broker()
    await asyncio.to_thread(run.cluster.stop, broker)
    await asyncio.to_thread(run.cluster.start, broker)
    await asyncio.to_thread(run.cluster.lead_as_preferred)


async def connections_cut(run: "Run") -> None:
    for _ in range(3):
        run.cluster.proxy.cut()
        await asyncio.sleep(run.chance.uniform(0.05, 0.5))


async def network_silent(run: "Run") -> None:
    run.cluster.proxy.silence()
    await asyncio.sleep(run.chance.uniform(2, run.session_seconds * PAST_THE_SESSION))
    run.cluster.proxy.flow()


async def answers_lost(run: "Run") -> None:
    """Requests get through, their answers do not: whether a commit was done, nobody knows."""
    run.cluster.proxy.silence(answers_only=True)
    await asyncio.sleep(run.chance.uniform(0.2, 3))
    run.cluster.proxy.cut()
    run.cluster.proxy.flow()


async def topic_deleted(run: "Run") -> None:
    """An output topic goes, and is made anew: workers end meanwhile, and nothing is delivered without it.

    Not so with what the group reads, enriched articles and matches, nor with the state of cooldowns: what had
    not been worked on, and what was remembered, would be gone with their topics, and the proof with it.
    """
    channel = run.chance.choice(DELETED)
    topic = topic_name(channel, run.prefix)
    async with asyncio.timeout(TOPIC_SECONDS):
        await _until_there(run, topic, there=False)
        await asyncio.sleep(run.chance.uniform(2, 12))
        run.note_remade(channel)
        await _until_there(run, topic, there=True)


async def rules_changed(run: "Run") -> None:
    """One gets another version, one a value that is no rule, and one comes and goes."""
    await run.rules.change()
    await run.rules.spoil(run.chance.choice(STANDING))
    passing = await run.rules.come()
    await asyncio.sleep(run.chance.uniform(0.5, 3))
    await run.rules.go(passing)


async def rules_topic_remade(run: "Run") -> None:
    """The rules' topic goes, is made anew, and the rules are put again, one after the other.

    In between a worker may have some of them: what it looks at then need not be matched by all, nor may it be
    matched twice.
    """
    topic = topic_name(Channel.RULES, run.prefix)
    async with asyncio.timeout(TOPIC_SECONDS):
        await run.tail.blind_from_now()
        await _until_there(run, topic, there=False)
        await asyncio.sleep(run.chance.uniform(1, 6))
        await _until_there(run, topic, there=True)
        await run.rules.put_again()
        while not await run.all_have_the_rules():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        await run.tail.blind_no_more()


async def _until_there(run: "Run", topic: str, *, there: bool) -> None:
    """Makes or deletes it, whatever the fault before has left of the cluster."""
    done = False
    while not done:
        admin = AIOKafkaAdminClient(bootstrap_servers=run.cluster.internal)
        try:
            await admin.start()
            if there:
                spec = next(spec for spec in SPECS.values() if topic.endswith(spec.channel.value))
                await admin.create_topics([NewTopic(topic, spec.partitions or run.partitions, 3)])
            else:
                await admin.delete_topics([topic])
            await asyncio.sleep(0.5)
            done = (topic in await admin.list_topics()) == there
        except (KafkaError, AssertionError):
            await asyncio.sleep(0.5)
        finally:
            await admin.close()


async def transaction_aborted_upstream(run: "Run") -> None:
    for _ in range(3):
        await run.feeder.transaction(commit=False)


async def rolling_upgrade(run: "Run") -> None:
    """Every worker is replaced by one with another pipeline, one after the other."""
    run.version += 1
    for worker in list(run.workers):
        if worker in run.workers:
            await run.retire(worker)
            run.workers.append(run.start_worker())
            await run.until_ready(run.workers[-1])


KINDS: dict[str, Kind] = {
    "worker killed": Kind(kill_worker, weight=6),
    "worker stopped": Kind(stop_worker, weight=6),
    "worker frozen, 2 s": Kind(freeze, weight=3),
    "worker frozen past its session": Kind(freeze_past_the_session, weight=5, blows=2),
    "pool process killed": Kind(kill_pool_child, weight=3),
    "article crashes its process": Kind(article_crashes),
    "article hangs": Kind(article_hangs),
    "article eats memory": Kind(article_eats_memory),
    "publish rejected": Kind(publish_rejected, blows=5),
    "worker joins and leaves": Kind(worker_joins_and_leaves, from_end=True, weight=3, blows=2),
    "worker joins and leaves, idle": Kind(worker_joins_and_leaves_idle, from_end=True, blows=2),
    "broker killed": Kind(kill_broker, from_end=True, weight=4, blows=2),
    "all brokers down": Kind(all_brokers_down, from_end=True, blows=3),
    "leaders moved": Kind(leaders_move, from_end=True, blows=3),
    "connections cut": Kind(connections_cut, weight=3, blows=3),
    "network silent": Kind(network_silent, from_end=True, blows=2),
    "answers lost": Kind(answers_lost, from_end=True, weight=3, blows=2),
    "output topic deleted": Kind(topic_deleted, from_end=True, weight=1, blows=10),
    "rules changed": Kind(rules_changed, weight=3),
    "rules' topic made anew": Kind(rules_topic_remade, from_end=True, weight=1),
    "transaction aborted upstream": Kind(transaction_aborted_upstream),
    "rolling upgrade": Kind(rolling_upgrade, from_end=True, weight=1, blows=3),
}


def children_of(worker: Worker) -> list[int]:
    """Process ids of a worker's pool."""
    pid = worker.process.pid
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(one) for task in tasks for one in (task / "children").read_text().split()]
    except OSError:
        return []
