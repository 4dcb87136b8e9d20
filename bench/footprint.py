"""What a process has open, holds and has used, with and without its children, from /proc."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.faults.workers import child_pids

MIB_PER_KIB = 1 / 1024
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Footprint:
    """One process at one moment. `peak_mib`: the most memory that it ever held."""

    sockets: int
    threads: int
    resident_mib: float
    peak_mib: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class TreeUsage:
    """One worker at one moment: CPU seconds, of the parent alone and of all; memory, of the parent alone."""

    parent_cpu: float
    tree_cpu: float
    resident_mib: float
    peak_mib: float


def footprint(pid: int) -> Footprint:
    """Reads it from /proc. Raises OSError where there is no such process."""
    place = Path(f"/proc/{pid}")
    links = [str(one.readlink()) for one in (place / "fd").iterdir() if one.is_symlink()]
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
    times = (place / "stat").read_text().rpartition(")")[2].split()
    return Footprint(
        sockets=sum(link.startswith("socket:") for link in links),
        threads=int(status["Threads"]),
        resident_mib=_kibibytes(status["VmRSS"]) * MIB_PER_KIB,
        peak_mib=_kibibytes(status["VmHWM"]) * MIB_PER_KIB,
        cpu_seconds=(int(times[11]) + int(times[12])) / _TICKS_PER_SECOND,
    )


def tree_usage(pid: int) -> TreeUsage:
    """Of a process and all its descendants. Raises OSError where one of them ends meanwhile."""
    parent = footprint(pid)
    children = sum(footprint(child).cpu_seconds for child in _descendants(pid))
    return TreeUsage(parent.cpu_seconds, parent.cpu_seconds + children, parent.resident_mib, parent.peak_mib)


def tree_footprints(pid: int) -> list[Footprint]:
    """Of a process and of each of its descendants; those that end meanwhile are left out."""
    found = []
    for one in (pid, *_descendants(pid)):
        with suppress(OSError, KeyError):  # one that has ended has no memory any more
            found.append(footprint(one))
    return found


def _descendants(pid: int) -> list[int]:
    children = child_pids(pid)
    return children + [one for child in children for one in _descendants(child)]


def _kibibytes(words: str) -> int:
    return int(words.split()[0])
