"""The figures of the fault runs get into the page, all of them and nothing else changed."""

import pytest

from bench.faults.report import FIGURES_END, FIGURES_START, put_into, tables

RUN = {
    "kafka": "4.1.0",
    "python": "3.11.9",
    "packages": {"aiokafka": "0.14.0"},
    "name": "mixed",
    "seed": 1,
    "delivery": "exactly-once",
    "inputs": 12345,
    "faults": 3,
    "kinds": {"worker killed": 2, "article hangs": 1},
    "recovery_seconds": {"worker killed": [7.5, 8.5]},
    "dead_letters": {"invalid": 40, "enrichment-killed": 2},
    "lost": 0,
    "twice": 0,
    "unexplained": 0,
    "matches": 4000,
    "alerts": 3000,
    "kept_back": 1000,
    "alerts_missed": 0,
    "alerts_twice": 0,
    "alerts_wrong": 0,
    "hangs": 0,
    "recovered_late": 0,
    "problems": 0,
    "repeats_uncommitted": 1234,
    "offset_checks": 99,
    "seconds": 601,
}
AT_LEAST_ONCE = RUN | {"seed": 2, "delivery": "at-least-once", "twice": 25, "lost": 1, "recovered_late": 1}
AT_LEAST_ONCE |= {"alerts_twice": 9, "alerts_missed": 2, "alerts_wrong": 1}


def test_each_run_and_each_kind_of_fault_has_its_row():
    text = tables([RUN, AT_LEAST_ONCE])
    assert "| 1 | mixed | 4.1.0 | exactly-once | 12,345 | 3 | 42 | 0 | 0 | 0 | 0 | 1,234 | 99 | 10 |" in text
    assert "| 1 | mixed | 4,000 | 3,000 | 1,000 | 0 | 0 | 0 |" in text
    assert "| 2 | mixed | 4,000 | 3,000 | 1,000 | 2 | 9 | 1 |" in text
    assert "| worker killed | 4 | 4 | 8.0 | 8.5 |" in text
    assert "| article hangs | 2 | 0 | - | - |" in text


def test_the_totals_count_what_is_wrong_wherever_it_was_and_repeats_where_there_may_be_none():
    text = tables([RUN, AT_LEAST_ONCE])
    assert "24,690 articles and 6 faults: 1 lost, 0 twice in the exactly-once runs" in text
    assert "6,000 alerts: 2 missed, 0 twice in the exactly-once runs, 1 wrong" in text
    assert "Of 4 recoveries that were timed, 3 took at most two session timeouts" in text


def test_the_figures_take_the_place_of_those_before_and_leave_the_rest():
    page = f"above\n{FIGURES_START}\nold\n{FIGURES_END}\nbelow\n"
    assert (
        put_into(put_into(page, "new"), "newer")
        == f"above\n{FIGURES_START}\n\nnewer\n\n{FIGURES_END}\nbelow\n"
    )
    with pytest.raises(ValueError, match="the page has no"):
        put_into("no marks", "new")
