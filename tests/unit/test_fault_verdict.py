"""The judge of the fault runs sees what is wrong: a check that can't fail proves nothing."""

import orjson
import pytest
from aiokafka.structs import ConsumerRecord

from bench.faults.enricher import PER_ARTICLE
from bench.faults.run import schedule_of
from bench.faults.verdict import OUTPUTS, compare
from worker.channels import Channel

BAD = orjson.dumps({"do": "crash"})


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
    outputs = {channel: [] for channel in OUTPUTS}
    for offset in offsets:
        for channel, parts in PER_ARTICLE.items():
            outputs[channel] += [output(channel, offset, part) for part in range(parts)]
    return outputs


def test_outputs_and_letters_each_once_are_right():
    outputs = all_of(0, 1)
    outputs[Channel.DEAD] = [letter(2)]
    verdict = compare([raw(0), raw(1), raw(2, BAD)], outputs, once=True, remade={})
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
    verdict = compare(inputs, outputs, once=True, remade={})
    assert any(problem in one for one in verdict.problems), verdict.problems


def test_repeats_are_counted_where_they_may_be_and_are_a_problem_where_they_may_not():
    outputs = {**all_of(0), Channel.SEARCH: [output(Channel.SEARCH, 0)] * 2}
    allowed = compare([raw(0)], outputs, once=False, remade={})
    assert (allowed.good, allowed.twice) == (True, 1)
    assert not compare([raw(0)], outputs, once=True, remade={}).good


def test_what_a_deleted_topic_held_is_not_missed_and_what_came_after_is():
    before, after = without(all_of(0), Channel.QUOTES), without(all_of(0), Channel.QUOTES)
    assert compare([raw(0)], before, once=True, remade={Channel.QUOTES: 2.0}).good
    assert not compare([raw(0)], after, once=True, remade={Channel.QUOTES: 0.5}).good


def test_a_seed_gives_one_schedule_and_another_gives_another():
    assert schedule_of(1, 60) == schedule_of(1, 60) != schedule_of(2, 60)
