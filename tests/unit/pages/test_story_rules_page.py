"""The five rules of docs/story-rules.md can be put, and each raises an alert at the record that is due."""

import re
from pathlib import Path

import pytest

from tests.unit.alerts.story_records import card, named
from worker.alerts.facts import at_once
from worker.alerts.index import RuleIndex
from worker.alerts.story_watch import StoryWatch
from worker.alerts.text import condition_from_text, condition_to_text
from worker.commands.rules.typed import typed_rule
from worker.records.alerts import AlertMatch

PAGE = (Path(__file__).parents[3] / "docs" / "story-rules.md").read_text(encoding="utf-8")
NOON_MS, MINUTE_MS = 1_800_000_000_000, 60_000
ROW = re.compile(r"^\| ([^|`]+) \| `([^`]+)` \| (?:`([^`]+)`)? ?\|$", re.MULTILINE)
RULES = {
    name: (when, cooldown) for name, when, cooldown in ROW.findall(PAGE.partition("## Five to begin with")[2])
}
PERU = [{"code": "PE", "articles": 1}]
LABOUR, DISASTER, SPORT = (
    [{"code": f"medtop:{code}", "articles": 1}] for code in ("09000000", "03000000", "15000000")
)
OKAFOR = [{"id": "person:ada-okafor", "name": "Ada Okafor", "articles": 1}]
# What a story's records say, one after the other, and at which of them the rule raises an alert.
STORIES = {
    "a story begins on the beat": (
        [{"topics": LABOUR, "countries": PERU}, {"topics": LABOUR, "countries": PERU}],
        [1],
    ),
    "an event is confirmed": ([{"topics": DISASTER, "sources": n, "articles": n} for n in (1, 2, 3, 4)], [3]),
    "it is copied, and nobody adds to it": (
        [{"articles": n + 1, "reprints": n} for n in (0, 19, 20, 25)],
        [3],
    ),
    "it grows, on anything but sport": ([{"articles": n, "topics": LABOUR} for n in (1, 14, 15, 18)], [3]),
    "somebody's words travel": (
        [
            {"sources": 1, "speakers": OKAFOR, "headline": "A ferry runs aground"},
            {"sources": 2, "headline": "A ferry runs aground", "speakers": OKAFOR},
            {"sources": 3, "headline": "A ferry runs aground", "speakers": OKAFOR},
        ],
        [2],
    ),
}


def raised(when, cooldown, records):
    index = RuleIndex([typed_rule("r1", name="n", owner="o", when=when)])
    if cooldown:
        typed_rule("r1", name="n", owner="o", when=when, cooldown=cooldown)
    watch, found = StoryWatch(), []
    for version, fields in enumerate(records, 1):
        record = card(version, **fields)
        at = NOON_MS + version * MINUTE_MS
        watched = at_once(watch.take(index, record, offset=version, time_ms=at))
        found += [version for one in watched.found if isinstance(one, AlertMatch)]
    return found


def test_there_are_five():
    assert RULES.keys() == STORIES.keys()
    assert len(RULES) == 5


@pytest.mark.parametrize("name", STORIES)
def test_each_raises_when_it_says(name):
    (when, cooldown), (records, due) = RULES[name], STORIES[name]
    assert raised(when, cooldown, records) == due
    assert condition_from_text(condition_to_text(condition_from_text(when))) == condition_from_text(when)


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("a story begins on the beat", {"topics": LABOUR, "places": [named("Lima", "gpe")]}),
        ("an event is confirmed", {"topics": LABOUR, "sources": 5}),
        ("it is copied, and nobody adds to it", {"articles": 30, "reprints": 25, "sources": 2}),
        ("it grows, on anything but sport", {"articles": 30, "topics": SPORT}),
        ("somebody's words travel", {"sources": 5, "headline": "A ferry runs aground"}),
    ],
)
def test_and_not_where_something_is_missing(name, other):
    assert raised(*RULES[name], [other]) == []
