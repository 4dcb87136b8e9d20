"""One measurement: the workers of one point on Apache Kafka, to the end of their articles."""

from pathlib import Path

from bench.growth.series import Point
from bench.texts import articles_of_length
from bench.whole_worker import Load, WorkerFigures, measure_workers

_WARM_UP = 24
"""Articles before those that are measured, for each worker: each process has loaded its pipeline then."""


def measure_point(brokers: str, point: Point, rules: Path) -> WorkerFigures:
    """What the workers take. `rules`: a file of as many rules as any point has.

    Raises AssertionError where an article, or an alert of any, was lost.
    """
    articles = list(articles_of_length(point.articles, point.words))
    count = _WARM_UP * point.workers
    load = Load(
        brokers,
        point.partitions,
        processes=1,
        warm_up=list(articles_of_length(count, point.words, seed=2, first=point.articles)),
        articles=articles,
        workers=point.workers,
        storytelling=point.storytelling,
        without_pipeline=not point.pipeline,
    )
    return measure_workers(load, None if point.rules is None else rules, point.rules or 0)
