"""Parses the start of a time range: `beginning`, `end`, how long ago, or a point in time."""

import re
import time
from datetime import UTC, datetime, timedelta

import click

BEGINNING = "beginning"
END = "end"
_AGO = re.compile(r"(\d+)\s*([smhd])(?:\s+ago)?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class Since(click.ParamType):
    """Converts to BEGINNING, END or milliseconds since the epoch. A time without a zone is UTC."""

    name = "when"

    def convert(
        self, value: str | int, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | int:
        if isinstance(value, int) or value in (BEGINNING, END):
            return value
        if ago := _AGO.fullmatch(value.strip()):
            age = timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return max(0, int((time.time() - age.total_seconds()) * 1000))
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is none of beginning, end, 30s, 10m, 2h, 1d, or an ISO time such as "
                "2026-01-31T08:00:00Z",
                param,
                ctx,
            )
        return max(0, int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() * 1000))
