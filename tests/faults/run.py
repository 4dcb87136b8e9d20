"""One run: workers, articles that keep coming, faults from a seeded schedule, and a report.

    python -m tests.faults.run --seed 1 --faults 60

Prints what happens as it happens, then one JSON object; exit code 1 unless all is as it should be.
"""

import argparse
import asyncio
import json
import logging
import platform
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError

from tests.faults.cluster import Cluster
from tests.faults.fleet import BATCH_SIZE, HANG_SECONDS, SESSION_SECONDS, Fleet
from tests.faults.kinds import FAULT_KINDS
from tests.faults.sabotage import SABOTAGE
from tests.faults.topics import create_run_topics, make_gaps
from tests.faults.verdict import judge
from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.outcome import RedriveOptions, RedriveOutcome
from worker.commands.dead_letters.redrive import redrive
from worker.commands.shell.options import read_settings
from worker.commands.shell.terminal import Problem
from worker.records.messages import Reason

# What comes in within so long after a fault has to be delivered too: every partition is seen to move again.
_PROBE_SECONDS = 1.0
_SETTLE_SECONDS = 120.0
_SAMPLE_SECONDS = 2.0
# The letters that are sent back when all is delivered. None of them costs a process.
_SENT_BACK = (Reason.INVALID.value, Reason.TOO_LARGE.value, Reason.ENRICHMENT_FAILED.value)
_MOST_SENT_BACK = 40
# The share of faults that the next one follows before the group has recovered.
OVERLAP = 0.2
# How long the group is left alone before the next fault, at least and at most.
PAUSE_SECONDS = (0.5, 2.0)


