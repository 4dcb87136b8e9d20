"""How the worker stands, put into the gauges when somebody asks; and counters that start from zero."""

from typing import TYPE_CHECKING, Any

from worker import metrics
from worker.channels import Channel
from worker.delivery.kafka.refusals import Nature
from worker.records.messages import Reason

if TYPE_CHECKING:
    from worker.delivery.faust.application import Application

_OF_POOL = {
    "children": metrics.POOL_PROCESSES,
    "wanted": metrics.POOL_PROCESSES_WANTED,
    "busy": metrics.POOL_BUSY,
    "waiting": metrics.POOL_WAITING,
    "resident_bytes": metrics.POOL_MEMORY,
    "largest_resident_bytes": metrics.POOL_LARGEST,
}
RULE_OUTCOMES = ("put", "deleted", "refused")
_OF_LANES = (
    metrics.LAG, metrics.DELIVERED_OFFSET, metrics.LAST_STABLE_OFFSET, metrics.INBOX_RECORDS,
    metrics.IN_FLIGHT_RECORDS,
)  # fmt: skip


def count_from_zero(channels: tuple[Channel, ...]) -> None:
    """Makes the counters' known series, so that their first rise is seen as one."""
    for reason in Reason:
        metrics.DEAD_LETTERS.labels(reason.value)
    for channel in channels:
        metrics.RECORDS_WRITTEN.labels(channel.value)
        metrics.WRITTEN_BYTES.labels(channel.value)
    for outcome in RULE_OUTCOMES:
        metrics.RULE_CHANGES.labels(outcome)
    for nature in Nature:
        metrics.LANE_FAILURES.labels(nature.value)


def set_gauges(app: "Application") -> None:
    """Everything that is so now, as `/readyz` would say it."""
    now = app.status()
    metrics.READY.set(now["ready"])
    metrics.HEALTHY.set(now["healthy"])
    metrics.REACHABLE.set(now["reachable"])
    metrics.STOPPING.set(now["stopping"])
    metrics.STILL_SECONDS.set(app.watchdog.still_seconds)
    metrics.STILL_LIMIT_SECONDS.set(app.own.stall_seconds)
    metrics.IN_FLIGHT_BYTES.set(now["bytes_in_flight"])
    metrics.IN_FLIGHT_LIMIT_BYTES.set(app.own.in_flight_bytes)
    metrics.LANES.set(len(now["lanes"]))
    metrics.RULES.set(now["rules"]["in_force"])
    metrics.RULES_REFUSED.set(now["rules"]["refused"])
    _set_pool(now["pool"])
    metrics.BUILD_INFO.clear()
    metrics.BUILD_INFO.labels(now["version"], now["pool"].get("about", ""), now["delivery"]).set(1)
    # Partitions that went elsewhere are no longer this worker's to report.
    for gauge in _OF_LANES:
        gauge.clear()
    for tp, lane in app.lanes.lanes().items():
        name = (tp.topic, tp.partition)
        metrics.RECORDS_READ.labels(*name)
        metrics.RECORDS_DELIVERED.labels(*name)
        metrics.DELIVERED_OFFSET.labels(*name).set(lane["delivered"])
        metrics.INBOX_RECORDS.labels(*name).set(lane["waiting"])
        metrics.IN_FLIGHT_RECORDS.labels(*name).set(lane["in_flight"])
    for tp, lag in app.lanes.lag().items():
        metrics.LAG.labels(tp.topic, tp.partition).set(lag.waiting)
        metrics.LAST_STABLE_OFFSET.labels(tp.topic, tp.partition).set(lag.last_stable)


def _set_pool(pool: dict[str, Any]) -> None:
    for name, gauge in _OF_POOL.items():
        gauge.set(pool.get(name, 0))
