"""What a worker and its processes have used, as Linux says it."""

import os
from dataclasses import dataclass
from pathlib import Path

from bench.lanes.footprint import footprint

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Used:
    """One look. CPU seconds of the parent alone and of all; memory of the parent alone."""

    parent_cpu: float
    tree_cpu: float
    resident_mib: float
    peak_mib: float


def used(pid: int) -> Used:
    """Raises OSError where a process ends meanwhile."""
    parent = footprint(pid, TICKS_PER_SECOND)
    children = sum(footprint(child, TICKS_PER_SECOND).cpu_seconds for child in descendants(pid))
    return Used(parent.cpu_seconds, parent.cpu_seconds + children, parent.resident_mib, parent.peak_mib)


def descendants(pid: int) -> list[int]:
    """Its children, and theirs."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    return children + [one for child in children for one in descendants(child)]
