"""Prometheus and its promtool, both of Debian's package `prometheus`.

Run by itself, it says in one line what is missing, and exits with 1 then.
"""

import shutil
import sys

import pytest

TOOLS = ("promtool", "prometheus")
HOW_TO_GET = "(on Debian: apt-get install prometheus)"


def missing(tool: str) -> str | None:
    """What to do about a tool that is not there; None if it is."""
    return None if shutil.which(tool) else f"{tool} is missing {HOW_TO_GET}"


needs_promtool = pytest.mark.skipif(missing("promtool") is not None, reason=str(missing("promtool")))
needs_prometheus = pytest.mark.skipif(missing("prometheus") is not None, reason=str(missing("prometheus")))


if __name__ == "__main__":
    lacking = [tool for tool in TOOLS if missing(tool)]
    if lacking:
        sys.exit(f"make monitoring: {' and '.join(lacking)} missing {HOW_TO_GET}")
