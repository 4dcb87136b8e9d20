"""The tables of docs/performance.md are put there by what measured them, and say what was measured."""

import math

import pytest

from bench.memory import MemoryFigures, memory_table
from bench.page import KUBERNETES, PERFORMANCE, circumstances, put_figures
from bench.peers.__main__ import PeerRow, peer_table
from bench.peers.trial import BARE, DATELINE, PeerFigures


def test_figures_replace_what_was_between_their_marks_and_nothing_else(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures: a -->\nold\n<!-- end of figures: a -->\nafter\n", encoding="utf-8")
    put_figures(page, "a", "| new |")
    put_figures(page, "a", "| newer |")
    assert page.read_text(encoding="utf-8") == (
        "before\n<!-- figures: a -->\n\n| newer |\n\n<!-- end of figures: a -->\nafter\n"
    )
    with pytest.raises(ValueError, match=r"page\.md has no <!-- figures: b --> "):
        put_figures(page, "b", "")


@pytest.mark.parametrize("name", ["peers", "latency"])
def test_the_page_has_a_place_for_the_figures_of_each_command(name, tmp_path):
    copy = tmp_path / "performance.md"
    copy.write_text(PERFORMANCE.read_text(encoding="utf-8"), encoding="utf-8")
    put_figures(copy, name, "| measured |")
    assert "| measured |" in copy.read_text(encoding="utf-8")


def test_the_memory_of_a_worker_has_its_place_where_the_chart_s_requests_are_explained(tmp_path):
    copy = tmp_path / "kubernetes.md"
    copy.write_text(KUBERNETES.read_text(encoding="utf-8"), encoding="utf-8")
    steps = [MemoryFigures("ready", 90.2, [300.4, 301.0])]
    put_figures(copy, "memory", memory_table({2: steps}))
    assert "\n| 2 | ready | 90 MiB | 301 MiB | 692 MiB |\n" in copy.read_text(encoding="utf-8")


def test_versions_machine_and_day_are_told():
    assert circumstances(["aiokafka"]).startswith("Python 3.")
    assert "aiokafka 0." in circumstances(["aiokafka"])


def test_a_peer_is_compared_with_the_bare_pipeline_of_the_same_round_and_as_many_processes():
    def figures(per_second: float) -> PeerFigures:
        return PeerFigures(per_second, cpu_ms=50.0, mib=300.4, first_seconds=2.0)

    rows = [
        PeerRow(BARE, 1, [figures(20), figures(10)]),
        PeerRow(BARE, 2, [figures(40), figures(40)]),
        PeerRow(DATELINE, 1, [figures(18), figures(10)]),
        PeerRow(DATELINE, 2, [figures(36), figures(math.nan)]),
    ]
    lines = peer_table(rows).splitlines()
    assert [line.split(" | ")[3] for line in lines[2:5]] == [
        "1.00 (1.00-1.00)",
        "1.00 (1.00-1.00)",
        "0.95 (0.90-1.00)",
    ]
    assert "| 50.0 (50.0-50.0) ms | 300 (300-300) MiB | 2.0 (2.0-2.0) s |" in lines[4]
