"""Measures what hostile texts and messages cost: python -m bench.fuzz.cost [CHARACTERS].

Each runs in a process of its own, forked once the pipeline is loaded. Prints CPU seconds, and how far memory
rose above the loaded pipeline: resident, and mapped, which is nearer to what DATELINE_ARTICLE_MEMORY_BYTES
limits. Slowest first.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.fuzz.cases import ORDINARY, PAGE, cases
from bench.fuzz.scripts import ENGLISH, SCRIPT_TEXTS, script_message
from bench.fuzz.texts import HOSTILE_TEXTS
from bench.fuzz.wire import data_of, message_of
from worker.channels import MIB
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.records.messages import Outcome, RawMessage, Rejected
from worker.settings import Settings

# What is loaded for the first article and the first page stays.
_WARM_UP = (data_of(ORDINARY.encode(), b"text/plain"), data_of(PAGE.format("").encode(), b"text/html"))


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one message: CPU seconds, MiB above the loaded pipeline, records and MiB written."""

    name: str
    cpu_seconds: float
    resident_mib: float
    mapped_mib: float
    records: int
    out_mib: float


def messages(chars: int) -> Iterator[tuple[str, RawMessage]]:
    """All hostile texts and texts in other scripts, of so many characters, and all hostile messages."""
    for name, shape in HOSTILE_TEXTS.items():
        yield name, message_of(data_of(shape(chars).encode(), b"text/plain"))
    for name, script in SCRIPT_TEXTS.items():
        yield f"script: {name}", script_message(script.of(chars), ENGLISH)
    for case in cases():
        yield f"message: {case.name}", case.message


def cost(enrich: Callable[[RawMessage], Outcome], name: str, message: RawMessage) -> Cost:
    """Measures one message in a fork of this process."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            before, began = _memory(), time.process_time()
            outcome = enrich(message)
            cpu, after = time.process_time() - began, _memory()
            outs = () if isinstance(outcome, Rejected) else outcome
            size = sum(len(out.key or b"") + len(out.value or b"") for out in outs)
            rise = Cost(
                name,
                cpu,
                resident_mib=(after["VmHWM"] - before["VmRSS"]) / 1024,
                mapped_mib=(after["VmPeak"] - before["VmSize"]) / 1024,
                records=len(outs),
                out_mib=size / MIB,
            )
            os.write(write, json.dumps(asdict(rise)).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as said:
        answer = said.read()
    os.waitpid(child, 0)
    if not answer:
        raise RuntimeError(f"{name}: its process ended without an answer")
    return Cost(**json.loads(answer))


def _memory() -> dict[str, int]:
    """Kibibytes, by the kernel's names."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return {
        name: int(rest.split()[0])
        for name, _, rest in (line.partition(":") for line in lines)
        if name[:2] == "Vm"
    }


def main(chars: int) -> None:
    enrich = make_enricher(EnrichmentConfig.from_settings(Settings()))
    for data in _WARM_UP:
        enrich(message_of(data))
    costs = [cost(enrich, name, message) for name, message in messages(chars)]
    ordinary = costs[0].cpu_seconds
    print("  CPU s  times  MiB resident  MiB mapped  records  MiB out  what")
    for one in sorted(costs, key=lambda one: -one.cpu_seconds):
        times = one.cpu_seconds / ordinary
        print(
            f"{one.cpu_seconds:7.2f} {times:6.2f} {one.resident_mib:13.0f} {one.mapped_mib:11.0f}"
            f" {one.records:8} {one.out_mib:8.1f}  {one.name}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else Settings().max_text_chars)
