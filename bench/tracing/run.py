"""Measures the CPU time that traces add to an article: lanes without and with them, in turns.

    python -m bench.tracing.run --rounds 6 --articles 300
    python -m bench.tracing.run --former FOLDER          and a checkout from before there were traces

Each lane has the shipped pipeline in two processes, and delivers in memory. `on`: every article is traced,
and an endpoint on the loopback takes the spans. The order turns with each round. Prints a line for each lane,
then for each kind the median of its differences from the first one.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.command_line import argument_parser
from tests.faults.workers import ROOT

_TRIAL = ROOT / "bench/tracing/trial.py"


def main() -> None:
    args = _arguments()
    with _endpoint() as url:
        kinds: dict[str, tuple[Path, dict[str, str]]] = {"former": (args.former, {})} if args.former else {}
        kinds |= {"off": (ROOT, {}), "on": (ROOT, {"OTEL_EXPORTER_OTLP_ENDPOINT": url})}
        found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
        for number in range(args.rounds):
            for kind in list(kinds)[:: 1 if number % 2 else -1]:
                took = _trial(*kinds[kind], args.articles)
                found[kind].append(took)
                print(
                    f"{kind:<6} {took['own']:7.0f} us an article in the worker's own process, "
                    f"{took['all']:7.0f} in all",
                    flush=True,
                )
    base, *others = kinds
    whole = statistics.median(one["all"] for one in found[base])
    for kind in others:
        added = [one["own"] - before["own"] for one, before in zip(found[kind], found[base], strict=True)]
        middle = statistics.median(added)
        print(
            f"{kind}: {middle:+.0f} us an article in the worker's own process against {base} "
            f"({min(added):+.0f} to {max(added):+.0f}), {middle / whole:+.2%} of all its CPU time"
        )


def _trial(root: Path, variables: dict[str, str], articles: int) -> dict[str, float]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    rest = [path for path in environ.get("PYTHONPATH", "").split(":") if path and Path(path) != ROOT]
    environ |= {"PYTHONPATH": ":".join([str(root), *rest]), **variables}
    words = [sys.executable, str(_TRIAL), str(articles)]
    done = subprocess.run(words, env=environ, cwd=root, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout))


@contextmanager
def _endpoint() -> Iterator[str]:
    """In a process of its own, whose time is not counted."""
    words = [sys.executable, "-m", "bench.tracing.endpoint"]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--former", type=Path, metavar="FOLDER", help="a checkout without traces")
    parser.add_argument("--articles", type=int, default=300, help="for each lane of a round")
    parser.add_argument("--rounds", type=int, default=6)
    return parser.parse_args()


if __name__ == "__main__":
    main()