class Run:
    """Feeds a fleet, lets faults happen to it, checks it meanwhile and at the end, and reports."""

    def __init__(
        self, fleet: Fleet, *, overlap: float = OVERLAP, pause_seconds: tuple[float, float] = PAUSE_SECONDS
    ) -> None:
        self.fleet = fleet
        self._overlap, self._pause_seconds = overlap, pause_seconds
        self._end_reasons: Counter[str] = Counter()
        self._recoveries: dict[str, list[float]] = defaultdict(list)
        self._done: Counter[str] = Counter()
        self._batches_allowed: Counter[int] = Counter()
        self._late = self._hangs = self._gaps = 0

    async def execute(self, schedule: list[str]) -> dict[str, Any]:
        """Lets these faults happen one after the other, some before the last is recovered from.

        Returns the report.
        """
        began = time.monotonic()
        fleet = self.fleet
        await create_run_topics(fleet)
        self._gaps = await make_gaps(fleet)
        await fleet.rules.put_all()
        await fleet.tail.start(fleet.partitions)
        await fleet.start_all()
        feeding = asyncio.create_task(fleet.feeder.run())
        helping = [asyncio.create_task(self._restart()), asyncio.create_task(self._sample())]
        try:
            for number, name in enumerate(schedule, 1):
                await asyncio.sleep(fleet.chance.uniform(*self._pause_seconds))
                await self._fault(number, len(schedule), name)
            await self._finish(feeding, helping)
        finally:
            for task in (feeding, *helping):
                task.cancel()
            fleet.end()
            await fleet.tail.stop()
        return await self._report(time.monotonic() - began)

    async def _finish(self, feeding: asyncio.Task[None], helping: list[asyncio.Task[None]]) -> None:
        """Ends the feed, waits until all is delivered, checks once more and stops the workers."""
        fleet, tail = self.fleet, self.fleet.tail
        fleet.feeder.stopping = True
        await asyncio.wait([feeding])
        if feeding.exception():
            fleet.problems.append(f"the feed ended: {feeding.exception()!r}")
        await self._settle()
        await self._send_back()
        await self._settle()
        for task in helping:
            if task.done():  # none ends by itself but by an exception
                fleet.problems.append(f"the run's own checks ended: {task.exception()!r}")
            task.cancel()
        if not await tail.check():
            fleet.problems.append("at the end, the committed offsets could not be held against the outputs")
        await asyncio.gather(*map(fleet.stop, fleet.workers))

    async def _settle(self) -> None:
        tail = self.fleet.tail
        await asyncio.sleep(1)
        if await tail.caught_up(tail.target(), _SETTLE_SECONDS) is None:
            left = await tail.behind(tail.target())
            self.fleet.problems.append(
                f"nothing moved for {_SETTLE_SECONDS:g} s, and not all is delivered: {left}"
            )

    async def _send_back(self) -> None:
        """Sends dead letters back, as an operator would: some come out now, and some die again."""
        fleet, outcome = self.fleet, RedriveOutcome()
        settings = read_settings(brokers=fleet.cluster.internal, prefix=fleet.prefix, delivery=fleet.delivery)
        try:
            await redrive(
                settings, Filter(reasons=_SENT_BACK), RedriveOptions(limit=_MOST_SENT_BACK), outcome
            )
        except Problem as problem:
            fleet.problems.append(f"letters could not be sent back: {problem.message}")

    async def _fault(self, number: int, of: int, name: str) -> None:
        """Lets one fault happen, and waits for the recovery unless the next is to come at once."""
        kind, began = FAULT_KINDS[name], time.monotonic()
        seen, problems = self.fleet.tail.seen, self.fleet.problems
        self._batches_allowed[seen.fault] += kind.repeated_batches
        recovery = None if kind.from_end else asyncio.create_task(self._recovery(began))
        try:
            await kind.strike(self.fleet)
        except (KafkaError, AssertionError) as error:
            # The run's own client, in what the fault before has left; this one did not happen.
            _log_fault(number, of, f"{name}: not done, {error!r}")
            _cancel(recovery)
            return
        except (RuntimeError, TimeoutError) as error:
            # The cluster did not do as it was told, in time: what was broken may stay broken.
            problems.append(f"fault {number}, {name}: {error!r}")
            _log_fault(number, of, problems[-1])
            _cancel(recovery)
            return
        self._done[name] += 1
        if self.fleet.chance.random() < self._overlap and number < of:
            _log_fault(number, of, f"{name}, and at once")
            _cancel(recovery)
            return
        seconds, left = await (recovery or self._recovery(time.monotonic()))
        if left:
            self._hangs += 1
            problems.append(f"fault {number}, {name}: stood still for {HANG_SECONDS:g} s, {left}")
        else:
            self._recoveries[name].append(seconds)
            self._late += seconds > 2 * SESSION_SECONDS
        _log_fault(number, of, f"{name}: {f'NO RECOVERY, {left}' if left else f'{seconds:.1f} s'}")
        seen.fault += 1

    async def _recovery(self, began: float) -> tuple[float, str]:
        """Seconds from `began` until what came in up to a little later is delivered; else what is not."""
        await asyncio.sleep(_PROBE_SECONDS)
        target = self.fleet.tail.target()
        if await self.fleet.tail.caught_up(target, HANG_SECONDS) is None:
            return HANG_SECONDS, await self.fleet.tail.behind(target) or "all of it, at the last moment"
        return time.monotonic() - began, ""

    def _too_much_twice(self) -> Iterator[str]:
        """At-least-once: lanes that wrote more again than the batches that their faults account for."""
        for fault, inputs in self.fleet.tail.seen.repeated().items():
            if inputs > (most := BATCH_SIZE * self._batches_allowed[fault]):
                yield f"after fault {fault}, a lane wrote {inputs} inputs again; at most {most} may be"

    async def _restart(self) -> None:
        """Starts a new worker in place of each that ended by itself, as a supervisor would."""
        while True:
            await asyncio.sleep(0.5)
            for worker in list(self.fleet.workers):
                if not worker.running:
                    for end in worker.events("worker ends"):
                        self._end_reasons[end["reason"]] += 1
                    self.fleet.replace(worker)

    async def _sample(self) -> None:
        """Holds the committed offsets against the outputs every two seconds."""
        while True:
            await asyncio.sleep(_SAMPLE_SECONDS)
            await self.fleet.tail.check()

    async def _report(self, seconds: float) -> dict[str, Any]:
        fleet, tail = self.fleet, self.fleet.tail
        once = fleet.delivery == "exactly-once"
        verdict = await judge(
            fleet.cluster.internal,
            fleet.prefix,
            once=once,
            history=fleet.rules.history,
            remade=fleet.remade,
            outages=tail.outages,
        )
        problems = [*fleet.problems, *verdict.problems, *verdict.traced.problems, *tail.seen.problems]
        if not once:
            problems += self._too_much_twice()
        return {
            "kafka": fleet.cluster.version,
            "python": platform.python_version(),
            "packages": {name: version(name) for name in ("faust-streaming", "aiokafka")},
            "delivery": fleet.delivery,
            "seed": fleet.seed,
            "workers": fleet.size,
            "partitions": fleet.partitions,
            "seconds": round(seconds),
            "faults": self._done.total(),
            "kinds": dict(self._done),
            "recovery_seconds": {
                name: [round(one, 1) for one in all] for name, all in self._recoveries.items()
            },
            "inputs": verdict.inputs,
            "gaps": self._gaps,
            "aborted_upstream": fleet.feeder.aborted,
            "dead_letters": dict(verdict.letters),
            "lost": verdict.lost,
            "twice": verdict.twice,
            "unexplained": verdict.unexplained,
            "matches": verdict.alerting.matches,
            "alerts": verdict.alerting.alerts,
            "kept_back": verdict.alerting.kept_back,
            "overruns": verdict.alerting.overruns,
            "alerts_missed": verdict.alerting.missed,
            "alerts_twice": verdict.alerting.twice,
            "alerts_wrong": verdict.alerting.wrong,
            "sketches": verdict.stories.sketches,
            "stories_assigned": verdict.stories.assignments,
            "stories_merged": verdict.stories.merged,
            "stories_retracted": verdict.stories.retracted,
            "story_lineages": verdict.stories.lineages,
            "stories_twice": verdict.stories.twice,
            "stories_wrong": verdict.stories.wrong,
            "story_records": verdict.story_rules.records,
            "story_matches": verdict.story_rules.matches,
            "story_matches_excused": verdict.story_rules.excused,
            "story_matches_missed": verdict.story_rules.missed,
            "story_matches_twice": verdict.story_rules.twice,
            "story_matches_wrong": verdict.story_rules.wrong,
            "trend_notes": verdict.trends.notes,
            "trend_records": verdict.trends.records,
            "trend_keys": verdict.trends.keys,
            "trend_uncounted": verdict.trends.uncounted,
            "trends_twice": verdict.trends.twice,
            "trends_wrong": verdict.trends.wrong,
            "traced": dict(verdict.traced.fates),
            "traced_alerts": verdict.traced.alerts,
            "traced_sent_back": verdict.traced.sent_back,
            "untraced": len(verdict.traced.problems),
            "repeats_uncommitted": tail.seen.repeats,
            "most_repeated_in_a_lane": max(tail.seen.repeated().values(), default=0),
            "hangs": self._hangs,
            "recovered_late": self._late,
            "offset_checks": tail.samples,
            "exit_codes_after_sigterm": {str(code): times for code, times in fleet.exit_codes.items()},
            "ended_by_themselves": dict(self._end_reasons),
            "problems": len(problems),
            "first_problems": problems[:10],
            "logs": str(fleet.logs),
        }


