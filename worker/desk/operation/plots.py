"""The last hour as paths for small drawings, and the same as figures for tables."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from worker.channels import HOUR_MS
from worker.desk.operation.recent import SAMPLE_SECONDS, LookSample, RecentLooks, StageSample
from worker.records.cloudevents import rfc3339

WIDTH, HEIGHT = 240, 48
"""Of a drawing, in its own units."""
_MARGIN = 2
_ROW_MS = 5 * 60_000
_MINUTE_MS = 60_000
_GAP_MS = SAMPLE_SECONDS * 1000 * 2.5
_Points = list[tuple[int, float | None]]


def last_hour(recent: RecentLooks, now_ms: int | None = None) -> dict[str, Any]:
    """What the page shows of the last hour. `now_ms`: milliseconds since the epoch; None: the clock's."""
    now = time.time_ns() // 1_000_000 if now_ms is None else now_ms
    samples = [sample for sample in recent.samples if sample.at_ms > now - HOUR_MS]
    names = list(dict.fromkeys(name for sample in reversed(samples) for name in sample.stages))
    return {
        "minutes": round((now - samples[0].at_ms) / _MINUTE_MS) if samples else 0,
        "looks": len(samples),
        "stages": [_stage(name, samples, now) for name in names] if len(samples) > 1 else [],
        "letters": list(_letters(recent.letters, now)),
        "events": [
            {"time": rfc3339(event.at_ms), "kind": event.kind, "text": event.text, "is_bad": event.is_bad}
            for event in recent.events
        ],
        "width": WIDTH,
        "height": HEIGHT,
    }


def path_of(points: Iterable[tuple[int, float | None]], now_ms: int, most: float) -> str:
    """An SVG path over the last hour, from 0 to `most`; it has a gap where nothing is known."""
    steps, before = [], None
    for at_ms, value in points:
        if value is None:
            before = None
            continue
        x = WIDTH * (at_ms - (now_ms - HOUR_MS)) / HOUR_MS
        y = HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * (value / most if most else 0)
        goes_on = before is not None and at_ms - before <= _GAP_MS
        steps.append(f"{'L' if goes_on else 'M'}{x:.1f} {y:.1f}")
        if not goes_on:
            # A point alone has no length, but a round end.
            steps.append(f"L{x:.1f} {y:.1f}")
        before = at_ms
    return "".join(steps)


def _stage(name: str, samples: Sequence[LookSample], now_ms: int) -> dict[str, Any]:
    known = [(sample.at_ms, sample.stages[name]) for sample in samples if name in sample.stages]
    reads: dict[str, tuple[str, Callable[[StageSample], float | None]]] = {
        "rate": ("records a second", lambda sample: sample.rate),
        "waiting": ("records that wait", lambda sample: float(sample.waiting)),
        "oldest": ("seconds that the oldest waits", lambda sample: sample.oldest or 0.0),
    }
    return {
        "name": name,
        "plots": {
            key: _plot(what, [(at, read(sample)) for at, sample in known], now_ms)
            for key, (what, read) in reads.items()
        },
        "rows": _rows(known),
    }


def _plot(what: str, points: _Points, now_ms: int) -> dict[str, Any]:
    values = [value for _, value in points if value is not None]
    most = max(values, default=0.0)
    return {
        "path": path_of(points, now_ms, most),
        "most": _figure(most),
        "now": _figure(points[-1][1]) if points else "–",
        "says": f"{what}: now {_figure(points[-1][1]) if points else '–'}, "
        f"from {_figure(min(values, default=0.0))} to {_figure(most)} in the last hour",
    }


def _rows(known: Sequence[tuple[int, StageSample]]) -> list[dict[str, Any]]:
    """The last figures of every five minutes, newest first."""
    last: dict[int, tuple[int, StageSample]] = {at // _ROW_MS: (at, sample) for at, sample in known}
    return [
        {
            "time": rfc3339(at),
            "rate": _figure(sample.rate),
            "waiting": f"{sample.waiting:,}",
            "oldest": _figure(sample.oldest or 0.0),
        }
        for at, sample in reversed(last.values())
    ]


def _letters(minutes: Sequence[Mapping[str, Any]], now_ms: int) -> Iterable[dict[str, Any]]:
    """Of each reason how many dead letters there were in each minute of the last hour, the most first."""
    first = (now_ms - HOUR_MS) // _MINUTE_MS
    counts: dict[str, dict[int, int]] = {}
    for told in minutes:
        counts.setdefault(told["reason"], {})[told["minute_ms"] // _MINUTE_MS] = told["letters"]
    for reason, by_minute in sorted(counts.items(), key=lambda each: -sum(each[1].values())):
        inside = {minute: number for minute, number in by_minute.items() if minute > first}
        if not inside:
            continue
        most, total = max(inside.values()), sum(inside.values())
        yield {
            "reason": reason,
            "total": total,
            "path": "".join(_bar(minute - first, number / most) for minute, number in sorted(inside.items())),
            "says": f"{reason}: {total:,} in the last hour, {most:,} in a minute at most",
            "rows": [
                {"time": rfc3339(minute * _MINUTE_MS), "letters": number}
                for minute, number in sorted(inside.items(), reverse=True)
            ],
        }


def _bar(minute: int, share: float) -> str:
    x = WIDTH * (minute - 0.5) / 60
    return f"M{x:.1f} {HEIGHT}V{HEIGHT - (HEIGHT - _MARGIN) * share:.1f}"


def _figure(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.1f}" if value < 10 else f"{value:,.0f}"
