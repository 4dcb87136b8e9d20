"""What `dateline trends` makes of the topic's records: the latest of each key, in lines for any terminal."""

import io

import pytest

from worker.channels import HOUR_MS
from worker.commands.shell.part_reader import CLOCKS_MS, WHOLE, TimeWindow
from worker.commands.shell.terminal import Problem
from worker.commands.trends.drawing import (
    BLOCKS,
    MAX_SIGNS,
    PLAIN,
    bars,
    signs_for,
    sparkline,
    time_axis,
    trend_table,
)
from worker.commands.trends.reading import SubjectTrend, TrendBook, written_since
from worker.commands.trends.show import (
    Asked,
    TrendOrder,
    called,
    chosen_trends,
    numbers_shown,
    shown_line,
)
from worker.records.cloudevents import rfc3339
from worker.trends.windows import TrendWindow, counted_at

HOUR = 500_004  # 2027-01-15T12:00Z
ADA, CALLAO, LABOUR = ("person", "Ada Okafor"), ("place", "Callao"), ("topic", "labour")


def count(
    about=ADA,
    hour=HOUR,
    articles=1,
    independent=None,
    stories=1,
    burst=None,
    window=TrendWindow.HOUR,
    **others,
):
    kind, name = about
    return {
        "window": window.value,
        "start": rfc3339(window.start_ms(window.number_of(hour))),
        "kind": kind,
        "subject": f"{kind}:{name.lower().replace(' ', '-')}",
        "name": name,
        "articles": articles,
        "independent": articles if independent is None else independent,
        "stories": stories,
        "burst": burst,
        "updated_at": rfc3339(hour * HOUR_MS),
        **others,
    }


def trends(*records, first=None, window=TrendWindow.HOUR):
    book = TrendBook(window, first)
    for record in records:
        book.take(record)
    return book.trends()


def asked(**others):
    return Asked(TrendWindow.HOUR, (HOUR - 3) * HOUR_MS, HOUR * HOUR_MS + 1, **others)


BURST = {"expected": 0.4, "score": 8.6}
FOUND = trends(
    count(articles=2, hour=HOUR - 3),
    count(articles=8, independent=6, stories=2, burst=BURST),
    count(CALLAO, articles=9, independent=1),
    count(LABOUR, articles=7, hour=HOUR - 1),
)


@pytest.mark.parametrize(("encoding", "signs"), [("utf-8", BLOCKS), ("ascii", PLAIN), ("latin-1", PLAIN)])
def test_a_terminal_is_drawn_on_with_what_it_can_show(encoding, signs):
    assert signs_for(io.TextIOWrapper(io.BytesIO(), encoding=encoding)) is signs


def test_the_latest_record_of_a_window_counts_and_one_without_articles_is_none():
    (one,) = trends(
        count(articles=3), count(articles=2, name="A. Okafor"), count(CALLAO), count(CALLAO, articles=0)
    )
    assert (one.articles, one.name) == (2, "A. Okafor")


def test_windows_of_another_length_and_earlier_ones_are_left_out():
    assert trends(count(window=TrendWindow.DAY), count(hour=HOUR - 1), first=HOUR) == []
    assert [
        one.articles for one in trends(count(window=TrendWindow.DAY, articles=5), window=TrendWindow.DAY)
    ] == [5]


@pytest.mark.parametrize(
    "value",
    [{}, {"window": "hour"}, count(articles=-1), count(articles="x"), count(start="soon"), count(kind=7)],
)
def test_what_is_no_count_is_passed_over(value):
    assert trends(value) == []


def test_fields_of_a_later_version_are_no_reason_to_pass_over_it():
    assert len(trends(count(weather="fine"))) == 1


