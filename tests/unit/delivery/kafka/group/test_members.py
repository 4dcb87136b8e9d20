"""The members of a group, as its coordinator describes them."""

from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition
from aiokafka.coordinator.protocol import ConsumerProtocolMemberAssignment, ConsumerProtocolMemberMetadata
from aiokafka.errors import GroupAuthorizationFailedError

from worker.delivery.kafka.group.member_settings import MemberSettings
from worker.delivery.kafka.group.members import GroupMember, GroupNow, described_group
from worker.settings import Settings

TOLD = MemberSettings.of(Settings.from_env({}), pipeline="p")
METADATA = ConsumerProtocolMemberMetadata(0, ["raw"], TOLD.to_bytes()).encode()
ASSIGNMENT = ConsumerProtocolMemberAssignment(0, [("raw", [1, 4])], b"").encode()


class Coordinator:
    """Answers in turn: an error code, or a state and its members."""

    def __init__(self, *answers):
        self.answers = list(answers)

    async def coordinator_lookup(self, kind, name):
        return 1

    async def force_metadata_update(self):
        return True

    async def send(self, node, request, *, group):
        code, state, members = self.answers.pop(0)
        return SimpleNamespace(groups=[(code, "news.dateline", state, "consumer", "roundrobin", members)])


@pytest.mark.parametrize(
    ("metadata", "assignment", "told", "assigned"),
    [
        (METADATA, ASSIGNMENT, TOLD, {TopicPartition("raw", 1), TopicPartition("raw", 4)}),
        # As during a rebalance.
        (b"", b"", None, set()),
        # Other programs in the group tell what they like.
        (ConsumerProtocolMemberMetadata(0, ["raw"], b"theirs").encode(), ASSIGNMENT[:9], None, set()),
        (b"\xff", b"\xff\xff\xff", None, set()),
    ],
)
async def test_what_a_member_tells_is_read_as_far_as_it_can_be(metadata, assignment, told, assigned):
    member = ("id", "news.dateline-ops-1-7", "/10.0.0.7", metadata, assignment)
    group = await described_group(Coordinator((0, "Stable", [member])), "news.dateline")
    expected = GroupMember("news.dateline-ops-1-7", "10.0.0.7", told, frozenset(assigned))
    assert group == GroupNow("Stable", (expected,))


async def test_a_coordinator_that_moves_is_asked_again():
    moves = Coordinator((16, "", []), (0, "PreparingRebalance", []))
    assert (await described_group(moves, "news.dateline")).is_rebalancing


async def test_a_missing_right_is_an_error():
    with pytest.raises(GroupAuthorizationFailedError):
        await described_group(Coordinator((30, "", [])), "news.dateline")
