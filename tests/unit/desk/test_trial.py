"""What a rule would have matched, within bounded work and beside everything else."""

import asyncio
import time

import orjson
import pytest

from tests.unit.desk.desks import placed, story
from tests.unit.desk.rule_desks import a_rule
from worker.alerts.text import condition_from_text
from worker.desk.changes.trial import MOST_WAITING_TRIALS, SHOWN_MATCHES, RuleTrials, TooManyTrials
from worker.desk.live import Live
from worker.desk.ring import PlacedArticle
from worker.desk.story_records import MOST_STORY_RECORDS, StoryRecord, StoryRecords
from worker.records.rules import Cooldown

HOUR_MS = 3_600_000
NEAR = " OR ".join(['"a b"~1'] * 100)
COSTLY = "a x x x b x x x " * 500


def rule(when, cooldown=None, **changes):
    """Reads the rule, as its form does."""
    return lambda: a_rule(when=condition_from_text(when), cooldown=cooldown, **changes)


def stays():
    return False


@pytest.fixture
def live():
    return Live()


def trials(live, **options):
    return RuleTrials(live, StoryRecords(), **options)


def hourly(offset, **changes):
    """An article of its own, an hour after the one before."""
    found = placed(offset, id=f"a-{offset}", **changes)
    return PlacedArticle(0, offset, HOUR_MS * (offset + 1), found.value)


async def test_it_says_what_matches_of_what_there_is_newest_first_and_why(live):
    for offset in range(30):
        live.take_article(hourly(offset, headline="Quay" if offset % 2 else "Ferry"))
    result = await trials(live).run(rule("headline:quay"), stays)
    assert (result.matched, result.looked, result.kept, result.alerts) == (15, 30, 30, 15)
    assert (result.is_cut, result.overruns, result.about) == (False, 0, "articles")
    assert result.since == "1970-01-01T01:00:00.000Z"
    assert [shown["article_place"] for shown in result.shown] == [f"0/{n}" for n in range(29, 9, -2)]
    assert len(result.shown) == SHOWN_MATCHES
    assert result.shown[0]["reasons"][0]["places"][0]["text"] == "Quay"


async def test_a_cooldown_counts_by_the_times_of_the_articles(live):
    for offset in range(6):
        live.take_article(hourly(offset))
    for seconds, alerts in ((3 * 3600, 2), (3601, 3), (1, 6)):
        result = await trials(live).run(rule("quay", Cooldown(seconds)), stays)
        assert (result.matched, result.alerts) == (6, alerts)


async def test_a_rule_that_has_ended_is_tried_as_if_it_had_not(live):
    live.take_article(hourly(0))
    assert (await trials(live).run(rule("quay", expires_at="1970-01-01T00:00:00Z"), stays)).matched == 1


async def test_a_query_that_takes_more_than_a_rule_may_is_said_to(live):
    live.take_article(placed(0, text=COSTLY * 8, entities=[], quotes=[]))
    result = await trials(live, seconds=60).run(rule(NEAR), stays)
    assert (result.matched, result.overruns, result.looked) == (0, 1, 1)


async def test_work_is_cut_and_says_how_far_it_came(live):
    for offset in range(60):
        live.take_article(hourly(offset, text=COSTLY, entities=[], quotes=[]))
    begun = time.thread_time()
    result = await trials(live, seconds=0.05).run(rule(NEAR), stays)
    assert result.is_cut
    assert 0 < result.looked < 60
    # One article may be under way when the time is over.
    assert time.thread_time() - begun < 1.0


async def test_others_have_their_turn_while_a_query_is_tried(live):
    for offset in range(60):
        live.take_article(hourly(offset, text=COSTLY, entities=[], quotes=[]))
    turns = 0

    async def other():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(other())
    await trials(live, seconds=0.5).run(rule(NEAR), stays)
    task.cancel()
    assert turns >= 4


async def test_a_trial_whose_page_has_gone_ends_at_once(live):
    for offset in range(60):
        live.take_article(hourly(offset, text=COSTLY, entities=[], quotes=[]))
    result = await trials(live, seconds=60).run(rule(NEAR), lambda: True)
    assert result.looked < 20


async def test_one_trial_too_many_is_refused_and_the_others_are_done(live):
    live.take_article(hourly(0))
    tried = trials(live)
    results = [asyncio.create_task(tried.run(rule("quay"), stays)) for _ in range(MOST_WAITING_TRIALS)]
    async with tried._turn:
        await asyncio.sleep(0)
        with pytest.raises(TooManyTrials):
            await tried.run(rule("quay"), stays)
    assert [result.matched for result in await asyncio.gather(*results)] == [1] * MOST_WAITING_TRIALS
    assert (await tried.run(rule("quay"), stays)).matched == 1


async def test_others_have_their_turn_while_a_long_query_is_parsed(live):
    gaps, last = [], time.monotonic()

    async def other():
        nonlocal last
        while True:
            await asyncio.sleep(0.001)
            gaps.append(time.monotonic() - last)
            last = time.monotonic()

    def parse():
        begun = time.monotonic()
        while time.monotonic() < begun + 0.5:  # as the parser, it holds the interpreter
            sum(range(1_000))

    task = asyncio.create_task(other())
    assert await trials(live).run(parse, stays) is None
    task.cancel()
    assert len(gaps) > 10


def story_record(offset, **changes):
    return StoryRecord(0, offset, HOUR_MS + offset, orjson.dumps(story(**changes)))


async def test_rules_about_stories_are_tried_on_records_of_stories_where_they_begin_to_hold(live):
    records = StoryRecords()
    for version, sources in ((1, 1), (2, 2), (3, 3)):
        counts = {"articles": version, "unique": version, "reprints": 0, "sources": sources, "retracted": 0}
        records.add(story_record(version, version=version, counts=counts))
    records.add(StoryRecord(0, 9, 0, b"<no story>"))
    live.take_article(hourly(0))
    result = await RuleTrials(live, records).run(rule("sources>=2"), stays)
    assert (result.about, result.matched, result.looked, result.kept) == ("records of stories", 1, 3, 4)
    assert result.shown[0]["story"]["sources"] == 2


def test_the_oldest_records_of_stories_go_first(monkeypatch):
    records = StoryRecords()
    for offset in range(MOST_STORY_RECORDS + 2):
        records.add(StoryRecord(0, offset, 0, b"{}"))
    assert (len(records), next(records.in_order()).offset) == (MOST_STORY_RECORDS, 2)
    monkeypatch.setattr("worker.desk.story_records.MOST_STORY_RECORD_BYTES", 100)
    records.add(StoryRecord(0, 9, 0, b"x" * 99))
    assert len(records) == 1
