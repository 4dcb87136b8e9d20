"""A worker whose articles take a set time and no CPU: their processes sleep.

    faust -A stand_in worker

It shows what waiting costs on a machine that does other work. STAND_IN_SECONDS: what an article takes. It is
found by its folder, so that a worker of another checkout can be run the same way.
"""

import os
import sys
import time
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.enricher import make_trivial_enricher
from worker.assembly import EnrichmentPool, build_app
from worker.channels import Channel
from worker.pool.article_pool import article_pool
from worker.settings import Settings

STAND_IN_SECONDS = "STAND_IN_SECONDS"
STAND_IN = (sys.executable, "-m", "faust", "-A", "stand_in", "worker")
"""The command of such a worker, with `stand_in_variables`."""


def stand_in_variables(seconds: float, root: Path) -> dict[str, str]:
    """The variables of such a worker of that checkout, whose articles take so long."""
    return {STAND_IN_SECONDS: str(seconds), "PYTHONPATH": f"{root}{os.pathsep}{Path(__file__).parent}"}


def make_sleeper(seconds: float, channels: Collection[Channel]) -> Callable[[Any], Any]:
    """What a process of the pool does: it sleeps, then publishes what was sent."""
    enrich = make_trivial_enricher(channels=channels)

    def sleep(message: Any) -> Any:
        time.sleep(seconds)
        return enrich(message)

    return sleep


def _pool(settings: Settings) -> EnrichmentPool:
    return article_pool(
        partial(make_sleeper, float(os.environ[STAND_IN_SECONDS]), settings.channels), settings
    )


if STAND_IN_SECONDS in os.environ:  # not in the processes, which import this for `make_sleeper`
    sys.path.insert(0, str(Path(__file__).parent))
    app = build_app(Settings.from_env(), make_pool=_pool)
