"""Puts the figures of the fault runs, as tables, into a page between its marks.

python -m bench.faults.report docs/faults docs/reliability.md
"""

import json
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median
from typing import Any

from bench.command_line import as_markdown

FIGURES_START, FIGURES_END = "<!-- figures of the runs -->", "<!-- end of the figures -->"

RunReport = dict[str, Any]


def tables(reports: list[RunReport]) -> str:
    """What the runs did and found, for articles and for alerts, and recovery times by kind of fault."""
    parts = (_versions, _runs, _alerts, _totals, _recoveries)
    return "\n\n".join(part(reports) for part in parts)


def _versions(reports: list[RunReport]) -> str:
    used = {f"Python {report['python']}" for report in reports}
    used |= {f"{name} {version}" for report in reports for name, version in report["packages"].items()}
    kafka = " and ".join(sorted({report["kafka"] for report in reports}, reverse=True))
    return f"Apache Kafka {kafka}, {', '.join(sorted(used))}; seeds and runs are those of `make faults`."


def _runs(reports: list[RunReport]) -> str:
    rows = [
        (
            str(report["seed"]),
            report["name"],
            report["kafka"],
            report["delivery"],
            f"{report['inputs']:,}",
            str(report["faults"]),
            f"{sum(report['dead_letters'].values()):,}",
            str(report["lost"]),
            str(report["twice"]),
            str(report["unexplained"]),
            str(report["hangs"]),
            f"{report['repeats_uncommitted']:,}",
            f"{report['offset_checks']:,}",
            f"{report['seconds'] / 60:.0f}",
        )
        for report in reports
    ]
    head = (
        "seed", "run", "Kafka", "delivery", "articles", "faults", "dead letters", "lost", "twice",
        "unexplained", "hangs", "repeats seen", "offset checks", "minutes",
    )  # fmt: skip
    return as_markdown(head, rows)


def _alerts(reports: list[RunReport]) -> str:
    counts = ("matches", "alerts", "kept_back", "alerts_missed", "alerts_twice", "alerts_wrong")
    rows = [
        (str(report["seed"]), report["name"], *(f"{report[name]:,}" for name in counts)) for report in reports
    ]
    return as_markdown(("seed", "run", "matches", "alerts", "kept back", "missed", "twice", "wrong"), rows)


def _totals(reports: list[RunReport]) -> str:
    once = [report for report in reports if report["delivery"] == "exactly-once"]
    inputs, faults = (sum(report[name] for report in reports) for name in ("inputs", "faults"))
    lost, unexplained, hangs, late, problems = (
        sum(report[name] for report in reports)
        for name in ("lost", "unexplained", "hangs", "recovered_late", "problems")
    )
    timed = sum(len(times) for report in reports for times in report["recovery_seconds"].values())
    twice, alerts_twice = (sum(report[name] for report in once) for name in ("twice", "alerts_twice"))
    alerts, missed, wrong = (
        sum(report[name] for report in reports) for name in ("alerts", "alerts_missed", "alerts_wrong")
    )
    return (
        f"In all {inputs:,} articles and {faults} faults: {lost} lost, {twice} twice in the exactly-once "
        f"runs, {unexplained} dead letters unexplained, {hangs} hangs; {alerts:,} alerts: {missed} missed, "
        f"{alerts_twice} twice in the exactly-once runs, {wrong} wrong; {problems} problems of any kind. "
        f"Of {timed} recoveries that were timed, {timed - late} took at most two session timeouts."
    )


def _recoveries(reports: list[RunReport]) -> str:
    times: dict[str, list[float]] = defaultdict(list)
    done: Counter[str] = Counter()
    for report in reports:
        done.update(report["kinds"])
        for name, seconds in report["recovery_seconds"].items():
            times[name] += seconds
    rows = [
        (name, str(done[name]), str(len(times[name])), *_spread(times[name]))
        for name in sorted(done, key=lambda name: -done[name])
    ]
    return as_markdown(("fault", "times", "timed", "median, s", "longest, s"), rows)


def _spread(seconds: list[float]) -> tuple[str, str]:
    return (f"{median(seconds):.1f}", f"{max(seconds):.1f}") if seconds else ("-", "-")


def put_into(page: str, figures: str) -> str:
    """The page with these figures between its marks. Raises ValueError where it has none."""
    before, start, rest = page.partition(FIGURES_START)
    _, end, after = rest.partition(FIGURES_END)
    if not (start and end):
        raise ValueError(f"the page has no {FIGURES_START} ... {FIGURES_END}")
    return f"{before}{FIGURES_START}\n\n{figures}\n\n{FIGURES_END}{after}"


def main() -> None:
    folder, page = (Path(word) for word in sys.argv[1:])
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("run-*.json"))]
    page.write_text(put_into(page.read_text(encoding="utf-8"), tables(reports)), encoding="utf-8")


if __name__ == "__main__":
    main()