def _cancel(task: asyncio.Task[Any] | None) -> None:
    if task:
        task.cancel()


def _log_fault(number: int, of: int, what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {number}/{of} {what}", file=sys.stderr, flush=True)


def schedule_of(seed: int, faults: int, kinds: list[str] | None = None) -> list[str]:
    """Names of faults: each kind once, then drawn by weight. The same seed gives the same schedule."""
    chance = random.Random(seed)
    names = kinds or list(FAULT_KINDS)
    first = chance.sample(names, len(names))
    rest = chance.choices(names, [FAULT_KINDS[name].weight for name in names], k=max(0, faults - len(first)))
    return [*first, *rest][:faults]


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=int, default=60)
    parser.add_argument("--kinds", nargs="+", choices=list(FAULT_KINDS), metavar="KIND", help="these alone")
    parser.add_argument("--delivery", default="exactly-once", choices=["exactly-once", "at-least-once"])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--per-second", type=float, default=50, help="articles fed")
    parser.add_argument("--kafka", metavar="VERSION", help="Apache Kafka's version")
    parser.add_argument("--sabotage", choices=list(SABOTAGE), help="break the workers on purpose")
    parser.add_argument("--report", type=Path, help="a folder that the JSON object goes to as well")
    return parser.parse_args()


async def main() -> int:
    args = parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # of the run's own clients, in broken clusters
    cluster = Cluster(args.kafka)
    try:
        fleet = Fleet(
            cluster,
            seed=args.seed,
            delivery=args.delivery,
            workers=args.workers,
            partitions=args.partitions,
            per_second=args.per_second,
            sabotage=args.sabotage,
        )
        report = await Run(fleet).execute(schedule_of(args.seed, args.faults, args.kinds))
    finally:
        cluster.close()
    text = json.dumps(report, indent=1)
    print(text)
    if args.report:
        args.report.mkdir(parents=True, exist_ok=True)
        name = f"{report['kafka']}-{args.delivery}-{args.seed}.json"
        (args.report / name).write_text(text + "\n", encoding="utf-8")
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
