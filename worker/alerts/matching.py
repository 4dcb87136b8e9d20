"""Finds the rules in force that an enriched article matches, and writes the matches."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import orjson

from worker.alerts.evaluate import Evidence, why
from worker.alerts.facts import Facts
from worker.alerts.index import ActiveRule, RuleIndex
from worker.alerts.text import condition_to_text
from worker.alerts.work import Allowance, OverBudget
from worker.records.alerts import (
    Alert,
    AlertMatch,
    AlertRule,
    AlertSpan,
    AlertStory,
    RuleOverrun,
    Why,
    alert_id,
    story_version_id,
)
from worker.records.cloudevents import rfc3339
from worker.records.published import ArticleReference, reference

# These keep an alert below its topic's 1 MiB, whatever the rule and the article: besides the reasons it has a
# thousand ids of some 300 bytes, and what refers to the article, some 130 KB where all of that is escaped.
MAX_WHY_ENTRIES = 50
MAX_FOUND_CHARS = 500
_MAX_WHY_BYTES = 400_000
# The entities that an alert is about are looked for in this much evidence.
MAX_EVIDENCE = 1000


def matches(index: RuleIndex, article: Mapping[str, Any], *, time_ms: int) -> list[AlertMatch]:
    """The matches of one article, as `match_by_turns` finds them."""
    if not index:
        return []
    found = match_by_turns(index, article, time_ms=time_ms)
    return [one for one in found if isinstance(one, AlertMatch)]


def match_by_turns(
    index: RuleIndex, article: Mapping[str, Any], *, time_ms: int
) -> Iterator[AlertMatch | RuleOverrun | None]:
    """The matches of one article (the parsed JSON of the enriched topic), ordered by rule id.

    `time_ms`: when the article came in. A rule that had expired by then does not match. In place of a match
    stands an overrun if the rule takes more work than its budget. At each None others may have their turn.
    """
    facts = Facts(article)
    found = yield from index.find_matches(facts)
    found = [one for one in found if not is_expired_at(one[0], time_ms)]
    if not found:
        return
    about = reference(article)
    for active, allowance in found:
        yield match_or_overrun(active, facts, about, allowance, time_ms=time_ms)


def match_or_overrun(
    active: ActiveRule,
    facts: Facts,
    about: ArticleReference,
    allowance: Allowance,
    *,
    time_ms: int,
    story: AlertStory | None = None,
) -> AlertMatch | RuleOverrun:
    """The match of a rule that holds, or its overrun if saying why takes more than is left of its budget."""
    at = rfc3339(time_ms)
    try:
        if allowance.is_over:
            raise OverBudget
        alert = _alert(active, facts, about, at, allowance, story)
    except OverBudget:
        return RuleOverrun(
            rule=active.rule.id,
            version=active.version,
            article=about.id,
            at=at,
            limit="steps",
            most=allowance.given,
        )
    return AlertMatch(alert=alert, time_ms=time_ms, cooldown=active.rule.cooldown)


def is_expired_at(active: ActiveRule, time_ms: int) -> bool:
    """Whether the rule no longer matches what came in at that time."""
    expires_at = active.rule.expires_at
    return expires_at is not None and datetime.fromisoformat(expires_at).timestamp() * 1000 <= time_ms


def _alert(
    active: ActiveRule,
    facts: Facts,
    about: ArticleReference,
    at: str,
    allowance: Allowance,
    story: AlertStory | None,
) -> Alert:
    rule = active.rule
    named = about.id if story is None else story_version_id(story)
    evidence = list(islice(why(rule.when, facts, allowance, active.forms), MAX_EVIDENCE))
    return Alert(
        id=alert_id(rule.id, active.version, named),
        rule=AlertRule(id=rule.id, version=active.version, name=rule.name, owner=rule.owner),
        article=about,
        why=tuple(_reasons(evidence, facts)),
        entities=tuple(dict.fromkeys(found.entity for found in evidence if found.entity)),
        at=at,
        story=story,
    )


def _reasons(evidence: Sequence[Evidence], facts: Facts) -> Iterator[Why]:
    """The first reasons; none that would follow more bytes of JSON than an alert has room for."""
    size = 0
    for found in evidence[:MAX_WHY_ENTRIES]:
        if size > _MAX_WHY_BYTES:
            return
        reason = _why(found, facts)
        size += len(orjson.dumps([reason.condition, reason.found, *(span.text for span in reason.spans)]))
        yield reason


def _why(evidence: Evidence, facts: Facts) -> Why:
    return Why(
        condition=condition_to_text(evidence.condition),
        found=evidence.found[:MAX_FOUND_CHARS],
        spans=tuple(
            AlertSpan(
                field=place[0], start=place[1], end=place[2], text=facts.quote_of(place)[:MAX_FOUND_CHARS]
            )
            for place in evidence.places
        ),
    )
