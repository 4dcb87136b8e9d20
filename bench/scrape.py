"""The metrics pages of workers, read once: what has been counted since their start."""

import urllib.request
from collections.abc import Iterable
from typing import Self

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from worker.channels import Channel


class MetricsScrape:
    """The counts on the metrics pages of workers at one moment, together."""

    def __init__(self, samples: Iterable[Sample]) -> None:
        self._samples = list(samples)

    @classmethod
    def of_workers(cls, *ports: int) -> Self:
        """Reads the pages of the workers on these ports as one. Raises OSError where nobody answers."""
        return cls(sample for port in ports for sample in _samples(port))

    def delivered(self, topic: str | None = None) -> float:
        """How many inputs were delivered, of this topic or of all."""
        return self._sum("records_delivered_total", **({} if topic is None else {"topic": topic}))

    def written(self, channel: Channel) -> float:
        """How many records were written to a channel."""
        return self._sum("records_written_total", channel=channel.value)

    @property
    def deliveries(self) -> float:
        """How many batches were delivered."""
        return self._sum("batch_records_count")

    @property
    def start_overs(self) -> float:
        """How often a lane started over."""
        return self._sum("lane_start_overs_total")

    def _sum(self, name: str, **labels: str) -> float:
        return sum(
            sample.value
            for sample in self._samples
            if sample.name == f"dateline_{name}" and labels.items() <= sample.labels.items()
        )


def _samples(port: int) -> list[Sample]:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as page:
        families = text_string_to_metric_families(page.read().decode())
        return [sample for family in families for sample in family.samples]
