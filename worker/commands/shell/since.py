"""Parses the start of a time range: `beginning`, `end`, how long ago, or a point in time; and how long."""

import re
import time
from datetime import UTC, datetime

import click

BEGINNING = "beginning"
END = "end"
_AGO = re.compile(r"(\d+)\s*([smhd])(?:\s+ago)?")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
# More than the seconds since 1970, and few enough for `int`, which refuses thousands of digits.
_MAX_DIGITS = 12
_MAX_QUOTED_CHARS = 60


class Since(click.ParamType):
    """Converts to BEGINNING, END or milliseconds since the epoch. A time without a zone is UTC."""

    name = "when"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | int:
        if isinstance(value, int) or value in (BEGINNING, END):
            return value
        if ago := _AGO.fullmatch(value.strip()):
            moment_ms = _before_now_ms(ago[1], ago[2])
            if moment_ms is None:
                self.fail(f"{_quoted(value)} ago is before 1970; beginning is the first there is", param, ctx)
            return moment_ms
        try:
            moment = datetime.fromisoformat(value)
            return max(0, int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000))
        except (ValueError, OverflowError):
            self.fail(
                f"{_quoted(value)} is none of beginning, end, 30s, 10m, 2h, 1d, or an ISO time such as "
                "2026-01-31T08:00:00Z",
                param,
                ctx,
            )


def begin_ms(since: int | str | None, *, now_ms: int, default_ms: int) -> int | None:
    """Where a range begins, in milliseconds since the epoch; None: at the topic's beginning.

    `since`: what `Since` gives, but END. None: `default_ms` before now.
    """
    if since == BEGINNING:
        return None
    return now_ms - default_ms if since is None else int(since)


class HowLong(click.ParamType):
    """Converts `30s`, `10m`, `2h` or `1d` to milliseconds."""

    name = "how long"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        said = _AGO.fullmatch(value.strip())
        if said is None or len(said[1]) > _MAX_DIGITS or "ago" in value:
            self.fail(f"{_quoted(value)} is no time such as 30s, 10m, 2h or 1d", param, ctx)
        return int(said[1]) * _UNIT_SECONDS[said[2]] * 1000


def _before_now_ms(number: str, unit: str) -> int | None:
    """The time so many units ago in milliseconds since the epoch; None if it is before the epoch."""
    if len(number) > _MAX_DIGITS:
        return None
    moment = time.time() - int(number) * _UNIT_SECONDS[unit]
    return int(moment * 1000) if moment >= 0 else None


def _quoted(value: str) -> str:
    return repr(value if len(value) <= _MAX_QUOTED_CHARS else f"{value[:_MAX_QUOTED_CHARS]}…")
