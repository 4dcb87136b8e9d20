"""`dateline rules test`: prints the alerts that rules would have raised on files or on the enriched topic."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from worker.alerts.cooldown import LIMITS
from worker.alerts.index import RuleIndex
from worker.commands.articles.documents import InputDocuments
from worker.commands.rules.articles import (
    StoryPlace,
    articles_of_files,
    articles_of_topic,
    stories_of_topic,
)
from worker.commands.rules.files import read_rules_in
from worker.commands.rules.topic import read_rules
from worker.commands.rules.trial import RaisedAlert, Trial, TrialCounts
from worker.commands.shell.output import print_json, result_console, say
from worker.commands.shell.terminal import Problem, counted
from worker.commands.shown.alert_card import show_alert
from worker.records.codec import to_bytes
from worker.records.rules import Cooldown, Rule, asks_about_stories
from worker.settings import Settings


async def rules_to_test(
    settings: Settings,
    ids: Sequence[str],
    files: Sequence[str],
    typed: Sequence[Rule],
    cooldown: tuple[Cooldown | None] | None,
) -> RuleIndex:
    """The rules with these ids, of these files and as typed, or without any of them all rules in force.

    A `cooldown`, in a tuple since None is one too, replaces the rules' own. The cluster is only asked for
    rules by id or for all rules. Raises Problem for an id that it does not have.
    """
    rules = [*typed, *read_rules_in(files)]
    if ids or not rules:
        current = await read_rules(settings, only=ids or None)
        unknown = [rule_id for rule_id in ids if current.book.index.get(rule_id) is None]
        if unknown:
            raise Problem("\n".join(map(current.not_found, unknown)))
        rules += [active.rule for active in current.book.index]
    if cooldown is not None:
        rules = [replace(rule, cooldown=cooldown[0]) for rule in rules]
    return RuleIndex(rules)


def _without_stories(index: RuleIndex) -> RuleIndex:
    """The rules that articles of files can match. Raises Problem if there are none but story rules."""
    rules = [active.rule for active in index]
    of_articles = [rule for rule in rules if not asks_about_stories(rule.when)]
    if rules and not of_articles:
        raise Problem("files have articles, and rules about stories are tried on the topic: leave out PATH")
    if left_out := len(rules) - len(of_articles):
        say(f"{counted(left_out, 'story rule')} left out, which files of articles can't show")
    return RuleIndex(of_articles)


async def backtest(
    settings: Settings,
    index: RuleIndex,
    documents: InputDocuments | None,
    since: int | str,
    *,
    limit: int | None,
    wants_json: bool,
) -> int:
    """Prints the first `limit` alerts in the order of the articles' times.

    Without `documents` the articles, and for story rules the stories, are those of their topics since then.

    Returns how many articles and stories could not be read.
    """
    if documents is not None and index.story_rules:
        index = _without_stories(index)
    trial = Trial(index, now_ms=int(time.time() * 1000))
    printer = _Printer(limit, wants_json=wants_json)

    def take(article: dict[str, Any], time_ms: int) -> None:
        printer.print(trial.add(article, time_ms=time_ms))

    def take_story(card: dict[str, Any], place: StoryPlace, time_ms: int) -> None:
        printer.print(trial.add_story(card, place, time_ms=time_ms))

    failed = 0
    if documents is not None:
        failed = await articles_of_files(settings, documents, take)
    elif len(index) > index.story_rules or not len(index):
        failed = await articles_of_topic(settings, since, take)
    if index.story_rules:
        failed += await stories_of_topic(settings, since, take_story)
    printer.print(trial.flush())
    say(trial_summary(trial.counts, rules=len(index)))
    return failed


def trial_summary(counts: TrialCounts, *, rules: int) -> str:
    """`1,000 articles against 1 rule: 12 alerts, 3 more kept back by cooldowns`

    Then what cooldowns for each entity hold, and what was too much for a rule.
    """
    kept_back = f", {counts.kept_back:,} more kept back by cooldowns" if counts.kept_back else ""
    looked_at = [counted(counts.articles, "article")] if counts.articles or not counts.stories else []
    if counts.stories:
        looked_at.append(f"{counted(counts.stories, 'record')} of stories")
    over = f", {counted(counts.overruns, 'overrun')} of a rule's budget" if counts.overruns else ""
    return (
        f"{' and '.join(looked_at)} against {counted(rules, 'rule')}: "
        f"{counted(counts.alerts, 'alert')}{kept_back}{over}{_held(counts)}"
    )


def _held(counts: TrialCounts) -> str:
    if not counts.entities:
        return ""
    beyond = counts.suspended
    were = "match was" if beyond == 1 else "matches were"
    return f"; a rule had {counts.entities:,} entities in cooldown at most, and takes {LIMITS.entities:,}" + (
        f", beyond which {beyond:,} {were} kept back" if beyond else ""
    )


class _Printer:
    """Prints alerts as cards or as JSON lines, up to the limit."""

    def __init__(self, limit: int | None, *, wants_json: bool) -> None:
        self._limit = limit
        self._wants_json = wants_json
        self._console = result_console()
        self._printed = 0

    def print(self, fired: Iterable[RaisedAlert]) -> None:
        for alert, shown in fired:
            if self._limit is not None and self._printed >= self._limit:
                continue
            self._printed += 1
            if self._wants_json:
                print_json(to_bytes(alert))
            else:
                show_alert(self._console, alert, shown)
