"""Measures Dateline beside other ways to enrich the same articles into the same records, on Apache Kafka.

    make peers                        all of it, into docs/performance.md: about 25 minutes on two quiet cores
    .venv-bench/bin/python -m bench.peers --short       shows in half a minute that each peer's code runs

Each takes a backlog of the same articles through the same pipeline and writes the same records, which is
checked; in rounds, the order turned each time. Figures are medians of the rounds (least to most). `of bare`
compares the articles a second with those of the bare pipeline in the same round. Processes are those that
enrich; Dateline has another, which reads and delivers. The first article is counted from the start of the
programs.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.command_line import argument_parser, as_markdown, with_spread
from bench.kafka import running_cluster
from bench.page import PERFORMANCE, circumstances, put_figures
from bench.peers.trial import BARE, PEER_NAMES, PeerFigures, run_peer
from bench.texts import articles_of_length

_PACKAGES = ("aiokafka", "confluent-kafka", "faust-streaming", "quixstreams", "onnxruntime", "spacy")
_SHORT = {"articles": 6, "words": 60, "processes": [1], "rounds": 1}


@dataclass(frozen=True, slots=True)
class PeerRow:
    """One peer with so many processes, and the figures of each round."""

    name: str
    processes: int
    rounds: list[PeerFigures] = field(default_factory=list)


def main() -> None:
    options = _arguments()
    articles = list(articles_of_length(options.articles, options.words))
    rows = [PeerRow(name, number) for number in options.processes for name in options.peers]
    with running_cluster(1, options.at) as brokers:
        for number in range(options.rounds):
            for row in rows[:: -1 if number % 2 else 1]:
                row.rounds.append(run_peer(row.name, brokers, articles, row.processes))
                print(number, row.processes, row.name, row.rounds[-1], file=sys.stderr, flush=True)
    written = {one.records for row in rows for one in row.rounds if row.name != BARE}
    if len(written) > 1:
        sys.exit(f"the peers wrote different records: {', '.join(sorted(written))}")
    what = f"{options.articles} articles of {options.words} words in each run, {options.rounds} rounds"
    figures = f"{what}. {circumstances(_PACKAGES)}.\n\n{peer_table(rows)}"
    print(figures)
    if options.write:
        put_figures(PERFORMANCE, "peers", figures)


def peer_table(rows: Sequence[PeerRow]) -> str:
    """The figures as a Markdown table."""
    columns: dict[str, Callable[[PeerRow], str]] = {
        "processes": lambda row: str(row.processes),
        "": lambda row: row.name,
        "articles a second": lambda row: _spread(row, lambda one: one.per_second, "{:.1f}"),
        "of bare": lambda row: _of_bare(row, rows),
        "CPU an article": lambda row: _spread(row, lambda one: one.cpu_ms, "{:.1f} ms"),
        "memory": lambda row: _spread(row, lambda one: one.mib, "{:.0f} MiB"),
        "first article after": lambda row: _spread(row, lambda one: one.first_seconds, "{:.1f} s"),
    }
    return as_markdown([*columns], [[show(row) for show in columns.values()] for row in rows])


def _of_bare(row: PeerRow, rows: Sequence[PeerRow]) -> str:
    bare = next((one for one in rows if one.name == BARE and one.processes == row.processes), None)
    if bare is None:
        return ""
    pairs = zip(row.rounds, bare.rounds, strict=True)
    return with_spread([one.per_second / other.per_second for one, other in pairs], "{:.2f}")


def _spread(row: PeerRow, figure: Callable[[PeerFigures], float], form: str) -> str:
    return with_spread([figure(one) for one in row.rounds], form)


def _arguments() -> argparse.Namespace:
    parser = argument_parser(__doc__)
    parser.add_argument("--at", metavar="HOST:PORT", help="a cluster that runs; else one is started")
    parser.add_argument("--articles", type=int, default=500, help="for each run")
    parser.add_argument("--words", type=int, default=540, help="of an article")
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--peers", nargs="+", default=list(PEER_NAMES), choices=PEER_NAMES, metavar="NAME")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="a few short articles, one process, one round")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    if options.short:
        vars(options).update(_SHORT)
    return options


if __name__ == "__main__":
    main()
