"""The kinds of faults, a function each, which returns when what it broke works again or is replaced."""

import asyncio
import os
import signal
import subprocess
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.false_clock import FalseClock, faketime_library
from tests.faults.feeder import bad_article, costly_article
from tests.faults.fleet import SESSION_SECONDS, Fleet
from tests.faults.rules import STANDING_RULES
from tests.faults.topics import create_topic, delete_topic, forget_group
from tests.faults.workers import Worker, child_pids
from worker.channels import Channel

_PAST_THE_SESSION = 1.5
_AWAY_SECONDS = (1.0, 8.0)
_TOPIC_SECONDS = 90.0
_CLOCK_SECONDS = 30.0
_REFUSED_SECONDS = 120.0
_FALSE_TIMES = ("-60d", "-3h", "+2h")
# Channels whose topic a fault may delete.
_DELETABLE = (Channel.QUOTES, Channel.ALERTS)


@dataclass(frozen=True)
class FaultKind:
    """What a kind of fault does, how often a schedule has it, and what it may cost.

    `from_end`: recovery is timed from when the fault is over, such as a cluster that is back.
    `repeated_batches`: how many batches it may make one lane write again, at-least-once.
    """

    strike: Callable[[Fleet], Awaitable[None]]
    from_end: bool = False
    weight: int = 2
    repeated_batches: int = 1


async def kill_worker(fleet: Fleet) -> None:
    """Kills a worker (SIGKILL) and starts another."""
    worker = fleet.pick()
    worker.kill()
    fleet.replace(worker)


async def stop_worker(fleet: Fleet) -> None:
    """Stops a worker (SIGTERM) and starts another."""
    await fleet.retire(fleet.pick())
    fleet.add()


async def freeze(fleet: Fleet) -> None:
    """Freezes a worker (SIGSTOP) for less than its session."""
    await _freeze(fleet, 2.0)


async def freeze_past_the_session(fleet: Fleet) -> None:
    """Freezes a worker for longer than its session: its partitions move meanwhile."""
    await _freeze(fleet, SESSION_SECONDS * _PAST_THE_SESSION)


async def _freeze(fleet: Fleet, seconds: float) -> None:
    worker = fleet.pick()
    worker.send(signal.SIGSTOP)
    await asyncio.sleep(seconds)
    worker.send(signal.SIGCONT)


async def kill_pool_child(fleet: Fleet) -> None:
    """Kills a process of a worker's pool."""
    children = [pid for worker in fleet.workers for pid in _pool_processes(worker)]
    if children:
        os.kill(fleet.chance.choice(children), signal.SIGKILL)


async def article_crashes(fleet: Fleet) -> None:
    """Feeds articles that crash their process."""
    await fleet.feeder.send([bad_article("crash")] * 3)


async def article_hangs(fleet: Fleet) -> None:
    """Feeds an article on which the work never ends."""
    await fleet.feeder.send([bad_article("hang")])


async def article_eats_memory(fleet: Fleet) -> None:
    """Feeds articles that take memory until their process is killed."""
    await fleet.feeder.send([bad_article("eat memory")] * 2)


async def publish_rejected(fleet: Fleet) -> None:
    """Feeds articles of which a record is too large for its topic."""
    await fleet.feeder.send([bad_article("bloat")] * 5)


async def decompression_bomb(fleet: Fleet) -> None:
    """Feeds a batch of 20 KB that unpacks to 300 MB, with good articles before and behind its bomb."""
    await fleet.feeder.send_bomb()


async def rule_over_its_budget(fleet: Fleet) -> None:
    """Feeds articles that cost a rule more work than its budget: the other rules match them."""
    await fleet.feeder.send([costly_article()] * 3)


async def worker_joins_and_leaves(fleet: Fleet) -> None:
    """Starts a worker more and stops it once it is ready."""
    extra = fleet.start()
    await fleet.until_ready(extra)
    await fleet.stop(extra)


async def clock_jumps(fleet: Fleet) -> None:
    """Starts a worker more and sets its clock wrong once it is ready: it ends, and says why."""
    clock = FalseClock(fleet.logs / f"clock-{uuid.uuid4().hex[:6]}")
    extra = fleet.start(clock.variables)
    await fleet.until_ready(extra)
    clock.set(fleet.chance.choice(_FALSE_TIMES))
    await _until_ended(fleet, extra, _CLOCK_SECONDS, otherwise="goes on with a wrong clock")
    if not any("the clock of this machine" in end["reason"] for end in extra.events("worker ends")):
        fleet.problems.append(f"{extra.log}: does not name its clock")


