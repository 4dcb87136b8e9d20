"""Scores of stories: worked examples, and what they are at their ends."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.scoring.stories import bcubed, ceaf_e, score_stories, v_measure

GOLD = {"a": "x", "b": "x", "c": "x", "d": "y"}


@pytest.mark.parametrize(
    ("found", "precision", "recall"),
    [
        ({"a": 1, "b": 1, "c": 1, "d": 2}, 1, 1),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, (3 * 3 / 4 + 1 / 4) / 4, 1),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, 1, (3 / 3 + 1) / 4),
        ({"a": 1, "b": 1, "c": 2, "d": 2}, (1 + 1 + 0.5 + 0.5) / 4, (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4),
    ],
)
def test_bcubed_is_the_mean_of_what_each_article_sees(found, precision, recall):
    scores = score_stories(GOLD, found)
    assert (scores.precision, scores.recall) == pytest.approx((100 * precision, 100 * recall))


def test_an_article_that_was_not_found_is_alone():
    assert score_stories(GOLD, {}) == score_stories(GOLD, {"a": 1, "b": 2, "c": 3, "d": 4})


pairs = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=14)


def best_by_trying(some):
    gold, found = ({story for story, _ in some}, {story for _, story in some})
    swap = len(gold) > len(found)
    few, many = (sorted(found), sorted(gold)) if swap else (sorted(gold), sorted(found))

    def alike(one, other):
        story, given_ = (other, one) if swap else (one, other)
        both = sum(pair == (story, given_) for pair in some)
        return 2 * both / (sum(s == story for s, _ in some) + sum(g == given_ for _, g in some))

    total = max(sum(map(alike, few, chosen)) for chosen in permutations(many, len(few)))
    return 2 * total / (len(gold) + len(found))


@settings(derandomize=True, deadline=None, database=None, max_examples=150)
@given(pairs)
def test_ceaf_matches_stories_as_well_as_any_matching(some):
    assert ceaf_e(some) == pytest.approx(best_by_trying(some))


@settings(derandomize=True, deadline=None, database=None, max_examples=100)
@given(pairs)
def test_scores_are_shares_and_whole_where_all_is_right(some):
    for value in (*bcubed(some), v_measure(some), ceaf_e(some)):
        assert -1e-9 <= value <= 1 + 1e-9
    right = [(story, f"found {story}") for story, _ in some]
    assert [*bcubed(right), v_measure(right), ceaf_e(right)] == pytest.approx([1, 1, 1, 1])