@pytest.mark.parametrize("window", TrendWindow)
def test_records_are_read_from_when_the_first_article_of_the_window_can_have_come(window):
    first = window.number_of(HOUR)
    start_ms, ahead_ms = window.start_ms(first), HOUR_MS

    def is_counted_there(came_ms):
        return counted_at(start_ms, came_ms=came_ms, written_ms=came_ms) >= start_ms

    assert is_counted_there(start_ms - ahead_ms)
    assert not is_counted_there(start_ms - ahead_ms - 1)
    # The clocks of those who write and of the brokers may differ.
    assert written_since(window, first) == TimeWindow(start_ms - ahead_ms - CLOCKS_MS)
    assert written_since(window, 0) == TimeWindow(0)
    assert written_since(window, None) == WHOLE


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["Ada Okafor", "labour", "Callao"]),
        ({"order": TrendOrder.ARTICLES}, ["Ada Okafor", "Callao", "labour"]),
        ({"order": TrendOrder.BURST}, ["Ada Okafor", "labour", "Callao"]),
        ({"order": TrendOrder.LATEST}, ["Ada Okafor", "Callao", "labour"]),
        ({"kinds": frozenset({"topic", "place"})}, ["labour", "Callao"]),
        ({"only_bursts": True}, ["Ada Okafor"]),
        ({"subject": "ada okafor"}, ["Ada Okafor"]),
        ({"subject": "person:ada-okafor"}, ["Ada Okafor"]),
        ({"subject": "call"}, ["Callao"]),
    ],
)
def test_subjects_are_chosen_and_ordered_as_asked(options, names):
    assert [one.name for one in chosen_trends(FOUND, asked(**options))] == names


def test_a_name_that_none_or_several_have_is_said():
    with pytest.raises(Problem, match=r"no subject is called 'zoo' in this time \(--since, --by day\)"):
        chosen_trends(FOUND, asked(subject="zoo"))
    with pytest.raises(Problem, match=r"several .* by its id: Ada Okafor \(person:ada-okafor\); Callao"):
        chosen_trends(FOUND, asked(subject="a"))


def test_names_in_a_message_do_not_reach_the_terminal_either():
    several = [SubjectTrend("person", f"person:{n}\x1b[2J", f"Okafor \u202e{n}\x1b[2J") for n in range(2)]
    with pytest.raises(Problem) as problem:
        called(several, "okafor")
    assert problem.value.message.isprintable()


def test_each_subject_has_a_line_with_a_sign_for_each_window():
    numbers = numbers_shown(FOUND, asked())
    lines = list(trend_table(chosen_trends(FOUND, asked()), TrendWindow.HOUR, numbers, PLAIN))
    assert lines == [
        "kind    articles  copies  bursts  01-15 09h to 01-15 12h  name",
        "person        10       2       1  -  @                    Ada Okafor",
        "topic          7                    @                     labour",
        "place          9       8             @                    Callao",
    ]
    assert list(trend_table([], TrendWindow.HOUR, range(3), PLAIN)) == []


