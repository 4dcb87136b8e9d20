"""Which matches become alerts: by the articles' own times, and the same however often they are decided."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.alerts.alert_articles import article, entity
from worker.alerts.cooldown import LATE_MS, MAX_TIMES, Cooldowns
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
    time_ms: int, *, rule: str = "r1", cooldown: Cooldown | None = None, who: int = 2, number: int = 0
) -> AlertMatch:
    """A match of "people" at a time, by the first `who` of the two people."""
    wanted = Rule(
        id=rule,
        name="people",
        owner="desk",
        when=condition_from_text("type:PERSON OR lima"),
        cooldown=cooldown,
    )
    found = article(TEXT, id=f"a{number}-{time_ms}", entities=PEOPLE[:who])
    (only,) = matches(RuleIndex([wanted]), found, time_ms=time_ms)
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
    first, _ = cooldowns.decide(match(0, cooldown=PER_ENTITY, who=1), now_ms=9)
    second, silences = cooldowns.decide(match(1, cooldown=PER_ENTITY, who=2), now_ms=9)
    third, _ = cooldowns.decide(match(2, cooldown=PER_ENTITY, who=2), now_ms=9)
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
    """An article a minute on each of two; in order one an hour goes out."""
    minutes = range(0, 2 * LATE_MS, 60_000)
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
        _, silences = cooldowns.decide(match(number * 1000, cooldown=second), now_ms=MAX_TIME_MS)
    assert len(silences["r1", None].times_ms) == MAX_TIMES
    _, silences = cooldowns.decide(match(9 * LATE_MS, cooldown=second), now_ms=MAX_TIME_MS)
    assert silences["r1", None].times_ms == (9 * LATE_MS,)


def test_another_article_of_the_same_time_is_kept_back():
    found = [match(0, cooldown=PER_RULE, number=n) for n in range(2)]
    assert decide(Cooldowns(), found) == [0]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.sampled_from(["r1", "r2"]), st.sampled_from([None, PER_RULE, PER_ENTITY]),
            st.integers(0, 2),
        )
    ),
    st.integers(0, 10),
)  # fmt: skip
def test_silences_that_were_kept_go_on_elsewhere(sequence, stop):
    """Whoever takes over with the silences that were written decides as the one before would have."""
    found = [
        match(quarters * HOUR // 4, rule=r, cooldown=c, who=who, number=i)
        for i, (quarters, r, c, who) in enumerate(sequence)
    ]
    whole, first = Cooldowns(), Cooldowns()
    expected = [whole.decide(m, now_ms=MAX_TIME_MS)[0] for m in found]
    kept, decided = {}, []
    for m in found[:stop]:
        alert, silences = first.decide(m, now_ms=MAX_TIME_MS)
        decided.append(alert)
        kept |= silences
    second = Cooldowns(kept.values())
    decided += [second.decide(m, now_ms=MAX_TIME_MS)[0] for m in found[stop:]]
    assert decided == expected


@settings(deadline=None)
@given(st.lists(st.integers(0, 12), max_size=20))
def test_two_alerts_of_a_rule_are_never_nearer_than_its_cooldown(quarters):
    found = [match(q * HOUR // 4, cooldown=PER_RULE, number=i) for i, q in enumerate(quarters)]
    went_out = sorted(decide(Cooldowns(), found))
    assert all(later - earlier >= HOUR for earlier, later in pairwise(went_out))
    # Nor is any kept back that none of these is near to.
    assert all(any(abs(m.time_ms - time) < HOUR for time in went_out) for m in found)


def test_silences_that_are_long_over_are_forgotten():
    cooldowns = Cooldowns()
    decide(cooldowns, [match(0, cooldown=PER_RULE), match(HOUR + LATE_MS, rule="r2", cooldown=PER_RULE)])
    assert cooldowns.expire(most=9) == []
    decide(cooldowns, [match(2 * HOUR + LATE_MS, rule="r2", cooldown=PER_RULE)])
    assert cooldowns.expire(most=9) == [("r1", None)]
    assert len(cooldowns) == 1


def test_a_silence_that_was_longer_since_is_over_later():
    cooldowns = Cooldowns()
    decide(cooldowns, [match(t, cooldown=PER_RULE) for t in (0, 5 * HOUR)])
    decide(cooldowns, [match(2 * HOUR + LATE_MS, rule="r2", cooldown=PER_RULE)])
    assert cooldowns.expire(most=9) == []
    decide(cooldowns, [match(7 * HOUR + LATE_MS, rule="r2", cooldown=PER_RULE)])
    assert cooldowns.expire(most=9) == [("r1", None)]


def test_what_is_over_is_forgotten_a_few_at_a_time_by_whoever_takes_over():
    old = [
        Silence(rule=f"r{n}", entity=e, times_ms=(0,), until_ms=HOUR) for n in range(3) for e in (None, "x")
    ]
    cooldowns = Cooldowns(old)
    decide(cooldowns, [match(9 * LATE_MS, rule="new", cooldown=PER_RULE)])
    found = [cooldowns.expire(most=4), cooldowns.expire(most=4), cooldowns.expire(most=4)]
    assert [len(some) for some in found] == [4, 2, 0]
    assert {key for some in found for key in some} == {(s.rule, s.entity) for s in old}


def test_an_article_that_says_it_comes_in_the_future_ends_no_silence():
    cooldowns, future = Cooldowns(), match(9 * LATE_MS, rule="r2", cooldown=PER_RULE)
    decide(cooldowns, [match(0, cooldown=PER_RULE), future], now_ms=HOUR)
    assert cooldowns.expire(most=9) == []
    assert decide(cooldowns, [match(HOUR - 1, cooldown=PER_RULE)]) == []


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
