"""Which time a publisher's date is, and which dates can't be known."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.intake.times.dates import MAX_DATE_CHARS, read_date
from worker.intake.times.zones import AMBIGUOUS, MAIL_ZONES, ZONES, ZONES_BY_RULE

CONTRACT = Path(__file__).parents[3] / "docs/contract.md"


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        # ISO 8601
        ("2031-05-07T18:40:00Z", "2031-05-07T18:40:00Z"),
        ("2031-05-07 18:40", "2031-05-07T18:40:00Z"),
        ("2031-05-07", "2031-05-07T00:00:00Z"),
        ("20310507", "2031-05-07T00:00:00Z"),
        ("20310507T184000+0200", "2031-05-07T16:40:00Z"),
        ("2031-05-07T18:40:00.25-03:00", "2031-05-07T21:40:00.250000Z"),
        ("2031-W19-3", "2031-05-07T00:00:00Z"),
        ("2031-05-07+09:00", "2031-05-06T15:00:00Z"),
        ("2031-05-07Z", "2031-05-07T00:00:00Z"),
        ("2031-05-07T18:40:00+02:00[Africa/Maputo]", "2031-05-07T16:40:00Z"),
        ("2031-05-07 18:40:00 +0200", "2031-05-07T16:40:00Z"),
        ("2031-05-07T18:40 CEST", "2031-05-07T16:40:00Z"),
        ("20310507184000", "2031-05-07T18:40:00Z"),
        # mail and RSS
        ("Wed, 07 May 2031 18:40:00 +0200", "2031-05-07T16:40:00Z"),
        ("7 May 2031 18:40 GMT", "2031-05-07T18:40:00Z"),
        ("Wed, 07 May 31 18:40:00 EDT", "2031-05-07T22:40:00Z"),
        ("Wednesday, 07-May-31 18:40:00 GMT", "2031-05-07T18:40:00Z"),
        ("Wed, 07 May 2031 18:40:00 CST", "2031-05-08T00:40:00Z"),
        ("Wed, 07 May 2031 18:40:00 +0200 (CEST)", "2031-05-07T16:40:00Z"),
        ("Wed, 07 May 2031 18:40:00 KST", "2031-05-07T09:40:00Z"),
        # as programs print them
        ("Wed May 07 18:40:00 +0000 2031", "2031-05-07T18:40:00Z"),
        ("Wed May  7 18:40:00 2031", "2031-05-07T18:40:00Z"),
        ("Wed May 07 18:40:00 CEST 2031", "2031-05-07T16:40:00Z"),
        (
            "Wed May 07 2031 18:40:00 GMT+0200 (Central European Summer Time)",
            "2031-05-07T16:40:00Z",
        ),
        ("2031-05-07 18:40:00 +0000 UTC", "2031-05-07T18:40:00Z"),
        ("5/17/2031, 6:40:00\u202fPM", "2031-05-17T18:40:00Z"),
        # as newsrooms write them
        ("May 7, 2031 6:40 PM EDT", "2031-05-07T22:40:00Z"),
        ("Sept. 7, 2031, 6:40 p.m. ET", "2031-09-07T22:40:00Z"),
        ("Jan. 7, 2031, 6:40 p.m. PT", "2031-01-08T02:40:00Z"),
        ("7th of May 2031 at 6pm", "2031-05-07T18:00:00Z"),
        ("7 May 2031 12:05 am", "2031-05-07T00:05:00Z"),
        ("7 May 2031 12:05 pm", "2031-05-07T12:05:00Z"),
        ("noon, May 7, 2031", "2031-05-07T12:00:00Z"),
        ("May 7, 2031, 12 noon AEST", "2031-05-07T02:00:00Z"),
        ("18:40 BST, 7 May 2031", "2031-05-07T17:40:00Z"),
        ("Wed 7 May 2031 18.40 BST", "2031-05-07T17:40:00Z"),
        ("2031-05-07, 6:40 pm IST", "2031-05-07T13:10:00Z"),
        ("7 May 2031 | 18:40 (UTC+5:45)", "2031-05-07T12:55:00Z"),
        ("7 May 2031 | 18:40 UTC+5:45", "2031-05-07T12:55:00Z"),
        ("7 May 2031 18:40 GMT-3", "2031-05-07T21:40:00Z"),
        ("27/05/2031 18:40", "2031-05-27T18:40:00Z"),
        ("05/27/2031", "2031-05-27T00:00:00Z"),
        ("05/05/2031", "2031-05-05T00:00:00Z"),
        ("2031/05/07 18:40", "2031-05-07T18:40:00Z"),
        ("2031-5-7", "2031-05-07T00:00:00Z"),
        # since 1970
        (1935945600, "2031-05-07T18:40:00Z"),
        ("1935945600", "2031-05-07T18:40:00Z"),
        (1935945600123, "2031-05-07T18:40:00.123000Z"),
        ("1935945600123", "2031-05-07T18:40:00.123000Z"),
        (1935945600.5, "2031-05-07T18:40:00.500000Z"),
        ("1935945600.5", "2031-05-07T18:40:00.500000Z"),
        ([2031, 5, 7, 18, 40, 0, 2, 127, 0], "2031-05-07T18:40:00Z"),
    ],
)
def test_a_date_is_the_moment_that_it_names(written, moment):
    assert read_date(written) == moment


@pytest.mark.parametrize(
    "written",
    [
        "05/07/2031", "5.7.2031 18:40", "05-07-2031", "7 5 2031", "07/05/31", "7 May 31",
        "07 May 31 18:40:00 GMT", "May 2031", "2031", "2031-05", "2031-W19", "7 May", "18:40", "May 7",
        "Wednesday", "6 PM", "Thu, 07 May 2031 18:40:00 GMT", "Thursday, May 7, 2031",
        "Thu, 07 May 31 18:40:00 GMT", "yesterday", "2 hours ago", "today at 6 PM", "now", "last spring",
        "May 7, 2031 midnight", "7 mai 2031 x", "7 Mai 2031", "7 мая 2031", "2031年5月7日",
        "Published: May 7, 2031", "May 7, 2031?", "May 7, 2031 18:40 PM", "May 7, 2031 0:40 PM",
        "May 7, 2031 13 noon", "May 7, 2031 25:00", "2031-05-07T24:00:00", "2031-13-07", "31 June 2031",
        "7 May 2031 18:40 18:50", "7 8 May 2031 9", "May 7, 2031 6:40 PM CST",
        "Wed May 07 18:40:00 CST 2031", "7 May 2031 18:40 GST", "7 May 2031 18:40 XYZ",
        "Wed, 07 May 2031 18:40:00 N", "7 May 2031 18:40 +9999", "7 May 2031 18:40 +0100 JST",
        "7 May 2031 GMT", "7 Jan 2031 18:40 BST", "Sun, 30 Mar 2031 01:30:00 BST",
        "Nov 2, 2031 1:30 AM ET", "Mar 9, 2031 2:30 AM ET", "7 May 2001 18:40 ET",
        "7 May 2031 18:40 America/Lima", "2031050718", 2031050718, 20310507, 0, -1, 1, 631151999,
        4102444800, 1e300, 1935945600123456, "1935945600123456", True, None, {}, [], [2031, 5, 7],
        [2031, 5, 7, 18, 40, 0, 3, 127, 0], [2031, 13, 7, 18, 40, 0, 2, 127, 0],
        [2031, 5, 7, 18, 40, 0, 2, 127, True], "", " ", "x", "\ud800", "7 May 2031 \u0663", "1 " * 40,
        "7 May 2031" + " " * MAX_DATE_CHARS, "9999-12-31T23:59:59-14:00",
    ],
)  # fmt: skip
def test_what_cannot_be_known_is_no_time(written):
    assert read_date(written) is None


DAYS = st.datetimes(datetime(1970, 1, 1), datetime(2099, 12, 31)).map(lambda day: day.replace(microsecond=0))
HOURS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def in_utc(moment):
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


@settings(max_examples=200, deadline=None)
@given(DAYS, HOURS)
def test_a_moment_is_read_in_every_form_that_it_is_written_in(day, zone):
    moment = day.replace(tzinfo=zone)
    offset = moment.strftime("%z")
    for written in (
        moment.isoformat(),
        moment.isoformat(" "),
        format_datetime(moment),
        moment.strftime(f"%A, %B %d, %Y, %I:%M:%S %p {offset}"),
        moment.strftime(f"%d-%b-%Y %H:%M:%S {offset}"),
        moment.strftime(f"%a %b %d %H:%M:%S {offset} %Y"),
        moment.strftime(f"%a %b %d %Y %H:%M:%S GMT{offset} (Some Standard Time)"),
        moment.strftime(f"%H:%M:%S {offset}, %d %B %Y"),
        moment.strftime(f"%Y/%m/%d %H:%M:%S {offset}"),
        moment.strftime(f"%Y-%m-%d %H:%M:%S {offset}"),
        moment.strftime(f"%d/%m/%Y %H:%M:%S {offset}"),
    ):
        read = read_date(written)
        is_open = written[2:3] == "/" and day.day <= 12 and day.day != day.month
        assert read == (None if is_open else in_utc(moment)), written


@settings(max_examples=200, deadline=None)
@given(DAYS, st.sampled_from(sorted(MAIL_ZONES - {"Z"})))
def test_a_date_as_in_mail_is_what_pythons_reader_of_mail_makes_of_it(day, zone):
    written = f"{format_datetime(day)[:-5]}{zone}"
    assert read_date(written) == in_utc(parsedate_to_datetime(written))


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "7", "17", "2031", "07", "31", "May", "Sept.", "Wed", "6:40", "18.40", "PM", "noon", "at",
                ",", "-", "/", ":", "EST", "BST", "CST", "GMT+2", "+0100", "T", "Z", "ago", "midnight",
                ".", "(", ")", "h", "m", "and", "AD", "1e9",
            ]
        )
        | st.text(max_size=3),
        max_size=9,
    ),
    st.sampled_from(["", " ", "-"]),
)  # fmt: skip
def test_a_year_that_is_read_stands_in_the_text(parts, between):
    """So nothing is filled in from the day on which it is read, whatever the parts are."""
    written = between.join(parts)
    read = read_date(written)
    if read is not None and not re.fullmatch(r"\s*[0-9.]+\s*", written):
        near = {str(int(read[:4]) + step) for step in (-1, 0, 1)}
        assert any(year in written for year in near)


def test_the_contract_lists_every_zone_with_its_offset():
    section = CONTRACT.read_text(encoding="utf-8").partition("### Dates\n")[2].partition("\n## ")[0]
    rows = [row.strip("| ").split(" | ") for row in section.splitlines() if row.startswith("| `")]
    told = {name: row[1] for row in rows for name in re.findall(r"`([A-Z]+)`", row[0])}
    for name, offset in ZONES.items():
        hours, minutes = divmod(abs(offset) // timedelta(minutes=1), 60)
        assert told.pop(name) == f"{'-' if offset < timedelta() else '+'}{hours:02}:{minutes:02}", name
    assert set(told) == set(ZONES_BY_RULE) | AMBIGUOUS
