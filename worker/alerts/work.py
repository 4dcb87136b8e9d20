"""The budget of a rule on an article, counted in steps of work and not in time, so that all workers agree.

A step is about as much as looking at one place of a word, one entity or one quote. Whether a rule keeps
within its budget follows from the article and the rules in force alone: a retry, or a worker on a slower
machine, decides alike.
"""

RULE_STEPS = 30_000
"""What one rule may take on one article."""
ARTICLE_STEPS = 20_000_000
"""What all rules together may take on one article: beyond it they share alike."""
LEAST_STEPS = 2_000
"""What a rule may take however many rules there are."""
PAUSE_STEPS = 5_000
"""After so much work, whoever matches an article lets others have their turn."""


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
