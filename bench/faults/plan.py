"""The runs of `make faults`, one after the other: both delivery modes, two versions of Apache Kafka.

    python -m bench.faults.plan --report docs/faults
    python -m bench.faults.plan --report docs/faults --per-second 25     # where two cores do other work too

Their JSON objects go to the folder; bench/faults/report.py puts them into docs/reliability.md.
"""

import asyncio
import json
import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from bench.command_line import argument_parser
from tests.faults.cluster import Cluster
from tests.faults.feeder import BAD_AND_WRITTEN_ONCE, BAD_IN_1000
from tests.faults.fleet import Fleet
from tests.faults.run import Run, schedule_of


@dataclass(frozen=True)
class Planned:
    """One run of the plan."""

    name: str
    seed: int
    faults: int
    delivery: str = "exactly-once"
    kafka: str | None = None
    workers: int = 2
    per_second: float = 45
    kinds: tuple[str, ...] = ()

    @property
    def written_once(self) -> bool:
        """Whether no article may make a worker write a batch again, so that every repeat is a fault's."""
        return bool(self.kinds) or self.delivery == "at-least-once"


PLAN = (
    Planned("mixed", seed=1, faults=75, per_second=60),
    Planned("mixed, at least once", seed=2, faults=50, delivery="at-least-once"),
    Planned("mixed, Kafka 3.9", seed=3, faults=45, kafka="3.9.1"),
    Planned("mixed, three workers", seed=4, faults=30, workers=3),
    Planned("stops alone", seed=5, faults=12, kinds=("worker stopped",)),
    Planned("stops alone", seed=6, faults=8, delivery="at-least-once", kinds=("worker stopped",)),
)


async def carry_out(planned: Planned) -> dict[str, object]:
    """Carries out a run on a cluster of its own; returns its report."""
    cluster = Cluster(planned.kafka)
    try:
        fleet = Fleet(
            cluster,
            seed=planned.seed,
            delivery=planned.delivery,
            workers=planned.workers,
            per_second=planned.per_second,
            bad_in_1000=BAD_AND_WRITTEN_ONCE if planned.written_once else BAD_IN_1000,
        )
        report = await Run(fleet).execute(schedule_of(planned.seed, planned.faults, list(planned.kinds)))
    finally:
        cluster.close()
    if planned.kinds == ("worker stopped",) and report["repeats_uncommitted"]:
        report["problems"] += 1
        report["first_problems"].append("a worker that was told to stop repeated what it had written")
    return {"name": planned.name, "per_second": planned.per_second, **report}


def main() -> int:
    parser = argument_parser(__doc__)
    parser.add_argument("--report", type=Path, required=True, help="the folder that the JSON objects go to")
    parser.add_argument("--only", type=int, nargs="+", metavar="SEED", help="these runs of the plan")
    parser.add_argument(
        "--per-second", type=float, help="articles fed in every run, instead of as many as the plan says"
    )
    args = parser.parse_args()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # of the runs' own clients, in broken clusters
    args.report.mkdir(parents=True, exist_ok=True)
    problems = 0
    for planned in PLAN:
        if args.only and planned.seed not in args.only:
            continue
        print(f"run {planned.seed}: {planned.name}", file=sys.stderr, flush=True)
        if args.per_second:
            planned = replace(planned, per_second=args.per_second)
        report = asyncio.run(carry_out(planned))
        print(f"logs: {report.pop('logs')}", file=sys.stderr, flush=True)
        text = json.dumps(report, indent=1)
        (args.report / f"run-{planned.seed}.json").write_text(text + "\n", encoding="utf-8")
        problems += int(str(report["problems"]))
        print(text, flush=True)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
