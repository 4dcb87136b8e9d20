"""Kafka clients for the command line: connected within ten seconds, or one line that says why not."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import AuthenticationFailedError, BrokerResponseError, KafkaError

from worker.commands.shell.terminal import Problem
from worker.delivery.kafka import wire  # noqa: F401 (headers' names that are no UTF-8 can be read)
from worker.delivery.kafka.connection import client_options
from worker.settings import Settings

ANSWER_SECONDS = 10
# Above what an answer takes: so that it is our deadline that speaks, not the client's.
_REQUEST_TIMEOUT_MS = 30_000
# aiokafka's and Python's words for what has a common name.
_UNABLE = re.compile(r'Unable connect to "[^"]*": (Multiple exceptions: )?')
_REFUSED = re.compile(
    r"\[Errno 111\] Connect call failed \([^)]*\)(, \[Errno 111\] Connect call failed \([^)]*\))*"
)


class _LastWords(logging.Handler):
    """Keeps aiokafka's last complaint for our own line, instead of its lines on the terminal."""

    said = ""

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.said = record.getMessage()


_last_words = _LastWords()


def quiet_client_logs() -> None:
    """aiokafka says nothing to the terminal from here on."""
    for name in ("aiokafka", "kafka", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers = [_last_words]
        logger.propagate = False


@asynccontextmanager
async def asking(settings: Settings, *, seconds: float = ANSWER_SECONDS) -> AsyncIterator[None]:
    """What is asked of the brokers inside is answered in time, or it is a Problem that names them."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise Problem(_no_answer(settings, f"nothing within {seconds:g} s")) from None
    except AuthenticationFailedError as error:
        raise Problem(
            f"the Kafka brokers at {settings.brokers} refuse "
            f"DATELINE_SASL_USERNAME={settings.sasl_username!r}: {explain(error)}"
        ) from None
    except BrokerResponseError as error:
        raise Problem(f"the Kafka brokers at {settings.brokers} refuse: {explain(error)}") from None
    except (KafkaError, OSError) as error:
        raise Problem(_no_answer(settings, explain(error))) from None


def explain(error: BaseException) -> str:
    """A client's error in one line, such as `TopicAuthorizationFailed: not authorized`."""
    name = type(error).__name__.removesuffix("Error")
    text = " ".join(str(error.args[0] if error.args else "").split())
    description = getattr(error, "description", None)
    return f"{name}: {text or description}" if text or description else name


@asynccontextmanager
async def admin_client(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    quiet_client_logs()
    client = AIOKafkaAdminClient(**client_options(settings), request_timeout_ms=_REQUEST_TIMEOUT_MS)
    async with _connected(client, client.close, settings):
        yield client


@asynccontextmanager
async def producer(settings: Settings, **options: Any) -> AsyncIterator[AIOKafkaProducer]:
    """`options` are AIOKafkaProducer's."""
    quiet_client_logs()
    options = {"request_timeout_ms": _REQUEST_TIMEOUT_MS, **options}
    client = AIOKafkaProducer(**client_options(settings), **options)
    async with _connected(client, client.stop, settings):
        yield client


@asynccontextmanager
async def consumer(settings: Settings, **options: Any) -> AsyncIterator[AIOKafkaConsumer]:
    """Reads what is committed, as member of no group: nobody's offset moves.

    `options` are AIOKafkaConsumer's.
    """
    quiet_client_logs()
    options = {"auto_offset_reset": "earliest", **options}
    client = AIOKafkaConsumer(
        **client_options(settings),
        group_id=None,
        enable_auto_commit=False,
        isolation_level="read_committed",
        request_timeout_ms=_REQUEST_TIMEOUT_MS,
        **options,
    )
    async with _connected(client, client.stop, settings):
        yield client


@asynccontextmanager
async def _connected(client: Any, close: Any, settings: Settings) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(_close, close)
        async with asking(settings):
            await client.start()
        yield


async def _close(close: Any) -> None:
    """Waits a moment only: brokers that are gone don't say goodbye."""
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            await close()
    except (TimeoutError, KafkaError, OSError):
        pass


def _no_answer(settings: Settings, why: str) -> str:
    why = _REFUSED.sub("connection refused", _UNABLE.sub("", _last_words.said or why)).strip()
    return (
        f"no answer from the Kafka brokers at {settings.brokers} (DATELINE_BROKERS) "
        f"by {settings.security_protocol}: {why or 'the connection was closed'}"
    )
