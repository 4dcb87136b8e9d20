"""The listening desk: how many connections it takes, and for how long it keeps one that asks nothing."""

import asyncio
from contextlib import suppress

import pytest

from tests.unit.desk.desks import FakeSource
from worker.desk import connections, server
from worker.desk.access import Access, loopback_hosts
from worker.desk.connections import LimitedConnections
from worker.desk.live import Live
from worker.desk.server import CannotListen, served

REQUEST = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def limits(monkeypatch):
    """`limits(most=, seconds=)`: of the connections of desks that are served from then on."""

    def limit(**values):
        monkeypatch.setattr(server, "LimitedConnections", lambda make: LimitedConnections(make, **values))

    return limit


def desk():
    return served(Live(), FakeSource(), Access(hosts=loopback_hosts([])), host="127.0.0.1", port=0)


async def ask(address, path=b"/"):
    reader, writer = await asyncio.open_connection(*address)
    writer.write(REQUEST % path)
    async with asyncio.timeout(5):
        answer = await reader.read()
    writer.close()
    return answer


async def test_it_answers_and_closes():
    async with desk() as address:
        answer = await ask(address)
        assert answer.startswith(b"HTTP/1.1 200")
        assert b"Connection: close" in answer


async def test_one_connection_too_many_is_told_so_and_room_is_made_when_others_leave(limits):
    limits(most=3)
    async with desk() as address:
        held = [await asyncio.open_connection(*address) for _ in range(3)]
        await asyncio.sleep(0.05)
        answer = await ask(address)
        assert answer.startswith(b"HTTP/1.1 503")
        assert b"Retry-After: 5" in answer
        assert answer.endswith(b"Try again in a moment.\n")
        held[0][1].close()
        await asyncio.sleep(0.05)
        assert (await ask(address)).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "])
async def test_a_connection_that_does_not_ask_is_dropped(limits, begun):
    limits(seconds=0.2)
    async with desk() as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(begun)
        async with asyncio.timeout(5):
            with suppress(ConnectionResetError):
                assert await reader.read() == b""


async def test_a_stream_is_kept_for_longer(limits, monkeypatch):
    monkeypatch.setattr("worker.desk.stream.BEAT_SECONDS", 0.1)
    limits(seconds=0.3)
    async with desk() as address:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(REQUEST % b"/stream")
        read = b""
        with suppress(TimeoutError):
            async with asyncio.timeout(1.5):
                while chunk := await reader.read(1000):
                    read += chunk
        assert read.count(b": beat") >= 3
        assert not reader.at_eof()
        writer.close()


async def test_an_address_that_is_taken_is_named():
    async with desk() as (host, port):
        with pytest.raises(CannotListen, match=f"--port {port} is taken on 127.0.0.1; --port 0"):
            async with served(Live(), FakeSource(), Access(hosts=None), host=host, port=port):
                pass
    with pytest.raises(CannotListen, match=r"--host '203\.0\.113\.1' with --port 0 can't be listened on"):
        async with served(Live(), FakeSource(), Access(hosts=None), host="203.0.113.1", port=0):
            pass


def test_the_limits_leave_room_for_pages_beside_the_streams():
    from worker.desk.live import MOST_VIEWERS

    assert connections.MOST_DESK_CONNECTIONS > MOST_VIEWERS
