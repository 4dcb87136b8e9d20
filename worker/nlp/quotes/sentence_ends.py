"""Where the sentences of a text end in languages that have a table."""

import re

from worker.nlp.quotes.tables import QuotingTable

OPENING = " \t\u00a0\u202f\"“„”«»‘’‚'‹「『([—–-"
"""What may stand before the first letter of a sentence."""

_BREAK = re.compile(r"[.!?…]['’”\"»«“」』)\]]{0,3}\s+|[\n\r]+")
_MOST_MARKS = 6
_WORD = re.compile(r"[^\W\d_]{1,16}")
_MOST_DIGITS = 2


def sentence_ends(table: QuotingTable, masked: str) -> list[int]:
    """Where the sentences of a text end: at stops that no small letter follows, of no abbreviation."""
    return [
        found.end()
        for found in _BREAK.finditer(masked)
        if found.group()[0] in "\n\r" or (_opens(masked, found.end()) and not _is_short(masked, found, table))
    ]


def _opens(masked: str, at: int) -> bool:
    """Whether a sentence may begin here: no small letter follows, over marks."""
    for place in range(at, min(len(masked), at + _MOST_MARKS)):
        if masked[place] not in OPENING:
            return not masked[place].islower()
    return True


def _is_short(masked: str, stop: re.Match[str], table: QuotingTable) -> bool:
    """Whether a stop is that of an abbreviation, an initial, or the number of a day: "17. Januar"."""
    if stop.group()[0] != ".":
        return False
    start = stop.start()
    while start and masked[start - 1].isalnum() and stop.start() - start < _MOST_MARKS:
        start -= 1
    word = masked[start : stop.start()]
    if word.isdigit() and len(word) <= _MOST_DIGITS:
        behind = _WORD.match(masked, stop.end())
        return behind is not None and table.has("months", behind.group().lower())
    return (len(word) == 1 and word.isupper()) or table.has("abbreviations", word.lower())
