"""After a failure partitions are read one at a time, and the one at fault rests."""

from worker.delivery.faust import fetch_quarantine
from worker.delivery.faust.fetch_quarantine import FetchQuarantine


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_the_one_at_fault_is_found_and_rests_longer_each_time():
    clock = Clock()
    careful = FetchQuarantine(clock)
    everything = {"a", "b", "bad"}
    assert careful.choose(everything) == everything
    careful.note_failure(everything)
    rests = []
    while len(rests) < 8:
        (one,) = careful.choose(everything) or {None}
        if one == "bad":
            careful.note_failure({one})
            since = clock.now
            while "bad" not in {tp for _ in range(40) for tp in careful.choose(everything)}:
                clock.now += 0.5
            rests.append(clock.now - since)
        clock.now += 0.5
    assert rests == [1, 2, 4, 8, 16, 30, 30, 30]


def test_where_all_is_well_for_a_while_everything_is_read_again():
    clock = Clock()
    careful = FetchQuarantine(clock)
    careful.note_failure({"a", "b"})
    assert len(careful.choose({"a", "b"})) == 1
    clock.now = fetch_quarantine.CAREFUL_SECONDS
    assert careful.choose({"a", "b"}) == {"a", "b"}


def test_one_that_could_be_read_rests_no_more():
    careful = FetchQuarantine(Clock())
    careful.note_failure({"a"})
    assert careful.choose({"a"}) == set()
    careful.note_read("a")
    assert careful.choose({"a"}) == {"a"}
