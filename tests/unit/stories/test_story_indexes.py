"""The indexes find what a plain dict would, however their runs are divided, joined and filtered."""

from array import array
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.stories.index import copies, pairs, postings
from worker.stories.index.copies import LEAST_SHARED, MAX_OWNERS, MAX_SOURCES, Copies
from worker.stories.index.pairs import SortedPairs, UnsortedPairs
from worker.stories.index.postings import MAX_POSTINGS, Postings

fixed = settings(derandomize=True, deadline=None, database=None, max_examples=150)
# The greatest key and its neighbours come among a few others, so that many stories share one.
keys = st.frozensets(st.integers(0, 30) | st.sampled_from([2**32 - 1, 2**32 - 2, 1 << 31]), max_size=12)


@pytest.fixture(scope="module", autouse=True)
def _small_runs():
    with pytest.MonkeyPatch.context() as patch:
        for module in (copies, postings):
            patch.setattr(module, "_RECENT", 24)
            patch.setattr(module, "_LONGEST_RUN", 300)
        patch.setattr(pairs, "_FILTERED", 40)
        yield


def candidates(posted: dict[int, frozenset[int]], weighted: list[tuple[int, int]], most: int) -> list[int]:
    """What `Postings.candidates` is, told plainly."""
    found = [(sum(key in keys for keys in posted.values()), key, weight) for key, weight in weighted]
    shared, room = Counter[int](), MAX_POSTINGS
    for size, key, weight in sorted((each for each in found if each[0]), key=lambda each: each[:2]):
        room -= size
        if room < 0:
            break
        for story, keys in posted.items():
            shared[story] += (weight * 64 // (8 + size.bit_length())) * (key in keys)
    return sorted((story for story in shared if shared[story]), key=lambda one: (-shared[one], one))[:most]


@fixed
@given(
    st.lists(keys, max_size=40),
    st.lists(st.tuples(st.integers(0, 39), keys), max_size=60),
    st.lists(
        st.tuples(st.integers(0, 32) | st.just(2**32 - 1), st.integers(1, 255)), min_size=1, max_size=30
    ),
    st.integers(0, 40),
    st.integers(0, 60),
)
def test_candidates_are_those_of_a_plain_dict(first, changes, weighted, restored, foreseen):
    index, posted = Postings(), dict[int, frozenset[int]]()
    for story, some in enumerate(first[:restored], 1):
        # A word that is a name, too, is stored twice.
        index.restore(story, array("I", [*some, *some]).tobytes())
        posted[story] = some
    index.restored()
    for story, some in enumerate(first[restored:], restored + 1):
        index.add(story, some)
        posted[story] = some
    looked_up = array("I", [key for key, _ in weighted]), array("B", [weight for _, weight in weighted])
    for number, (story, some) in enumerate(changes):
        if number == foreseen:
            index.foresee([looked_up[0], array("I", [5, 99])])
        before = posted.get(story, frozenset())
        index.remove(story, before - some)
        index.add(story, some - before)
        posted[story] = some
    assert len(index) == sum(map(len, posted.values()))
    assert index.candidates(*looked_up) == candidates(posted, weighted, 6)


def test_a_word_of_too_many_stories_is_not_looked_at():
    index = Postings()
    for story in range(1, MAX_POSTINGS + 2):
        index.add(story, {7} | ({8} if story == 9 else set()))
    assert index.candidates(array("I", [7, 8]), array("B", [255, 1])) == [9]
    index.remove(3, {7})
    assert index.candidates(array("I", [7]), array("B", [255])) == [1, 2, 4, 5, 6, 7]


@pytest.mark.parametrize("is_foreseen", [False, True])
def test_a_story_that_is_taken_away_is_not_found_any_more(is_foreseen):
    index = Postings()
    for story in range(1, 101):
        index.restore(story, array("I", [7, 8]).tobytes())
    index.restored()
    if is_foreseen:
        index.foresee([array("I", [7, 8])])
    for story in range(1, 41):
        index.remove(story, {7, 8})
    looked_up = array("I", [7, 8]), array("B", [9, 9])
    assert index.candidates(*looked_up, most=100) == [*range(41, 101)]
    index.add(3, {8})
    assert index.candidates(*looked_up, most=100) == [*range(41, 101), 3]


@pytest.mark.parametrize("is_foreseen", [False, True])
def test_of_a_text_that_was_a_template_its_articles_are_found_when_others_are_dropped(is_foreseen):
    index, text = Copies(), array("I", [1, 2, 3])
    for number in range(1, 31):
        index.restore(number, text)
    index.restored()
    if is_foreseen:
        index.foresee([text], since=1)
    assert index.sharing(text, since=1) == []
    for number in range(1, 26):
        index.drop(number)
    assert index.sharing(text, since=1) == [26, 27, 28, 29, 30]
    assert index.sharing(text, since=28) == [28, 29, 30]


def test_articles_that_are_stored_after_a_text_was_foreseen_are_found():
    index, text = Copies(), array("I", [1, 2, 3])
    index.add(1, text)
    index.foresee([text], since=1)
    index.add(2, text)
    index.add(3, array("I", range(10, 40)))
    assert index.sharing(text, since=1) == [1, 2]


@fixed
@given(
    st.lists(st.tuples(keys, st.booleans()), max_size=60),
    st.integers(0, 60),
    keys,
    st.integers(0, 30),
    st.integers(0, 60),
    st.integers(0, 30),
)
def test_articles_that_share_text_are_those_of_a_plain_dict(
    told, restored, looked_up, since, foreseen, foreseen_since
):
    index, texts = Copies(), dict[int, frozenset[int]]()
    for number, (some, is_dropped) in enumerate(told, 1):
        fingerprints = array("I", sorted(some))
        if number <= restored:
            index.restore(number, fingerprints)
        else:
            if number == restored + 1:
                index.restored()
            if number == max(foreseen, restored + 1):
                index.foresee(
                    [array("I", sorted(looked_up)), array("I", [5])], since=min(foreseen_since, since)
                )
            index.add(number, fingerprints)
            if is_dropped:
                index.drop(number)
        if number >= since and not (is_dropped and number > restored):
            texts[number] = some
    if len(told) <= restored:
        index.restored()
    index.forget(since)
    counts = Counter(key for some in texts.values() for key in some)
    usual = {key for key in looked_up if counts[key] <= MAX_OWNERS}
    shared = {number: len(some & usual) for number, some in texts.items()}
    enough = [number for number in shared if shared[number] >= LEAST_SHARED]
    expected = sorted(enough, key=lambda number: (-shared[number], number))[:MAX_SOURCES]
    found = index.sharing(array("I", sorted(looked_up)), since=since)
    assert found == (expected if len(looked_up) >= LEAST_SHARED else [])


numbers = st.integers(0, 9) | st.integers(0, 2**32 - 1) | st.sampled_from([1 << 31, 2**32 - 1])
# Owners whose numbers are close to each other, and such as are far apart.
some_pairs = st.one_of(
    st.sets(st.tuples(numbers, st.integers(7, 40)), min_size=1, max_size=300),
    st.sets(st.tuples(numbers, numbers), min_size=1, max_size=60),
)


def sorted_pairs(some):
    return np.sort(np.array([key << 32 | owner for key, owner in some], np.uint64))


def found(packed, looked_up, since=0):
    """The owners of each key, as the packed pairs have them."""
    begins, counts = packed.find(np.array(looked_up, np.int64), since=since)
    return [
        packed.owners(np.arange(begin, begin + count)).tolist()
        for begin, count in zip(begins, counts, strict=True)
    ]


@fixed
@given(some_pairs, st.lists(numbers, max_size=30), numbers)
def test_packed_pairs_are_the_pairs_and_are_found_where_they_are(some, strange, since):
    packed = SortedPairs(sorted_pairs(some))
    assert len(packed) == len(some)
    assert packed.unpacked().tolist() == sorted_pairs(some).tolist()
    looked_up = sorted({*strange, *(key for key, _ in some)})
    assert found(packed, looked_up, since) == [
        sorted(owner for there, owner in some if there == key and owner >= since) for key in looked_up
    ]


@fixed
@given(some_pairs, st.lists(st.tuples(numbers, st.sets(numbers, max_size=9)), max_size=20))
def test_pairs_that_are_taken_away_are_not_found_and_all_others_are(some, taken):
    packed, left = SortedPairs(sorted_pairs(some)), set(some)
    owners = sorted({owner for _, owner in some})
    for number, strange in taken:
        owner = owners[number % len(owners)] if number % 3 else number
        wanted = sorted({*strange, *(key for key, one in some if one == owner)})[:9]
        assert packed.remove(wanted, owner) == [key for key in wanted if (key, owner) in left]
        left -= {(key, owner) for key in wanted}
    assert len(packed) - packed.gone == len(left)
    assert packed.unpacked().tolist() == sorted_pairs(left).tolist()
    looked_up = sorted({key for key, _ in some})
    assert found(packed, looked_up) == [
        sorted(owner for there, owner in left if there == key) for key in looked_up
    ]


def many_pairs(owners):
    """The fingerprints of so many articles, sixty each."""
    unsorted = UnsortedPairs()
    for owner in range(owners):
        unsorted.add(owner, array("I", [(owner * 60 + key) * 2654435761 % 2**32 for key in range(60)]))
    return unsorted.sorted()


def test_a_filter_leaves_out_most_keys_that_are_not_there_and_none_that_is():
    some = many_pairs(90)
    there = (some >> np.uint64(32)).astype(np.int64)
    packed, strange = SortedPairs(some), there ^ 32
    assert len(packed._possible(there)) == len(there)
    assert len(packed._possible(strange)) < len(strange) / 4


def test_packed_pairs_take_six_bytes_each_at_most():
    some = many_pairs(2_000)
    packed = SortedPairs(some)
    parts = [getattr(packed, name) for name in SortedPairs.__slots__]
    assert sum(part.nbytes for part in parts if isinstance(part, np.ndarray)) <= 6 * len(some)
    assert packed.unpacked().tolist() == some.tolist()