async def _until_ended(fleet: Fleet, worker: Worker, seconds: float, *, otherwise: str) -> None:
    """Waits until the worker has ended. One that has not in time is a problem, and is killed."""
    try:
        await asyncio.to_thread(worker.process.wait, seconds)
    except subprocess.TimeoutExpired:
        fleet.problems.append(f"{worker.log}: {otherwise}")
        worker.kill()


async def offsets_expire(fleet: Fleet) -> None:
    """Stops all workers, has the brokers forget the group's offsets, and starts as many again."""
    count = len(fleet.workers)
    for worker in list(fleet.workers):
        await fleet.retire(worker)
    await forget_group(fleet)
    for _ in range(count):
        fleet.add()


async def another_group_starts(fleet: Fleet) -> None:
    """Starts a worker of another group: it is refused, and names the group that writes."""
    extra = fleet.start({"DATELINE_GROUP": f"{fleet.prefix}another"})
    await _until_ended(fleet, extra, _REFUSED_SECONDS, otherwise="writes beside the fleet's group")
    # The cluster may be in trouble of its own, and then it ends for another reason.
    if any("group writes from now on" in line for line in extra.log.read_text().splitlines()):
        fleet.problems.append(f"{extra.log}: took over from the fleet's group")


async def mixed_settings(fleet: Fleet) -> None:
    """Starts a worker that would write other outputs: the group refuses it, and it names both."""
    # Where nobody is in the group, its outputs would be the group's.
    for worker in list(fleet.workers):
        await fleet.until_ready(worker)
    extra = fleet.start({"DATELINE_OUTPUTS": "enriched,search"})
    await _until_ended(fleet, extra, _REFUSED_SECONDS, otherwise="writes other outputs than the fleet")
    if not any("would write enriched,search" in end["reason"] for end in extra.events("worker ends")):
        fleet.problems.append(f"{extra.log}: does not name its outputs")


async def worker_joins_and_leaves_idle(fleet: Fleet) -> None:
    """The same while no articles come in."""
    fleet.feeder.paused = True
    await fleet.tail.caught_up(fleet.tail.target(), SESSION_SECONDS * 2)
    await worker_joins_and_leaves(fleet)
    fleet.feeder.paused = False


async def kill_broker(fleet: Fleet) -> None:
    """Kills a broker and starts it again after a while."""
    broker = fleet.pick_broker()
    await asyncio.to_thread(fleet.cluster.kill, broker)
    await asyncio.sleep(fleet.chance.uniform(*_AWAY_SECONDS))
    await asyncio.to_thread(fleet.cluster.start, broker)


async def all_brokers_down(fleet: Fleet) -> None:
    """Kills all brokers and starts them again after a while."""
    numbers = [1, 2, 3]
    for broker in numbers:
        await asyncio.to_thread(fleet.cluster.kill, broker)
    await asyncio.sleep(fleet.chance.uniform(*_AWAY_SECONDS))
    await asyncio.gather(*(asyncio.to_thread(fleet.cluster.start, broker) for broker in numbers))


async def leaders_move(fleet: Fleet) -> None:
    """Stops a broker in good order, which hands over its partitions, and moves them back once it is up."""
    broker = fleet.pick_broker()
    await asyncio.to_thread(fleet.cluster.stop, broker)
    await asyncio.to_thread(fleet.cluster.start, broker)
    await asyncio.to_thread(fleet.cluster.lead_as_preferred)


async def connections_cut(fleet: Fleet) -> None:
    """Cuts all connections, three times."""
    for _ in range(3):
        fleet.cluster.proxy.cut()
        await asyncio.sleep(fleet.chance.uniform(0.05, 0.5))


async def network_silent(fleet: Fleet) -> None:
    """Lets nothing through for a while; connections stay open."""
    fleet.cluster.proxy.silence()
    await asyncio.sleep(fleet.chance.uniform(2, SESSION_SECONDS * _PAST_THE_SESSION))
    fleet.cluster.proxy.flow()


async def answers_lost(fleet: Fleet) -> None:
    """Lets requests through and holds back their answers: nobody knows whether a commit was done."""
    fleet.cluster.proxy.silence(answers_only=True)
    await asyncio.sleep(fleet.chance.uniform(0.2, 3))
    fleet.cluster.proxy.cut()
    fleet.cluster.proxy.flow()


async def topic_deleted(fleet: Fleet) -> None:
    """Deletes an output topic and creates it again: meanwhile workers end, and nothing is delivered.

    Topics that the group reads (enriched articles, matches) and the cooldowns' state are left alone: with
    them, unprocessed records and remembered silences would be gone, and nothing could be proved.
    """
    channel = fleet.chance.choice(_DELETABLE)
    async with asyncio.timeout(_TOPIC_SECONDS):
        await delete_topic(fleet, channel)
        await asyncio.sleep(fleet.chance.uniform(2, 12))
        fleet.note_remade(channel)
        await create_topic(fleet, channel)


