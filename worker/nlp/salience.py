"""How much of an article each of its entities takes up."""

from collections.abc import Sequence

from worker.nlp.entities import Group
from worker.records.article import VALUE_TYPES

# What stories are about, before what they are set in: people and organisations, then places, then values.
_WEIGHTS = {
    "PERSON": 1.2,
    "ORG": 1.0,
    "EVENT": 1.0,
    "PRODUCT": 1.0,
    "WORK_OF_ART": 1.0,
    "LAW": 1.0,
    "GPE": 0.7,
    "NORP": 0.5,
}
_OTHER_WEIGHT = 0.6
_VALUE_WEIGHT = 0.05
_HEADLINE_WEIGHT = 3.0
# What is longer is no headline, and looking for every name in it would take the square of its length.
_HEADLINE_CHARS = 2000
DIGITS = 4


def saliences(groups: Sequence[Group], *, text: str, headline: str | None) -> list[float]:
    """A share for each entity, 0 to 1, rounded to 4 digits and summing to 1.

    A mention counts more the earlier it stands (the first twice as much as the last); a name in the headline
    counts as three.
    """
    length = max(1, len(text))
    title = (headline or "")[:_HEADLINE_CHARS].casefold()
    weights = []
    for group in groups:
        weight = sum(2 - start / length for start, _ in group.mentions)
        if title and any(text[start:end].casefold() in title for start, end in set(group.mentions[:20])):
            weight += _HEADLINE_WEIGHT
        weight *= _VALUE_WEIGHT if group.type in VALUE_TYPES else _WEIGHTS.get(group.type, _OTHER_WEIGHT)
        weights.append(weight)
    total = sum(weights)
    return _rounded([weight / total for weight in weights]) if weights else []


def _rounded(shares: Sequence[float]) -> list[float]:
    """Rounded so that they still sum to 1: what is left over goes to the largest remainders."""
    units = 10**DIGITS
    whole = [int(share * units) for share in shares]
    by_remainder = sorted(range(len(shares)), key=lambda i: (whole[i] - shares[i] * units, i))
    for i in by_remainder[: units - sum(whole)]:
        whole[i] += 1
    return [count / units for count in whole]
