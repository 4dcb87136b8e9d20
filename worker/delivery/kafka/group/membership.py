"""Static members of a group (KIP-345): heartbeats carry the instance's name, so that two with one name show.

aiokafka's heartbeats do not carry it. The older of two workers with one name would then conclude that it was
forgotten and join again, and the two would push each other out for ever.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.group import HeartbeatRequest, HeartbeatRequest_v1, HeartbeatResponse_v1
from aiokafka.protocol.types import Int32, Schema, String

from worker.delivery.kafka.error_codes import FencedInstanceId


class _Response(Response):
    API_KEY = 12
    API_VERSION = 3
    SCHEMA = HeartbeatResponse_v1.SCHEMA


class _NamedRequest(RequestStruct):
    API_KEY = 12
    API_VERSION = 3
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(
        ("group", String("utf-8")),
        ("generation_id", Int32),
        ("member_id", String("utf-8")),
        ("group_instance_id", String("utf-8")),
    )


class NamedHeartbeat(Request[HeartbeatRequest_v1 | _NamedRequest]):
    """Version 3 of the request if the broker has it (Kafka 2.3 and later), else version 1."""

    API_KEY = 12

    def __init__(self, heartbeat: HeartbeatRequest, instance: str) -> None:
        self._fields = (heartbeat._group, heartbeat._generation_id, heartbeat._member_id)
        self._instance = instance

    def build(
        self, request_struct_class: type[HeartbeatRequest_v1 | _NamedRequest]
    ) -> HeartbeatRequest_v1 | _NamedRequest:
        if request_struct_class is _NamedRequest:
            return _NamedRequest(*self._fields, self._instance)
        return request_struct_class(*self._fields)


def make_static(coordinator: GroupCoordinator, instance: str, on_fenced: Callable[[], None]) -> None:
    """Puts the name into the coordinator's heartbeats. Calls `on_fenced` if another member has the name."""
    send: Callable[[Any], Awaitable[Response]] = coordinator._send_req

    async def send_named(request: Any) -> Response:
        if isinstance(request, HeartbeatRequest):
            request = NamedHeartbeat(request, instance)
        response = await send(request)
        if getattr(response, "error_code", None) == FencedInstanceId.errno:
            on_fenced()
        return response

    # An instance's own method: other consumers of the process keep theirs.
    coordinator._send_req = send_named  # type: ignore[method-assign]
