"""The story rules of a run: in force, unchanged, from before the first article to the end."""

from worker.alerts.text import condition_from_text
from worker.records.rules import Cooldown, Rule

_COOLDOWN_SECONDS = 2


def _rule(rule_id: str, when: str, cooldown: Cooldown | None = None) -> Rule:
    return Rule(
        id=rule_id,
        name=f"the rule {rule_id}",
        owner="faults",
        when=condition_from_text(when),
        cooldown=cooldown,
    )


STORY_RULES = (
    _rule("story-new", "story:new"),
    _rule("story-confirmed", "sources>=2"),
    _rule("story-growing", "growth>=3/1h", Cooldown(_COOLDOWN_SECONDS, "story")),
    _rule("story-copied", "reprints>=2 NOT headline:volcano", Cooldown(_COOLDOWN_SECONDS)),
)
