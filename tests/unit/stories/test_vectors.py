"""Vectors are compared and summed as plain dicts would be."""

from array import array
from math import isqrt

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.stories.vector import UNIT, Vector, VectorRows, kind_vectors, unit_vectors

fixed = settings(derandomize=True, deadline=None, database=None, max_examples=200)
# Two of these keys stand at one place of the table that finds them, and some are in vectors of each kind.
KEYS = st.integers(0, 9) | st.sampled_from([1 << 16, 1 << 17 | 1, 4, 1 << 31, 2**32 - 1])
MOST = (4, 3, 2)


def rows(most_weight: int, code: str, *, unique: bool):
    """A vector of each of three kinds."""
    pairs = st.lists(
        st.tuples(KEYS, st.integers(0, most_weight)),
        max_size=8,
        unique_by=(lambda pair: pair[0]) if unique else None,
    )
    row = pairs.map(
        lambda some: (array("I", [key for key, _ in some]), array(code, [weight for _, weight in some]))
    )
    return st.tuples(row, row, row)


def unit(row) -> dict[int, int]:
    length = isqrt(sum(weight * weight for weight in row[1]))
    return {key: weight * UNIT // length for key, weight in zip(*row, strict=True)} if length else {}


def strongest(weights: dict[int, int], most: int) -> list[tuple[int, int]]:
    kept = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:most]
    while kept and kept[0][1] > 0xFFFF:
        kept = [(key, weight >> 1) for key, weight in kept if weight > 1]
    return kept


def summed(these: dict[int, int], those: dict[int, int]) -> dict[int, int]:
    return {key: these.get(key, 0) + those.get(key, 0) for key in these | those}


stored = rows(0xFFFF, "H", unique=True).map(lambda some: tuple(Vector(*row) for row in some))


@fixed
@given(
    st.lists(rows(255, "B", unique=False), min_size=1, max_size=4), st.lists(stored, min_size=1, max_size=3)
)
def test_an_article_is_as_like_a_story_as_its_unit_vectors_are(articles, stories):
    vectors = [vector for story in stories for vector in story]
    found = VectorRows(
        b"".join(vector.keys for vector in vectors),
        b"".join(vector.weights for vector in vectors),
        [len(vector.keys) for vector in vectors],
    )
    for article, units in zip(articles, unit_vectors(articles), strict=True):
        expected = []
        for story in stories:
            for row, vector in zip(article, story, strict=True):
                weights = dict(zip(*vector, strict=True))
                product = sum(weight * weights.get(key, 0) for key, weight in unit(row).items())
                square = sum(weight * weight for weight in weights.values())
                expected.append(min(product // isqrt(square), UNIT) if square else 0)
        assert units.likenesses(found) == expected


@fixed
@given(rows(255, "B", unique=False), stored)
def test_a_story_grows_by_an_articles_unit_vectors(article, story):
    (units,) = unit_vectors([article])
    expected = [
        strongest(summed(dict(zip(*vector, strict=True)), unit(row)), most)
        for row, vector, most in zip(article, story, MOST, strict=True)
    ]
    assert [list(zip(*vector, strict=True)) for vector in units.added_to(story, MOST)] == expected


@fixed
@given(stored, stored)
def test_two_stories_that_are_one_are_about_what_both_are_about(one, other):
    expected = [
        strongest(summed(*(dict(zip(*vector, strict=True)) for vector in pair)), most)
        for pair, most in zip(zip(one, other, strict=True), MOST, strict=True)
    ]
    found = kind_vectors(*other).added_to(one, MOST)
    assert [list(zip(*vector, strict=True)) for vector in found] == expected
