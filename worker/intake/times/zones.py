"""The names of time zones that newsrooms write, each with the one offset that it has in news.

A name that stands for several offsets there is in `AMBIGUOUS`: its times are not read. `docs/contract.md` has
this table; a test holds the two together.
"""

from dataclasses import dataclass
from datetime import timedelta

_OFFSETS = {
    "UTC GMT UT Z WET": "+00:00",
    "CET WEST WAT": "+01:00",
    "CEST EET CAT SAST": "+02:00",
    "EEST MSK EAT TRT IDT": "+03:00",
    "PKT": "+05:00",
    "IST": "+05:30",
    "NPT": "+05:45",
    "WIB ICT": "+07:00",
    "HKT SGT MYT PHT WITA AWST": "+08:00",
    "JST KST WIT": "+09:00",
    "ACST": "+09:30",
    "AEST": "+10:00",
    "ACDT": "+10:30",
    "AEDT": "+11:00",
    "NZST": "+12:00",
    "NZDT": "+13:00",
    "NDT": "-02:30",
    "ADT BRT ART": "-03:00",
    "EDT": "-04:00",
    "EST CDT": "-05:00",
    "MDT": "-06:00",
    "MST PDT": "-07:00",
    "PST AKDT": "-08:00",
    "AKST": "-09:00",
    "HST": "-10:00",
}


def _offset(text: str) -> timedelta:
    hours, minutes = text[1:].split(":")
    return timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if text[0] == "-" else 1)


ZONES = {name: _offset(offset) for names, offset in _OFFSETS.items() for name in names.split()}


@dataclass(frozen=True, slots=True)
class ZoneByRule:
    """A zone whose offset depends on the day, by a rule in POSIX's words that has held since a year.

    `is_summer_time`: the name is that of summer time alone, and can't be known outside of it.
    """

    rule: str
    since: int
    is_summer_time: bool = False


_US_RULE = ",M3.2.0/2,M11.1.0/2"
ZONES_BY_RULE = {
    "ET": ZoneByRule(f"EST5EDT{_US_RULE}", 2007),
    "CT": ZoneByRule(f"CST6CDT{_US_RULE}", 2007),
    "PT": ZoneByRule(f"PST8PDT{_US_RULE}", 2007),
    # In winter it is Bangladesh's.
    "BST": ZoneByRule("GMT0BST,M3.5.0/1,M10.5.0/2", 1996, is_summer_time=True),
}

# United States or China; the Atlantic or Arabia; Newfoundland or Nepal; the Gulf or South Georgia; Samoa or
# Singapore; western parts of Africa, Australia, Indonesia and Samoa; Ecuador or the Caribbean; the Amazon
# or Armenia. `MT` has summer time in most
# states and not in Arizona.
AMBIGUOUS = frozenset({"CST", "AST", "NST", "GST", "SST", "WST", "ECT", "AMT", "MT"})

# Those of the dates of mail and RSS: RFC 5322 defines US zones, to which Python's reader adds the Atlantic's.
MAIL_ZONES = frozenset(
    {"UT", "UTC", "GMT", "Z", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "AST", "ADT"}
)


def is_zone(name: str) -> bool:
    """Whether the word names a zone, be its offset known or not. Names are in capitals, but for `z`."""
    return (name.isupper() or name == "z") and (
        name.upper() in ZONES or name.upper() in ZONES_BY_RULE or name.upper() in AMBIGUOUS
    )
