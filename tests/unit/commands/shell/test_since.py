"""The values of `tap --from`."""

import time

import click
import pytest

from worker.commands.shell.since import Since


@pytest.mark.parametrize(
    ("text", "seconds"), [("30s", 30), ("10m", 600), ("2h ago", 7200), ("1d", 86400), ("5 m", 300)]
)
def test_so_long_ago_is_a_time(text, seconds):
    assert Since().convert(text, None, None) == pytest.approx((time.time() - seconds) * 1000, abs=5000)


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-01-31T08:00:00Z", 1769846400000),
        ("2026-01-31T08:00:00", 1769846400000),
        ("2026-01-31T10:00:00+02:00", 1769846400000),
        ("2026-01-31", 1769817600000),
        ("1960-01-01", 0),
    ],
)
def test_an_iso_time_is_utc_unless_it_says_otherwise(text, milliseconds):
    assert Since().convert(text, None, None) == milliseconds


@pytest.mark.parametrize("text", ["9999999d", "30000 d ago", "9" * 13 + "s", "9" * 5000 + "h"])
def test_a_time_before_1970_is_wrong_usage_in_one_short_line(text):
    with pytest.raises(click.BadParameter, match="ago is before 1970") as raised:
        Since().convert(text, None, None)
    assert len(raised.value.message) < 150


@pytest.mark.parametrize(
    "text",
    [
        *("yesterday", "10", "10y", "", "-5m", "-1", "2026-13-01", "99999-01-01", "0000-01-01", "1e9s"),
        *("9" * 9999, "\ud800", "\x1b[2J"),
    ],
)
def test_anything_else_is_wrong_usage_that_names_it(text):
    with pytest.raises(click.BadParameter, match="is none of beginning, end"):
        Since().convert(text, None, None)
