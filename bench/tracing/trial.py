"""One lane with the shipped pipeline, from articles in memory to deliveries in memory; prints what it took.

    python bench/tracing/trial.py ARTICLES

Run by path, so that PYTHONPATH may name another checkout, whose worker has no traces. Traces are on where
OTEL_* asks for them. Prints the CPU time of an article in microseconds: that of the worker's own process,
and that of all.
"""

import asyncio
import importlib
import json
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle, islice
from typing import Any

from bench.alerts.articles import SAMPLES
from tests.unit.delivery.lanes.lane_fakes import PARTITION, Partition, make_lane
from worker.agents.enrich import enrichment
from worker.channels import Channel
from worker.commands.articles.documents import InputDocument, InputDocuments
from worker.delivery.lanes.inbox import Arrival
from worker.delivery.lanes.lane import BatchLimits
from worker.delivery.lanes.stage import Outputs, RunnableStage, StageTuning, Work, stateless
from worker.enricher import make_enricher
from worker.enrichment_config import EnrichmentConfig
from worker.pool.article_pool import article_pool
from worker.pool.process import cpu_seconds
from worker.records.messages import RawMessage
from worker.settings import Settings

_WARM_UP = 40
_LIMITS = BatchLimits(
    batch_size=50,
    batch_bytes=1 << 20,
    batch_wait_seconds=0.02,
    batches_in_flight=4,
    deliver_seconds=60,
    open_seconds=60,
)
_TRACE = ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")


async def _measure(articles: int) -> dict[str, float]:
    settings = Settings(processes=2)
    config = EnrichmentConfig.from_settings(settings)
    async with article_pool(partial(make_enricher, config), settings) as pool:
        partition = _Forgetful()
        lane = _lane(settings, partition, enrichment(submit=pool.submit))
        await lane.open()
        running = asyncio.create_task(lane.run())
        rows = islice(cycle(list(_values(settings))), articles + _WARM_UP)
        before = own = 0.0
        for offset, value in enumerate(rows):
            if offset == _WARM_UP:
                await _until(partial(_is_delivered, lane, offset))
                before, own = _children(pool), time.process_time()
            await _until(lane.has_room)
            message = RawMessage(PARTITION.topic, 0, offset, 1_736_758_800_000, b"key", value, (_TRACE,))
            lane.put(Arrival(message, offset, lane.generation))
        await _until(partial(_is_delivered, lane, articles + _WARM_UP))
        own = time.process_time() - own
        children = _children(pool) - before
        lane.finish()
        await running
    return {"own": 1e6 * own / articles, "all": 1e6 * (own + children) / articles}


class _Forgetful(Partition):
    """Keeps nothing of what is delivered."""

    def __init__(self) -> None:
        super().__init__()
        self.after_commit = self.delivered.clear


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


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110
        await asyncio.sleep(0.002)


def _children(pool: Any) -> float:
    return sum(cpu_seconds(pid) for pid in pool.pids)


def _values(settings: Settings) -> list[bytes]:
    paths = tuple(str(path) for path in SAMPLES)
    documents = InputDocuments(paths, max_bytes=settings.max_record_bytes)
    return [one.value for one in documents if isinstance(one, InputDocument) and one.value]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_measure(int(sys.argv[1])))))
