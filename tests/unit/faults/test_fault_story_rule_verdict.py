"""The verdict on story rules notices what workers could do wrong, and invents nothing."""

import asyncio

import pytest
from aiokafka import TopicPartition

from tests.faults.rules import RulesOutage
from tests.faults.stories.rule_verdict import compare_story_rules
from tests.faults.stories.rules import STORY_RULES
from tests.faults.stories.sketches import sketch_record
from tests.faults.stories.verdict import EVENT_SOURCE
from tests.unit.faults.test_fault_story_verdict import altered, as_record, come_of, without
from worker.agents.story_rules import matching_stories
from worker.alerts.book import RuleBook
from worker.channels import Channel
from worker.records.messages import RawMessage
from worker.records.rules import rule_to_bytes

ARTICLES = 500


async def matched(cards):
    """What a worker with the run's rules writes for these records of stories, by channel, in order."""
    book = RuleBook()
    for rule in STORY_RULES:
        assert book.apply(rule.id.encode(), rule_to_bytes(rule)) is None

    async def nothing(*_):
        return {}

    make = matching_stories(read_states=nothing, book=lambda: book, event_source=EVENT_SOURCE)
    lanes = {}
    written = {Channel.STORIES: cards, Channel.MATCHES: [], Channel.STORY_RULE_STATE: []}
    for one in cards:
        if one.partition not in lanes:
            lanes[one.partition] = await make(TopicPartition("stories", one.partition), 0)
        message = RawMessage(
            one.topic, one.partition, one.offset, one.timestamp, one.key, one.value, tuple(one.headers)
        )
        for out in await lanes[one.partition](message):
            written[out.channel].append(as_record(out, len(written[out.channel])))
    return written


@pytest.fixture(scope="module")
def whole():
    raw = [RawMessage("raw", at % 2, at // 2, 0, b"k", b"an article", ()) for at in range(ARTICLES)]
    sketches = [as_record(sketch_record(one, version="1"), at * 2) for at, one in enumerate(raw)]
    return asyncio.run(matched(asyncio.run(come_of(sketches))[Channel.STORIES]))


def test_what_the_records_give_is_right_and_every_rule_has_its_part(whole):
    verdict = compare_story_rules(whole, once=True)
    assert verdict.problems == []
    assert verdict.records == len(whole[Channel.STORIES])
    assert {one.key.decode() for one in whole[Channel.MATCHES]} == {rule.id for rule in STORY_RULES}
    assert verdict.matches == len(whole[Channel.MATCHES])


def test_repeats_are_no_problem_where_the_worker_may_repeat(whole):
    twice = {**whole, Channel.MATCHES: whole[Channel.MATCHES] * 2}
    assert compare_story_rules(twice, once=False).problems == []
    assert compare_story_rules(twice, once=True).twice == len(whole[Channel.MATCHES])


def emptied(records):
    return []


@pytest.mark.parametrize(
    ("channel", "change", "said"),
    [
        (Channel.MATCHES, without(lambda one: one.key == b"story-confirmed"), "and did not match it"),
        (Channel.MATCHES, altered, "is not what its record gives"),
        (Channel.MATCHES, lambda records: [*records, records[0]], "came 2 times"),
        (Channel.STORY_RULE_STATE, emptied, "the story rules' state lacks the record"),
        (Channel.STORY_RULE_STATE, lambda records: records[1:] + records[:1], "has another record"),
        (Channel.STORIES, lambda records: records[len(records) // 2 :], "did not begin to hold for"),
    ],
)  # fmt: skip
def test_each_change_is_noticed(whole, channel, change, said):
    problems = compare_story_rules({**whole, channel: change(whole[channel])}, once=True).problems
    assert any(said in problem for problem in problems), problems[:5]


def test_stories_that_changed_while_workers_may_have_lacked_rules_are_excused(whole):
    stories = whole[Channel.STORIES]
    partitions = {TopicPartition(one.topic, one.partition) for one in stories}
    late = stories[-40:]
    outage = RulesOutage(dict.fromkeys(partitions, late[0].offset))
    gone = {one.value for one in whole[Channel.MATCHES][-3:]}
    less = {**whole, Channel.MATCHES: [one for one in whole[Channel.MATCHES] if one.value not in gone]}
    assert compare_story_rules(less, once=True).missed == 3
    excused = compare_story_rules(less, once=True, outages=[outage])
    assert 0 < excused.excused <= 40
    assert excused.missed == 0
