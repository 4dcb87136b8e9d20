"""What bench.alerts.throughput computes from its rounds: shares, limits and a table."""

from dataclasses import replace
from itertools import islice

import orjson
import pytest

from bench.alerts.throughput import (
    Variant,
    comparison_table,
    limits_exceeded_by_worker,
    raw_articles,
    share,
)
from tests.unit.alerts.alert_articles import article
from tests.unit.worker_figures import ONE

WITHOUT = Variant("without alerts", None, [ONE, ONE, ONE])


def with_rules(*parent_ms: float, peak_mib: float = 200.0) -> Variant:
    return Variant(
        "30,000 rules", 30_000, [replace(ONE, parent_ms=ms, peak_mib=peak_mib) for ms in parent_ms]
    )


def test_what_is_added_is_the_median_of_rounds_and_that_of_the_parent():
    assert share(with_rules(2.5, 9.0, 2.6), WITHOUT) == pytest.approx(0.03)
    noisy = Variant("noisy", 0, [replace(ONE, tree_ms=30.0)] * 3)
    assert share(noisy, WITHOUT) == 0


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (with_rules(2.9, 2.9, 2.9), []),
        (with_rules(3.1, 3.1, 3.1), ["5.5%"]),
        (with_rules(2.0, 2.0, 2.0, peak_mib=301.0), ["191 MiB"]),
        (with_rules(4.0, 4.0, 4.0, peak_mib=400.0), ["10.0%", "290 MiB"]),
    ],
)
def test_each_limit_that_is_passed_is_named(row, says):
    passed = limits_exceeded_by_worker([WITHOUT, row])
    assert len(passed) == len(says)
    assert all(one in limit for one, limit in zip(says, passed, strict=True))


def test_the_table_has_a_row_for_each_way_to_run_a_worker():
    lines = comparison_table([WITHOUT, with_rules(2.4, 2.6, 2.5)]).splitlines()
    assert len(lines) == 4
    assert "| 2.50 (2.40-2.60) ms | 2.5% |" in lines[3]


def test_articles_come_again_and_again_each_under_its_own_id():
    values = [orjson.dumps(article(text)) for text in ("The ferry ran late.", "The dam held.")]
    keys, raw = zip(*islice(raw_articles(values, "a"), 5), strict=True)
    assert len(set(keys)) == 5
    assert [orjson.loads(one)["id"] for one in raw] == list(keys)
    assert orjson.loads(raw[0])["text"] == orjson.loads(raw[4])["text"]
