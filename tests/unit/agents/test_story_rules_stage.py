"""What a story's record becomes: a match for each rule that begins to hold, and state where it is read."""

import asyncio
from types import SimpleNamespace

import orjson
import pytest
from aiokafka import TopicPartition

from tests.unit.alerts.story_records import card
from worker.agents.alert import alerting
from worker.agents.story_rules import RECORD_OFFSET, matching_stories
from worker.alerts.book import RuleBook
from worker.alerts.text import condition_from_text
from worker.channels import Channel
from worker.metrics import REGISTRY
from worker.records.alerts import Alert, AlertMatch, RuleOverrun
from worker.records.codec import from_bytes
from worker.records.messages import RawMessage
from worker.records.rules import Cooldown, Rule, rule_to_bytes

PARTITION = TopicPartition("news.stories.v1", 2)
NOON_MS, HOUR_MS = 1_800_000_000_000, 3_600_000


def book(*conditions: str, cooldown: Cooldown | None = None) -> RuleBook:
    found = RuleBook()
    for number, condition in enumerate(conditions):
        when = condition_from_text(condition)
        rule = Rule(id=f"r{number}", name="a rule", owner="desk", when=when, cooldown=cooldown)
        assert found.apply(rule.id.encode(), rule_to_bytes(rule)) is None
    return found


def message(offset, value, at_ms=NOON_MS):
    data = value if isinstance(value, bytes | None) else orjson.dumps(value)
    headers = (
        ("ce_id", b"c%d" % offset),
        ("ce_subject", b"s1"),
        ("origin", b"raw/0/%d" % offset),
        ("ce_time", b"2027-01-15T08:00:00Z"),
    )
    return RawMessage(*PARTITION, offset, at_ms, b"s1", data, headers)


async def opened(rules, *before, offset=0, transactions=True):
    """A lane that begins at `offset`; `before`: the state records that there are, in their order."""

    async def read_states(partition, counts):
        assert partition == PARTITION.partition
        kept = {}
        for out in before:
            record = SimpleNamespace(key=out.key, value=out.value, headers=out.headers)
            if counts(record):
                kept[out.key] = out.value
        return {key: value for key, value in kept.items() if value is not None}

    make = matching_stories(
        read_states=read_states, book=lambda: rules, event_source="urn:dateline", transactions=transactions
    )
    return await make(PARTITION, offset)


def of(channel, outs):
    return [out for out in outs if out.channel is channel]


async def test_a_match_goes_out_under_its_rule_and_the_state_under_its_story():
    rules = book("sources>=2", cooldown=Cooldown(3600, "story"))
    match, state = await (await opened(rules))(message(0, card(sources=2)))
    assert (match.channel, match.key, match.partition) == (Channel.MATCHES, b"r0", None)
    found = from_bytes(AlertMatch, match.value)
    assert (found.alert.story.id, found.time_ms) == ("s1", NOON_MS)
    assert dict(match.headers)["ce_type"] == b"news.alert.matched.v1"
    assert dict(match.headers)["origin"] == b"raw/0/0"
    assert (state.channel, state.key, state.partition) == (Channel.STORY_RULE_STATE, b"s1", 2)
    assert dict(state.headers).keys() == {"ce_id", "origin", RECORD_OFFSET}


async def test_the_same_records_give_the_same_bytes_whoever_has_the_lane():
    rules = book("sources>=2", "growth>=2/1h OR story:new")
    log = [message(number, card(number + 1, articles=number + 1, sources=number % 3)) for number in range(6)]
    work = await opened(rules)
    through = [await work(one) for one in log]
    state = []
    for one, due in zip(log, through, strict=True):
        outs = await (await opened(rules, *state))(one)
        assert outs == due
        state += of(Channel.STORY_RULE_STATE, outs)
    assert sum(len(of(Channel.MATCHES, outs)) for outs in through) == 3


async def test_a_clock_that_is_ahead_counts_as_the_time_at_which_the_record_was_written():
    work = await opened(book("sources>=1"))
    match, _ = await work(message(0, card(), at_ms=NOON_MS - HOUR_MS))
    assert from_bytes(AlertMatch, match.value).time_ms == NOON_MS - HOUR_MS


async def test_state_of_records_that_are_taken_again_does_not_count_without_transactions():
    rules = book("sources>=2")
    work = await opened(rules)
    outs = [await work(message(number, card(number + 1, sources=number + 1))) for number in range(2)]
    state = [one for out in outs for one in of(Channel.STORY_RULE_STATE, out)]
    again = await opened(rules, *state, offset=1, transactions=False)
    assert await again(message(1, card(2, sources=2))) == outs[1]
    ahead = await opened(rules, *state, offset=1)
    assert await ahead(message(1, card(2, sources=2))) == ()


async def test_without_story_rules_nothing_is_written():
    work = await opened(book("strike"))
    assert await work(message(0, card())) == ()
    assert await work(message(1, b"not even read")) == ()


@pytest.mark.parametrize("value", [b"", b"{", b"[]", b'{"id": 3}'])
async def test_what_is_no_record_of_a_story_becomes_a_dead_letter(value):
    (letter,) = await (await opened(book("sources>=2")))(message(0, value))
    assert letter.channel is Channel.DEAD
    assert dict(letter.headers)["dead-letter-reason"] == b"undecodable"
    assert b"no record of a story" in dict(letter.headers)["dead-letter-error"]


async def test_a_tombstone_raises_nothing():
    assert await (await opened(book("sources>=1")))(message(0, None)) == ()


async def test_a_state_that_nobody_wrote_is_passed_over():
    foreign = SimpleNamespace(key=b"s1", value=b"forged", headers=())
    outs = await (await opened(book("sources>=1"), foreign))(message(0, card()))
    assert len(of(Channel.MATCHES, outs)) == 1


async def test_a_rule_over_its_budget_is_reported_and_raises_nothing():
    long = " ".join(["strike"] * 3000)
    work = await opened(book(f"sources>=1 ({' OR '.join(['headline:strike'] * 60)})"))
    before = REGISTRY.get_sample_value("dateline_rule_overruns_total")
    overruns = of(Channel.STATE, await work(message(0, card(headline=long))))
    if overruns:
        assert from_bytes(RuleOverrun, overruns[0].value).limit == "steps"
        assert REGISTRY.get_sample_value("dateline_rule_overruns_total") == before + 1


async def test_cooldowns_are_by_story():
    rules = book("sources>=2 OR reprints>=2", cooldown=Cooldown(24 * 3600, "story"))
    work = await opened(rules)

    async def nothing(*_):
        return {}

    alert = await alerting(read_state=nothing, event_source="urn:dateline")(
        TopicPartition("news.alert-matches.v1", 0), 0
    )
    raised = []
    records = [
        card(1, sources=2),
        card(2, sources=1),
        card(3, sources=2),
        card(1, id="s2", sources=2),
    ]
    for offset, record in enumerate(records):
        for match in of(Channel.MATCHES, await work(message(offset, record))):
            given = RawMessage("m", 0, offset, NOON_MS, match.key, match.value, match.headers)
            outs = await alert(given)
            raised += [from_bytes(Alert, out.value).story.id for out in of(Channel.ALERTS, outs)]
            states = [out.key for out in of(Channel.STATE, outs)]
            assert states in ([b"r0/story:s1"], [b"r0/story:s2"], [])
    assert raised == ["s1", "s2"]


async def test_others_get_their_turn():
    work, turns = await opened(book("sources>=2")), 0

    async def count():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(count())
    for offset in range(5):
        await work(message(offset, card(offset + 1)))
    task.cancel()
    assert turns >= 5
