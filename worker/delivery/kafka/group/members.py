"""What the members of a group have told it, as the brokers have it now."""

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.coordinator.protocol import ConsumerProtocolMemberMetadata
from aiokafka.protocol.admin import DescribeGroupsRequest

from worker.delivery.kafka.group.member_settings import MemberSettings, read_member


async def told_members(coordinator: GroupCoordinator) -> list[MemberSettings]:
    """Those that tell their settings. Empty during a rebalance, and where the brokers do not say.

    Raises KafkaError if the group does not answer.
    """
    response = await coordinator._send_req(DescribeGroupsRequest([coordinator.group_id]))
    told = [
        ConsumerProtocolMemberMetadata.decode(metadata).user_data
        for group in response.groups
        for _member, _client, _host, metadata, _assignment in group[5]
        if metadata
    ]
    return [member for data in told if (member := read_member(data)) is not None]
