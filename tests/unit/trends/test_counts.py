"""Counts of a window, held against a list of its articles, also where a subject has many."""

import random

import pytest

from worker.trends.counts import NOTHING_COUNTED, Counted, WindowCounts, trend_mark

ADA = 7


def counted(articles: list[tuple[str, bool]]) -> Counted:
    return Counted(
        len(articles), sum(not is_copy for _, is_copy in articles), len({story for story, _ in articles})
    )


@pytest.mark.parametrize("seed", range(20))
def test_counts_are_those_of_the_articles_that_are_there(seed):
    draw, counts = random.Random(seed), WindowCounts()
    articles: list[tuple[str, bool]] = []
    most = draw.choice((4, 12, 40))
    for _ in range(300):
        if articles and (len(articles) >= most or draw.random() < 0.45):
            story, is_copy = articles.pop(draw.randrange(len(articles)))
            counts.remove(ADA, trend_mark(story, is_copy=is_copy))
        else:
            story, is_copy = draw.choice("abcd"), draw.random() < 0.5
            articles.append((story, is_copy))
            counts.add(ADA, trend_mark(story, is_copy=is_copy))
        assert counts.of(ADA) == counted(articles)
    for story, is_copy in articles:
        counts.remove(ADA, trend_mark(story, is_copy=is_copy))
    assert (counts.of(ADA), len(counts)) == (NOTHING_COUNTED, 0)
