"""Counts follow from the articles alone: in their latest version, each once, whoever has counted before."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.trends.plain_counts import (
    ADA,
    CALLAO,
    DAY_MS,
    HOUR_MS,
    LABOUR,
    NOON_MS,
    UNION,
    PlainTrends,
    note,
)
from worker.stories.packing import StateError
from worker.trends.counts import WindowCounts
from worker.trends.messages import count_fields, trend_key
from worker.trends.note import Kind, Subject, read_note
from worker.trends.trends import TREND_CLOCK, Taken, TrendLimits, Trends, Uncounted

SUBJECTS = (ADA, UNION, CALLAO, LABOUR)


def records(taken: Taken):
    return {trend_key(count): count_fields(count, taken.now_ms) for count in taken.counts}


def counts(taken: Taken, of=ADA):
    """`articles`, `independent` and `stories` of a subject, by the beginning of the window's key."""
    return {
        key.rsplit("/", 2)[0]: (found["articles"], found["independent"], found["stories"])
        for key, found in records(taken).items()
        if found["subject"] == of.id
    }


def at_any_pace():
    """Trends whose log may go on by any time between two notes."""
    return Trends(limits=TrendLimits(step_ms=1 << 60))


def test_an_article_counts_in_its_hour_and_on_its_day_under_each_of_its_subjects():
    taken = Trends().take("a", note(ADA, CALLAO), NOON_MS)
    assert sorted(records(taken)) == [
        "day/2027-01-15/person/person:ada-okafor",
        "day/2027-01-15/place/gpe:callao",
        "hour/2027-01-15T12/person/person:ada-okafor",
        "hour/2027-01-15T12/place/gpe:callao",
    ]
    assert records(taken)["hour/2027-01-15T12/place/gpe:callao"] == {
        "window": "hour", "start": "2027-01-15T12:00:00.000Z", "kind": "place", "subject": "gpe:callao",
        "name": "Callao", "articles": 1, "independent": 1, "stories": 1, "burst": None,
        "updated_at": "2027-01-15T12:00:00.000Z",
    }  # fmt: skip


def test_a_copy_counts_as_an_article_and_not_as_an_independent_one():
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    trends.take("b", note(is_copy=True), NOON_MS)
    assert counts(trends.take("c", note(story="s2"), NOON_MS)) == {
        "hour/2027-01-15T12": (3, 2, 2),
        "day/2027-01-15": (3, 2, 2),
    }


def test_an_article_that_comes_again_is_counted_once_in_its_latest_version():
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    assert counts(trends.take("a", note(), NOON_MS)) == {
        "hour/2027-01-15T12": (1, 1, 1), "day/2027-01-15": (1, 1, 1)
    }  # fmt: skip
    moved = trends.take("a", note(UNION, at_ms=NOON_MS + HOUR_MS, is_copy=True), NOON_MS)
    assert counts(moved) == {"hour/2027-01-15T12": (0, 0, 0), "day/2027-01-15": (0, 0, 0)}
    assert counts(moved, UNION) == {"hour/2027-01-15T13": (1, 0, 1), "day/2027-01-15": (1, 0, 1)}
    assert trends.articles == 1


def test_a_retracted_article_is_taken_out_and_one_that_is_not_known_changes_nothing():
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    trends.take("b", note(story="s2"), NOON_MS)
    taken = trends.take("a", None, NOON_MS)
    assert counts(taken) == {"hour/2027-01-15T12": (1, 1, 1), "day/2027-01-15": (1, 1, 1)}
    assert taken.changes[b"a/a"] is None
    again = trends.take("a", None, NOON_MS)
    assert (again.counts, again.changes.keys()) == ((), {TREND_CLOCK})


@pytest.mark.parametrize(("days_late", "is_counted"), [(1, True), (7, True), (8, False), (20_000, False)])
def test_a_late_article_is_counted_in_its_own_window_for_a_week(days_late, is_counted):
    trends = at_any_pace()
    trends.take("a", note(at_ms=NOON_MS - days_late * DAY_MS), NOON_MS - days_late * DAY_MS)
    trends.take("now", note(), NOON_MS)
    taken = trends.take("late", note(at_ms=NOON_MS - days_late * DAY_MS), NOON_MS)
    if is_counted:
        assert {articles for articles, *_ in counts(taken).values()} == {2}
    else:
        assert (taken.counts, taken.uncounted) == ((), Uncounted.LATE)
    assert trends.articles == (3 if is_counted else 1)


def test_an_article_whose_new_version_is_too_late_leaves_its_window():
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    taken = trends.take("a", note(at_ms=0), NOON_MS)
    assert set(counts(taken).values()) == {(0, 0, 0)}
    assert (taken.changes[b"a/a"], trends.articles, trends.counts) == (None, 0, 0)


