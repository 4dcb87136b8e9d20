"""Whatever is sent to the health page's port, the worker goes on and the page answers again."""

import asyncio
import contextlib
import json
import os
import resource
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest

from worker.web.connections import BoundedConnections, connection_cap

REQUEST = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
METRICS = REQUEST.replace(b"livez", b"metrics")
# What an attacker sends on each connection, which then stays open.
ATTACKS = {
    "nothing": b"",
    "half a request line": b"GET /liv",
    "half a header": REQUEST[:-2],
    "one header after the other": b"GET /livez HTTP/1.1\r\n" + b"a: b\r\n" * 10_000,
    "a header without end": b"GET /livez HTTP/1.1\r\na: " + b"b" * 200_000,
    "a request, and no other": REQUEST,
    "keep-alive": REQUEST.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n"),
    "HTTP/1.0 with keep-alive": b"GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    "requests in a row": REQUEST * 1_000,
    "pages that it does not read": METRICS * 1_000,
    "a body that does not come": b"POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n",
    "a chunk that does not come": b"POST /livez HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffff\r\n",
    "an upgrade": b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    + b"x" * 9_000,
    "an expectation": REQUEST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "NUL": b"\x00" * 20_000,
}


@contextlib.contextmanager
def small_worker(open_files: int, of_its_own: int) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        port = one.getsockname()[1]
    words = ["tests.unit.web.small_worker", port, open_files, of_its_own]
    process = subprocess.Popen([sys.executable, "-m", *map(str, words)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "serves\n"
        yield port, process
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def many_files() -> Iterator[None]:
    """Lets this process hold thousands of connections, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def ask(port: int, page: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{page}", timeout=2) as answer:
        body: bytes = answer.read()
        return body


def answers_within(port: int, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            return ask(port, "/livez") == b"alive\n"
        time.sleep(0.05)
    return False


def open_and_send(port: int, what: bytes) -> socket.socket:
    """A connection that stays open, with as much sent as is taken at once."""
    one = socket.socket()
    one.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        one.connect(("127.0.0.1", port))
    one.settimeout(1)
    with contextlib.suppress(OSError):  # dropped already
        one.send(what, socket.MSG_NOSIGNAL)
    return one


def descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


@pytest.fixture(scope="module")
def attacked() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    """One process for all attacks, so that what one leaves behind meets the next."""
    with small_worker(open_files=256, of_its_own=128) as started:
        yield started


@pytest.mark.parametrize("what", ATTACKS.values(), ids=ATTACKS)
def test_the_page_answers_while_connections_are_held_open(
    attacked: tuple[int, subprocess.Popen[str]], what: bytes
) -> None:
    port, process = attacked
    with contextlib.ExitStack() as held:
        for _ in range(100):
            held.enter_context(open_and_send(port, what))
        assert answers_within(port, seconds=5)
        before = json.loads(ask(port, "/readyz"))["done"]
        time.sleep(0.2)
        assert json.loads(ask(port, "/readyz"))["done"] > before
        assert descriptors(process.pid) < 128 + 40
        assert process.poll() is None


@pytest.mark.usefixtures("many_files")
def test_thousands_of_half_sent_requests_leave_the_worker_its_descriptors() -> None:
    with small_worker(open_files=1024, of_its_own=880) as (port, process), contextlib.ExitStack() as held:
        for number in range(2_000):
            held.enter_context(open_and_send(port, b"GET /livez HTTP/1.1\r\n"))
            if number % 500 == 499:
                assert answers_within(port, seconds=5), f"silent after {number}"
        assert process.poll() is None
        assert answers_within(port, seconds=2)


def test_without_a_descriptor_left_it_lives_on_and_does_not_spin() -> None:
    with small_worker(open_files=64, of_its_own=0) as (port, process), contextlib.ExitStack() as held:
        # As if Kafka had taken all the others.
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (descriptors(process.pid), 64))
        cpu = _cpu_ticks(process.pid)
        for _ in range(50):
            held.enter_context(open_and_send(port, b"GET /livez"))
        time.sleep(3)
        assert process.poll() is None
        assert _cpu_ticks(process.pid) - cpu < 1.5 * os.sysconf("SC_CLK_TCK")
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (64, 64))
        assert answers_within(port, seconds=5)


def _cpu_ticks(pid: int) -> int:
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


@pytest.mark.parametrize(
    ("files", "most"), [(32, 4), (256, 8), (1024, 32), (1 << 20, 32), (resource.RLIM_INFINITY, 32)]
)
def test_the_cap_is_a_small_part_of_the_open_files(
    files: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (files, files))
    assert connection_cap() == most


class Recorder(asyncio.Protocol):
    """Notes what it hears of its connection."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport
        self.heard = b""
        self.lost = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.heard += data

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set_result(error)


@contextlib.asynccontextmanager
async def bounded(most: int = 10, seconds: float = 60, request_bytes: int = 100):  # type: ignore[no-untyped-def]
    made: list[Recorder] = []

    def make() -> Recorder:
        made.append(Recorder())
        return made[-1]

    connections = BoundedConnections(make, most=most, seconds=seconds, request_bytes=request_bytes)
    server = await asyncio.get_running_loop().create_server(connections, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], made
    finally:
        server.close()
        for one in made:
            one.transport.abort()


async def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.01)


async def is_dropped(reader: asyncio.StreamReader) -> bool:
    try:
        return await reader.read() == b""
    except ConnectionError:
        return True


async def test_one_too_many_drops_the_oldest() -> None:
    async with bounded(most=2) as (port, made):
        first, _, third = [await asyncio.open_connection("127.0.0.1", port) for _ in range(3)]
        assert await asyncio.wait_for(is_dropped(first[0]), 5)
        third[1].write(b"hello")
        await until(lambda: made[2].heard == b"hello")
        assert [one.lost.done() for one in made] == [True, False, False]
        # A connection that ends by itself makes room.
        third[1].close()
        await made[2].lost
        _fourth = await asyncio.open_connection("127.0.0.1", port)
        await until(lambda: len(made) == 4)
        assert [one.lost.done() for one in made] == [True, False, True, False]


async def test_a_connection_ends_in_time_however_busy_it_is() -> None:
    async with bounded(seconds=0.3) as (port, made):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        start = time.monotonic()
        while not made or not made[0].lost.done():
            with contextlib.suppress(ConnectionError):
                writer.write(b"x")
            await asyncio.sleep(0.02)
            assert time.monotonic() - start < 5
        assert await is_dropped(reader)


async def test_a_client_that_sends_too_much_is_dropped() -> None:
    async with bounded(request_bytes=100) as (port, made):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * 100)
        await until(lambda: made and len(made[0].heard) == 100)
        assert not made[0].lost.done()
        writer.write(b"x")
        assert await asyncio.wait_for(is_dropped(reader), 5)
        assert made[0].heard == b"x" * 100
