"""A story rule raises when it begins to hold for a story, once, whatever else is in the log or in memory."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.alerts.story_records import card, story_conditions, story_logs
from worker.alerts.facts import at_once
from worker.alerts.index import RuleIndex
from worker.alerts.story_watch import StoryWatch, WatchError, WatchLimits, read_state
from worker.alerts.text import condition_from_text
from worker.records.alerts import AlertMatch
from worker.records.rules import Cooldown, Rule

MINUTE_MS, HOUR_MS = 60_000, 3_600_000
NOON_MS = 1_800_000_000_000


def rule(when, rule_id="r1", **fields):
    condition = condition_from_text(when) if isinstance(when, str) else when
    return Rule(id=rule_id, name=rule_id, owner="desk", when=condition, **fields)


class Log:
    """A watch that is given records one after the other; `states` is what the topic of its state holds."""

    def __init__(self, *rules, limits=None):
        self.watch = StoryWatch(**({} if limits is None else {"limits": limits}))
        self.index = RuleIndex(rules)
        self.states, self.offset, self.last = {}, -1, None

    def add(self, record, time_ms=NOON_MS):
        """The rules that begin to hold, by id."""
        self.offset += 1
        self.last = at_once(self.watch.take(self.index, record, offset=self.offset, time_ms=time_ms))
        for story, value in self.last.changes.items():
            if value is None:
                del self.states[story]
            else:
                self.states[story] = value
        return [one.alert.rule.id for one in self.last.found if isinstance(one, AlertMatch)]

    def reopen(self):
        self.watch = StoryWatch()
        states = [*self.states.items()]
        random.Random(self.offset).shuffle(states)
        self.watch.restore(states)


def test_a_rule_raises_when_it_begins_to_hold_and_not_at_each_record():
    log = Log(rule("sources>=3"))
    sources = [1, 2, 3, 3, 4, 2, 3]
    raised = [bool(log.add(card(version, sources=count))) for version, count in enumerate(sources, 1)]
    assert raised == [False, False, True, False, False, False, True]


def test_each_story_has_its_own():
    log = Log(rule("sources>=2"))
    assert log.add(card(id="s1", sources=2)) == log.add(card(id="s2", sources=2)) == ["r1"]


def test_a_new_story_is_new_once():
    log = Log(rule("story:new headline:strike"))
    assert log.add(card(headline="A strike")) == ["r1"]
    assert log.add(card(2, headline="A strike")) == []
    assert log.add(card(2, id="s2", headline="A strike")) == []


def test_a_rule_that_is_put_later_raises_at_the_next_record():
    log = Log(rule("reprints>=9"))
    log.add(card(sources=5))
    log.index.put(rule("sources>=2", "r2"))
    assert log.add(card(2, sources=5)) == ["r2"]
    log.index.put(rule("sources>=4", "r2"))
    assert log.add(card(3, sources=5)) == [], "it held before, in the words that it had"


def test_an_alert_says_which_story_and_why():
    log = Log(rule("sources>=2 headline:strike", cooldown=Cooldown(60, "story")))
    record = card(3, articles=4, reprints=1, sources=2, headline="A strike")
    assert log.add(record, NOON_MS) == ["r1"]
    (match,) = log.last.found
    alert = match.alert
    assert (alert.story.id, alert.story.version, alert.story.headline) == ("s1", 3, "A strike")
    assert (alert.story.articles, alert.story.sources, alert.story.reprints) == (4, 2, 1)
    assert (alert.article.id, alert.article.headline) == ("a1", "A strike")
    assert [(one.condition, one.found) for one in alert.why] == [
        ("sources>=2", "2 independent sources"),
        ("headline:strike", "strike"),
    ]
    assert (match.time_ms, match.cooldown.per) == (NOON_MS, "story")


def test_growth_is_within_the_hours_by_the_articles_times():
    log = Log(rule("growth>=5/1h"))
    minutes_and_articles = [(0, 1), (20, 4), (40, 5), (59, 5), (100, 6), (130, 9), (140, 11), (150, 12)]
    raised = [
        minute
        for version, (minute, articles) in enumerate(minutes_and_articles, 1)
        if log.add(card(version, articles=articles), NOON_MS + minute * MINUTE_MS)
    ]
    # Within the hour before 40 min 5 came, of a story that is new; before 130 min 4, before 140 min 6.
    assert raised == [40, 140]


def test_a_late_article_counts_at_the_storys_latest_time():
    log = Log(rule("growth>=5/1h"))
    log.add(card(1, articles=1), NOON_MS)
    log.add(card(2, articles=3), NOON_MS + 3 * HOUR_MS)
    assert log.add(card(3, articles=5), NOON_MS) == []
    assert log.add(card(4, articles=6), NOON_MS + HOUR_MS) == ["r1"]


def test_articles_of_a_story_that_became_a_part_are_no_growth():
    log = Log(rule("growth>=5/1h"))
    log.add(card(1, articles=1), NOON_MS)
    log.add(card(2, articles=2), NOON_MS + 2 * HOUR_MS)
    assert log.add(card(3, articles=23, merged_from=("s0",)), NOON_MS + 2 * HOUR_MS) == []
    assert log.add(card(4, articles=25, merged_from=("s0",)), NOON_MS + 2 * HOUR_MS) == []
    assert log.add(card(5, articles=27, merged_from=("s0",)), NOON_MS + 2 * HOUR_MS) == ["r1"]


def test_a_story_whose_first_records_were_not_followed_grows_from_the_first_that_was():
    log = Log(rule("growth>=5/1h"))
    assert log.add(card(7, articles=40)) == []
    assert log.add(card(8, articles=44)) == []
    assert log.add(card(9, articles=45)) == ["r1"]


def test_times_are_kept_for_a_day():
    log = Log(rule("growth>=150/24h"))
    raised = [log.add(card(n, articles=n), NOON_MS + n * 5 * MINUTE_MS) for n in range(1, 1500)]
    assert len(read_state(log.states["s1"]).seconds) <= 24 * 6 + 2
    assert sum(map(bool, raised)) == 1


@pytest.mark.parametrize("status", ["closed", "merged"])
def test_a_story_that_ended_raises_nothing_and_is_forgotten(status):
    log = Log(rule("sources>=2"))
    log.add(card(1))
    assert log.add(card(2, sources=5, status=status)) == []
    assert log.states == {}
    assert len(log.watch) == 0


def test_without_story_rules_nothing_is_kept():
    log = Log(rule("strike"))
    assert log.add(card()) == []
    assert log.last.changes == {}
    log.index.put(rule("sources>=2", "r2"))
    log.add(card(2))
    log.index.remove("r2")
    log.add(card(3))
    assert log.states == {}
    assert log.last.changes == {"s1": None}


def test_a_record_that_was_taken_before_changes_nothing():
    log = Log(rule("sources>=2"))
    log.add(card(1))
    log.add(card(2, sources=2))
    assert log.add(card(2, sources=2)) == log.add(card(1, sources=2)) == []
    assert log.last.changes == {}


def test_an_expired_rule_raises_nothing():
    log = Log(rule("sources>=1", expires_at="2027-01-15T07:59:00Z"))
    assert log.add(card(), NOON_MS - MINUTE_MS) == []
    assert log.add(card(id="s2"), NOON_MS - 2 * MINUTE_MS) == ["r1"]


def test_beyond_the_limit_the_oldest_stories_are_forgotten():
    log = Log(rule("sources>=2"), limits=WatchLimits(stories=2))
    for story in ("s1", "s2", "s3"):
        log.add(card(id=story))
    assert log.states.keys() == {"s2", "s3"}
    assert log.last.forgotten == 1


def test_stories_that_ended_unnoticed_are_forgotten():
    log = Log(rule("sources>=2"))
    log.add(card(id="s1"), NOON_MS)
    log.add(card(id="s2"), NOON_MS + 97 * HOUR_MS)
    assert log.states.keys() == {"s2"}
    assert log.last.forgotten == 0


def test_beyond_the_limit_a_rule_that_begins_to_hold_is_suspended():
    rules = [rule("sources>=1", f"r{number}") for number in range(4)]
    log = Log(*rules, limits=WatchLimits(rules=2))
    assert log.add(card()) == ["r0", "r1"]
    (overrun,) = [one for one in log.last.found if not isinstance(one, AlertMatch)]
    assert (overrun.rule, overrun.limit, overrun.most, log.last.suspended) == ("r2", "story", 2, 2)
    log.index.remove("r1")
    assert log.add(card(2)) == ["r2"]


def test_a_state_that_nobody_wrote_is_refused():
    log = Log(rule("sources>=1"))
    log.add(card())
    value = log.states["s1"]
    for wrong in (b"", value[:-1], value + b"0", b"\x09" + value[1:]):
        with pytest.raises(WatchError):
            read_state(wrong)


@settings(deadline=None)
@given(st.lists(story_conditions, min_size=1, max_size=4), story_logs(), st.integers(0, 30))
def test_reading_the_state_again_changes_nothing(conditions, log, often):
    rules = [rule(condition, f"r{number}") for number, condition in enumerate(conditions)]
    through, broken = Log(*rules), Log(*rules)
    for number, (record, time_ms) in enumerate(log):
        through.add(record, time_ms)
        if number % (often + 1) == 0:
            broken.reopen()
        broken.add(record, time_ms)
        assert broken.last == through.last
        assert [*broken.watch._states.items()] == [*through.watch._states.items()]
        assert broken.states == through.states


@settings(deadline=None)
@given(st.lists(story_conditions, min_size=1, max_size=3), story_logs(), st.randoms(use_true_random=False))
def test_how_the_records_of_stories_are_mixed_changes_nothing(conditions, log, chance):
    """Partitions are read in whatever batches: the order of a story's own records is all that counts."""
    rules = [rule(condition, f"r{number}") for number, condition in enumerate(conditions)]
    queues = {record["id"]: [one for one in log if one[0]["id"] == record["id"]] for record, _ in log}
    mixed = [queues[story].pop(0) for story in chance.sample([r["id"] for r, _ in log], len(log))]

    def raised(records):
        watched, found = Log(*rules, limits=WatchLimits(idle_ms=1 << 60)), set()
        for record, time_ms in records:
            watched.add(record, time_ms)
            found |= {one.model_dump_json() for one in watched.last.found}
        return found

    assert raised(log) == raised(mixed)


@settings(deadline=None)
@given(story_conditions, story_logs())
def test_of_two_records_in_a_row_of_a_story_one_raises_at_most(condition, log):
    watched, raised = Log(rule(condition)), {}
    for record, time_ms in log:
        before = watched.states.get(record["id"])
        raised.setdefault(record["id"], []).append(bool(watched.add(record, time_ms)))
        if before is None or record["status"] != "open":
            raised[record["id"]].append(False)
    assert not any(one and other for found in raised.values() for one, other in pairwise(found))
