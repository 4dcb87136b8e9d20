"""The measures, on cases small enough to count by hand."""

import pytest

from worker.scoring.measure import compare_multisets, match_spans, overlap, same_speaker


def test_strict_f1_counts_bounds_and_label():
    counts = compare_multisets([(0, 4, "ORG"), (5, 9, "LOC")], [(0, 4, "ORG"), (5, 8, "LOC")])
    assert (counts.right, counts.wrong, counts.missed) == (1, 1, 1)
    assert counts.f1 == pytest.approx(0.5)


def test_what_is_found_twice_counts_once():
    assert compare_multisets(["a"], ["a", "a"]).wrong == 1


def test_overlap_is_intersection_over_union():
    assert overlap((0, 10), (5, 15)) == pytest.approx(1 / 3)
    assert overlap((0, 5), (5, 9)) == 0


def test_quotes_are_matched_one_to_one_best_first():
    assert match_spans([(0, 100)], [(0, 85), (0, 99)]) == [(0, 1)]
    assert match_spans([(0, 100)], [(0, 79)]) == []


@pytest.mark.parametrize(
    ("gold", "found", "is_same"),
    [
        ("Mark Rutte", "Mark Rutte", True),
        ("Mark Rutte", "Mr Mark Rutte", True),
        ("Mark Rutte", "Rutte", False),
        ("Mark Jan Rutte", "Mark Rutte", True),
        ("the ministry", "The Ministry's", True),
        ("", None, True),
        ("", "Mark Rutte", False),
        ("Mark Rutte", None, False),
        ("Ann Lee", "Bo Lee", False),
    ],
)
def test_a_speaker_is_right_when_the_resolved_name_is(gold, found, is_same):
    assert same_speaker(gold, found) is is_same
