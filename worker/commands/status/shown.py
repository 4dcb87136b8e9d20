"""A look at a group, for people and for programs."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

import click

from worker.commands.shell.output import print_line
from worker.commands.shell.terminal import counted
from worker.commands.status.look import Look, PartitionSeen, StageSeen, WorkerSeen
from worker.commands.status.times import how_long
from worker.commands.status.troubles import Trouble
from worker.records.cloudevents import rfc3339

_WORKER_HEADER = ("worker", "version", "address", "partitions")
_STAGE_HEADER = ("stage", "reads", "partitions", "lag", "oldest waits", "a second", "delivered")


def show_look(look: Look, found: Sequence[Trouble]) -> None:
    """Prints a group as tables, and below them what needs a person."""
    workers = counted(len(look.workers), "worker")
    print_line(f"group {look.group} at {look.brokers}: {look.state}, {workers}  ({rfc3339(look.at_ms)})")
    if look.workers:
        print_line()
        _print_table(_WORKER_HEADER, [_worker_row(worker, look) for worker in look.workers])
    print_line()
    _print_table(_STAGE_HEADER, [_stage_row(stage, look.at_ms) for stage in look.stages])
    print_line()
    print_line(_letters_line(look))
    print_line()
    if not found:
        print_line(label=click.style("nothing needs a person", fg="green"))
    for trouble in found:
        print_line(f" {trouble.text}", label=click.style(f"{trouble.kind:<15}", fg="red"))


def look_fields(look: Look, found: Sequence[Trouble]) -> dict[str, Any]:
    """The object of `--json`."""
    return {
        "time": rfc3339(look.at_ms),
        "brokers": look.brokers,
        "group": look.group,
        "state": look.state,
        "workers": [_worker_fields(worker) for worker in look.workers],
        "stages": [_stage_fields(stage, look.at_ms) for stage in look.stages],
        "dead_letters": {
            "since": rfc3339(look.letters.since_ms),
            "total": look.letters.total,
            "whole": look.letters.is_whole,
            "reasons": dict(look.letters.reasons),
            "minutes": [
                {"minute_ms": minute, "reason": reason, "letters": number}
                for (minute, reason), number in look.letters.minutes.items()
            ],
        },
        "troubles": [{"kind": trouble.kind.value, "text": trouble.text} for trouble in found],
    }


def _worker_row(worker: WorkerSeen, look: Look) -> tuple[str, ...]:
    counts = [(s.name, sum(p.partition in worker.assigned for p in s.partitions)) for s in look.stages]
    partitions = ", ".join(f"{number} {name}" for name, number in counts if number) or "none"
    return worker.name, worker.version or "-", worker.address, partitions


def _stage_row(stage: StageSeen, now_ms: int) -> tuple[str, ...]:
    return (
        stage.name,
        stage.topic,
        str(len(stage.partitions)),
        f"{stage.lag:,}" if stage.is_exact else f"about {stage.lag:,}",
        how_long(now_ms, stage.oldest_ms),
        "-" if stage.per_second is None else f"{stage.per_second:.1f}",
        f"{how_long(now_ms, stage.delivered_ms)} ago" if stage.delivered_ms else "not in 5 min",
    )


def _letters_line(look: Look) -> str:
    letters = look.letters
    number = ("" if letters.is_whole else "at least ") + counted(letters.total, "dead letter")
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in letters.reasons.items())
    return f"{number} in the last hour" + (f" ({reasons})" if reasons else "")


def _worker_fields(worker: WorkerSeen) -> dict[str, Any]:
    partitions: dict[str, list[int]] = {}
    for topic, partition in sorted(worker.assigned):
        partitions.setdefault(topic, []).append(partition)
    return {
        "host": worker.host,
        "process": worker.process,
        "client_id": worker.client_id,
        "address": worker.address,
        "version": worker.version,
        "pipeline": worker.pipeline,
        "partitions": partitions,
    }


def _stage_fields(stage: StageSeen, now_ms: int) -> dict[str, Any]:
    then, now = stage.growth or (None, None)
    return {
        "stage": stage.name,
        "topic": stage.topic,
        "lag": stage.lag,
        "lag_is_exact": stage.is_exact,
        "oldest_seconds": _age(now_ms, stage.oldest_ms),
        "per_second": None if stage.per_second is None else round(stage.per_second, 3),
        "delivered_seconds_ago": _age(now_ms, stage.delivered_ms),
        "waiting_offsets": {"five_minutes_ago": then, "now": now},
        "partitions": [_partition_fields(one, now_ms) for one in stage.partitions],
    }


def _partition_fields(one: PartitionSeen, now_ms: int) -> dict[str, Any]:
    return {
        "partition": one.partition.partition,
        "worker": one.worker,
        "offset": one.position,
        "end": one.end,
        "lag": one.lag,
        "lag_is_exact": one.is_exact,
        "oldest_seconds": _age(now_ms, one.oldest_ms),
        "delivered_seconds_ago": _age(now_ms, one.delivered_ms),
    }


def _age(now_ms: int, since_ms: int | None) -> float | None:
    return None if since_ms is None else max(0, now_ms - since_ms) / 1000


def _print_table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    for line in _aligned([header, *rows]):
        print_line(line)


def _aligned(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    for row in rows:
        yield "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
