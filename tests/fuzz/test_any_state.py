"""Any bytes are a sketch or a record of the state of stories, or are refused; none ends as another error."""

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.stories.logs import sentence, sketch
from worker.stories.packing import StateError
from worker.stories.sketch_codec import read_sketch, sketch_bytes
from worker.stories.stories import Position, Stories

fixed = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck), max_examples=400
)
SKETCH = sketch_bytes(sketch("a", " ".join(sentence(0, number) for number in range(3)), headline="Ferry"))


def state() -> dict[bytes, bytes]:
    stories = Stories()
    stories.take(read_sketch(SKETCH), Position(0, 0))
    return dict(stories.memory.records())


STATE = state()


def damaged(value: bytes) -> st.SearchStrategy[bytes]:
    """The value with some bytes in place of others, or cut."""
    places = st.integers(0, len(value) - 1)
    other = st.builds(
        lambda at, new: value[:at] + new + value[at + len(new) :], places, st.binary(max_size=4)
    )
    return other | places.map(lambda end: value[:end]) | st.binary(max_size=80)


@fixed
@given(damaged(SKETCH))
def test_any_bytes_are_a_sketch_or_refused(value):
    with suppress(StateError):
        read_sketch(value)


@fixed
@given(st.sampled_from(sorted(STATE)).flatmap(lambda key: st.tuples(st.just(key), damaged(STATE[key]))))
def test_any_bytes_are_state_or_refused(record):
    key, value = record
    with suppress(StateError):
        stories = Stories()
        for other in STATE:
            stories.memory.restore(other, value if other == key else STATE[other])
        stories.memory.restored()


@fixed
@given(st.binary(max_size=40), st.binary(max_size=80))
def test_any_key_is_one_of_the_state_or_refused(key, value):
    with suppress(StateError):
        Stories().memory.restore(key, value)
