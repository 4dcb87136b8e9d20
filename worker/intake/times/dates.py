"""Reads the times of articles as publishers write them. What can't be known is None, and never a guess.

Nothing depends on the day, the machine's zone or a database of zones: the same value gives the same time.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

from dateutil import parser, tz

from worker.intake.times.zones import MAIL_ZONES, ZONES, ZONES_BY_RULE, is_zone

MAX_DATE_CHARS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Numbers in this range are seconds, a thousand times as large ones milliseconds; the two do not overlap.
_FROM, _BEFORE = (
    int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()),
)
_EPOCH_TEXT = re.compile(r"[0-9]{9,10}(?:\.[0-9]{1,9})?|[0-9]{12,13}")
# As digits they may also be an epoch time.
_HOUR_OF_A_DAY = re.compile(
    r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:[01][0-9]|2[0-3])"
)
_DIGITS = re.compile(r"([0-9]{8})([0-9]{4}(?:[0-9]{2})?)")
_ISO_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE)
# As it is written here, so that there is nothing to do but to see that there is such a time.
_WRITTEN = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}T(?!24)[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_ISO = re.compile(r"[0-9]{4}(?:-[0-9]{2}-[0-9]{2}|[0-9]{4}|-W[0-9]{2}-[0-9]|W[0-9]{3})(?:[^0-9+-](?!24).*)?")
_MAIL = re.compile(
    r"(?:(?P<day>[A-Za-z]{3,9}), ?)?[0-9]{1,2}[ -][A-Za-z]{3,9}[ -](?P<year>[0-9]{4}|[0-9]{2})"
    r" [0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?: (?P<zone>[+-][0-9]{4}|[A-Za-z]{1,4}))(?: \([^()]*\))?"
)
_TIME = re.compile(
    r"""(?<![0-9.:+-])(?P<clock>[0-9]{1,2}(?:[:.][0-9]{2}(?:[:.][0-9]{2}(?:[.,][0-9]{1,9})?)?(?![0-9]|[:.][0-9])
        |(?=\s?[ap]\.?m\b)|(?=\snoon)))
        (?:\s?(?P<half>[ap]\.?m\b\.?|noon\b))?""",
    re.VERBOSE | re.IGNORECASE,
)
_NOON = re.compile(r"(?<![0-9] )\bnoon\b", re.IGNORECASE)
_OFFSET = re.compile(
    r"\s?\(?(?:(?:(?:GMT|UTC)\s?(?=[+-])(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-9]{2}))?)"
    r"|(?P<sign2>[+-])(?P<hours2>[0-9]{2})(?::?(?P<minutes2>[0-9]{2}))?)(?![0-9/.:-])\)?"
    r"(?:\s?(?:\([^()]*\)|\[[^\[\]]*\]))?"
)
_ZONE = re.compile(r"\s?\(?(?P<name>[A-Za-z]{1,5})\b\)?")
_DATE_PART = re.compile(r"[A-Za-z]+|[0-9]+")
_MONTH_NAMES = (
    "jan january feb february mar march apr april may jun june jul july aug august sep sept september "
    "oct october nov november dec december"
)
_MONTHS = frozenset(_MONTH_NAMES.split())
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        ("mon monday", "tue tues tuesday", "wed weds wednesday", "thu thur thurs thursday", "fri friday",
         "sat saturday", "sun sunday")
    )
    for name in names.split()
}  # fmt: skip
_FILLERS = frozenset({"at", "on", "of", "the", "t"})
_ORDINAL = re.compile(r"(?<=[0-9])(?:st|nd|rd|th)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"[,|–—•]|(?<=\s)-(?=\s)|(?<=[A-Za-z])\.")
# A text may name a day only if all parts of a date are in it, so that nothing is taken from here.
_DEFAULT = datetime(2001, 1, 1)


def read_date(value: Any) -> str | None:
    """A publisher's time as ISO 8601 in UTC with `Z`; None if it can't be known.

    `value`: a string, a number of seconds or milliseconds since 1970, or the list that feedparser makes of a
    time. A time without a zone counts as UTC, and a day without a time as its midnight.
    """
    if isinstance(value, str):
        return _read_text(value) if len(value) <= MAX_DATE_CHARS else None
    return _written(lambda: _of_number_or_list(value))


@lru_cache(maxsize=256)  # a record's date is asked for more than once, where its name is not certain
def _read_text(text: str) -> str | None:
    if _WRITTEN.fullmatch(text):
        try:
            datetime.fromisoformat(text)
            return text
        except ValueError:
            pass
    return _written(lambda: _of_text(text))


def _written(read: Callable[[], datetime | None]) -> str | None:
    try:
        moment = read()
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z") if moment else None
    except (ValueError, OverflowError):
        return None


def is_date_list(value: Any) -> bool:
    """Whether this is a list of a time's nine numbers, as feedparser makes them."""
    return (
        isinstance(value, list)
        and len(value) == 9
        and all(isinstance(part, int) and not isinstance(part, bool) for part in value)
    )


