"""What a match becomes: an alert and the silence that follows it, or nothing; state goes where it is read."""

import asyncio
from functools import partial
from types import SimpleNamespace

import pytest
from aiokafka import TopicPartition

from worker.agents.alert import MATCH_OFFSET, alerting
from worker.alerts.cooldown import LATE_MS, CooldownLimits, Cooldowns
from worker.channels import Channel
from worker.metrics import REGISTRY
from worker.records.alerts import Alert, AlertMatch, AlertRule, RuleOverrun, Silence
from worker.records.codec import from_bytes, to_bytes
from worker.records.messages import RawMessage
from worker.records.published import ArticleReference
from worker.records.rules import Cooldown

PARTITION = TopicPartition("news.alert-matches.v1", 2)
HOUR, HOUR_MS = 3600, 3_600_000
PER_RULE, PER_ENTITY = Cooldown(seconds=HOUR), Cooldown(seconds=HOUR, per="entity")


def match(
    time_ms: int, *, number: int = 0, cooldown: Cooldown | None = PER_RULE, entities: tuple[str, ...] = ()
) -> AlertMatch:
    about = ArticleReference(
        id=f"a{number}", url=None, headline=None, source=None, language="en", published_at=None
    )
    rule = AlertRule(id="r1", version="0" * 16, name="ferries", owner="desk")
    alert = Alert(id=f"{number:032}", rule=rule, article=about, why=(), entities=entities, at="")
    return AlertMatch(alert=alert, time_ms=time_ms, cooldown=cooldown)


def message(offset: int, value: AlertMatch | bytes, at_ms: int = 10 * HOUR_MS) -> RawMessage:
    data = value if isinstance(value, bytes) else to_bytes(value)
    headers = (("ce_id", b"m%d" % offset), ("ce_subject", b"a"), ("origin", b"raw/0/1"))
    return RawMessage(*PARTITION, offset, at_ms, b"r1", data, headers)


async def opened(
    *state: Silence | bytes,
    offset: int = 0,
    transactions: bool = True,
    named: str = MATCH_OFFSET,
    key: bytes = b"r1",
):
    """`offset`: where the lane begins; the state follows from the matches of offsets 0, 1, ..."""
    asked = []

    async def read_state(partition: int, counts):
        asked.append(partition)
        values = [one if isinstance(one, bytes) else to_bytes(one) for one in state]
        records = [
            SimpleNamespace(
                topic="s", partition=2, offset=0, key=key, value=value, headers=((named, b"%d" % number),)
            )
            for number, value in enumerate(values)
        ]
        return {b"%d" % place: one.value for place, one in enumerate(filter(counts, records))}

    make = alerting(read_state=read_state, event_source="urn:dateline", transactions=transactions)
    work = await make(PARTITION, offset)
    assert asked == [2]
    return work


async def test_an_alert_goes_out_under_its_rule_with_the_silence_that_begins():
    alert, state = await (await opened())(message(0, match(0)))
    assert (alert.channel, alert.key, alert.partition) == (Channel.ALERTS, b"r1", None)
    assert from_bytes(Alert, alert.value) == match(0).alert
    assert (state.channel, state.key, state.partition) == (Channel.STATE, b"r1", 2)
    assert from_bytes(Silence, state.value).until_ms == HOUR_MS
    assert dict(alert.headers)["ce_type"] == b"news.alert.raised.v1"
    assert dict(state.headers).keys() == {"ce_id", "origin", MATCH_OFFSET}
    assert dict(alert.headers)["origin"] == b"raw/0/1"


async def test_an_alert_without_a_cooldown_leaves_no_state():
    (alert,) = await (await opened())(message(0, match(0, cooldown=None)))
    assert alert.channel is Channel.ALERTS


async def test_what_falls_into_the_silence_becomes_nothing():
    work = await opened()
    await work(message(0, match(0)))
    assert await work(message(1, match(HOUR_MS - 1, number=1))) == ()
    assert len(await work(message(2, match(HOUR_MS, number=2)))) == 2


async def test_a_silence_per_entity_has_a_key_of_its_own():
    work = await opened()
    found = await work(message(0, match(0, cooldown=PER_ENTITY, entities=("gpe:peru", "person:ōe"))))
    assert [out.key for out in found] == [b"r1", b"r1/gpe:peru", "r1/person:ōe".encode()]
    (alert, _) = await work(message(1, match(9, number=1, cooldown=PER_ENTITY, entities=("gpe:peru", "x"))))
    assert from_bytes(Alert, alert.value).entities == ("x",)


async def test_the_state_that_is_there_counts():
    silence = Silence(rule="r1", entity=None, times_ms=(0,), until_ms=HOUR_MS)
    work = await opened(silence)
    assert await work(message(0, match(1, number=1))) == ()


async def test_without_transactions_what_is_decided_again_is_decided_as_it_was():
    """Nothing is committed of the three; by the last one's silence the second would be an alert."""
    times = [0, 20, HOUR_MS + 10]
    matches = [message(place, match(time_ms, number=place)) for place, time_ms in enumerate(times)]
    work = await opened(transactions=False)
    first = [await work(one) for one in matches]
    assert [len(outputs) for outputs in first] == [2, 0, 2]
    _, state = first[2]
    assert dict(state.headers)[MATCH_OFFSET] == b"2"
    left = [from_bytes(Silence, outputs[1].value) if outputs else b"" for outputs in first]
    work = await opened(*left, offset=0, transactions=False)
    assert [await work(one) for one in matches] == first


