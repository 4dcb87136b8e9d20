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


@pytest.mark.parametrize("text", ["yesterday", "10", "10y", "", "-5m", "2026-13-01"])
def test_anything_else_is_wrong_usage_that_names_it(text):
    with pytest.raises(click.BadParameter, match="is none of beginning, end"):
        Since().convert(text, None, None)