def _of_number_or_list(value: Any) -> datetime | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return None if _HOUR_OF_A_DAY.fullmatch(str(value)) else _of_epoch(Decimal(repr(value)))
    if is_date_list(value):
        moment = datetime(*value[:6]).replace(tzinfo=UTC)
        return moment if moment.weekday() == value[6] else None
    return None


def _of_epoch(number: Decimal) -> datetime | None:
    for unit in (1, 1000):
        if _FROM * unit <= number < _BEFORE * unit:
            return _EPOCH + timedelta(microseconds=round(number / unit * 1_000_000))
    return None


def _of_text(text: str) -> datetime | None:
    text = text.strip()
    if _ISO.fullmatch(text):
        try:
            return _in_utc(datetime.fromisoformat(text))
        except ValueError:
            pass  # `2025-02-03 09:00 EST` begins like ISO 8601
    text = " ".join(text.replace("\u2212", "-").split())
    if _EPOCH_TEXT.fullmatch(text) and not _HOUR_OF_A_DAY.fullmatch(text):
        moment = _of_epoch(Decimal(text))
        if moment is not None:
            return moment
    if digits := _DIGITS.fullmatch(text):
        return _in_utc(datetime.fromisoformat("T".join(digits.groups())))
    if day := _ISO_DAY.fullmatch(text):
        return datetime.fromisoformat(f"{day[1]}T00:00{day[2].upper()}")
    if mail := _MAIL.fullmatch(text):
        return _of_mail(text, mail)
    return _of_words(text)


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _of_mail(text: str, found: re.Match[str]) -> datetime | None:
    """A date as in mail and RSS. RFC 5322 says which zone `CST` is there.

    A year of two digits is taken where the weekday fits it.
    """
    day, zone = found["day"], found["zone"]
    is_short = len(found["year"]) == 2
    if zone[0] not in "+-" and zone.upper() not in MAIL_ZONES:
        return None if is_short else _of_words(text)
    moment = _in_utc(parsedate_to_datetime(text))
    if day is None:
        return None if is_short else moment
    return moment if _WEEKDAYS.get(day.lower()) == moment.weekday() else None


def _of_words(text: str) -> datetime | None:
    """A date in English words or in numbers, with or without a time and a zone: `Feb 3, 2025 9:15 PM EST`."""
    text = _NOON.sub("12:00 noon", text)
    times = list(_TIME.finditer(text))
    if len(times) > 1:
        return None
    clock, zone = "", None
    if times:
        time, end = times[0], times[0].end()
        clock = _clock(time)
        zone, end = _zone_at(text, end)
        text = f"{text[: time.start()]} {text[end:]}"
    naive = _of_day(text, clock)
    if naive is None or zone is None:
        return naive.replace(tzinfo=UTC) if naive else None
    return _in_zone(naive, zone)


