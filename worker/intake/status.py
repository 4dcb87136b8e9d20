"""Whether a document may be published: what its publisher says of it, and until when it is embargoed."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from worker.channels import DAY_MS, SPECS, Channel
from worker.intake.errors import FieldError, WithheldError
from worker.intake.json_text import json_type
from worker.intake.times.dates import read_date
from worker.records.cloudevents import rfc3339


class PubStatus(StrEnum):
    """The publishing status of a document, by IPTC's names."""

    USABLE = "usable"
    WITHHELD = "withheld"
    CANCELED = "canceled"


# IPTC has the three names alone; others are what newsrooms' systems write for the same.
_STATUSES = {status.value: status for status in PubStatus} | {
    "cancelled": PubStatus.CANCELED,
    "killed": PubStatus.CANCELED,
    "recalled": PubStatus.CANCELED,
    "embargoed": PubStatus.WITHHELD,
    "hold": PubStatus.WITHHELD,
    "held": PubStatus.WITHHELD,
}
_STATUS_FIELDS = ("pubstatus", "pubStatus")
_EMBARGO_FIELDS = ("embargoed", "embargoedUntil")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)
# How far the zone in which a time comes last is behind UTC.
_LAST_ZONE = timedelta(hours=12)
_MAX_QUOTED_CHARS = 60


def read_status(fields: Mapping[str, Any]) -> PubStatus:
    """The status by IPTC's names of the field. One that is not known, or none, counts as usable.

    Raises FieldError for one that is no string.
    """
    statuses = [status_named(name, fields[name]) for name in _STATUS_FIELDS if fields.get(name) is not None]
    return max(statuses, key=list(PubStatus).index) if statuses else PubStatus.USABLE


def read_embargo(fields: Mapping[str, Any]) -> Any:
    """The embargo by IPTC's names of the field, as it is written; None for none.

    Of several the one that ends last counts, and one that can't be read before all others.
    """
    given = [fields[name] for name in _EMBARGO_FIELDS if not _is_empty(fields.get(name))]
    return max(given, key=lambda value: _moment(value) or _NEVER, default=None)


def status_named(field: str, value: Any) -> PubStatus:
    """The status that a field's value names, as `canceled`, `stat:canceled` or the end of an address."""
    if not isinstance(value, str):
        raise FieldError(f"{field} takes {', '.join(PubStatus)}, got {json_type(value)}")
    return _STATUSES.get(re.split("[:/#]", value)[-1].strip().lower(), PubStatus.USABLE)


def refuse_withheld(status: str, embargoed_until: Any, *, timestamp_ms: int) -> None:
    """Raises WithheldError for what may not be published at the time of its record.

    That time decides, and no clock, so that a record ends in the same way whenever it is read.
    """
    if status == PubStatus.WITHHELD:
        raise WithheldError("the item is withheld: its publisher says that it may not be published")
    if _is_empty(embargoed_until):
        return
    until = _moment(embargoed_until)
    if until is None:
        raise WithheldError(
            "the item is embargoed until a time that can't be read: an embargo takes a date, as "
            "2026-01-31T08:00:00Z, "
            f"got {_quoted(embargoed_until)}"
        )
    if (until - _EPOCH) // timedelta(microseconds=1) > timestamp_ms * 1000:
        why = ", when the time that it names has come in every zone" if _no_zone(embargoed_until) else ""
        raise WithheldError(_embargoed(until, why, timestamp_ms), until=_text(until))


def _embargoed(until: datetime, why: str, timestamp_ms: int) -> str:
    error = f"the item is embargoed until {_text(until)}{why}, and its record came at {rfc3339(timestamp_ms)}"
    kept_ms = SPECS[Channel.DEAD].retention_ms
    if (until - _EPOCH) // timedelta(milliseconds=1) - timestamp_ms <= kept_ms:
        return error
    return (
        f"{error}; dead letters are kept for {kept_ms // DAY_MS} days by default: export this one, "
        "or keep them longer"
    )


def _moment(value: Any) -> datetime | None:
    """The time; None if it can't be read.

    One without a zone has come when it has come in every zone: an embargo may end late, and never early.
    """
    utc = read_date(value)
    if utc is None:
        return None
    moment = datetime.fromisoformat(utc)
    if not _no_zone(value):
        return moment
    try:
        return moment + _LAST_ZONE
    except OverflowError:
        return moment


def _no_zone(value: Any) -> bool:
    """Whether a time that can be read names no zone: then it can be read with one as well."""
    if not isinstance(value, str):
        return False
    try:
        return datetime.fromisoformat(value.strip()).tzinfo is None
    except ValueError:
        return any(read_date(f"{value}{zone}") for zone in (" +0100", " 00:00 +0100"))


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _is_empty(value: Any) -> bool:
    """Whether this says that there is no embargo."""
    return value is None or value is False or (isinstance(value, str) and not value.strip())


def _quoted(value: Any) -> str:
    return repr(value[:_MAX_QUOTED_CHARS]) if isinstance(value, str) else json_type(value)
