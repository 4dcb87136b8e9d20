"""Which matches become alerts: by the articles' own times, and the same however often they are decided."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.alerts.alert_articles import article, entity
from worker.alerts.cooldown import (
    LATE_MS,
    LIMITS,
    MAX_ENTITY_SECONDS,
    MAX_TIMES,
    CooldownLimits,
    Cooldowns,
    SilenceKey,
    too_long,
)
from worker.alerts.index import RuleIndex
from worker.alerts.matching import matches
from worker.alerts.text import condition_from_text
from worker.records.alerts import AlertMatch, Silence
from worker.records.cloudevents import MAX_TIME_MS
from worker.records.rules import Cooldown, Rule

TEXT = "Ada Okafor met Bo Lind in Lima."
PEOPLE = [entity(TEXT, "PERSON", "Ada Okafor"), entity(TEXT, "PERSON", "Bo Lind")]
HOUR = 3_600_000
WANTED = condition_from_text("type:PERSON OR lima")


def match(
    time_ms: int,
    *,
    rule: str = "r1",
    cooldown: Cooldown | None = None,
    who: int = 2,
    number: int = 0,
    entities: tuple[str, ...] | None = None,
) -> AlertMatch:
    """A match of "people" at a time, by the first `who` of the two people, or as if by these entities."""
    wanted = Rule(
        id=rule,
        name="people",
        owner="desk",
        when=condition_from_text("type:PERSON OR lima"),
        cooldown=cooldown,
    )
    found = article(TEXT, id=f"a{number}-{time_ms}", entities=PEOPLE[:who])
    (only,) = matches(RuleIndex([wanted]), found, time_ms=time_ms)
    if entities is not None:
        only = only.model_copy(update={"alert": only.alert.model_copy(update={"entities": entities})})
    return only


def decide(cooldowns: Cooldowns, found: list[AlertMatch], *, now_ms: int = MAX_TIME_MS) -> list[int]:
    """The times of those that go out."""
    return [m.time_ms for m in found if cooldowns.decide(m, now_ms=now_ms)[0] is not None]


PER_RULE, PER_ENTITY = Cooldown(seconds=3600), Cooldown(seconds=3600, per="entity")


def test_without_a_cooldown_every_match_goes_out():
    assert decide(Cooldowns(), [match(0), match(1), match(1)]) == [0, 1, 1]


def test_after_an_alert_its_rule_is_silent_for_the_cooldown():
    found = [match(t, cooldown=PER_RULE) for t in (0, 1, HOUR - 1, HOUR, HOUR + 1, 3 * HOUR)]
    assert decide(Cooldowns(), found) == [0, HOUR, 3 * HOUR]


def test_rules_are_silent_each_for_itself():
    found = [match(t, rule=r, cooldown=PER_RULE) for t, r in ((0, "r1"), (1, "r2"), (2, "r1"), (3, "r3"))]
    assert decide(Cooldowns(), found) == [0, 1, 3]


def test_a_late_article_counts_by_its_own_time():
    found = [match(t, cooldown=PER_RULE) for t in (5 * HOUR, 5 * HOUR - 1, HOUR, 5 * HOUR + 1)]
    assert decide(Cooldowns(), found) == [5 * HOUR, HOUR]


def test_a_cooldown_per_entity_keeps_back_that_entity_alone():
    cooldowns = Cooldowns()
    first, *_ = cooldowns.decide(match(0, cooldown=PER_ENTITY, who=1), now_ms=9)
    second, silences, *_ = cooldowns.decide(match(1, cooldown=PER_ENTITY, who=2), now_ms=9)
    third, *_ = cooldowns.decide(match(2, cooldown=PER_ENTITY, who=2), now_ms=9)
    assert first is not None
    assert first.entities == ("person:ada-okafor",)
    assert second is not None
    assert second.entities == ("person:bo-lind",)
    assert list(silences) == [("r1", "person:bo-lind")]
    assert third is None


def test_a_match_by_no_entity_is_silent_as_a_rule():
    found = [match(t, cooldown=PER_ENTITY, who=0) for t in (0, 1, HOUR)]
    assert decide(Cooldowns(), found) == [0, HOUR]


@pytest.mark.parametrize("lag", [12 * HOUR, LATE_MS - HOUR])
def test_a_partition_that_lags_behind_the_others_makes_no_alerts_more(lag):
    """An article every five minutes on each of two; in order one an hour goes out."""
    minutes = range(0, 2 * LATE_MS, 5 * 60_000)
    cooldowns, went_out = Cooldowns(), []
    for time in minutes:
        behind = [time - lag] if time >= lag else []
        went_out += decide(cooldowns, [match(t, cooldown=PER_RULE) for t in (time, *behind)])
    assert len(went_out) == 2 * LATE_MS // HOUR


def test_a_publisher_whose_clock_is_ahead_is_heard_by_the_clock_of_whoever_wrote_the_match():
    cooldowns = Cooldowns()
    assert decide(cooldowns, [match(9 * LATE_MS, cooldown=PER_RULE)], now_ms=HOUR) == [9 * LATE_MS]
    found = [match(t, cooldown=PER_RULE, number=1) for t in (HOUR + 1, 2 * HOUR - 1, 2 * HOUR)]
    assert decide(cooldowns, found) == [2 * HOUR]


def test_only_so_many_times_are_remembered_and_none_that_nothing_can_come_near_to():
    cooldowns, second = Cooldowns(), Cooldown(seconds=1)
    for number in range(3 * MAX_TIMES):
        _, silences, *_ = cooldowns.decide(match(number * 1000, cooldown=second), now_ms=MAX_TIME_MS)
    assert len(silences["r1", None].times_ms) == MAX_TIMES
    _, silences, *_ = cooldowns.decide(match(9 * LATE_MS, cooldown=second), now_ms=MAX_TIME_MS)
    assert silences["r1", None].times_ms == (9 * LATE_MS,)


def test_another_article_of_the_same_time_is_kept_back():
    found = [match(0, cooldown=PER_RULE, number=n) for n in range(2)]
    assert decide(Cooldowns(), found) == [0]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 120), st.sampled_from(["r1", "r2"]), st.sampled_from([None, PER_RULE, PER_ENTITY]),
            st.sets(st.sampled_from("abcdefg")),
        )
    ),
    st.lists(st.integers(0, 1), min_size=0),
)  # fmt: skip
def test_silences_that_were_kept_go_on_elsewhere(sequence, stops):
    """Whoever takes over with the state that was written decides as the one before, at its limits too."""
    few = CooldownLimits(entities=3, partition=6, times=8)
    found = [
        match(quarters * HOUR // 4, rule=r, cooldown=c, number=i, entities=tuple(sorted(who)))
        for i, (quarters, r, c, who) in enumerate(sequence)
    ]
    whole, other, kept = Cooldowns(limits=few), Cooldowns(limits=few), dict[SilenceKey, Silence]()
    for number, m in enumerate(found):
        expected = whole.decide(m, now_ms=MAX_TIME_MS)
        if number < len(stops) and stops[number]:
            other = Cooldowns(Random(number).sample(list(kept.values()), len(kept)), limits=few)
        assert other.decide(m, now_ms=MAX_TIME_MS) == expected
        kept |= expected.begun
        for key in expected.ended:
            del kept[key]
        assert len(kept) == len(whole) <= few.partition
        assert all(whole.entities_of(rule) <= few.entities for rule in ("r1", "r2"))
        # Who is kept back by a limit raises no alert, and no alert is without its silence.
        if expected.alert is not None and m.cooldown is not None:
            about = expected.alert.entities if m.cooldown.per == "entity" and m.alert.entities else (None,)
            assert [entity for _, entity in expected.begun] == list(about)


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), max_size=20))
def test_two_alerts_of_a_rule_are_never_nearer_than_its_cooldown(quarters):
    found = [match(q * HOUR // 4, cooldown=PER_RULE, number=i) for i, q in enumerate(quarters)]
    went_out = sorted(decide(Cooldowns(), found))
    assert all(later - earlier >= HOUR for earlier, later in pairwise(went_out))
    # Nor is any kept back that none of these is near to.
    assert all(any(abs(m.time_ms - time) < HOUR for time in went_out) for m in found)


def ended(cooldowns: Cooldowns, time_ms: int, *, now_ms: int = MAX_TIME_MS) -> list[SilenceKey]:
    """What a match at a time takes away, of a rule without a cooldown."""
    return list(cooldowns.decide(match(time_ms, rule="passing"), now_ms=now_ms).ended)


def test_silences_that_are_long_over_are_forgotten_at_any_match():
    cooldowns = Cooldowns()
    decide(cooldowns, [match(0, cooldown=PER_RULE)])
    assert ended(cooldowns, HOUR + LATE_MS) == []
    assert ended(cooldowns, HOUR + LATE_MS + 1) == [("r1", None)]
    assert len(cooldowns) == 0


def test_a_silence_that_was_longer_since_is_over_later():
    cooldowns = Cooldowns()
    decide(cooldowns, [match(t, cooldown=PER_RULE) for t in (0, 5 * HOUR)])
    assert ended(cooldowns, 2 * HOUR + LATE_MS) == []
    assert ended(cooldowns, 7 * HOUR + LATE_MS) == [("r1", None)]


def test_a_silence_that_ends_and_begins_with_the_same_match_goes_on():
    cooldowns = Cooldowns()
    decide(cooldowns, [match(0, cooldown=PER_RULE)])
    decision = cooldowns.decide(match(9 * LATE_MS, cooldown=PER_RULE), now_ms=MAX_TIME_MS)
    assert (list(decision.begun), decision.ended) == ([("r1", None)], [])


def test_what_is_over_is_forgotten_some_at_a_time_by_whoever_takes_over():
    old = [
        Silence(rule=f"r{n}", entity=e, times_ms=(0,), until_ms=HOUR)
        for n in range(75)
        for e in (None, "", "x")
    ]
    cooldowns = Cooldowns(old)
    found = [ended(cooldowns, 9 * LATE_MS) for _ in range(4)]
    # As many more as the match has entities, which could begin as many.
    assert [len(some) for some in found] == [102, 102, 21, 0]
    assert {key for some in found for key in some} == {(s.rule, s.entity) for s in old}


def test_an_article_that_says_it_comes_in_the_future_ends_no_silence():
    cooldowns = Cooldowns()
    decide(cooldowns, [match(0, cooldown=PER_RULE)], now_ms=HOUR)
    assert ended(cooldowns, 9 * LATE_MS, now_ms=HOUR) == []
    assert decide(cooldowns, [match(HOUR - 1, cooldown=PER_RULE)]) == []


def test_at_its_limit_a_rule_is_suspended_for_entities_that_it_holds_no_silence_of():
    cooldowns = Cooldowns(limits=CooldownLimits(entities=2))
    times = [
        # hours, entities of the match, those of the alert, what kept others back
        (0, ("a",), ("a",), None),
        (0, ("a", "b", "c"), ("b",), "entities"),
        (0, ("c",), None, "entities"),
        (1, ("c", "b"), ("b",), "entities"),
        (1, (), (), None),  # as a rule
        (25, ("a", "c"), ("a",), "entities"),
        (26, ("c",), None, "entities"),
        (27, ("c", "d"), ("c",), "entities"),  # the silence of b has ended a day ago
    ]
    for hours, entities, expected, over in times:
        found = match(hours * HOUR, cooldown=PER_ENTITY, entities=entities)
        alert, begun, _, limit = cooldowns.decide(found, now_ms=MAX_TIME_MS)
        assert ((alert and alert.entities), limit) == (expected, over)
        assert len(begun) == (0 if expected is None else max(1, len(expected)))
        assert cooldowns.entities_of("r1") <= 2
    other = match(27 * HOUR, rule="r2", cooldown=PER_ENTITY, entities=("d",))
    assert cooldowns.decide(other, now_ms=MAX_TIME_MS).alert is not None


def test_the_last_quarter_of_a_partition_is_for_cooldowns_of_whole_rules():
    cooldowns = Cooldowns(limits=CooldownLimits(partition=8))
    entities = tuple("abcdefgh")
    alert, *_, over = cooldowns.decide(match(0, cooldown=PER_ENTITY, entities=entities), now_ms=0)
    assert (alert.entities, over) == (entities[:6], "partition")
    found = [
        cooldowns.decide(match(0, rule=rule, cooldown=PER_RULE), now_ms=0)
        for rule in ("r1", "r2", "r3", "r1")
    ]
    assert [(one.alert is not None, one.over) for one in found] == [
        (True, None), (True, None), (False, "partition"), (False, None),
    ]  # fmt: skip
    assert len(cooldowns) == 8


def test_a_deleted_rule_s_silences_end_by_the_matches_of_others_and_make_room():
    cooldowns = Cooldowns(limits=CooldownLimits(partition=8))
    decide(cooldowns, [match(0, rule="gone", cooldown=PER_ENTITY, entities=tuple("abcdef"))])
    late = match(9 * LATE_MS, cooldown=PER_ENTITY, entities=("a",))
    decision = cooldowns.decide(late, now_ms=MAX_TIME_MS)
    assert (decision.alert is not None, len(decision.ended), len(cooldowns)) == (True, 6, 1)


def test_beyond_so_many_times_a_silence_forgets_its_earliest():
    cooldowns = Cooldowns(limits=CooldownLimits(times=4))
    second = Cooldown(seconds=1)
    found = [match(t * 1000, rule=rule, cooldown=second) for t in range(6) for rule in ("r1", "r2")]
    assert len(decide(cooldowns, found)) == 12
    last = cooldowns.decide(match(9000, cooldown=second), now_ms=MAX_TIME_MS)
    assert last.begun["r1", None].times_ms == (5000, 9000)


def test_state_beyond_the_limits_is_not_held_and_its_entities_are_suspended():
    old = [Silence(rule="r1", entity=e, times_ms=(0,), until_ms=HOUR) for e in "abc"]
    cooldowns = Cooldowns(limits=CooldownLimits(entities=2))
    assert [cooldowns.restore(one) for one in old] == [True, True, False]
    found = match(1, cooldown=PER_ENTITY, entities=("c",))
    assert cooldowns.decide(found, now_ms=MAX_TIME_MS)[::3] == (None, "entities")


def test_silences_that_were_all_extended_are_looked_at_some_at_a_time(monkeypatch):
    monkeypatch.setattr("worker.alerts.cooldown._MAX_EXTENDED", 2)
    cooldowns = Cooldowns()
    names = [f"r{number}" for number in range(5)]
    decide(cooldowns, [match(t, rule=rule, cooldown=PER_RULE) for rule in names for t in (0, LATE_MS)])
    decide(cooldowns, [match(0, rule="z", cooldown=PER_RULE)])
    found = [ended(cooldowns, 2 * HOUR + LATE_MS) for _ in range(4)]
    assert found == [[], [], [("z", None)], []]


@pytest.mark.parametrize(
    ("cooldown", "is_refused"),
    [
        (None, False),
        (Cooldown(seconds=MAX_ENTITY_SECONDS, per="entity"), False),
        (Cooldown(seconds=MAX_ENTITY_SECONDS + 1, per="entity"), True),
        (Cooldown(seconds=366 * 24 * 3600), False),
    ],
)
def test_cooldowns_for_each_entity_are_no_longer_than_a_week_in_rules_that_are_put(cooldown, is_refused):
    why = too_long(Rule(id="r1", name="n", owner="o", when=WANTED, cooldown=cooldown))
    assert bool(why) is is_refused
    assert why is None or ("604,800 seconds" in why and "604,801" in why and f"{LIMITS.entities:,}" in why)


@pytest.mark.parametrize(
    ("expires_at", "count"), [("1970-01-01T01:00:00Z", 0), ("1970-01-01T01:00:00.001Z", 1)]
)
def test_a_rule_that_had_expired_when_the_article_came_matches_nothing(expires_at, count):
    rule = Rule(id="r1", name="r", owner="desk", when=condition_from_text("lima"), expires_at=expires_at)
    assert len(matches(RuleIndex([rule]), article(TEXT), time_ms=HOUR)) == count


def test_an_alert_says_which_rule_which_article_why_and_when():
    rule = Rule(id="r1", name="people", owner="desk", when=condition_from_text("entity:lind lima"))
    found = article(TEXT.replace("Bo Lind", "Lind"), url="https://wire.example/1", headline="A meeting")
    found["entities"] = [entity(found["text"], "PERSON", "Lind")]
    (only,) = matches(RuleIndex([rule]), found, time_ms=HOUR)
    alert = only.alert
    assert (alert.rule.id, alert.rule.name, alert.rule.owner) == ("r1", "people", "desk")
    assert (alert.article.id, alert.article.url, alert.article.headline) == (
        "a1",
        "https://wire.example/1",
        "A meeting",
    )
    assert alert.at == "1970-01-01T01:00:00.000Z"
    assert alert.entities == ("person:lind",)
    assert [(w.condition, w.found, [s.text for s in w.spans]) for w in alert.why] == [
        ("entity:lind", "person:lind", ["Lind"]),
        ("lima", "Lima", ["Lima"]),
    ]
    (again,) = matches(RuleIndex([rule]), found, time_ms=2 * HOUR)
    assert again.alert.id == alert.id


def test_an_alert_stays_small_whatever_the_article():
    text = "lima " * 40_000
    rule = Rule(id="r1", name="r", owner="desk", when=condition_from_text(" ".join(["lima"] * 150)))
    found = article(text, url="https://wire.example/" + "x" * 100_000, headline="h" * 100_000)
    (only,) = matches(RuleIndex([rule]), found, time_ms=0)
    assert len(only.model_dump_json()) < 100_000
