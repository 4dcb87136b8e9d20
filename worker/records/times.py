"""Reads times as articles, rules and commands write them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def read_time(text: str) -> str | None:
    """An ISO 8601 (or mail) date as UTC with `Z`; without a zone it counts as UTC. None if unreadable."""
    text = text.strip()
    if len(text) > 64:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError, OverflowError):
            return None
    try:
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (OverflowError, ValueError):
        return None
    return moment.isoformat().replace("+00:00", "Z")
