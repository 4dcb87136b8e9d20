"""The budget of a rule on an article, counted in steps of work and not in time, so that all workers agree.

A step is about as much as looking at one place of a word, one entity or one quote. Whether a rule keeps
within its budget follows from the article and the rules in force alone: a retry, or a worker on a slower
machine, decides alike.
"""

from worker.query.words import words_of
from worker.records.rules import Rule, walk

RULE_STEPS = 30_000
"""What one rule may take on one article."""
ARTICLE_STEPS = 20_000_000
"""What all rules together may take on one article: beyond it they share alike."""
LEAST_STEPS = 2_000
"""What a rule may take however many rules there are."""
PAUSE_STEPS = 5_000
"""After so much work, whoever matches an article lets others have their turn."""

MAX_NEAR_WORDS = 200
"""How many words the `near` phrases of a rule that is put may have together.

Each is compared at every place where its words stand near the rarest of them. So many stay within a rule's
budget on an article of a few thousand ordinary words.
"""


class OverBudget(Exception):
    """A rule has used up its budget on an article."""


class Allowance:
    """What is left for one rule on one article."""

    __slots__ = ("given", "left")

    def __init__(self, given: int = RULE_STEPS, left: int | None = None) -> None:
        self.given, self.left = given, given if left is None else left

    @property
    def is_over(self) -> bool:
        """Whether the rule wanted more than it was given."""
        return self.left < 0

    def spend(self, steps: int) -> None:
        """Takes the steps before they are done. Raises OverBudget if there are not so many left."""
        self.left -= steps
        if self.left < 0:
            raise OverBudget


def steps_for_each(rules: int) -> int:
    """The budget of each of so many rules that an article could match."""
    return max(LEAST_STEPS, min(RULE_STEPS, ARTICLE_STEPS // max(1, rules)))


def too_costly(rule: Rule) -> str | None:
    """Why a rule should not be put: an ordinary article takes more than its budget. None if it may be."""
    phrases = [part.phrase for _, part in walk(rule.when) if part.phrase and part.phrase.near is not None]
    words = sum(len(words_of(phrase.text)) for phrase in phrases)
    if words <= MAX_NEAR_WORDS:
        return None
    return (
        f"when takes {MAX_NEAR_WORDS} words in phrases with ~ (near), got {words} in {len(phrases)}: each is "
        f"looked for at many places of an article, on which a rule has {RULE_STEPS:,} steps of work"
    )
