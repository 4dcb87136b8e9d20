"""The judge of the fault runs sees what is wrong: a check that can't fail proves nothing."""

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from tests.faults.enricher import PER_ARTICLE
from tests.faults.run import schedule_of
from tests.faults.sightings import WATCHED_CHANNELS, Sightings
from tests.faults.verdict import ARTICLE_OUTPUTS, compare_articles
from worker.channels import Channel

BAD = orjson.dumps({"do": "crash"})


def seen(*offsets, channels=WATCHED_CHANNELS):
    """Sightings of all that becomes of these inputs on these channels."""
    sightings = Sightings()
    for channel, records in all_of(*offsets).items():
        if channel in channels:
            sightings.note(channel, records)
    return sightings


def record(topic, offset, value, *headers, key=b"key", at=1000):
    return ConsumerRecord(topic, 0, offset, at, 0, key, value, None, 0, 0, headers)


def raw(offset, value=b"text"):
    return record("raw", offset, value)


def output(channel, offset, part=0, at=1000):
    headers = (("origin", b"raw/0/%d" % offset), ("part", b"%d" % part))
    return record(channel, 0, b"out", *headers, at=at)


def letter(offset, reason=b"enrichment-killed", value=BAD):
    ours = {"topic": b"raw", "partition": b"0", "offset": b"%d" % offset, "reason": reason, "error": b"why"}
    return record("dead", 0, value, *((f"dead-letter-{name}", said) for name, said in ours.items()))


def all_of(*offsets):
    outputs = {channel: [] for channel in ARTICLE_OUTPUTS}
    for offset in offsets:
        for channel, parts in PER_ARTICLE.items():
            outputs[channel] += [output(channel, offset, part) for part in range(parts)]
    return outputs


def test_outputs_and_letters_each_once_are_right():
    outputs = all_of(0, 1)
    outputs[Channel.DEAD] = [letter(2)]
    verdict = compare_articles([raw(0), raw(1), raw(2, BAD)], outputs, once=True, remade={})
    assert (verdict.good, verdict.inputs, dict(verdict.letters)) == (True, 3, {"enrichment-killed": 1})


def without(outputs, channel):
    return {**outputs, channel: []}


@pytest.mark.parametrize(
    ("inputs", "outputs", "problem"),
    [
        ([raw(0), raw(1)], all_of(0), "raw/0/1 has no"),
        ([raw(0)], without(all_of(0), Channel.SEARCH), "raw/0/0 has no search.v1 0"),
        ([raw(0)], {**all_of(0), Channel.QUOTES: [output(Channel.QUOTES, 0)] * 2}, "came out more than once"),
        ([raw(0)], {**all_of(0), Channel.DEAD: [letter(0)]}, "as well as"),
        ([raw(0)], all_of(0, 1), "raw/0/1 came out and never went in"),
        ([raw(0, BAD)], all_of(0), "no dead letter, enrichment-killed expected"),
        ([raw(0, BAD)], {**all_of(), Channel.DEAD: [letter(0, b"invalid")]}, "dead letter, invalid (why)"),
        ([raw(0)], {**all_of(), Channel.DEAD: [letter(0, value=b"text")]}, "None expected"),
        ([raw(0, BAD)], {**all_of(), Channel.DEAD: [letter(0, value=b"cut")]}, "not the input byte for byte"),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_said(inputs, outputs, problem):
    verdict = compare_articles(inputs, outputs, once=True, remade={})
    assert any(problem in one for one in verdict.problems), verdict.problems


def test_repeats_are_counted_where_they_may_be_and_are_a_problem_where_they_may_not():
    outputs = {**all_of(0), Channel.SEARCH: [output(Channel.SEARCH, 0)] * 2}
    allowed = compare_articles([raw(0)], outputs, once=False, remade={})
    assert (allowed.good, allowed.twice) == (True, 1)
    assert not compare_articles([raw(0)], outputs, once=True, remade={}).good


def test_what_was_written_beside_a_refused_record_stays_only_without_transactions():
    bloated = orjson.dumps({"do": "bloat"})
    outputs = {**all_of(0), Channel.ENRICHED: [], Channel.DEAD: [letter(0, b"publish-rejected", bloated)]}
    assert compare_articles([raw(0, bloated)], outputs, once=False, remade={}).good
    assert not compare_articles([raw(0, bloated)], outputs, once=True, remade={}).good


def test_what_a_deleted_topic_held_is_not_missed_and_what_came_after_is():
    before, after = without(all_of(0), Channel.QUOTES), without(all_of(0), Channel.QUOTES)
    assert compare_articles([raw(0)], before, once=True, remade={Channel.QUOTES: 2.0}).good
    assert not compare_articles([raw(0)], after, once=True, remade={Channel.QUOTES: 0.5}).good


def test_an_offset_that_is_committed_before_everything_is_written_runs_ahead():
    sightings = seen(0)
    sightings.check("raw/0/0", 1)
    assert sightings.problems == []
    sightings.check("raw/0/1", 2)
    assert "2 is committed, and of raw/0/1 only [] is written" in sightings.problems
    partly = seen(0, channels={Channel.ENRICHED, Channel.ENTITIES})
    partly.check("raw/0/0", 1)
    assert len(partly.problems) == 1


def test_a_dead_letter_is_all_that_is_written_of_its_input():
    sightings = Sightings()
    sightings.note(Channel.DEAD, [letter(0)])
    sightings.check("raw/0/0", 1)
    assert sightings.problems == []


def test_what_is_written_again_has_the_same_bytes_unless_it_says_that_it_is_another_version():
    def again(value, version=b"1"):
        headers = (("origin", b"raw/0/0"), ("part", b"0"), ("ce_id", version))
        return [record(Channel.SEARCH, 0, value, *headers)]

    sightings = Sightings()
    for value, version in [(b"one", b"1"), (b"one", b"1"), (b"another", b"2")]:
        sightings.note(Channel.SEARCH, again(value, version))
    assert (sightings.repeats, sightings.problems) == (2, [])
    sightings.note(Channel.SEARCH, again(b"two"))
    assert sightings.problems == ["search.v1/0 of raw/0/0 was written again with other bytes"]


def test_a_dead_letter_that_is_written_again_keeps_the_input_s_bytes():
    sightings = Sightings()
    sightings.note(Channel.DEAD, [letter(0), letter(0)])
    assert (sightings.repeats, sightings.problems) == (1, [])
    sightings.note(Channel.DEAD, [letter(0, value=b"cut")])
    assert len(sightings.problems) == 1


def test_repeats_are_told_by_the_fault_before_them_and_the_lane_that_had_the_most():
    sightings = seen(0, 1, 2)
    sightings.fault = 4
    sightings.note(Channel.ENTITIES, all_of(1, 2)[Channel.ENTITIES])
    assert sightings.repeated() == {4: 2}


def test_a_seed_gives_one_schedule_and_another_gives_another():
    assert schedule_of(1, 60) == schedule_of(1, 60) != schedule_of(2, 60)
