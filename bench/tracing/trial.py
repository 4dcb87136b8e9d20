"""One lane and its pool, from articles in memory to deliveries in memory; prints what an article took.

    python bench/tracing/trial.py ARTICLES

Run by path, so that PYTHONPATH may name another checkout, whose worker has no traces. Traces are on where
OTEL_* asks for them. Prints the CPU time of an article in the worker's own process, in microseconds.
"""

import asyncio
import importlib
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from tests.unit.delivery.lanes.lane_fakes import LIMITS, PARTITION, Partition, make_lane
from worker.agents.enrich import enrichment
from worker.channels import Channel
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.stage import Outputs, RunnableStage, StageTuning, Work, stateless
from worker.pool.article_pool import article_pool
from worker.records.messages import RawMessage
from worker.settings import Settings

_WARM_UP = 300
_LIMITS = replace(LIMITS, batch_size=100, batches_in_flight=4)
_TRACE = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
_VALUE = b"article " * 250


async def _measure(articles: int) -> float:
    settings = Settings(processes=2)
    async with article_pool(_function(), settings) as pool:
        partition = _Forgetful()
        lane = _lane(settings, partition, enrichment(submit=pool.submit))
        await lane.open()
        running = asyncio.create_task(lane.run())
        until = partial(_until, running)
        began = 0.0
        for offset in range(articles + _WARM_UP):
            if offset == _WARM_UP:
                await until(partial(_is_delivered, lane, offset))
                began = time.process_time()
            await until(lane.has_room)
            message = RawMessage(PARTITION.topic, 0, offset, 1_736_758_800_000, b"key", _VALUE, (_TRACE,))
            lane.put(Arrival(message, offset, lane.generation))
        await until(partial(_is_delivered, lane, articles + _WARM_UP))
        took = time.process_time() - began
        lane.finish()
        await running
    return 1e6 * took / articles


class _Forgetful(Partition):
    """Keeps nothing of what is delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.after_commit = self._forget

    def _forget(self) -> None:
        self.delivered.clear()


def _function() -> Any:
    """From beside this file: another checkout has none."""
    sys.path.insert(0, str(Path(__file__).parent))
    return importlib.import_module("function").InSteps


def _lane(settings: Settings, partition: Partition, work: Work) -> Any:
    """Wired as in worker/delivery/lanes/lanes.py, where that checkout has traces."""
    try:
        start = importlib.import_module("worker.tracing.start")
    except ModuleNotFoundError:
        return make_lane(partition, work=work, limits=_LIMITS)
    traces = start.start_traces(settings).traces
    if traces is None:
        return make_lane(partition, work=work, limits=_LIMITS)
    stage = RunnableStage("enrich", Channel.RAW, frozenset(), stateless(_nothing), StageTuning(1))
    trace = importlib.import_module("worker.delivery.lanes.trace").LaneTrace(traces, stage, PARTITION)
    return make_lane(partition, work=work, limits=_LIMITS, trace=trace)


async def _nothing(_: RawMessage) -> Outputs:
    return ()


def _is_delivered(lane: Any, offset: int) -> bool:
    return bool(lane.delivered == offset)


async def _until(running: asyncio.Task[None], is_so: Callable[[], bool]) -> None:
    """Waits; raises what ended the lane, where it ends first."""
    while not is_so():
        if running.done():
            running.result()
            raise RuntimeError("the lane ended before all was delivered")
        await asyncio.sleep(0.002)


if __name__ == "__main__":
    print(asyncio.run(_measure(int(sys.argv[1]))))
