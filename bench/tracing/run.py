"""Measures the CPU time that traces add to an article: lanes without and with them, in turns.

    python -m bench.tracing.run --rounds 7 --articles 3000
    python -m bench.tracing.run --former FOLDER          and a checkout from before there were traces

The time is that of the worker's own process alone, which makes and sends the spans, and whose pool has next
to nothing to do. `on`: every article is traced, and an endpoint on the loopback takes the spans. The order
turns with each round. Prints a line for each lane, then for each kind the median of its differences from the
first one, also as a share of what enriching one of the project's articles takes in the same run.
"""

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.alerts.articles import SAMPLES, enrich_articles
from bench.command_line import argument_parser
from bench.isolation import in_fresh_process
from tests.faults.workers import ROOT

_TRIAL = ROOT / "bench/tracing/trial.py"
_ENRICHED = 40


def main() -> None:
    args = _arguments()
    enriched = in_fresh_process(partial(enrich_articles, SAMPLES, limit=_ENRICHED, rounds=1))
    whole = 1e6 * statistics.fmean(article.seconds for article in enriched)
    print(
        f"enriching one of {len(enriched)} articles takes {whole:.0f} us in a process of the pool", flush=True
    )
    with _endpoint() as url:
        kinds: dict[str, tuple[Path, dict[str, str]]] = {"former": (args.former, {})} if args.former else {}
        kinds |= {"off": (ROOT, {}), "on": (ROOT, {"OTEL_EXPORTER_OTLP_ENDPOINT": url})}
        found: dict[str, list[float]] = {kind: [] for kind in kinds}
        for number in range(args.rounds):
            for kind in list(kinds)[:: 1 if number % 2 else -1]:
                took = _trial(*kinds[kind], args.articles)
                found[kind].append(took)
                print(f"{kind:<6} {took:6.0f} us an article in the worker's own process", flush=True)
    base, *others = kinds
    whole += statistics.median(found[base])
    for kind in others:
        added = [one - before for one, before in zip(found[kind], found[base], strict=True)]
        middle = statistics.median(added)
        spread = f"{min(added):+.0f} to {max(added):+.0f}"
        print(f"{kind}: {middle:+.0f} us an article ({spread}) against {base}, {middle / whole:+.2%} of all")


def _trial(root: Path, variables: dict[str, str], articles: int) -> float:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    rest = [path for path in environ.get("PYTHONPATH", "").split(":") if path and Path(path) != ROOT]
    environ |= {"PYTHONPATH": ":".join([str(root), *rest]), **variables}
    words = [sys.executable, str(_TRIAL), str(articles)]
    done = subprocess.run(words, env=environ, cwd=root, stdout=subprocess.PIPE, check=True)
    return float(done.stdout)


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
    parser.add_argument("--articles", type=int, default=3000, help="for each lane of a round")
    parser.add_argument("--rounds", type=int, default=7)
    return parser.parse_args()


if __name__ == "__main__":
    main()
