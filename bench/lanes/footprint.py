"""What a process has open and holds, as Linux says it."""

from dataclasses import dataclass
from pathlib import Path

MIB_PER_KIB = 1 / 1024


@dataclass(frozen=True, slots=True)
class Footprint:
    """One look at a process. `peak_mib`: the most that it ever held."""

    sockets: int
    threads: int
    resident_mib: float
    peak_mib: float
    cpu_seconds: float


def footprint(pid: int, ticks_per_second: int) -> Footprint:
    """Raises OSError where there is no such process."""
    place = Path(f"/proc/{pid}")
    links = [str(one.readlink()) for one in (place / "fd").iterdir() if one.is_symlink()]
    status = dict(line.split(":", 1) for line in (place / "status").read_text().splitlines())
    times = (place / "stat").read_text().rpartition(")")[2].split()
    return Footprint(
        sockets=sum(link.startswith("socket:") for link in links),
        threads=int(status["Threads"]),
        resident_mib=_kibibytes(status["VmRSS"]) * MIB_PER_KIB,
        peak_mib=_kibibytes(status["VmHWM"]) * MIB_PER_KIB,
        cpu_seconds=(int(times[11]) + int(times[12])) / ticks_per_second,
    )


def _kibibytes(words: str) -> int:
    return int(words.split()[0])
