"""Logs events with fields: as text on a terminal, as JSON objects otherwise."""

import codecs
import json
import logging
import sys
import time
from typing import Any

from worker.settings import LogFormat, Settings

# Libraries that log details of their own at "info", and repeat errors often while a broker is away.
_CHATTY = ("aiokafka", "faust", "mode", "aiohttp.access", "opentelemetry", "urllib3")
# Tells of each tick of each of the framework's timers, and of each that a busy machine delays.
_TIMERS = "mode.timers"
REPEAT_SECONDS = 10.0
MAX_LINES = 1000
MAX_LINE_CHARS = 500


def log_event(logger: logging.Logger, level: int, name: str, **fields: Any) -> None:
    """Logs one event: `log_event(log, logging.INFO, "lane opened", partition=3, offset=120)`."""
    if logger.isEnabledFor(level):
        logger.log(level, name, extra={"fields": fields})


class TextFormatter(logging.Formatter):
    """Formats a line as `06:20:11 info lane opened partition=3 offset=120`."""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {key}={_text(value)}" for key, value in _fields(record).items())
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        line = f"{clock} {record.levelname.lower()} {record.getMessage()}{fields}{_traceback(self, record)}"
        return _printable(line, kept="\n\t")


class JsonFormatter(logging.Formatter):
    """Formats a line as a JSON object: `time`, `level`, `logger`, `event`, and the event's own fields.

    `ascii_only`: for a stream of another encoding than UTF-8, which would write what JSON can't have.
    """

    def __init__(self, *, ascii_only: bool = False) -> None:
        super().__init__()
        self._ascii_only = ascii_only

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
            + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_fields(record),
        }
        if trace := _traceback(self, record):
            line["traceback"] = trace.lstrip("\n")
        return _printable(json.dumps(line, default=str, ensure_ascii=self._ascii_only))


class RepeatFilter(logging.Filter):
    """Drops repeats of a library's line for REPEAT_SECONDS; the next one says how many were dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._seen: dict[tuple[str, str], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] not in _CHATTY or record.levelno < logging.WARNING:
            return True
        # The format without its values: there are few, the same for every broker and partition.
        line = (record.name, str(record.msg)[:MAX_LINE_CHARS])
        last, held_back = self._seen.get(line, (-REPEAT_SECONDS, 0))
        if record.created - last < REPEAT_SECONDS:
            self._seen[line] = (last, held_back + 1)
            return False
        if len(self._seen) > MAX_LINES:
            self._seen.clear()
        self._seen[line] = (record.created, 0)
        if held_back:
            record.fields = {"held_back": held_back}
        return True


def setup_logging(settings: Settings) -> None:
    """Sends log lines to standard error, in the format and from the level that the settings name."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(settings.log_format, terminal=sys.stderr.isatty()))
    if settings.log_level != "debug":
        handler.addFilter(RepeatFilter())
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(level if level <= logging.DEBUG else max(level, logging.WARNING))
    logging.getLogger(_TIMERS).setLevel(logging.CRITICAL)
    logging.captureWarnings(True)


def _formatter(log_format: LogFormat, *, terminal: bool) -> logging.Formatter:
    as_json = log_format is LogFormat.JSON or (log_format is LogFormat.AUTO and not terminal)
    is_utf8 = codecs.lookup(sys.stderr.encoding or "utf-8").name == "utf-8"
    return JsonFormatter(ascii_only=not is_utf8) if as_json else TextFormatter()


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    return getattr(record, "fields", {})


def _printable(line: str, *, kept: str = "") -> str:
    r"""The line with `\u001b` for what is not printable: ids and errors come from outside, terminals obey."""
    if line.isprintable():
        return line
    return "".join(char if char.isprintable() or char in kept else json.dumps(char)[1:-1] for char in line)


def _text(value: Any) -> str:
    text = str(value)
    return json.dumps(text, ensure_ascii=False) if not text or any(c.isspace() for c in text) else text


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return "\n" + formatter.formatException(record.exc_info) if record.exc_info else ""
