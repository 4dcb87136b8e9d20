"""Sets the gauges from the worker's status when somebody asks, and makes counters start from zero."""

import math
from collections.abc import Iterable

from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.clock import ClockStatus
from worker.delivery.kafka.errors import ErrorKind
from worker.delivery.lanes.status import LanesStatus, WorkerStatus
from worker.pool.pool import PoolCounts
from worker.records.messages import Reason
from worker.settings import Settings

_RULE_OUTCOMES = ("put", "deleted", "refused")
_COOLDOWN_LIMITS = ("entities", "partition")
_STORY_LIMITS = ("stories", "articles")
_LANE_GAUGES = (
    metrics.LAG,
    metrics.DELIVERED_OFFSET,
    metrics.LAST_STABLE_OFFSET,
    metrics.INBOX_RECORDS,
    metrics.IN_FLIGHT_RECORDS,
)


def count_from_zero(written: Iterable[Channel]) -> None:
    """Creates the counters' known series at zero, so that their first increase shows as one."""
    for reason in Reason:
        metrics.DEAD_LETTERS.labels(reason.value)
    for channel in written:
        metrics.RECORDS_WRITTEN.labels(channel.value)
        metrics.WRITTEN_BYTES.labels(channel.value)
    for outcome in _RULE_OUTCOMES:
        metrics.RULE_CHANGES.labels(outcome)
    for limit in _COOLDOWN_LIMITS:
        metrics.COOLDOWN_OVERRUNS.labels(limit)
    for limit in _STORY_LIMITS:
        metrics.STORY_LIMIT_HITS.labels(limit)
    for limit in ("stories", "rules"):
        metrics.STORY_RULE_LIMIT_HITS.labels(limit)
    for why in ("late", "limit"):
        metrics.TREND_UNCOUNTED.labels(why)
    for kind in ErrorKind:
        metrics.LANE_FAILURES.labels(kind.value)


def set_gauges(status: WorkerStatus, settings: Settings) -> None:
    """Sets every gauge to what `/readyz` would say at this moment."""
    metrics.READY.set(status.ready)
    metrics.HEALTHY.set(status.healthy)
    metrics.REACHABLE.set(status.reachable)
    metrics.STOPPING.set(status.stopping)
    metrics.STILL_SECONDS.set(status.still_seconds)
    metrics.STILL_LIMIT_SECONDS.set(settings.stall_seconds)
    _set_clock(status.clock, settings)
    metrics.IN_FLIGHT_LIMIT_BYTES.set(settings.in_flight_bytes)
    metrics.RULES.set(status.rules.in_force)
    metrics.RULES_REFUSED.set(status.rules.refused)
    metrics.DIFFERING_SETTINGS.set(len(status.agreement.differ))
    metrics.OUTPUTS_OFF.set(len(status.outputs_off))
    metrics.BUILD_INFO.clear()
    metrics.BUILD_INFO.labels(status.version, status.pool.about, status.delivery).set(1)
    _set_pool(status.pool)
    _set_lanes(status.lanes)
    sketches = settings.topic(Channel.SKETCHES)
    if not any(partition.topic == sketches for partition in status.lanes.lanes):
        metrics.STORIES_OPEN.set(0)
        metrics.STORY_ARTICLES.set(0)
    notes = settings.topic(Channel.TREND_NOTES)
    if not any(partition.topic == notes for partition in status.lanes.lanes):
        metrics.TREND_ARTICLES.set(0)
        metrics.TREND_COUNTS.set(0)


def _set_clock(clock: ClockStatus, settings: Settings) -> None:
    metrics.CLOCK_SKEW.set(math.nan if clock.ahead_seconds is None else clock.ahead_seconds)
    metrics.CLOCK_SKEW_LIMIT.set(settings.max_clock_skew_seconds)


def _set_pool(pool: PoolCounts) -> None:
    metrics.POOL_PROCESSES.set(pool.children)
    metrics.POOL_PROCESSES_WANTED.set(pool.wanted)
    metrics.POOL_BUSY.set(pool.busy)
    metrics.POOL_WAITING.set(pool.waiting)
    metrics.POOL_MEMORY.set(pool.resident_bytes)
    metrics.POOL_LARGEST.set(pool.largest_resident_bytes)


def _set_lanes(status: LanesStatus) -> None:
    metrics.IN_FLIGHT_BYTES.set(status.bytes_in_flight)
    metrics.LANES.set(len(status.lanes))
    metrics.LANES_PREPARING.set(sum(not lane.prepared for lane in status.lanes.values()))
    # Partitions that went to other workers are no longer this worker's to report.
    for gauge in _LANE_GAUGES:
        gauge.clear()
    for tp, lane in status.lanes.items():
        name = (tp.topic, tp.partition)
        metrics.RECORDS_READ.labels(*name)
        metrics.RECORDS_DELIVERED.labels(*name)
        metrics.DELIVERED_OFFSET.labels(*name).set(lane.delivered)
        metrics.INBOX_RECORDS.labels(*name).set(lane.waiting)
        metrics.IN_FLIGHT_RECORDS.labels(*name).set(lane.in_flight)
    for tp, lag in status.lag.items():
        metrics.LAG.labels(tp.topic, tp.partition).set(lag.waiting)
        metrics.LAST_STABLE_OFFSET.labels(tp.topic, tp.partition).set(lag.last_stable)
