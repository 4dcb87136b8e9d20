"""Measures what decoding a document costs in every format, as ratios to plain JSON in the same run.

    python -m bench.decode [--before CHECKOUT] [--rounds N]

A document of a format and one of plain JSON are measured in turn, and the median of the pairs' ratios counts,
since a machine is seldom idle. `--before`: a checkout of another state of the project; plain JSON is measured
with it and with this one, in pairs too.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from bench.command_line import argument_parser, as_markdown
from bench.decode import timing
from bench.decode.documents import PLAIN_JSON, WrittenArticle, documents, encoded
from bench.isolation import use_one_thread
from tests.faults.workers import ROOT

# Each measurement takes about so long, so that the clock's steps do not count.
_SECONDS = 0.05


class Decoder:
    """A process that decodes with the code of a checkout."""

    def __init__(self, checkout: Path) -> None:
        command = [sys.executable, "-P", timing.__file__]
        environment = os.environ | {"PYTHONPATH": str(checkout)}
        self._process = subprocess.Popen(
            command, cwd=checkout, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._ask("")

    def seconds(self, document: WrittenArticle, times: int) -> float:
        """CPU seconds for a document."""
        return self._ask(encoded(document, times))

    def end(self) -> None:
        """Ends the process."""
        self._process.communicate()

    def _ask(self, request: str) -> float:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(request, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit("the process that measures has ended")
        return float(answer)


def main() -> None:
    options = _arguments()
    use_one_thread()
    now = Decoder(ROOT)
    plain, *others = documents()
    rows = [_row(PLAIN_JSON, [1.0], [_measured(now, plain)() for _ in range(options.rounds)])]
    for document in others:
        ratios, seconds = _pairs(_measured(now, document), _measured(now, plain), options.rounds)
        rows.append(_row(document.name, ratios, seconds))
    if options.before:
        before = Decoder(options.before.resolve())
        ratios, seconds = _pairs(_measured(now, plain), _measured(before, plain), options.rounds)
        rows.append(_row("JSON now, to JSON before", ratios, seconds))
        before.end()
    now.end()
    print(as_markdown(("format", "ratio", "from", "to", "a document"), rows, rule="---:"))


def _measured(decoder: Decoder, document: WrittenArticle) -> Callable[[], float]:
    times = max(1, round(_SECONDS / decoder.seconds(document, 3)))
    return lambda: decoder.seconds(document, times)


def _pairs(
    one: Callable[[], float], other: Callable[[], float], rounds: int
) -> tuple[list[float], list[float]]:
    """The ratio of each pair, and the seconds of its first; the order turns with each pair."""
    ratios, seconds = [], []
    for number in range(rounds):
        if number % 2:
            its, others = one(), other()
        else:
            others, its = other(), one()
        ratios.append(its / others)
        seconds.append(its)
    return ratios, seconds


def _row(name: str, ratios: list[float], seconds: list[float]) -> tuple[str, ...]:
    """The median of the ratios, half of which lie between the two figures behind it."""
    ordered = sorted(ratios)
    quarter = len(ordered) // 4
    middle = ordered[quarter : len(ordered) - quarter]
    figures = (median(ratios), middle[0], middle[-1])
    return (name, *(f"{figure:.2f}" for figure in figures), f"{median(seconds) * 1e6:,.0f} us")


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--before", type=Path, metavar="CHECKOUT", help="another state of the project")
    parser.add_argument("--rounds", type=int, default=21)
    return parser.parse_args()


if __name__ == "__main__":
    main()
