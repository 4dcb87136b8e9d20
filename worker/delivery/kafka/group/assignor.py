"""Assigns partitions round robin to the members that write the same outputs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from aiokafka.cluster import ClusterMetadata
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata

from worker.delivery.kafka.group.agreement import Agreement
from worker.delivery.kafka.group.member_settings import MemberSettings, eldest, read_member
from worker.settings import Delivery

# Brokers let only workers with the same name join a group, so workers that fence and workers that do not
# can't share one by accident.
_NAMES = {
    Delivery.EXACTLY_ONCE: RoundRobinPartitionAssignor.name,
    Delivery.AT_LEAST_ONCE: "dateline-at-least-once",
}


class AgreeingAssignor:
    """Round robin among those whose outputs are the eldest's; the others get nothing, and learn why.

    aiokafka's own are classes; this is an object, since it knows its worker. `generation()`: the group's, as
    this member knows it.
    """

    def __init__(self, delivery: Delivery, agreement: Agreement, generation: Callable[[], int]) -> None:
        self.name = _NAMES[delivery]
        self._agreement, self._generation = agreement, generation

    def metadata(self, topics: Iterable[str]) -> ConsumerProtocolMemberMetadata:
        own = self._agreement.own().to_bytes()
        return ConsumerProtocolMemberMetadata(RoundRobinPartitionAssignor.version, list(topics), own)

    def assign(
        self, cluster: ClusterMetadata, members: Mapping[str, ConsumerProtocolMemberMetadata]
    ) -> dict[str, ConsumerProtocolMemberAssignment]:
        told = {name: read_member(metadata.user_data) for name, metadata in members.items()}
        eldests = _eldests(each for each in told.values() if each is not None)
        admitted = {
            name: metadata
            for name, metadata in members.items()
            if (own := told[name]) is None or not own.writes_otherwise(eldests[own.prefix])
        }
        assigned = RoundRobinPartitionAssignor.assign(cluster, admitted)
        return {
            name: ConsumerProtocolMemberAssignment(
                RoundRobinPartitionAssignor.version,
                assigned[name].assignment if name in assigned else [],
                b"" if own is None else eldests[own.prefix].to_bytes(),
            )
            for name, own in told.items()
        }

    def on_assignment(self, assignment: ConsumerProtocolMemberAssignment) -> None:
        self._agreement.take(assignment.user_data, self._generation())


def _eldests(members: Iterable[MemberSettings]) -> dict[str, MemberSettings]:
    """The eldest by prefix: those of another prefix write to other topics."""
    by_prefix: dict[str, list[MemberSettings]] = defaultdict(list)
    for member in members:
        by_prefix[member.prefix].append(member)
    return {prefix: eldest(same) for prefix, same in by_prefix.items()}
