"""Measures what memory a worker takes, from which the Helm chart reckons its requests.

    python -m bench.memory [--processes 1 2] [--write]

A real `dateline worker` on the embedded broker, at least once, with all its languages and outputs, gets in
turn the samples of every language; ordinary articles of the greatest length, in languages of both encoders;
and more of these than it may have in progress. After each, the most resident memory that each of its
processes ever had is read. Pages of libraries that several processes share count in each, so the sum is more
than the worker takes.
--write: into docs/kubernetes.md.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.command_line import argument_parser, as_markdown
from bench.footprint import tree_footprints
from bench.kafka import produce
from bench.page import KUBERNETES, circumstances, put_figures
from tests.faults.workers import ALL_OUTPUTS, REAL, ROOT, Worker
from worker.channels import Channel, topic_name
from worker.commands.demo.broker import embedded_broker
from worker.settings import Settings

_SAMPLES = sorted(ROOT.glob("seeds/quality/languages/*.jsonl"))
_ENGLISH = ROOT / "seeds/quality/articles.jsonl"
# English has an encoder of its own; the others share the second one.
_LONG_LANGUAGES = ("en", "de", "ru")
_PREFIX = "memory."
_NOW = 0  # the producer's clock
_READY_SECONDS = 600.0
_STILL_SECONDS = 1800.0
_LOOK_SECONDS = 0.5
_FILL_SECONDS = 60.0
"""In which a worker has read as much of a backlog as it takes."""

_Rows = list[tuple[bytes, bytes, int]]


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """After one step, the most MiB so far: of the main process, and of each process that reads articles."""

    step: str
    main_mib: float
    process_mib: list[float]

    @property
    def together_mib(self) -> float:
        """Of the whole worker; more than it took, since its processes share pages and peak apart."""
        return self.main_mib + sum(self.process_mib)


def main() -> None:
    parser = argument_parser(__doc__)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--write", action="store_true", help="put the table into docs/kubernetes.md")
    options = parser.parse_args()
    rows = {count: measure_memory(count) for count in options.processes}
    figures = f"{circumstances(['spacy', 'onnxruntime'])}.\n\n{memory_table(rows)}"
    print(figures)
    if options.write:
        put_figures(KUBERNETES, "memory", figures)


def measure_memory(processes: int) -> list[MemoryFigures]:
    """Runs a worker through all steps. Raises AssertionError where an article is not delivered."""
    raw = topic_name(Channel.RAW, _PREFIX)
    with ExitStack() as after:
        brokers = after.enter_context(embedded_broker())
        folder = after.enter_context(tempfile.TemporaryDirectory(prefix="memory-"))
        # On a busy machine an article of the greatest length may take longer than is allowed.
        settings: dict[str, Any] = {
            "DELIVERY": "at-least-once",
            "OUTPUTS": ALL_OUTPUTS,
            "PROCESSES": processes,
        }
        settings |= {"ARTICLE_CPU_SECONDS": 600, "ARTICLE_WALL_SECONDS": 3600, "STALL_SECONDS": 3600}
        log = Path(folder) / "worker.log"
        worker = Worker(brokers, _PREFIX, log, command=REAL, **settings)
        after.callback(worker.end)
        worker.wait_until_ready(_READY_SECONDS)
        found, fed = [_figures(worker, "ready")], 0
        for step, rows in (
            ("samples of every language", list(_samples()) * processes),
            ("articles of the greatest length", list(_longest(_LONG_LANGUAGES)) * processes),
        ):
            produce(brokers, raw, rows)
            fed += len(rows)
            _until_delivered(worker, raw, fed)
            found.append(_figures(worker, step))
            print(found[-1], file=sys.stderr, flush=True)
        produce(brokers, raw, _backlog())
        time.sleep(_FILL_SECONDS)
        found.append(_figures(worker, "a backlog of these"))
        assert worker.running, worker.said()
    return found


def memory_table(rows: dict[int, list[MemoryFigures]]) -> str:
    """A line for each number of processes and each step."""
    lines = [
        [
            str(processes),
            one.step,
            f"{one.main_mib:.0f} MiB",
            f"{max(one.process_mib):.0f} MiB",
            f"{one.together_mib:.0f} MiB",
        ]
        for processes, steps in rows.items()
        for one in steps
    ]
    return as_markdown(["processes", "after", "main process", "a process", "all together"], lines)


def _samples() -> Iterator[tuple[bytes, bytes, int]]:
    allowed = Settings().allowed_languages
    for path in (_ENGLISH, *_SAMPLES):
        for line in path.read_text(encoding="utf-8").splitlines():
            article = json.loads(line)
            if article.get("language", "en") not in allowed:
                continue
            fields = ("id", "source", "headline", "text", "language")
            yield _row({name: article[name] for name in fields if name in article})


def _longest(languages: tuple[str, ...]) -> Iterator[tuple[bytes, bytes, int]]:
    """An article in each language, put together from its samples."""
    chars = Settings().max_text_chars
    for language in languages:
        path = _ENGLISH if language == "en" else _ENGLISH.parent / "languages" / f"{language}.jsonl"
        texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
        whole = "\n\n".join(texts)
        text = "\n\n".join([whole] * (chars // len(whole) + 1))[:chars]
        yield _row({"id": f"long-{language}", "source": "bench.example", "language": language, "text": text})


def _backlog() -> _Rows:
    """Half as many bytes again as a worker may have in progress and read ahead."""
    long = list(_longest(_LONG_LANGUAGES))
    size = sum(len(value) for _, value, _ in long)
    return long * int(1.5 * 1.25 * Settings().in_flight_bytes / size)


def _row(article: dict[str, str]) -> tuple[bytes, bytes, int]:
    return article["id"].encode(), orjson.dumps(article), _NOW


def _until_delivered(worker: Worker, topic: str, count: int) -> None:
    """Waits until so many raw articles are delivered. Raises AssertionError where none is for long."""
    delivered, moved_at = 0, time.monotonic()
    while delivered < count:
        time.sleep(_LOOK_SECONDS)
        lanes = worker.status().get("lanes", {}).items()
        now = sum(lane["delivered"] for name, lane in lanes if name.startswith(f"{topic}/"))
        if now > delivered:
            delivered, moved_at = now, time.monotonic()
        assert time.monotonic() - moved_at < _STILL_SECONDS, worker.said()


def _figures(worker: Worker, step: str) -> MemoryFigures:
    main_process, *processes = tree_footprints(worker.process.pid)
    return MemoryFigures(step, main_process.peak_mib, [one.peak_mib for one in processes])


if __name__ == "__main__":
    main()
