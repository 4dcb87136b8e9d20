"""The indexes find what a plain dict would, however their runs are divided, joined and filtered."""

from array import array
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.stories import copies, postings
from worker.stories.copies import LEAST_SHARED, MAX_OWNERS, MAX_SOURCES, Copies
from worker.stories.postings import MAX_POSTINGS, KeyFilter, Postings, Unsorted

fixed = settings(derandomize=True, deadline=None, database=None, max_examples=150)
# The greatest key and its neighbours come among a few others, so that many stories share one.
keys = st.frozensets(st.integers(0, 30) | st.sampled_from([2**32 - 1, 2**32 - 2, 1 << 31]), max_size=12)


@pytest.fixture(scope="module", autouse=True)
def _small_runs():
    with pytest.MonkeyPatch.context() as patch:
        for module in (copies, postings):
            patch.setattr(module, "_RECENT", 24)
            patch.setattr(module, "_LONGEST_RUN", 300)
        patch.setattr(postings, "_FILTERED", 40)
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
)
def test_candidates_are_those_of_a_plain_dict(first, changes, weighted, restored):
    index, posted = Postings(), dict[int, frozenset[int]]()
    for story, some in enumerate(first[:restored], 1):
        # A word that is a name, too, is stored twice.
        index.restore(story, array("I", [*some, *some]).tobytes())
        posted[story] = some
    index.restored()
    for story, some in enumerate(first[restored:], restored + 1):
        index.add(story, some)
        posted[story] = some
    for story, some in changes:
        before = posted.get(story, frozenset())
        index.remove(story, before - some)
        index.add(story, some - before)
        posted[story] = some
    assert len(index) == sum(map(len, posted.values()))
    looked_up = array("I", [key for key, _ in weighted]), array("B", [weight for _, weight in weighted])
    assert index.candidates(*looked_up) == candidates(posted, weighted, 6)


def test_a_word_of_too_many_stories_is_not_looked_at():
    index = Postings()
    for story in range(1, MAX_POSTINGS + 2):
        index.add(story, {7} | ({8} if story == 9 else set()))
    assert index.candidates(array("I", [7, 8]), array("B", [255, 1])) == [9]
    index.remove(3, {7})
    assert index.candidates(array("I", [7]), array("B", [255])) == [1, 2, 4, 5, 6, 7]


@fixed
@given(
    st.lists(st.tuples(keys, st.booleans()), max_size=60),
    st.integers(0, 60),
    keys,
    st.integers(0, 30),
)
def test_articles_that_share_text_are_those_of_a_plain_dict(told, restored, looked_up, since):
    index, texts = Copies(), dict[int, frozenset[int]]()
    for number, (some, is_dropped) in enumerate(told, 1):
        fingerprints = array("I", sorted(some))
        if number <= restored:
            index.restore(number, fingerprints)
        else:
            if number == restored + 1:
                index.restored()
            index.add(number, fingerprints)
            if is_dropped:
                index.drop(number)
        if number >= since and not (is_dropped and number > restored):
            texts[number] = some
    index.restored()
    index.forget(since)
    counts = Counter(key for some in texts.values() for key in some)
    usual = {key for key in looked_up if counts[key] <= MAX_OWNERS}
    shared = {number: len(some & usual) for number, some in texts.items()}
    enough = [number for number in shared if shared[number] >= LEAST_SHARED]
    expected = sorted(enough, key=lambda number: (-shared[number], number))[:MAX_SOURCES]
    found = index.sharing(array("I", sorted(looked_up)), since=since)
    assert found == (expected if len(looked_up) >= LEAST_SHARED else [])


def test_a_filter_leaves_out_most_keys_that_are_not_there_and_none_that_is():
    unsorted = Unsorted()
    unsorted.add(1, array("I", [key * 2654435761 % 2**32 for key in range(5_000)]))
    pairs = unsorted.sorted()
    there, strange = pairs >> postings._SHIFT, (pairs >> postings._SHIFT) ^ postings._SHIFT
    chosen = KeyFilter(pairs)
    assert len(chosen.places(there)) == len(there)
    assert len(chosen.places(strange)) < len(strange) / 4
