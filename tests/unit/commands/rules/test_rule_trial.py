"""What rules would have raised: as a worker would, in the order of the articles' own times."""

import random

import pytest

from tests.unit.alerts.alert_articles import entity
from tests.unit.alerts.story_records import card
from worker.alerts.cooldown import LIMITS, CooldownLimits
from worker.alerts.index import RuleIndex
from worker.alerts.typed_rules import cooldown_from_text
from worker.commands.articles.documents import InputDocuments
from worker.commands.rules.articles import StoryPlace
from worker.commands.rules.backtest import backtest, trial_summary
from worker.commands.rules.trial import Trial
from worker.commands.rules.typed import typed_rule
from worker.commands.shell.terminal import Problem
from worker.settings import Settings

HOUR = 3_600_000


def index(when="harbour", cooldown="none", **fields):
    return RuleIndex(
        [typed_rule("r1", name="n", owner="o", when=when, cooldown=cooldown_from_text(cooldown), **fields)]
    )


def article(number, text="The harbour reopens."):
    return {
        "id": f"a{number}", "url": None, "headline": None, "text": text, "source": None, "language": "en",
        "published_at": None, "authors": [], "extra": {}, "entities": [], "quotes": [], "topics": [],
        "pipeline": {"name": "en_news", "version": "1.0.0"},
    }  # fmt: skip


def fired(trial, times):
    """The articles that raise an alert, by their number in `times`."""
    found = []
    for number, time_ms in enumerate(times):
        found += trial.add(article(number), time_ms=time_ms)
    return [int(alert.article.id[1:]) for alert, _ in [*found, *trial.flush()]]


def test_alerts_come_in_the_order_of_the_articles_times():
    assert fired(Trial(index(), now_ms=1000 * HOUR), [3 * HOUR, HOUR, 2 * HOUR, HOUR]) == [1, 3, 2, 0]


@pytest.mark.parametrize(
    ("cooldown", "expected"), [("none", [1, 2, 0, 3]), ("1h", [1, 0, 3]), ("2h", [1, 3]), ("1d", [1])]
)
def test_cooldowns_go_by_the_articles_times(cooldown, expected):
    trial = Trial(index(cooldown=cooldown), now_ms=1000 * HOUR)
    assert fired(trial, [HOUR, 0, HOUR // 2, 2 * HOUR]) == expected
    assert (trial.counts.articles, trial.counts.matches) == (4, 4)
    assert trial.counts.kept_back == 4 - len(expected)


def test_the_summary_says_how_many_entities_a_rule_had_in_cooldown_and_what_its_limit_kept_back(monkeypatch):
    monkeypatch.setattr("worker.commands.rules.trial._LIMITS", CooldownLimits(entities=2))
    trial = Trial(index("type:PERSON", cooldown="1h/entity"), now_ms=1000 * HOUR)
    for number, name in enumerate(["Ada Okafor", "Bo Lind", "Mia Vance", "Ada Okafor"]):
        found = article(number, f"{name} spoke.")
        list(trial.add(found | {"entities": [entity(found["text"], "PERSON", name)]}, time_ms=number))
    assert len(list(trial.flush())) == 2
    assert trial_summary(trial.counts, rules=1) == (
        "4 articles against 1 rule: 2 alerts, 2 more kept back by cooldowns; a rule had 2 entities in "
        f"cooldown at most, and takes {LIMITS.entities:,}, beyond which 1 match was kept back"
    )


def test_what_does_not_match_is_looked_at_and_no_more():
    trial = Trial(index("storm"), now_ms=1000 * HOUR)
    assert fired(trial, [0, 1]) == []
    assert (trial.counts.articles, trial.counts.matches, trial.counts.alerts) == (2, 0, 0)


def test_an_expired_rule_matches_what_came_before():
    trial = Trial(index(expires_at="1970-01-01T02:00:00Z"), now_ms=1000 * HOUR)
    assert fired(trial, [HOUR, 2 * HOUR, 3 * HOUR]) == [0]


def test_any_order_of_articles_gives_the_same_alerts():
    times = [random.Random(7).randrange(100 * HOUR) for _ in range(300)]
    whole = Trial(index(cooldown="5h"), now_ms=1000 * HOUR)
    expected = [times[number] for number in fired(whole, times)]
    other = list(times)
    random.Random(8).shuffle(other)
    trial = Trial(index(cooldown="5h"), now_ms=1000 * HOUR)
    assert [other[number] for number in fired(trial, other)] == expected
    assert trial.counts == whole.counts


def test_no_more_wait_than_the_window_holds():
    trial = Trial(index(), now_ms=1000 * HOUR, window_bytes=2_000)
    waiting = 0
    for number in range(500):
        out = len(list(trial.add(article(number), time_ms=number * HOUR)))
        waiting += 1 - out
        assert waiting <= 5
    assert waiting == len(list(trial.flush()))


def test_story_rules_are_tried_on_the_records_of_stories():
    trial = Trial(index("sources>=2 headline:ferry", "1h/story"), now_ms=1000 * HOUR)
    found = []
    for offset, (version, sources) in enumerate([(1, 1), (2, 2), (3, 1), (4, 2)]):
        story = card(version, sources=sources, headline="A ferry runs aground")
        found += trial.add_story(story, StoryPlace(0, offset), time_ms=(offset + 1) * HOUR // 4)
    found += trial.flush()
    ((alert, shown),) = found
    assert (alert.story.id, alert.story.version) == ("s1", 2)
    assert shown.title == "A ferry runs aground"
    assert trial_summary(trial.counts, rules=1).startswith(
        "4 records of stories against 1 rule: 1 alert, 1 more kept back by cooldowns"
    )


async def test_files_of_articles_are_not_tried_with_story_rules_alone(tmp_path):
    documents = InputDocuments((str(tmp_path),), max_bytes=1)
    with pytest.raises(Problem, match="rules about stories are tried on the topic"):
        await backtest(Settings(), index("sources>=3"), documents, "beginning", limit=None, wants_json=False)
