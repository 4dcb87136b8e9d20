"""Kafka clients for commands. One that can't connect within ten seconds becomes a Problem of one line."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import AuthenticationFailedError, BrokerResponseError, KafkaError

from worker.commands.shell.terminal import Problem
from worker.commands.shell.variables import misspelt_hint
from worker.delivery.kafka import wire  # noqa: F401 (lets consumers read header names that are not UTF-8)
from worker.delivery.kafka.connection import FETCH_WAIT_MS, client_options
from worker.delivery.kafka.errors import at_fault
from worker.delivery.kafka.unpacking import bound_batches
from worker.settings import Settings

BROKER_ANSWER_SECONDS = 10
# Longer than our own deadline, so that the user sees its message rather than the client's.
_REQUEST_TIMEOUT_MS = 30_000
# What aiokafka and Python say for "connection refused".
_UNABLE = re.compile(r'Unable connect to "[^"]*": (Multiple exceptions: )?')
_REFUSED = re.compile(
    r"\[Errno 111\] Connect call failed \([^)]*\)(, \[Errno 111\] Connect call failed \([^)]*\))*"
)

_ERROR_NUMBER = re.compile(r"\[Errno -?\d+\] ")


class _LastWarning(logging.Handler):
    """Keeps the last warning that aiokafka logged, which our own message quotes, off the terminal."""

    message = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.message = record.getMessage()


_last_warning = _LastWarning()


def quiet_client_logs() -> None:
    """Keeps the logs of aiokafka and asyncio off the terminal from here on."""
    for name in ("aiokafka", "kafka", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [_last_warning]
        logger.propagate = False


@asynccontextmanager
async def asking(settings: Settings, *, seconds: float = BROKER_ANSWER_SECONDS) -> AsyncIterator[None]:
    """Gives the block `seconds` to get its answers from the brokers.

    No answer, a refusal or a lost connection is raised as a Problem that names the brokers.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
        # The brokers answer: what was logged before explains no later failure, where a process runs for days.
        _last_warning.message = ""
    except TimeoutError:
        raise Problem(_no_answer(settings, f"nothing within {seconds:g} s")) from None
    except AuthenticationFailedError as error:
        raise Problem(
            f"the Kafka brokers at {settings.brokers} refuse "
            f"DATELINE_SASL_USERNAME={settings.sasl_username!r}: {explain(error)}"
        ) from None
    except BrokerResponseError as error:
        raise Problem(
            f"the Kafka brokers at {settings.brokers} refuse: {explain(error)}{at_fault(error)}"
        ) from None
    except (KafkaError, OSError) as error:
        raise Problem(_no_answer(settings, explain(error))) from None


def explain(error: BaseException) -> str:
    """Describes a client's error in one line, such as `TopicAuthorizationFailed: not authorized`."""
    name = type(error).__name__.removesuffix("Error")
    text = " ".join(str(error.args[0] if error.args else "").split())
    description = getattr(error, "description", None)
    return f"{name}: {text or description}" if text or description else name


@asynccontextmanager
async def admin_client(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected admin client. Raises Problem if the brokers don't answer."""
    quiet_client_logs()
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=_REQUEST_TIMEOUT_MS)
    async with _connected(client.start, client.close, settings):
        yield client


@asynccontextmanager
async def producer(settings: Settings, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
    """A connected producer. Raises Problem if the brokers don't answer. `options` are AIOKafkaProducer's."""
    quiet_client_logs()
    options = {"request_timeout_ms": _REQUEST_TIMEOUT_MS, **options}
    client = AIOKafkaProducer(**client_options(settings), **options)
    async with _connected(client.start, client.stop, settings):
        yield client


@asynccontextmanager
async def consumer(settings: Settings, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """A connected consumer of committed records. It is in no group, so it moves nobody's offsets.

    Raises Problem if the brokers don't answer. `options` are AIOKafkaConsumer's.
    """
    quiet_client_logs()
    bound_batches(settings)
    options = {"auto_offset_reset": "earliest", **options}
    client = AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        request_timeout_ms=_REQUEST_TIMEOUT_MS,
        fetch_max_wait_ms=FETCH_WAIT_MS,
        **options,
    )
    async with _connected(client.start, client.stop, settings):
        yield client


@asynccontextmanager
async def _connected(
    start: Callable[[], Awaitable[object]], close: Callable[[], Awaitable[object]], settings: Settings
) -> AsyncIterator[None]:
    """Starts a client, and closes it at the end."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_close, close)
        async with asking(settings):
            await start()
        # A consumer that is closed before its tasks have begun raises CancelledError instead of closing.
        await asyncio.sleep(0)
        yield


async def _close(close: Callable[[], Awaitable[object]]) -> None:
    """Closes a client, but does not wait for brokers that are gone longer than for any other answer."""
    try:
        async with asyncio.timeout(BROKER_ANSWER_SECONDS):
            await close()
    except (TimeoutError, KafkaError, OSError):
        pass


def _no_answer(settings: Settings, why: str) -> str:
    why = _REFUSED.sub("connection refused", _UNABLE.sub("", _last_warning.message or why))
    why = _ERROR_NUMBER.sub("", why).strip()
    return (
        f"no answer from the Kafka brokers at {settings.brokers} (DATELINE_BROKERS) "
        f"by {settings.security_protocol}: {why or 'the connection was closed'}{misspelt_hint()}"
    )