def test_what_is_over_for_a_week_is_forgotten_and_cant_be_taken_back():
    trends = at_any_pace()
    trends.take("a", note(), NOON_MS)
    trends.take("b", note(), NOON_MS + 8 * DAY_MS)
    trends.take("c", note(at_ms=NOON_MS + 8 * DAY_MS), NOON_MS + 8 * DAY_MS)
    assert trends.articles == 1
    assert trends.take("a", None, NOON_MS + 8 * DAY_MS).counts == ()


@pytest.mark.parametrize("dropped_by", ["the log's time", "a limit"])
def test_whoever_restores_counts_no_article_whose_day_is_closed(dropped_by):
    """The records of a day that is closed stay in the topic, until its retention takes them."""
    limits = TrendLimits(step_ms=1 << 60, articles=250_000 if dropped_by == "the log's time" else 2)
    trends, state = Trends(limits=limits), {}

    def take(article, days, now_days):
        taken = trends.take(article, note(at_ms=NOON_MS + days * DAY_MS), NOON_MS + now_days * DAY_MS)
        state.update(taken.changes)

    take("old", 0, 0)
    take("first", 1, 1)
    take("latest", 8, 8) if dropped_by == "the log's time" else take("latest", 1, 1)
    anew = Trends(limits=limits)
    assert anew.restore(state) == []
    assert state[b"a/old"] is not None
    assert [anew.remembered(article) is not None for article in ("old", "first", "latest")] == [
        False, True, True,
    ]  # fmt: skip
    assert (anew.articles, anew.counts, dict(anew.records())) == (2, trends.counts, dict(trends.records()))
    late = note(at_ms=NOON_MS)
    assert anew.take("late", late, 0) == trends.take("late", late, 0)
    assert anew.take("late", late, 0).uncounted is Uncounted.LATE


def test_one_note_from_far_ahead_closes_no_days():
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    trends.take("b", note(), NOON_MS + 900 * DAY_MS)
    assert trends.take("c", note(), NOON_MS).uncounted is None
    assert trends.articles == 3


def test_a_clock_that_goes_back_brings_nothing_back():
    trends = Trends()
    trends.take("a", note(at_ms=NOON_MS + 9 * DAY_MS), NOON_MS + 9 * DAY_MS)
    assert trends.take("b", note(), NOON_MS).uncounted is Uncounted.LATE


def test_beyond_the_limit_the_oldest_day_goes_and_then_articles_of_the_day_are_left_out():
    trends = Trends(limits=TrendLimits(articles=2))
    trends.take("a", note(at_ms=NOON_MS - DAY_MS), NOON_MS)
    trends.take("b", note(), NOON_MS)
    taken = trends.take("c", note(), NOON_MS)
    assert (taken.days_dropped, taken.uncounted, trends.articles) == (1, None, 2)
    full = trends.take("d", note(), NOON_MS)
    assert (full.days_dropped, full.uncounted, trends.articles) == (0, Uncounted.LIMIT, 2)
    assert trends.take("a", note(at_ms=NOON_MS - DAY_MS), NOON_MS).uncounted is Uncounted.LATE
    # A new version of one that is counted takes its place.
    assert trends.take("c", note(UNION), NOON_MS).uncounted is None


def test_an_article_that_is_too_late_closes_no_day():
    trends = Trends(limits=TrendLimits(articles=2))
    trends.take("a", note(at_ms=NOON_MS - DAY_MS), NOON_MS)
    trends.take("b", note(), NOON_MS)
    late = trends.take("c", note(at_ms=NOON_MS - 30 * DAY_MS), NOON_MS)
    assert (late.days_dropped, late.uncounted, trends.articles) == (0, Uncounted.LATE, 2)


NAMES = [Subject(Kind.PERSON, f"person:{n}", "N" * 120) for n in range(15)]


@pytest.mark.parametrize(
    "limits", [TrendLimits(counts=3 * 2 * 15), TrendLimits(note_bytes=3 * len(note(*NAMES)))], ids=str
)
def test_articles_with_many_and_long_names_are_bounded_too(limits):
    trends = Trends(limits=limits)

    def take(number, at_ms=NOON_MS):
        names = [subject._replace(id=f"{subject.id}-{number}") for subject in NAMES]
        return trends.take(f"a{number}", note(*names, at_ms=at_ms), NOON_MS)

    held = [trends.articles for number in range(6) if take(number, NOON_MS - DAY_MS)]
    assert max(held) <= 3
    assert trends.articles <= 3
    full = [taken.uncounted for taken in map(take, range(10, 20))]
    assert full.count(Uncounted.LIMIT) >= 7
    assert trends.articles <= 3
    assert trends.counts <= 3 * 2 * 15
    resumed = Trends(limits=limits)
    resumed.restore(dict(trends.records()))
    assert resumed.take("z", note(), NOON_MS) == trends.take("z", note(), NOON_MS)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"{}",
        b'[2,0,"s",false,[]]',
        b'[1,0,"s",0,[]]',
        b'[1,null,"s",false,[]]',
        b'[1,0,"s",false,[["ghost","a","b"]]]',
        b'[1,0,"s",false,[["person",1,"b"]]]',
    ],
)
def test_what_is_no_note_is_refused_and_changes_nothing(value):
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    before = dict(trends.records())
    with pytest.raises(StateError):
        trends.take("a", value, NOON_MS + DAY_MS)
    assert dict(trends.records()) == before


