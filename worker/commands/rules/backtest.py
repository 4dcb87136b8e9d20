"""`dateline rules test`: prints the alerts that rules would have raised on files or on the enriched topic."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from worker.alerts.cooldown import LIMITS
from worker.alerts.index import RuleIndex
from worker.commands.articles.documents import InputDocuments
from worker.commands.rules.articles import articles_of_files, articles_of_topic
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
    rules by id or for all rules. Raises Problem for an id that it does not have, and for a story rule.
    """
    rules = _of_articles([*typed, *read_rules_in(files)], said=True)
    if ids or not rules:
        current = await read_rules(settings, only=ids or None)
        unknown = [rule_id for rule_id in ids if current.book.index.get(rule_id) is None]
        if unknown:
            raise Problem("\n".join(map(current.not_found, unknown)))
        rules += _of_articles([active.rule for active in current.book.index], said=bool(ids))
    if cooldown is not None:
        rules = [replace(rule, cooldown=cooldown[0]) for rule in rules]
    return RuleIndex(rules)


def _of_articles(rules: Sequence[Rule], *, said: bool) -> list[Rule]:
    """The rules that articles can match. Raises Problem for a story rule that was asked for (`said`)."""
    story_rules = [rule.id for rule in rules if asks_about_stories(rule.when)]
    if story_rules and said:
        raise Problem(
            f"{', '.join(story_rules)}: a rule about stories is matched with stories as they grow, and no "
            "article shows what it would raise; `rules put --dry-run` checks it"
        )
    if story_rules:
        say(f"{counted(len(story_rules), 'story rule')} left out: articles match none")
    return [rule for rule in rules if not asks_about_stories(rule.when)]


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

    Without `documents` the articles are those of the enriched topic since then.

    Returns how many articles could not be read.
    """
    trial = Trial(index, now_ms=int(time.time() * 1000))
    printer = _Printer(limit, wants_json=wants_json)

    def take(article: dict[str, Any], time_ms: int) -> None:
        printer.print(trial.add(article, time_ms=time_ms))

    if documents is not None:
        failed = await articles_of_files(settings, documents, take)
    else:
        failed = await articles_of_topic(settings, since, take)
    printer.print(trial.flush())
    say(trial_summary(trial.counts, rules=len(index)))
    return failed


def trial_summary(counts: TrialCounts, *, rules: int) -> str:
    """`1,000 articles against 1 rule: 12 alerts, 3 more kept back by cooldowns`

    Then what cooldowns for each entity hold, and what was too much for a rule.
    """
    kept_back = f", {counts.kept_back:,} more kept back by cooldowns" if counts.kept_back else ""
    over = f", {counted(counts.overruns, 'overrun')} of a rule's budget" if counts.overruns else ""
    return (
        f"{counted(counts.articles, 'article')} against {counted(rules, 'rule')}: "
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