async def rules_changed(fleet: Fleet) -> None:
    """Changes one rule, puts an invalid value in place of another, adds a third and removes it."""
    await fleet.rules.change()
    await fleet.rules.put_invalid(fleet.chance.choice(STANDING_RULES))
    passing = await fleet.rules.add()
    await asyncio.sleep(fleet.chance.uniform(0.5, 3))
    await fleet.rules.remove(passing)


async def rules_topic_remade(fleet: Fleet) -> None:
    """Deletes the rules' topic, creates it again, and puts the rules again, one after the other.

    In between a worker may have some of them only: an article that it looks at then need not be matched by
    all rules, but may not be matched twice.
    """
    async with asyncio.timeout(_TOPIC_SECONDS):
        await fleet.tail.begin_rules_outage()
        await delete_topic(fleet, Channel.RULES)
        await asyncio.sleep(fleet.chance.uniform(1, 6))
        await create_topic(fleet, Channel.RULES)
        await fleet.rules.put_again()
        while not await fleet.all_have_the_rules():  # noqa: ASYNC110
            await asyncio.sleep(0.2)
        await fleet.tail.end_rules_outage()


async def transaction_aborted_upstream(fleet: Fleet) -> None:
    """Aborts transactions of the publisher upstream."""
    for _ in range(3):
        await fleet.feeder.transaction(commit=False)


async def rolling_upgrade(fleet: Fleet) -> None:
    """Replaces every worker by one with another version of the pipeline, one after the other."""
    fleet.pipeline_version += 1
    for worker in list(fleet.workers):
        if worker in fleet.workers:
            await fleet.retire(worker)
            await fleet.until_ready(fleet.add())


FAULT_KINDS: dict[str, FaultKind] = {
    "worker killed": FaultKind(kill_worker, weight=6),
    "worker stopped": FaultKind(stop_worker, weight=6),
    "worker frozen, 2 s": FaultKind(freeze, weight=3),
    "worker frozen past its session": FaultKind(freeze_past_the_session, weight=5, repeated_batches=2),
    "pool process killed": FaultKind(kill_pool_child, weight=3),
    "article crashes its process": FaultKind(article_crashes),
    "article hangs": FaultKind(article_hangs),
    "article eats memory": FaultKind(article_eats_memory),
    "decompression bomb": FaultKind(decompression_bomb),
    "rule over its budget": FaultKind(rule_over_its_budget),
    "publish rejected": FaultKind(publish_rejected, repeated_batches=5),
    "worker joins and leaves": FaultKind(
        worker_joins_and_leaves, from_end=True, weight=3, repeated_batches=2
    ),
    "worker joins and leaves, idle": FaultKind(
        worker_joins_and_leaves_idle, from_end=True, repeated_batches=2
    ),
    "offsets expire": FaultKind(offsets_expire, from_end=True, weight=1, repeated_batches=3),
    "another group starts": FaultKind(another_group_starts, weight=1),
    "mixed settings": FaultKind(mixed_settings, from_end=True, repeated_batches=2),
    "clock jumps": FaultKind(clock_jumps, from_end=True, repeated_batches=2),
    "broker killed": FaultKind(kill_broker, from_end=True, weight=4, repeated_batches=2),
    "all brokers down": FaultKind(all_brokers_down, from_end=True, repeated_batches=3),
    "leaders moved": FaultKind(leaders_move, from_end=True, repeated_batches=3),
    "connections cut": FaultKind(connections_cut, weight=3, repeated_batches=3),
    "network silent": FaultKind(network_silent, from_end=True, repeated_batches=2),
    "answers lost": FaultKind(answers_lost, from_end=True, weight=3, repeated_batches=2),
    "output topic deleted": FaultKind(topic_deleted, from_end=True, weight=1, repeated_batches=10),
    "rules changed": FaultKind(rules_changed, weight=3),
    "rules' topic made anew": FaultKind(rules_topic_remade, from_end=True, weight=1),
    "transaction aborted upstream": FaultKind(transaction_aborted_upstream),
    "rolling upgrade": FaultKind(rolling_upgrade, from_end=True, weight=1, repeated_batches=3),
}

if faketime_library() is None:
    del FAULT_KINDS["clock jumps"]


def _pool_processes(worker: Worker) -> list[int]:
    """Process ids of a worker's pool; empty where the worker is gone."""
    try:
        return child_pids(worker.process.pid)
    except OSError:
        return []
