"""What bench.growth varies, the tables it writes, and that docs/performance.md has a place for each."""

from dataclasses import replace

import pytest

from bench.growth.series import SERIES, Point, in_short
from bench.growth.tables import PointRounds, WordCost, cost_by_words, series_table, sizing_table
from bench.page import PERFORMANCE, put_figures
from tests.unit.worker_figures import ONE

NAMES = [one.name for one in SERIES]


def rounds(words: int, *tree_ms: float) -> PointRounds:
    return PointRounds(
        Point(words, words=words), [replace(ONE, tree_ms=ms, peak_mib=110.4) for ms in tree_ms]
    )


@pytest.mark.parametrize("series", SERIES, ids=NAMES)
def test_a_series_varies_one_thing_alone(series):
    first, *others = (replace(one, value=0, articles=0) for one in series.points)
    varied = {
        name
        for one in others
        for name in Point.__dataclass_fields__
        if getattr(one, name) != getattr(first, name)
    }
    assert len(varied) == (0 if series.name == "backlog" else 1)
    assert len({one.value for one in series.points}) == len(series.points)


def test_each_series_reaches_from_the_least_to_the_most_that_is_promised():
    values = {one.name: [point.value for point in one.points] for one in SERIES}
    assert (values["words"][0], values["words"][-1]) == (50, 5_000)
    assert (values["partitions"][0], values["partitions"][-1]) == (1, 64)
    assert (values["rules"][0], values["rules"][-1]) == (0, 100_000)
    assert (values["workers"][0], values["workers"][-1]) == (1, 4)
    assert values["backlog"][-1] == 100_000


@pytest.mark.parametrize("series", SERIES, ids=NAMES)
def test_the_short_form_runs_each_series_with_few_articles(series):
    short = in_short(series)
    assert len(short.points) == 2
    assert all(one.articles < 10 for one in short.points)
    assert replace(short, points=series.points) == series


@pytest.mark.parametrize("name", [*NAMES, "sizing"])
def test_the_page_has_a_place_for_each_table(name, tmp_path):
    copy = tmp_path / "performance.md"
    copy.write_text(PERFORMANCE.read_text(encoding="utf-8"), encoding="utf-8")
    put_figures(copy, f"growth-{name}", "| measured |")
    assert "| measured |" in copy.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_the_page_shows_each_plot(name):
    assert f"](performance/{name}.svg)" in PERFORMANCE.read_text(encoding="utf-8")
    assert (
        (PERFORMANCE.parent / "performance" / f"{name}.svg").read_text(encoding="utf-8").startswith("<?xml")
    )


def test_a_table_has_a_line_for_each_value_with_median_and_spread():
    lines = series_table(SERIES[0], [rounds(50, 8.0, 10.0, 9.0), rounds(5_000, 600.0)]).splitlines()
    assert (
        lines[2] == "| 50 | 9.0 (8.0-10.0) ms | 2.00 (2.00-2.00) ms | 50.0 (50.0-50.0) | 110 (110-110) MiB |"
    )
    assert lines[3].startswith("| 5,000 | 600.0 (600.0-600.0) ms |")


def test_the_cost_by_words_is_the_line_through_the_medians():
    cost = cost_by_words([rounds(words, 5 + 0.1 * words) for words in (50, 160, 500, 1_600, 5_000)])
    assert cost.article_ms == pytest.approx(5)
    assert cost.word_ms == pytest.approx(0.1)


def test_a_short_article_counts_as_much_as_a_long_one_for_the_line():
    """By plain squares the longest alone would say where the line begins."""
    cost = cost_by_words([rounds(50, 10.0), rounds(100, 15.0), rounds(200, 25.0), rounds(5_000, 505.0 * 1.1)])
    assert cost.ms(50) == pytest.approx(10.0, rel=0.1)


def test_one_length_makes_no_line():
    with pytest.raises(ValueError, match=r"two lengths or more, not of \[50, 50\]"):
        cost_by_words([rounds(50, 8.0), rounds(50, 9.0)])


def test_more_cores_are_reckoned_from_the_cost():
    line = sizing_table(WordCost(5.0, 0.1)).splitlines()[3]
    assert line == "| 500 | 55.0 ms | 18 | 291 | 2,909 | 52 million |"