async def test_without_transactions_state_counts_up_to_where_the_lane_begins_and_where_it_does_not_say():
    silence = Silence(rule="r1", entity=None, times_ms=(0,), until_ms=HOUR_MS)
    late = match(1, number=1)
    for offset, named, outputs in [(0, MATCH_OFFSET, 2), (1, MATCH_OFFSET, 0), (0, "another", 0)]:
        work = await opened(silence, offset=offset, named=named, transactions=False)
        assert len(await work(message(offset, late))) == outputs


async def test_with_transactions_all_state_counts_even_of_a_topic_of_matches_made_anew():
    silence = Silence(rule="r1", entity=None, times_ms=(0,), until_ms=HOUR_MS)
    assert await (await opened(silence, offset=0))(message(0, match(1, number=1))) == ()


HUGE = Silence(rule="r1", entity=None, times_ms=(2**64 - 1,), until_ms=HOUR_MS)


async def test_a_state_that_can_not_be_read_is_passed_over_and_told(caplog):
    work = await opened(b"{}", b"no JSON", to_bytes(HUGE))
    assert len(await work(message(0, match(1)))) == 2
    said = [record.message for record in caplog.records]
    assert said == ["a cooldown's state can't be read, and is passed over"] * 3


AHEAD = to_bytes(match(0)).replace(b'"time_ms":0', b'"time_ms":18446744073709551615')


@pytest.mark.parametrize("value", [b"no JSON", b"{}", b"", b"[]", AHEAD])
async def test_what_is_no_match_becomes_a_letter(value):
    (letter,) = await (await opened())(message(0, value))
    assert (letter.channel, letter.value) == (Channel.DEAD, value)
    assert dict(letter.headers)["dead-letter-stage"] == b"alert"


async def test_matches_out_of_order_are_no_lanes_and_raise():
    work = await opened()
    await work(message(5, match(0)))
    with pytest.raises(AssertionError, match="comes behind 5"):
        await work(message(5, match(0)))


@pytest.mark.parametrize("transactions", [True, False])
async def test_a_rule_s_overrun_that_stands_beside_the_state_is_no_state(caplog, transactions):
    overrun = RuleOverrun(rule="r1", version="0" * 16, article="a", at="", limit="steps", most=1)
    work = await opened(to_bytes(overrun), offset=9, transactions=transactions, key=b"_over-budget/r1")
    assert len(await work(message(9, match(0)))) == 2
    assert not caplog.records


async def test_a_suspended_rule_is_counted_with_each_match_and_reported_once_an_hour(monkeypatch, caplog):
    def counted() -> float:
        return REGISTRY.get_sample_value("dateline_cooldown_overruns_total", {"limit": "entities"}) or 0.0

    few = CooldownLimits(entities=1)
    monkeypatch.setattr("worker.agents.alert.Cooldowns", partial(Cooldowns, limits=few))
    work, before = await opened(), counted()
    at_ms = [0, 1, 2, HOUR_MS, HOUR_MS + 1]
    found = [
        await work(message(n, match(n, number=n, cooldown=PER_ENTITY, entities=(str(n),)), at_ms=10 + at))
        for n, at in enumerate(at_ms)
    ]
    assert [[(out.channel, out.key) for out in outputs] for outputs in found] == [
        [(Channel.ALERTS, b"r1"), (Channel.STATE, b"r1/0")],
        [(Channel.STATE, b"_over-budget/r1/cooldown")],
        [],
        [],
        [(Channel.STATE, b"_over-budget/r1/cooldown")],
    ]
    overrun = from_bytes(RuleOverrun, found[1][0].value)
    assert (overrun.rule, overrun.article, overrun.limit) == ("r1", "a1", "entities")
    assert counted() == before + 4
    assert [record.message.split(";")[0] for record in caplog.records] == [
        "rule suspended until cooldowns end"
    ] * 2


async def test_state_beyond_the_limits_is_told_once(monkeypatch, caplog):
    monkeypatch.setattr(
        "worker.agents.alert.Cooldowns", partial(Cooldowns, limits=CooldownLimits(entities=1))
    )
    await opened(*(Silence(rule="r1", entity=e, times_ms=(0,), until_ms=HOUR_MS) for e in "abc"))
    (said,) = caplog.records
    assert said.message.startswith("cooldowns' state is beyond its limits")


async def test_state_is_read_while_others_have_their_turn():
    turns = 0

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    old = [Silence(rule=f"r{n}", entity=None, times_ms=(0,), until_ms=HOUR_MS) for n in range(2_000)]
    await opened(*old)
    task.cancel()
    assert turns >= 4


async def test_silences_that_are_over_are_taken_away_in_passing():
    old = Silence(rule="old", entity="gpe:peru", times_ms=(0,), until_ms=HOUR_MS)
    work = await opened(old)
    *_, tombstone = found = await work(message(0, match(9 * HOUR_MS + LATE_MS), at_ms=10 * HOUR_MS + LATE_MS))
    assert len(found) == 3
    assert (tombstone.key, tombstone.value, tombstone.partition) == (b"old/gpe:peru", None, 2)


async def test_a_match_that_meets_a_bug_is_kept_as_a_letter(monkeypatch):
    work = await opened()
    monkeypatch.setattr("worker.agents.alert.to_bytes", lambda _: 1 / 0)
    (letter,) = await work(message(0, match(0)))
    assert dict(letter.headers)["dead-letter-reason"] == b"enrichment-failed"
    assert b"ZeroDivisionError" in dict(letter.headers)["dead-letter-error"]
