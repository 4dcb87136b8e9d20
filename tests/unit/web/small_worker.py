"""A process with a health page and few open files, which needs descriptors for its work all the time.

    python -m tests.unit.web.small_worker PORT OPEN_FILES OF_ITS_OWN

It opens and closes OF_ITS_OWN descriptors again and again, as connections to Kafka come and go, and ends with
1 as soon as it can't have one.
"""

import asyncio
import os
import resource
import sys
import time
from dataclasses import dataclass
from typing import Any

from worker.web.health import health_page


@dataclass
class Status:
    """Says on `/readyz` how much work was done, and how long the work waited at most."""

    done: int = 0
    longest_wait: float = 0.0
    ready: bool = True
    healthy: bool = True
    stalled: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {"done": self.done, "longest_wait": self.longest_wait}


async def main(port: int, open_files: int, of_its_own: int) -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, hard))
    status = Status()
    await health_page("127.0.0.1", port, lambda: status, lambda: None)()
    print("serves", flush=True)
    while True:
        own = [os.open("/dev/null", os.O_RDONLY) for _ in range(of_its_own)]
        before = time.monotonic()
        await asyncio.sleep(0.01)
        status.longest_wait = max(status.longest_wait, time.monotonic() - before - 0.01)
        for one in own:
            os.close(one)
        status.done += 1


if __name__ == "__main__":
    asyncio.run(main(*map(int, sys.argv[1:])))