@pytest.mark.parametrize(
    ("window", "numbers", "axis"),
    [
        (TrendWindow.HOUR, range(HOUR - 23, HOUR + 1), "01-14 13h      01-15 12h"),
        (TrendWindow.HOUR, range(HOUR - 18, HOUR + 1), "01-14 18h 01-15 12h"),
        (TrendWindow.HOUR, range(HOUR - 17, HOUR + 1), "01-14 19h to 01-15 12h"),
        (TrendWindow.HOUR, range(HOUR, HOUR + 1), "01-15 12h"),
        (TrendWindow.DAY, range(HOUR // 24 - 10, HOUR // 24 + 1), "01-05 01-15"),
        (TrendWindow.DAY, range(HOUR // 24 - 7, HOUR // 24 + 1), "01-08 to 01-15"),
    ],
)
def test_the_times_of_the_first_and_the_last_sign_stand_above_them(window, numbers, axis):
    assert time_axis(window, numbers) == axis
    assert len(axis) == len(numbers) or "to" in axis or len(numbers) == 1


@pytest.mark.parametrize("hours", [1, 60])
def test_a_line_shows_the_latest_windows_alone(hours):
    (one,) = trends(*(count(hour=HOUR - hour) for hour in range(hours)))
    lines = list(trend_table([one], TrendWindow.HOUR, range(HOUR - hours + 1, HOUR + 1), BLOCKS))
    assert lines[1].count("█") == min(hours, MAX_SIGNS)


@pytest.mark.parametrize(("signs", "line"), [(BLOCKS, " ▁█"), (PLAIN, " .@")])
def test_one_article_is_seen_beside_a_thousand(signs, line):
    (one,) = trends(count(articles=1000), count(hour=HOUR - 1))
    assert sparkline(one, range(HOUR - 2, HOUR + 1), signs) == line


@pytest.mark.parametrize("signs", [BLOCKS, PLAIN])
def test_a_subject_has_a_bar_for_each_window_with_its_copies_behind(signs):
    (ada,) = chosen_trends(FOUND, asked(subject="ada okafor"))
    own, copied = signs.full, signs.copies
    assert list(bars(ada, TrendWindow.HOUR, range(HOUR - 3, HOUR + 1), signs)) == [
        "Ada Okafor (person, person:ada-okafor)",
        f"2027-01-15 09h       2  {own * 10}{' ' * 30}  1 story",
        "2027-01-15 10h       0",
        "2027-01-15 11h       0",
        f"2027-01-15 12h       8  {own * 30}{copied * 10}  2 stories, 2 copies, burst (0.4 expected)",
    ]
    day = trends(count(window=TrendWindow.DAY), window=TrendWindow.DAY)[0]
    drawn = list(bars(day, TrendWindow.DAY, range(HOUR // 24, HOUR // 24 + 1), signs))
    assert drawn[1].startswith("2027-01-15       1  ")


def test_what_a_name_has_in_it_does_not_reach_the_terminal():
    (one,) = trends(count(("person", "Ada\x1b[31m\nOkafor")))
    drawn = [
        *trend_table([one], TrendWindow.HOUR, range(HOUR, HOUR + 1), BLOCKS),
        *bars(one, TrendWindow.HOUR, range(HOUR, HOUR + 1), BLOCKS),
    ]
    assert not any("\x1b" in line or "\n" in line for line in drawn)


def test_json_has_a_subject_with_its_windows_in_their_order():
    (ada,) = chosen_trends(FOUND, asked(subject="ada okafor"))
    fields = ada.as_fields()
    assert [one["start"] for one in fields.pop("windows")] == [
        "2027-01-15T09:00:00.000Z", "2027-01-15T12:00:00.000Z",
    ]  # fmt: skip
    assert fields == {
        "kind": "person", "subject": "person:ada-okafor", "name": "Ada Okafor", "articles": 10,
        "independent": 8,
    }  # fmt: skip


def test_windows_are_drawn_from_the_one_asked_for_or_the_first_there_is_to_now():
    assert numbers_shown(FOUND, asked()) == range(HOUR - 3, HOUR + 1)
    whole = Asked(TrendWindow.HOUR, None, (HOUR + 2) * HOUR_MS)
    assert numbers_shown(FOUND, whole) == range(HOUR - 3, HOUR + 3)
    assert numbers_shown([], whole) == range(HOUR + 2, HOUR + 3)
    ahead = trends(count(hour=HOUR + 1))
    assert numbers_shown(ahead, asked()) == range(HOUR - 3, HOUR + 2)


@pytest.mark.parametrize(
    ("shown", "chosen", "found", "line"),
    [
        (1, 1, 1, "1 subject of t"),
        (
            2,
            5,
            9,
            "2 subjects of t; 3 more are not shown (--limit); 4 others were in the news (--kind, --bursts)",
        ),
        (0, 0, 0, "0 subjects of t; none was in the news since then (--since)"),
    ],
)
def test_it_is_said_how_many_there_are(shown, chosen, found, line):
    assert shown_line("t", shown, chosen, found) == line
