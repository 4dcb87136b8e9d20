"""Amounts of money whose bounds are a matter of form: "QR8,944,593", "20 million won", "$500m"."""

import re
from collections.abc import Iterable
from heapq import merge

from worker.nlp.entities.group import LabelledSpan
from worker.nlp.wordlists import words

# The longest first: of "Sh" and "Shs" the one that is written. Repeats are bounded, so that it stays linear.
_CODES = "|".join(sorted(words("currency_codes.txt"), key=lambda code: (-len(code), code)))
_NAMES = "|".join(sorted(words("currency_names.txt")))
_SCALE = r"(?:thousand|million|billion|trillion|lakh|crore|mn|bn|tn|[kmb])\b"
# Two digits alone are no sure amount: codes of letters and a small number also name conferences and goals.
_LARGE = rf"(?=\d[\d.,]{{2}}|[\d.,]{{1,4}} ?{_SCALE})"
_NUMBER = r"\d{1,20}(?:[.,]\d{1,20}){0,8}"
_CODED = re.compile(
    rf"(?<![^\W_])(?:{_CODES})\.? ?{_LARGE}{_NUMBER}(?![.,]?\w)(?: {_SCALE})?"
    rf"|(?<![^\W_])(?:{_CODES}){_LARGE}{_NUMBER}(?:{_SCALE})"
)
_REST = re.compile(rf"(?:(?<=\d){_SCALE})?(?:[ -](?:{_NAMES})\b)?", re.IGNORECASE)


def with_amounts(text: str, spans: Iterable[LabelledSpan]) -> list[LabelledSpan]:
    """The spans, given and returned in order, with amounts in full.

    A currency's code and a number are one; what overlaps them gives way. An amount of the pipeline's goes on
    over its scale and the currency's name, as in "[20 million] won" and "[$500]m".
    """
    coded = [(match.start(), match.end(), "MONEY") for match in _CODED.finditer(text)]
    found: list[LabelledSpan] = []
    for start, end, label in merge(spans, coded):
        if label == "MONEY" and (rest := _REST.match(text, end)):
            end = rest.end()
        if not found or start >= found[-1][1]:
            found.append((start, end, label))
        elif label == "MONEY":
            # Two readings of one amount are one; any other name inside an amount is none.
            first = found.pop()
            found.append((first[0] if first[2] == "MONEY" else start, max(first[1], end), "MONEY"))
    return found
