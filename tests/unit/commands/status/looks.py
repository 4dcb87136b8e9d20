"""Looks at a group for tests, without a broker."""

from aiokafka import TopicPartition

from worker.commands.status.look import LettersSeen, Look, PartitionSeen, StageSeen

NOW_MS = 1_769_846_400_000
MINUTE_MS = 60_000


def partition(number=0, *, worker="ops-1/4711", position=100, lag=0, oldest_min=None, delivered_min=0,
              per_second=1.0, offsets_then=0, offsets=None, is_exact=True):  # fmt: skip
    """One partition of the raw topic; times in minutes ago, None for none. `offsets`: that wait."""
    return PartitionSeen(
        partition=TopicPartition("news.articles.raw.v1", number),
        worker=worker,
        position=position,
        end=position + (lag if offsets is None else offsets),
        lag=lag,
        is_exact=is_exact,
        oldest_ms=None if oldest_min is None else NOW_MS - round(oldest_min * MINUTE_MS),
        delivered_ms=None if delivered_min is None else NOW_MS - round(delivered_min * MINUTE_MS),
        per_second=per_second,
        offsets_then=offsets_then,
    )


def stage(*partitions, name="enrich"):
    return StageSeen(name, "news.articles.raw.v1", partitions or (partition(),))


def look(*stages, reasons=None, whole=True, **fields):
    return Look(**{
        "group": "news.dateline",
        "brokers": "kafka-1:9092",
        "at_ms": NOW_MS,
        "state": "Stable",
        "is_rebalancing": False,
        "workers": (),
        "stages": stages or (stage(),),
        "letters": LettersSeen(NOW_MS - 60 * MINUTE_MS, reasons or {}, whole),
        "missing": (),
        "differences": (),
        **fields,
    })  # fmt: skip
