"""The settings: read once from `DATELINE_*` variables, then frozen; each has a description and a unit.

Nothing else reads the environment. `DATELINE_<NAME>_FILE` may name a file that holds a secret. Secrets are
never part of a repr, a log line or an error.
"""

import os
import re
from collections.abc import Container, Iterable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticUndefined

from worker.channels import (
    ALERTING,
    OUTPUTS,
    SPECS,
    STORY_ALERTING,
    STORYTELLING,
    TRENDING,
    Channel,
    topic_name,
)
from worker.field_paths import FieldPath, read_field_paths
from worker.languages import language_of, languages_by_default, languages_of_model

ENV_PREFIX = "DATELINE_"
ALL_LANGUAGES = "all"
_CODE = re.compile("[a-z]{2,3}")


def _usable_cores() -> int:
    """The cores this process may use, by its CPU affinity and its container's CPU quota (cgroup v2)."""
    cores = len(os.sched_getaffinity(0))
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return cores
    return cores if quota == "max" else max(1, min(cores, int(quota) // int(period)))


class SettingsError(ValueError):
    """Settings can't be used; each line of the message names a variable, what it got and what it takes."""


class Delivery(StrEnum):
    """The delivery guarantees that a worker can give."""

    EXACTLY_ONCE = "exactly-once"
    AT_LEAST_ONCE = "at-least-once"


class SecurityProtocol(StrEnum):
    """How connections to the brokers are made."""

    PLAINTEXT = "PLAINTEXT"
    SSL = "SSL"
    SASL_PLAINTEXT = "SASL_PLAINTEXT"
    SASL_SSL = "SASL_SSL"


class SaslMechanism(StrEnum):
    """How the worker authenticates itself."""

    PLAIN = "PLAIN"
    SCRAM_SHA_256 = "SCRAM-SHA-256"
    SCRAM_SHA_512 = "SCRAM-SHA-512"


class LogFormat(StrEnum):
    """How log lines are written."""

    AUTO = "auto"
    TEXT = "text"
    JSON = "json"


class Output(StrEnum):
    """The short names of output topics that DATELINE_OUTPUTS takes."""

    ENRICHED = "enriched"
    ENTITIES = "entities"
    QUOTES = "quotes"
    SEARCH = "search"
    ALERTS = "alerts"
    STORIES = "stories"
    TRENDS = "trends"


class Start(StrEnum):
    """Where a lane begins for whose partition the group has no committed offset."""

    STORED = "stored"
    EARLIEST = "earliest"
    LATEST = "latest"


_CHANNELS = {Output(channel.name.lower()): channel for channel in OUTPUTS}


def _setting(
    default: Any, description: str, takes: str, *, shapes_records: bool = False, **constraints: Any
) -> Any:
    """A field of Settings. `shapes_records`: what is written depends on it; a group's workers compare it."""
    extra: dict[str, Any] = {"takes": takes, "shapes_records": shapes_records}
    return Field(default=default, description=description, json_schema_extra=extra, **constraints)


class Settings(BaseModel):
    """All settings of a worker. `Settings.from_env()` reads them."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    # The cluster
    brokers: str = _setting(
        "127.0.0.1:9092", "Kafka bootstrap servers", "host:port, several joined by commas"
    )
    topic_prefix: str = _setting(
        "news.",
        "prefix of every topic's name",
        "letters, digits, '.', '_', '-'",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=200,
    )
    group: str = _setting(
        "",
        "consumer group, also the first part of the transactional ids; empty: the topic prefix + `dateline`",
        "letters, digits, '.', '_', '-'",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=200,
    )
    group_instance: str = _setting(
        "",
        "this worker's name in the group, the same after a restart, for which its partitions wait; "
        "empty: none",
        "letters, digits, '.', '_', '-'",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=200,
    )
    security_protocol: SecurityProtocol = _setting(
        SecurityProtocol.PLAINTEXT,
        "how connections to the brokers are made",
        "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL",
    )
    sasl_mechanism: SaslMechanism = _setting(
        SaslMechanism.PLAIN,
        "how the worker authenticates itself",
        "PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
    )
    sasl_username: str = _setting("", "SASL user name", "text")
    sasl_password: SecretStr = _setting(
        SecretStr(""), "SASL password", "text; or a path in DATELINE_SASL_PASSWORD_FILE"
    )
    ssl_ca: Path | None = _setting(
        None, "CA certificates that sign the brokers' (PEM); unset: the system's", "a file's path"
    )
    ssl_cert: Path | None = _setting(None, "client certificate (PEM)", "a file's path")
    ssl_key: Path | None = _setting(None, "client certificate's private key (PEM)", "a file's path")
    ssl_key_password: SecretStr = _setting(
        SecretStr(""),
        "password of the private key",
        "text; or a path in DATELINE_SSL_KEY_PASSWORD_FILE",
    )
    ssl_check_hostname: bool = _setting(
        True, "brokers' certificates must name the host connected to", "true or false"
    )

    # Delivery
    start: Start = _setting(
        Start.STORED,
        "where a partition begins of which the group has no offset: where `progress.v1` says that it ended, "
        "at the first record, or behind the last",
        "stored, earliest or latest",
    )
    former_group: str = _setting(
        "",
        "the group that wrote this prefix before and has no workers any more: this one goes on where it "
        "ended; empty: none",
        "letters, digits, '.', '_', '-'",
        pattern=r"^[A-Za-z0-9._-]*$",
        max_length=200,
    )
    delivery: Delivery = _setting(
        Delivery.EXACTLY_ONCE,
        "exactly-once needs transactional ids; at-least-once does without and may repeat after a fault",
        "exactly-once or at-least-once",
    )
    outputs: tuple[Output, ...] = _setting(
        tuple(output for output in Output if output is not Output.TRENDS),
        "which output topics are written; the same in all workers of a group",
        "some of enriched, entities, quotes, search, alerts, stories, trends, joined by commas",
        min_length=1,
        shapes_records=True,
    )
    compression: str = _setting(
        "gzip",
        "compression of what is written; clients read gzip without extras",
        "none, gzip, snappy, lz4 or zstd",
        pattern="^(none|gzip|snappy|lz4|zstd)$",
        shapes_records=True,
    )
    batch_size: int = _setting(32, "most articles in one transaction", "1 to 1000", ge=1, le=1000)
    batch_wait_ms: int = _setting(
        100,
        "most that a batch waits to fill while all processes are busy, milliseconds; else it goes at once",
        "1 to 10000",
        ge=1,
        le=10_000,
    )
    batches_in_flight: int = _setting(
        4, "batches in progress for each input partition", "1 to 64", ge=1, le=64
    )
    in_flight_bytes: int = _setting(
        64 << 20,
        "most bytes of articles and results in progress in a worker; a quarter more is read ahead",
        "1048576 to 17179869184",
        ge=1 << 20,
        le=16 << 30,
    )
    max_batch_bytes: int = _setting(
        32 << 20,
        "most bytes that a fetched batch may unpack to, at least the largest raw value; a larger batch "
        "becomes dead letters",
        "16777216 to 1073741824",
        ge=16 << 20,
        le=1 << 30,
        shapes_records=True,
    )
    deliver_seconds: float = _setting(
        15,
        "deadline of one delivery, after which its lane starts over; below the transaction timeout",
        "1 to 600",
        ge=1,
        le=600,
    )
    transaction_timeout_seconds: float = _setting(
        20,
        "time after which the cluster aborts the transaction of a worker that is silent",
        "2 to 900",
        ge=2,
        le=900,
    )
    session_timeout_seconds: float = _setting(
        45,
        "time without a heartbeat after which a worker's partitions go to others",
        "6 to 300",
        ge=6,
        le=300,
    )
    shutdown_seconds: float = _setting(
        25,
        "time that articles in progress may take after SIGTERM",
        "1 to 600",
        ge=1,
        le=600,
    )

    # Enrichment
    processes: int = _setting(
        _usable_cores(),
        "enrichment processes, one pipeline each; default: one a core",
        "1 to 256",
        ge=1,
        le=256,
    )
    model: str = _setting(
        "",
        "spaCy pipeline, a package's name or a folder; empty: the one that ships",
        "name or path",
        shapes_records=True,
    )
    language: str = _setting(
        "en",
        "where DATELINE_LANGUAGES is not set: the one language whose articles are enriched",
        "a two-letter ISO 639-1 code",
        pattern="^[a-z]{2}$",
        shapes_records=True,
    )
    languages: tuple[str, ...] = _setting(
        (ALL_LANGUAGES,),
        "languages whose articles are enriched, others become dead letters; the first is that of a text that "
        "can't be told",
        f"all, for those that reach their floors, or some of {', '.join(languages_of_model())}, joined by "
        "commas; with DATELINE_MODEL also its language",
        min_length=1,
        shapes_records=True,
    )
    fields: str = _setting(
        "",
        "where in a record, as JSON, an article's fields stand, before the names that are known are tried; "
        "empty: by these names alone",
        "FIELD=PATH, several joined by commas, such as headline=story.head,text=story.body.0.value",
        shapes_records=True,
    )
    max_record_bytes: int = _setting(
        1 << 20,
        "largest raw value, bytes",
        "1000 to 100000000",
        ge=1000,
        le=100_000_000,
        shapes_records=True,
    )
    max_text_chars: int = _setting(
        200_000,
        "longest article text, characters",
        "100 to 10000000",
        ge=100,
        le=10_000_000,
        shapes_records=True,
    )
    article_cpu_seconds: float = _setting(
        30,
        "CPU time after which an article counts as hung",
        "1 to 3600",
        ge=1,
        le=3600,
        shapes_records=True,
    )
    article_wall_seconds: float = _setting(
        600,
        "wall-clock limit, beside the CPU limit, for an article that waits for ever",
        "2 to 36000",
        ge=2,
        le=36_000,
        shapes_records=True,
    )
    article_memory_bytes: int = _setting(
        1 << 30,
        "memory that an article may take in its process, above what the pipeline takes",
        "67108864 to 1099511627776",
        ge=64 << 20,
        le=1 << 40,
        shapes_records=True,
    )
    article_attempts: int = _setting(
        3,
        "attempts at an article that kills or hangs its process, before it is dead-lettered",
        "1 to 10",
        ge=1,
        le=10,
        shapes_records=True,
    )

    # Operations
    event_source: str = _setting(
        "/dateline",
        "CloudEvents `ce_source` of what is written",
        "a URI reference",
        min_length=1,
        shapes_records=True,
    )
    stall_seconds: float = _setting(
        300,
        "a worker without progress for this long while articles wait reports unhealthy and exits",
        "15 to 36000",
        ge=15,
        le=36_000,
    )
    max_clock_skew_seconds: float = _setting(
        60,
        "seconds that this machine's clock may be off the brokers'; beyond it a worker ends",
        "1 to 1800",
        ge=1,
        le=1800,
    )
    web_host: str = _setting("127.0.0.1", "address the health page listens on", "a host or an address")
    web_port: int = _setting(6066, "port of the health page; 0: no page", "0 to 65535", ge=0, le=65535)
    log_level: str = _setting(
        "info",
        "least severe level that is logged",
        "debug, info, warning or error",
        pattern="^(debug|info|warning|error)$",
    )
    log_format: LogFormat = _setting(
        LogFormat.AUTO,
        "log lines as text or as JSON; auto: text on a terminal",
        "auto, text or json",
    )

    # Topics, as `dateline topics create` makes them
    partitions: int = _setting(
        12, "partitions of a topic that `topics create` makes", "1 to 10000", ge=1, le=10_000
    )
    replication: int = _setting(
        0,
        "copies of each partition; 0: the smaller of 3 and the brokers there are",
        "0 to 9",
        ge=0,
        le=9,
    )

    @field_validator("outputs", "languages", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("languages")
    @classmethod
    def _check_languages(cls, value: tuple[str, ...], others: ValidationInfo) -> tuple[str, ...]:
        if value == (ALL_LANGUAGES,):
            return value
        if ALL_LANGUAGES in value:
            raise ValueError("all stands alone")
        for code in value:
            if not _CODE.fullmatch(code):
                raise ValueError(f"{code!r} is no code of ISO 639")
            # Which language another team's pipeline reads is seen when it is loaded.
            if language_of(code) not in languages_of_model() and not others.data.get("model"):
                raise ValueError(f"the pipeline that ships does not read {code!r}")
        return tuple(dict.fromkeys(map(language_of, value)))

    @field_validator("brokers")
    @classmethod
    def _check_brokers(cls, value: str) -> str:
        parts = [part.strip() for part in value.split(",")]
        for part in parts:
            host, colon, port = part.rpartition(":")
            if not (host and colon and port.isdecimal() and 0 < int(port) < 65536):
                raise ValueError(f"{part!r} is not host:port")
        return ",".join(parts)

    @field_validator("fields")
    @classmethod
    def _check_fields(cls, value: str) -> str:
        read_field_paths(value)
        return value

    @field_validator("ssl_ca", "ssl_cert", "ssl_key", mode="before")
    @classmethod
    def _empty_path_is_none(cls, value: Any) -> Any:
        return value or None

    @field_validator("ssl_ca", "ssl_cert", "ssl_key")
    @classmethod
    def _file_exists(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError("no such file")
        return value

    @model_validator(mode="after")
    def _check_together(self) -> "Settings":
        if self.security_protocol.value.startswith("SASL") and not (
            self.sasl_username and self.sasl_password.get_secret_value()
        ):
            raise ValueError(
                f"DATELINE_SECURITY_PROTOCOL={self.security_protocol.value} takes DATELINE_SASL_USERNAME and "
                "DATELINE_SASL_PASSWORD (or DATELINE_SASL_PASSWORD_FILE), and one of them is empty"
            )
        if Output.ALERTS in self.outputs and Output.ENRICHED not in self.outputs:
            raise ValueError(
                f"DATELINE_OUTPUTS={','.join(self.outputs)} takes enriched along with alerts, "
                "which are found there"
            )
        if Output.TRENDS in self.outputs and Output.STORIES not in self.outputs:
            raise ValueError(
                f"DATELINE_OUTPUTS={','.join(self.outputs)} takes stories along with trends, "
                "which tell copies by them"
            )
        if (self.ssl_cert is None) != (self.ssl_key is None):
            raise ValueError("DATELINE_SSL_CERT and DATELINE_SSL_KEY are given together or not at all")
        if self.max_batch_bytes < self.max_record_bytes:
            raise ValueError(
                f"DATELINE_MAX_BATCH_BYTES={self.max_batch_bytes} takes at least "
                f"DATELINE_MAX_RECORD_BYTES={self.max_record_bytes}: a record comes in a batch"
            )
        if self.deliver_seconds >= self.transaction_timeout_seconds:
            raise ValueError(
                f"DATELINE_DELIVER_SECONDS={self.deliver_seconds:g} takes a number below "
                f"DATELINE_TRANSACTION_TIMEOUT_SECONDS={self.transaction_timeout_seconds:g}"
            )
        return self

    @property
    def allowed_languages(self) -> tuple[str, ...]:
        """The codes of the languages whose articles are enriched; the first is that of what can't be told."""
        if self.languages != (ALL_LANGUAGES,):
            return self.languages
        given = self.model_fields_set
        return (
            (language_of(self.language),)
            if "language" in given and "languages" not in given
            else languages_by_default()
        )

    @property
    def group_id(self) -> str:
        """The consumer group: the one given, or else one named after the topic prefix."""
        return self.group or f"{self.topic_prefix}dateline"

    @property
    def field_paths(self) -> tuple[FieldPath, ...]:
        """What DATELINE_FIELDS says."""
        return read_field_paths(self.fields)

    @property
    def holds_secrets(self) -> bool:
        """Whether the process has a password or a private key in its memory."""
        return bool(
            self.ssl_key
            or any(
                getattr(self, name).get_secret_value() for name in type(self).model_fields if is_secret(name)
            )
        )

    def text(self, field: str) -> str:
        """The value as its variable would have it; of a secret, whether there is one; of languages, which."""
        value = self.allowed_languages if field == "languages" else getattr(self, field)
        if isinstance(value, SecretStr):
            return "***" if value.get_secret_value() else ""
        return _as_text(value)

    @property
    def shaping(self) -> dict[str, str]:
        """The values, by variable, of every setting that shapes what is written.

        DATELINE_LANGUAGE does not where DATELINE_LANGUAGES is set.
        """
        without = {"language"} if "languages" in self.model_fields_set else set()
        names = [name for name in type(self).model_fields if _shapes(name) and name not in without]
        return {variable_name(name): self.text(name) for name in names}

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that enrichment writes for an article, in the contract's order."""
        outputs = tuple(channel for output, channel in _CHANNELS.items() if output in self.outputs)
        return (*outputs, Channel.SKETCHES) if Output.STORIES in self.outputs else outputs

    @property
    def alerting(self) -> bool:
        """Whether articles are matched against alert rules."""
        return Output.ALERTS in self.outputs

    @property
    def new_outputs(self) -> dict[Output, str]:
        """Outputs that are new and on by default alone, each with the version that added it."""
        if "outputs" in self.model_fields_set:
            return {}
        added = {output: SPECS[Channel[output.name]].default_since for output in self.outputs}
        return {output: since for output, since in added.items() if since is not None}

    def without(self, outputs: Container[Output]) -> "Settings":
        """The same settings with fewer outputs, as if DATELINE_OUTPUTS named the rest."""
        rest = tuple(output for output in self.outputs if output not in outputs)
        return self.model_copy(update={"outputs": rest})

    def is_written(self, channel: Channel) -> bool:
        """Whether DATELINE_OUTPUTS has the worker write to this channel; it always writes dead letters."""
        return (
            channel is Channel.DEAD
            or channel in self.channels
            or (self.alerting and channel in ALERTING)
            or (Output.STORIES in self.outputs and channel in STORYTELLING)
            or (self.alerting and Output.STORIES in self.outputs and channel in STORY_ALERTING)
            or (Output.TRENDS in self.outputs and channel in TRENDING)
        )

    def topic(self, channel: Channel) -> str:
        """The channel's topic on the cluster."""
        return topic_name(channel, self.topic_prefix)

    def topics(self, channels: Iterable[Channel]) -> dict[Channel, str]:
        """Each channel's topic on the cluster."""
        return {channel: self.topic(channel) for channel in channels}

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> "Settings":
        """Reads `DATELINE_*`; `overrides` (command-line options) take precedence over the environment.

        Raises SettingsError with one line a problem.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        problems: list[str] = []
        for name in cls.model_fields:
            variable = variable_name(name)
            if variable in environ:
                values[name] = environ[variable]
            if is_secret(name) and environ.get(f"{variable}_FILE"):
                if environ.get(variable):
                    problems.append(f"{variable} and {variable}_FILE are both set; one is enough")
                    continue
                try:
                    values[name] = (
                        Path(environ[f"{variable}_FILE"]).read_text(encoding="utf-8").rstrip("\r\n")
                    )
                except (OSError, UnicodeDecodeError) as error:
                    problems.append(f"{variable}_FILE={environ[f'{variable}_FILE']!r} can't be read: {error}")
        values.update({name: value for name, value in overrides.items() if value is not None})
        try:
            settings = cls(**values)
        except ValidationError as error:
            # One line a variable: further errors of a list are of its other items, or follow from the first.
            first = {entry["loc"][:1] or (entry["msg"],): entry for entry in reversed(error.errors())}
            problems += [_problem(entry, values) for entry in reversed(first.values())]
        if problems:
            raise SettingsError("\n".join(problems))
        return settings


def variable_name(field: str) -> str:
    """`web_port` -> `DATELINE_WEB_PORT`."""
    return ENV_PREFIX + field.upper()


def is_secret(field: str) -> bool:
    """Whether a field's value must never be shown."""
    return Settings.model_fields[field].annotation is SecretStr


def unknown_variables(environ: Mapping[str, str] | None = None) -> list[str]:
    """`DATELINE_*` variables that are no settings, likely misspelt. DATELINE_TEST_* belong to the tests."""
    environ = os.environ if environ is None else environ
    known = {variable_name(name) for name in Settings.model_fields}
    known |= {f"{variable_name(name)}_FILE" for name in Settings.model_fields if is_secret(name)}
    return sorted(
        name
        for name in environ
        if name.startswith(ENV_PREFIX) and name not in known and not name.startswith("DATELINE_TEST_")
    )


def settings_table() -> list[tuple[str, str, str, str]]:
    """The rows of README's table: variable, default, what it takes, meaning."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = "" if is_secret(name) or field.default is PydanticUndefined else _as_text(field.default)
        rows.append(
            (
                variable_name(name),
                "cores" if name == "processes" else default,
                _takes(name),
                field.description or "",
            )
        )
    return rows


def _as_text(value: Any) -> str:
    """A value as its variable would have it."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case tuple():
            return ",".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _takes(name: str) -> str:
    """What a setting takes, from its declaration."""
    return str(_declared(name)["takes"])


def _shapes(name: str) -> bool:
    """Whether what is written depends on the setting."""
    return bool(_declared(name)["shapes_records"])


def _declared(name: str) -> dict[str, Any]:
    extra = Settings.model_fields[name].json_schema_extra
    assert isinstance(extra, dict)
    return extra


def _problem(entry: Any, values: Mapping[str, Any]) -> str:
    if not entry["loc"]:
        return str(entry["msg"]).removeprefix("Value error, ")
    name = str(entry["loc"][0])
    if name not in Settings.model_fields:
        return f"{name} is not a setting"
    field = Settings.model_fields[name]
    got = "a secret" if is_secret(name) else repr(values.get(name, field.default))
    why = str(entry["msg"]).removeprefix("Value error, ")
    return f"{variable_name(name)} got {got}, takes {_takes(name)} ({why[:1].lower()}{why[1:]})"


__all__ = [
    "Delivery",
    "LogFormat",
    "Output",
    "SaslMechanism",
    "SecurityProtocol",
    "Settings",
    "SettingsError",
    "is_secret",
    "settings_table",
    "unknown_variables",
    "variable_name",
]
