"""Finds amounts of money by their form: "QR8,944,593", "20 million won", "$500m"."""

import re
from collections.abc import Iterable
from heapq import merge

from worker.nlp.entities.group import LabelledSpan
from worker.nlp.wordlists import words

# The longest code first, so that "Shs" is not read as "Sh". Repeats are bounded to keep the time linear.
_CODES = "|".join(sorted(words("currency_codes.txt"), key=lambda code: (-len(code), code)))
_NAMES = "|".join(sorted(words("currency_names.txt")))
_SCALE = r"(?:thousand|million|billion|trillion|lakh|crore|mn|bn|tn|[kmb])\b"
# A code with one or two digits may name a conference or a goal: the number must be longer or have a scale.
_LARGE = rf"(?=\d[\d.,]{{2}}|[\d.,]{{1,4}} ?{_SCALE})"
_NUMBER = r"\d{1,20}(?:[.,]\d{1,20}){0,8}"
_CODED = re.compile(
    rf"(?<![^\W_])(?:{_CODES})\.? ?{_LARGE}{_NUMBER}(?![.,]?\w)(?: {_SCALE})?"
    rf"|(?<![^\W_])(?:{_CODES}){_LARGE}{_NUMBER}(?:{_SCALE})"
)
_REST = re.compile(rf"(?:(?<=\d){_SCALE})?(?:[ -](?:{_NAMES})\b)?", re.IGNORECASE)


def with_amounts(text: str, spans: Iterable[LabelledSpan]) -> list[LabelledSpan]:
    """The spans with complete amounts of money, in order as they were given.

    A currency's code with a number becomes one MONEY span and replaces the spans it overlaps. A MONEY span of
    the pipeline is extended over the scale and the currency's name behind it: "[20 million] won", "[$500]m".
    """
    coded = [(match.start(), match.end(), "MONEY") for match in _CODED.finditer(text)]
    found: list[LabelledSpan] = []
    for start, end, label in merge(spans, coded):
        if label == "MONEY" and (rest := _REST.match(text, end)):
            end = rest.end()
        if not found or start >= found[-1][1]:
            found.append((start, end, label))
        elif label == "MONEY":
            # Overlapping amounts are merged; another label inside an amount is dropped.
            first = found.pop()
            found.append((first[0] if first[2] == "MONEY" else start, max(first[1], end), "MONEY"))
    return found
