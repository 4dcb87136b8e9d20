"""Figures in a page of the documentation, put there by the command that measured them."""

import platform
from collections.abc import Iterable
from datetime import date
from importlib.metadata import version
from pathlib import Path

from tests.faults.workers import ROOT

PERFORMANCE = ROOT / "docs/performance.md"
KUBERNETES = ROOT / "docs/kubernetes.md"


def circumstances(packages: Iterable[str]) -> str:
    """With which versions, on which machine and when something was measured."""
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    models = [
        line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")
    ]
    processor = models[0].partition(":")[2].strip() if models else platform.machine()
    return (
        f"Python {platform.python_version()}, {versions}; {len(models) or 1} x {processor}; "
        f"{date.today().isoformat()}"
    )


def put_figures(path: Path, name: str, figures: str) -> None:
    """Writes the figures between the page's marks of this name. Raises ValueError where it has none."""
    page = path.read_text(encoding="utf-8")
    start, end = f"<!-- figures: {name} -->", f"<!-- end of figures: {name} -->"
    before, found, rest = page.partition(start)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise ValueError(f"{path} has no {start} ... {end}")
    path.write_text(f"{before}{start}\n\n{figures}\n\n{end}{after}", encoding="utf-8")
