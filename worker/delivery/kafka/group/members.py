"""The members of a group and what they have told it, as the brokers have it now."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient, ConnectionGroup, CoordinationType
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import KafkaError, NoError, for_code
from aiokafka.protocol.admin import DescribeGroupsRequest

from worker.delivery.kafka.group.member_settings import MemberSettings, read_member

_RETRY_SECONDS = 0.1
_REBALANCING = ("PreparingRebalance", "CompletingRebalance")


@dataclass(frozen=True, slots=True)
class GroupMember:
    """One member. `address`: where its connection comes from. `told`: None if it tells no settings."""

    client_id: str
    address: str
    told: MemberSettings | None
    assigned: frozenset[TopicPartition]


@dataclass(frozen=True, slots=True)
class GroupNow:
    """A group. `state` is the brokers' word. Of a group that they do not know it is `Dead`."""

    state: str
    members: tuple[GroupMember, ...]

    @property
    def is_rebalancing(self) -> bool:
        """Whether its partitions are given out anew, so that no member has any at this moment."""
        return self.state in _REBALANCING


async def told_members(coordinator: GroupCoordinator) -> list[MemberSettings]:
    """Those that tell their settings. Empty during a rebalance, and where the brokers do not say.

    Raises KafkaError if the group does not answer.
    """
    response = await coordinator._send_req(DescribeGroupsRequest([coordinator.group_id]))
    told = [member.told for group in response.groups for member in _members(group)]
    return [settings for settings in told if settings is not None]


async def described_group(client: AIOKafkaClient, group: str) -> GroupNow:
    """The group as its coordinator has it. Retries what can be retried until it is cancelled.

    Raises other errors, such as that of a missing right.
    """
    while True:
        try:
            node = await client.coordinator_lookup(CoordinationType.GROUP, group)
            response: Any = await client.send(
                node, DescribeGroupsRequest([group]), group=ConnectionGroup.COORDINATION
            )
            ((code, _, state, *_),) = response.groups
            if (error := for_code(code)) is not NoError:
                raise error
            return GroupNow(state, tuple(_members(response.groups[0])))
        except KafkaError as error:
            if not error.retriable:
                raise
            await client.force_metadata_update()
            await asyncio.sleep(_RETRY_SECONDS)


def _members(group: Any) -> Iterator[GroupMember]:
    for _, client_id, address, metadata, assignment in group[5]:
        yield GroupMember(client_id, address.removeprefix("/"), _told(metadata), _assigned(assignment))


def _told(metadata: bytes) -> MemberSettings | None:
    try:
        return read_member(ConsumerProtocolMemberMetadata.decode(metadata).user_data) if metadata else None
    except ValueError:  # a member of another program, whose metadata is its own affair
        return None


def _assigned(assignment: bytes) -> frozenset[TopicPartition]:
    try:
        given = ConsumerProtocolMemberAssignment.decode(assignment).partitions() if assignment else ()
    except ValueError:
        return frozenset()
    return frozenset(given)
