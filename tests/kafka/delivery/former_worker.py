"""A trivial worker that tells its group no settings, as those of the version before do not.

faust -A tests.kafka.delivery.former_worker worker
"""

from typing import Any

from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from tests.faults.sabotage import patch
from tests.faults.trivial import app
from worker.delivery.faust import reader


def plain_assignor(*_: Any) -> type[RoundRobinPartitionAssignor]:
    return RoundRobinPartitionAssignor


patch(reader, "AgreeingAssignor", plain_assignor)

__all__ = ["app"]
