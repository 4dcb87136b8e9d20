"""How every client connects to the cluster: addresses, TLS and SASL, from the settings.

The worker's consumer, the lanes' producers and the command line all use it, so none connects less safely than
the others. No error message contains a secret.
"""

import os
import platform
import re
import ssl
from functools import partial
from types import FunctionType, MethodType
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.metadata import MetadataRequest

from worker.settings import SecurityProtocol, Settings, SettingsError

WITH_TLS = frozenset({SecurityProtocol.SSL, SecurityProtocol.SASL_SSL})
WITH_SASL = frozenset({SecurityProtocol.SASL_PLAINTEXT, SecurityProtocol.SASL_SSL})

FETCH_WAIT_MS = 50
"""How long a broker may hold a fetch that finds nothing, for readers that ask for offsets in between.

A connection's requests are answered in order, so whatever is asked next waits behind such a fetch. aiokafka's
own 500 ms made a command that reads three empty topics take 3 s.
"""


# What may stand in a name of Kafka's; a host may have any.
_UNUSUAL = re.compile(r"[^A-Za-z0-9._-]")


def client_options(settings: Settings) -> dict[str, Any]:
    """Keyword arguments for any aiokafka client: consumer, producer or admin client.

    Raises SettingsError for a certificate or key that can't be used, naming the variable and the file.
    """
    protocol = settings.security_protocol
    options: dict[str, Any] = {
        "bootstrap_servers": settings.brokers.split(","),
        "security_protocol": protocol.value,
    }
    if protocol in WITH_TLS:
        options["ssl_context"] = ssl_context(settings)
    if protocol in WITH_SASL:
        options["sasl_mechanism"] = settings.sasl_mechanism.value
        options["sasl_plain_username"] = settings.sasl_username
        options["sasl_plain_password"] = settings.sasl_password.get_secret_value()
    return options


def client_name(settings: Settings, of: str = "") -> str:
    """The client id by which brokers know this process: `news.dateline-ops-1-4711`, or with `-of` behind it.

    It tells the workers of a group apart, where a broker's tools list its clients. `of`: the partition that
    a producer delivers.
    """
    host = _UNUSUAL.sub("_", platform.node()) or "unknown"
    name = f"{settings.group_id}-{host}-{os.getpid()}"
    return f"{name}-{of.replace('/', '-')}" if of else name


def process_of(client_id: str, group: str) -> tuple[str, int] | None:
    """The host and the process in a client id of a worker's consumer; None if it has none.

    Workers of versions before this one have the group's name alone.
    """
    host, _, process = client_id.removeprefix(f"{group}-").rpartition("-")
    is_named = client_id.startswith(f"{group}-") and host and process.isdecimal() and len(process) < 20
    return (host, int(process)) if is_named else None


def without_making_topics(client: AIOKafkaClient) -> None:
    """Keeps a client's metadata requests from creating missing topics, which brokers do by default.

    A deleted topic would otherwise come back with other settings, and records would go there.
    """
    ask = AIOKafkaClient._metadata_update
    quiet_request = partial(MetadataRequest, allow_auto_topic_creation=False)
    quiet = FunctionType(ask.__code__, ask.__globals__ | {MetadataRequest.__name__: quiet_request})
    # An instance's own method: clients that may make topics keep theirs.
    client._metadata_update = MethodType(quiet, client)  # type: ignore[method-assign]


def ssl_context(settings: Settings) -> ssl.SSLContext:
    """A TLS context that checks the brokers' certificates, and presents the client's if one is set."""
    try:
        context = ssl.create_default_context(cafile=settings.ssl_ca)
    except OSError as error:
        raise SettingsError(
            f"DATELINE_SSL_CA={str(settings.ssl_ca)!r} takes CA certificates in PEM: {_reason(error)}"
        ) from None
    context.check_hostname = settings.ssl_check_hostname
    if settings.ssl_cert and settings.ssl_key:
        # Always with a password: without one, OpenSSL would ask for an encrypted key's at the terminal.
        password = settings.ssl_key_password.get_secret_value()
        try:
            context.load_cert_chain(settings.ssl_cert, settings.ssl_key, password)
        except OSError as error:
            cert, key = str(settings.ssl_cert), str(settings.ssl_key)
            raise SettingsError(
                f"DATELINE_SSL_CERT={cert!r} and DATELINE_SSL_KEY={key!r} take a certificate and key in PEM, "
                f"DATELINE_SSL_KEY_PASSWORD the key's password if any: {_reason(error)}"
            ) from None
    return context


def _reason(error: OSError) -> str:
    """OpenSSL's reason as words, such as "key values mismatch"."""
    reason = getattr(error, "reason", None)
    if reason:
        return str(reason).lower().replace("_", " ")
    return error.strerror or "no certificate, key or password that fits"


__all__ = ["client_name", "client_options", "process_of", "ssl_context", "without_making_topics"]
