"""The faults, one function a kind. Each returns when what it broke is as it was, or has been replaced."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.feeder import bad_article
from tests.faults.fleet import SESSION_SECONDS, Fleet
from tests.faults.rules import STANDING
from tests.faults.topics import create_topic, delete_topic
from tests.faults.workers import Worker, child_pids
from worker.channels import Channel

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

    happen: Callable[[Fleet], Awaitable[None]]
    from_end: bool = False
    weight: int = 2
    blows: int = 1


async def kill_worker(fleet: Fleet) -> None:
    worker = fleet.pick()
    worker.kill()
    fleet.replace(worker)


async def stop_worker(fleet: Fleet) -> None:
    await fleet.retire(fleet.pick())
    fleet.add()


async def freeze(fleet: Fleet) -> None:
    await _freeze(fleet, 2.0)


async def freeze_past_the_session(fleet: Fleet) -> None:
    await _freeze(fleet, SESSION_SECONDS * PAST_THE_SESSION)


async def _freeze(fleet: Fleet, seconds: float) -> None:
    worker = fleet.pick()
    worker.send(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    worker.send(signal.SIGCONT)


async def kill_pool_child(fleet: Fleet) -> None:
    children = [pid for worker in fleet.workers for pid in _pool_processes(worker)]
    if children:
        os.kill(fleet.chance.choice(children), signal.SIGKILL)


async def article_crashes(fleet: Fleet) -> None:
    await fleet.feeder.send([bad_article("crash")] * 3)


async def article_hangs(fleet: Fleet) -> None:
    await fleet.feeder.send([bad_article("hang")])


async def article_eats_memory(fleet: Fleet) -> None:
    await fleet.feeder.send([bad_article("eat memory")] * 2)


async def publish_rejected(fleet: Fleet) -> None:
    await fleet.feeder.send([bad_article("bloat")] * 5)


async def worker_joins_and_leaves(fleet: Fleet) -> None:
    extra = fleet.start()
    await fleet.until_ready(extra)
    await fleet.stop(extra)


async def worker_joins_and_leaves_idle(fleet: Fleet) -> None:
    fleet.feeder.paused = True
    await fleet.tail.caught_up(fleet.tail.target(), SESSION_SECONDS * 2)
    await worker_joins_and_leaves(fleet)
    fleet.feeder.paused = False


async def kill_broker(fleet: Fleet) -> None:
    broker = fleet.pick_broker()
    await asyncio.to_thread(fleet.cluster.kill, broker)
    await asyncio.sleep(fleet.chance.uniform(*AWAY_SECONDS))
    await asyncio.to_thread(fleet.cluster.start, broker)


async def all_brokers_down(fleet: Fleet) -> None:
    numbers = [1, 2, 3]
    for broker in numbers:
        await asyncio.to_thread(fleet.cluster.kill, broker)
    await asyncio.sleep(fleet.chance.uniform(*AWAY_SECONDS))
    await asyncio.gather(*(asyncio.to_thread(fleet.cluster.start, broker) for broker in numbers))


async def leaders_move(fleet: Fleet) -> None:
    """By a broker that leaves in good order, and back when it has returned."""
    broker = fleet.pick_broker()
    await asyncio.to_thread(fleet.cluster.stop, broker)
    await asyncio.to_thread(fleet.cluster.start, broker)
    await asyncio.to_thread(fleet.cluster.lead_as_preferred)


async def connections_cut(fleet: Fleet) -> None:
    for _ in range(3):
        fleet.cluster.proxy.cut()
        await asyncio.sleep(fleet.chance.uniform(0.05, 0.5))


async def network_silent(fleet: Fleet) -> None:
    fleet.cluster.proxy.silence()
    await asyncio.sleep(fleet.chance.uniform(2, SESSION_SECONDS * PAST_THE_SESSION))
    fleet.cluster.proxy.flow()


async def answers_lost(fleet: Fleet) -> None:
    """Requests get through, their answers do not: whether a commit was done, nobody knows."""
    fleet.cluster.proxy.silence(answers_only=True)
    await asyncio.sleep(fleet.chance.uniform(0.2, 3))
    fleet.cluster.proxy.cut()
    fleet.cluster.proxy.flow()


async def topic_deleted(fleet: Fleet) -> None:
    """An output topic goes, and is made anew: workers end meanwhile, and nothing is delivered without it.

    Not so with what the group reads, enriched articles and matches, nor with the state of cooldowns: what had
    not been worked on, and what was remembered, would be gone with their topics, and the proof with it.
    """
    channel = fleet.chance.choice(DELETED)
    async with asyncio.timeout(TOPIC_SECONDS):
        await delete_topic(fleet, channel)
        await asyncio.sleep(fleet.chance.uniform(2, 12))
        fleet.note_remade(channel)
        await create_topic(fleet, channel)


async def rules_changed(fleet: Fleet) -> None:
    """One gets another version, one a value that is no rule, and one comes and goes."""
    await fleet.rules.change()
    await fleet.rules.spoil(fleet.chance.choice(STANDING))
    passing = await fleet.rules.come()
    await asyncio.sleep(fleet.chance.uniform(0.5, 3))
    await fleet.rules.go(passing)


async def rules_topic_remade(fleet: Fleet) -> None:
    """The rules' topic goes, is made anew, and the rules are put again, one after the other.

    In between a worker may have some of them: what it looks at then need not be matched by all, nor may it be
    matched twice.
    """
    async with asyncio.timeout(TOPIC_SECONDS):
        await fleet.tail.blind_from_now()
        await delete_topic(fleet, Channel.RULES)
        await asyncio.sleep(fleet.chance.uniform(1, 6))
        await create_topic(fleet, Channel.RULES)
        await fleet.rules.put_again()
        while not await fleet.all_have_the_rules():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        await fleet.tail.blind_no_more()


async def transaction_aborted_upstream(fleet: Fleet) -> None:
    for _ in range(3):
        await fleet.feeder.transaction(commit=False)


async def rolling_upgrade(fleet: Fleet) -> None:
    """Every worker is replaced by one with another pipeline, one after the other."""
    fleet.pipeline_version += 1
    for worker in list(fleet.workers):
        if worker in fleet.workers:
            await fleet.retire(worker)
            await fleet.until_ready(fleet.add())


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


def _pool_processes(worker: Worker) -> list[int]:
    """Process ids of a worker's pool; empty where the worker is gone."""
    try:
        return child_pids(worker.process.pid)
    except OSError:
        return []