STEPS = st.tuples(
    st.sampled_from("abcdefgh"),
    st.one_of(
        st.none(),
        st.builds(
            lambda subjects, hour, story, is_copy: note(
                *subjects, at_ms=NOON_MS + hour * HOUR_MS, story=story, is_copy=is_copy
            ),
            st.lists(st.sampled_from(SUBJECTS), min_size=1, max_size=3, unique=True),
            st.integers(-30, 1),
            st.sampled_from(["s1", "s2", "s3"]),
            st.booleans(),
        ),
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, max_size=40), st.integers(0, 40))
def test_counts_are_those_of_the_articles_as_they_are_whoever_takes_over(steps, taken_over):
    trends, plain = Trends(), PlainTrends()
    for number, (article, value) in enumerate(steps):
        if number == taken_over:
            anew = Trends()
            assert anew.restore(dict(trends.records())) == []
            assert (anew.articles, anew.counts) == (trends.articles, trends.counts)
            trends = anew
        before = plain.articles.pop(article, None)
        if value is not None:
            plain.articles[article] = read_note(value)
        taken = trends.take(article, value, NOON_MS)
        touched = {
            (subject.kind, subject.id)
            for one in (before, plain.articles.get(article))
            if one is not None
            for subject in one.subjects
        }
        assert {(found["kind"], found["subject"]) for found in records(taken).values()} == touched
        for key, found in records(taken).items():
            wanted = plain.record(key)
            assert {name: found[name] for name in wanted} == wanted


def busy_week(trends: Trends, plain: PlainTrends, *, hourly: int) -> None:
    """Seven days in which Ada Okafor is named so often each hour, and Callao once."""
    for hour in range(-168, 0):
        at_ms = NOON_MS + hour * HOUR_MS
        for number in range(hourly + 1):
            value = note(ADA if number < hourly else CALLAO, at_ms=at_ms, story=f"{hour}")
            trends.take(f"{hour}/{number}", value, at_ms)
            plain.articles[f"{hour}/{number}"] = read_note(value)


@pytest.mark.parametrize(("hourly", "burst_at"), [(0, 5), (1, 5), (4, 12), (9, 21)])
def test_an_hour_is_a_burst_from_four_spreads_above_the_week_before(hourly, burst_at):
    trends, plain = Trends(), PlainTrends()
    busy_week(trends, plain, hourly=hourly)
    for number in range(1, burst_at + 1):
        taken = trends.take(f"now/{number}", note(story=f"n{number}"), NOON_MS)
        plain.articles[f"now/{number}"] = read_note(note(story=f"n{number}"))
        hour = records(taken)["hour/2027-01-15T12/person/person:ada-okafor"]
        assert hour["burst"] == plain.record("hour/2027-01-15T12/person/person:ada-okafor")["burst"]
        assert (hour["burst"] is not None) is (number == burst_at)


def known_week(trends: Trends) -> None:
    """Each hour of the seven days before has an article, of somebody else."""
    for hour in range(-168, 0):
        trends.take(f"known/{hour}", note(CALLAO, at_ms=NOON_MS + hour * HOUR_MS), NOON_MS)


HOUR_OF_ADA = "hour/2027-01-15T12/person/person:ada-okafor"


@pytest.mark.parametrize("busy_hours", [range(-180, -168), range(1, 12)], ids=["a week before", "later"])
def test_an_hour_is_held_against_the_week_before_it_and_not_against_the_rest_of_its_days(busy_hours):
    trends = at_any_pace()
    known_week(trends)
    for hour in busy_hours:
        for number in range(20):
            at_ms = NOON_MS + hour * HOUR_MS
            trends.take(f"{hour}/{number}", note(at_ms=at_ms), max(NOON_MS, at_ms))
    for number in range(5):
        taken = trends.take(f"now/{number}", note(), NOON_MS)
    assert records(taken)[HOUR_OF_ADA]["burst"] == {"expected": 0.0, "score": 5.0}