def _clock(found: re.Match[str]) -> str:
    """A time of day as a parser takes it. Raises ValueError for one that contradicts itself."""
    clock, half = found["clock"].replace(",", "."), (found["half"] or "").replace(".", "").lower()
    hour, *rest = re.split("[:.]", clock)
    if half == "noon":
        if int(hour) != 12 or any(int(part) for part in rest):
            raise ValueError("noon is at 12:00")
        half = "pm"
    if half and not (1 <= int(hour) <= 12 or (half == "am" and int(hour) == 0)):
        raise ValueError("half a day has twelve hours")
    seconds, fraction = rest[:2], "".join(rest[2:3])
    return ":".join([hour, *(seconds or ["00"])]) + (f".{fraction}" if fraction else "") + f" {half}"


def _zone_at(text: str, at: int) -> tuple[timedelta | str | None, int]:
    """The zone that a time is followed by, None for none, and where it ends.

    An offset beats the name that follows it: `+0100 CET`, `GMT+0100 (Central European Standard Time)`.
    """
    offset = _OFFSET.match(text, at)
    zone: timedelta | str | None = None
    if offset:
        sign, hours = offset["sign"] or offset["sign2"], offset["hours"] or offset["hours2"]
        minutes = offset["minutes"] or offset["minutes2"] or "0"
        if int(hours) > 14:
            raise ValueError("no zone is further from UTC")
        zone = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        at = offset.end()
    name = _ZONE.match(text, at)
    if name and is_zone(name["name"]):
        at = name.end()
        if zone is None:
            zone = name["name"].upper()
        elif ZONES.get(name["name"].upper(), zone) != zone:
            raise ValueError("an offset and a zone contradict each other")
    return zone, at


def _of_day(text: str, clock: str) -> datetime | None:
    """The day that the text names whole, at this time, without a zone."""
    text = _BETWEEN.sub(" ", _ORDINAL.sub("", text))
    if not text.isascii():
        return None
    parts = _DATE_PART.findall(text)
    words = [part.lower() for part in parts if part.isalpha()]
    months = [word for word in words if word in _MONTHS]
    weekdays = [_WEEKDAYS[word] for word in words if word in _WEEKDAYS]
    numbers = [part for part in parts if not part.isalpha()]
    if set(words) - _MONTHS - _WEEKDAYS.keys() - _FILLERS or len(months) > 1:
        return None
    # A year of four digits, and one number for a day beside a month's name, else two.
    if sorted(map(len, numbers))[-1:] != [4] or sum(len(number) > 2 for number in numbers) != 1:
        return None
    if len(numbers) != 3 - len(months):
        return None
    is_year_first = not months and len(numbers[0]) == 4
    orders = (False,) if months or is_year_first else (False, True)
    kept = re.sub(r"[A-Za-z]+", lambda word: word[0] if word[0].lower() in _MONTHS else " ", text)
    readings = {
        parser.parse(
            f"{kept} {clock}", default=_DEFAULT, dayfirst=order, yearfirst=is_year_first, ignoretz=True
        )
        for order in orders
    }
    moment = readings.pop()
    return None if readings or any(day != moment.weekday() for day in weekdays) else moment


def _in_zone(naive: datetime, zone: timedelta | str) -> datetime | None:
    """The moment; None for a zone whose offset then can't be known."""
    if isinstance(zone, timedelta):
        return naive.replace(tzinfo=timezone(zone))
    if zone in ZONES:
        return naive.replace(tzinfo=timezone(ZONES[zone]))
    by_rule = ZONES_BY_RULE.get(zone)
    if by_rule is None or naive.year < by_rule.since:
        return None
    rule = tz.tzstr(by_rule.rule)
    if not tz.datetime_exists(naive, rule):
        return None
    if by_rule.is_summer_time:
        # The name itself tells the two hours apart that a clock shows in autumn.
        return naive.replace(tzinfo=rule, fold=0) if rule.dst(naive) else None
    return None if tz.datetime_ambiguous(naive, rule) else naive.replace(tzinfo=rule)
