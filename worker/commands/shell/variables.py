"""Says in each command's help which DATELINE_* variables it reads."""

from collections.abc import Callable
from typing import TypeVar

import click

from worker.settings import Settings, unknown_variables, variable_name

_Command = TypeVar("_Command", bound=click.Command)

CLUSTER_SETTINGS = (
    "brokers",
    "topic_prefix",
    "security_protocol",
    "sasl_mechanism",
    "sasl_username",
    "sasl_password",
    "ssl_ca",
    "ssl_cert",
    "ssl_key",
    "ssl_key_password",
    "ssl_check_hostname",
)
"""What it takes to find the brokers and the topics."""
READER_SETTINGS = (*CLUSTER_SETTINGS, "max_batch_bytes")
"""The same, and what bounds a batch that is read."""
PIPELINE_SETTINGS = (
    "processes",
    "model",
    "language",
    "languages",
    "fields",
    "max_record_bytes",
    "max_text_chars",
    "article_cpu_seconds",
    "article_wall_seconds",
    "article_memory_bytes",
    "article_attempts",
    "event_source",
)
"""What enriches articles here."""
WORKER_SETTINGS = tuple(name for name in Settings.model_fields if name not in ("partitions", "replication"))
EVERYWHERE = frozenset({"log_level"})
"""Heeded by every command, which `dateline --help` says once."""


def reads(*fields: str) -> Callable[[_Command], _Command]:
    """Names the settings that a command heeds at the end of its help."""
    heeded = set(fields) - EVERYWHERE
    names = [variable_name(field) for field in Settings.model_fields if field in heeded]
    assert len(names) == len(heeded), f"not all of {sorted(heeded)} are settings"

    def say_so(command: _Command) -> _Command:
        command.epilog = f"Settings it reads: {', '.join(names) if names else 'none'}." + (
            " `dateline settings` shows their values, and whence they come." if names else ""
        )
        return command

    return say_so


def misspelt_hint() -> str:
    """Names variables that set nothing, to end a message that a misspelt one may explain; else empty."""
    unknown = unknown_variables()
    verb = "sets" if len(unknown) == 1 else "set"
    return f"; {', '.join(unknown)} {verb} nothing: misspelt?" if unknown else ""