@pytest.mark.parametrize("days_before", range(1, 7))
def test_whole_days_that_are_busy_spare_a_look_at_their_hours(monkeypatch, days_before):
    trends, midnight_ms = Trends(), NOON_MS - 12 * HOUR_MS - days_before * DAY_MS
    known_week(trends)
    for number in range(480):
        at_ms = midnight_ms + number * DAY_MS // 480
        trends.take(f"before/{number}", note(at_ms=at_ms), NOON_MS)
    looks, of = [], WindowCounts.of

    def looking(self, subject):
        looks.append(subject)
        return of(self, subject)

    monkeypatch.setattr(WindowCounts, "of", looking)
    for number in range(5):
        looks.clear()
        taken = trends.take(f"now/{number}", note(), NOON_MS)
        # Its hour and its day; with a fifth article there may be a burst, and the six whole days are asked.
        assert len(looks) == (8 if number == 4 else 2)
    assert records(taken)[HOUR_OF_ADA]["burst"] is None


def test_copies_make_no_burst():
    trends = Trends()
    busy_week(trends, PlainTrends(), hourly=0)
    for number in range(20):
        taken = trends.take(f"now/{number}", note(is_copy=number > 3), NOON_MS)
        assert all(found["burst"] is None for found in records(taken).values())


def test_a_day_is_held_against_the_days_before():
    trends = Trends()
    busy_week(trends, PlainTrends(), hourly=1)
    for number in range(60):
        taken = trends.take(f"now/{number}", note(at_ms=NOON_MS + number * 600_000), NOON_MS)
    day = records(taken)["day/2027-01-15/person/person:ada-okafor"]
    # The twelve of the morning are among them.
    assert (day["articles"], day["burst"]) == (72, {"expected": 22.29, "score": 10.5})


@pytest.mark.parametrize(("hours", "is_known"), [(23, False), (24, True)])
def test_what_is_known_for_less_than_a_day_is_no_burst(hours, is_known):
    trends = Trends()
    for hour in range(-hours, 0):
        trends.take(f"{hour}", note(CALLAO, at_ms=NOON_MS + hour * HOUR_MS), NOON_MS)
    for number in range(6):
        taken = trends.take(f"now/{number}", note(), NOON_MS)
    found = records(taken)["hour/2027-01-15T12/person/person:ada-okafor"]["burst"]
    assert (found is not None) is is_known


@pytest.mark.parametrize("takes_over", [False, True])
def test_an_hour_whose_articles_are_all_taken_back_is_not_known_to_anybody(takes_over):
    trends = Trends()
    for hour in range(-24, 0):
        trends.take(f"{hour}", note(CALLAO, at_ms=NOON_MS + hour * HOUR_MS), NOON_MS)
    trends.take("-7", None, NOON_MS)
    if takes_over:
        state, trends = dict(trends.records()), Trends()
        trends.restore(state)
    for number in range(6):
        taken = trends.take(f"now/{number}", note(), NOON_MS)
    assert records(taken)["hour/2027-01-15T12/person/person:ada-okafor"]["burst"] is None


def test_hours_without_any_article_are_not_known_and_no_zeros():
    trends = Trends()
    # Each second hour is lost, as when nobody sent.
    for hour in range(-60, 0, 2):
        for number in range(4):
            at_ms = NOON_MS + hour * HOUR_MS
            trends.take(f"{hour}/{number}", note(at_ms=at_ms), NOON_MS)
    for number in range(12):
        taken = trends.take(f"now/{number}", note(), NOON_MS)
    assert records(taken)["hour/2027-01-15T12/person/person:ada-okafor"]["burst"] == {
        "expected": 4.0, "score": 4.0,
    }  # fmt: skip


def test_what_is_remembered_can_be_counted_anew_as_it_was_before_an_article():
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    before = dict(trends.records())
    known, unknown = trends.remembered("a"), trends.remembered("b")
    trends.take("a", note(UNION), NOON_MS)
    trends.take("b", note(), NOON_MS)
    anew = trends.recounted("a", known).recounted("b", unknown)
    assert dict(anew.records()) == before
    assert counts(anew.take("c", note(), NOON_MS))["hour/2027-01-15T12"] == (2, 2, 1)


def test_a_state_that_cant_be_read_in_part_gives_the_rest():
    trends = Trends()
    trends.take("a", note(), NOON_MS)
    state = {**dict(trends.records()), b"b/x": note(), b"a/\xff": note(), b"a/b": b"[]"}
    anew = Trends()
    assert len(anew.restore(state)) == 3
    assert anew.articles == 1
    assert len(anew.restore({TREND_CLOCK: b"[]"})) == len(anew.restore({TREND_CLOCK: b'["a",1]'})) == 1
