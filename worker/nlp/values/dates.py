"""Dates by the orders of a language: "5 marca 2020", "lunes 3 de mayo", "12.03.2021", "Oktober", "2019"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from worker.nlp.values.tables import Trie, ValueTable
from worker.nlp.values.tokens import Token, may_begin, may_end

_MAX_DAY, _MAX_MONTH = 31, 12
_YEARS = range(1000, 2200)
# Other numbers of four digits are mostly no years where they stand by themselves; nor is this one.
_LONE_YEARS, _ROUND_YEAR = range(1900, 2100), 2000
_STOPS = frozenset(".!?…:\"'„“”«»()-")


def dates_in(tokens: Sequence[Token], table: ValueTable) -> Iterator[tuple[int, int]]:
    """The ranges of tokens that are dates, in order. At each place the longest is taken."""
    at = 0
    while at < len(tokens):
        could = tokens[at].is_number or tokens[at].text.lower() in table.first_words
        end = _date_end(tokens, at, table) if could and may_begin(tokens, at) else at
        if end > at:
            yield at, end
        at = max(end, at + 1)


def _date_end(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    """Where the longest date ends that begins here; `at` if there is none."""
    ends = sorted(_ends(tokens, at, at, table.dates, table), reverse=True)
    end = next((end for end in ends if may_end(tokens, end)), at)
    if end > at and _is_lone_number(tokens, at, end):
        return end if _is_lone_year(tokens, at, end) else at
    if end == at and _is_alone(tokens, at, table) and may_end(tokens, at + 1):
        return at + 1
    return end


def _ends(tokens: Sequence[Token], first: int, at: int, node: Trie, table: ValueTable) -> Iterator[int]:
    """Where the orders end that go on with this token from a place in the trie."""
    if node.is_end:
        yield at
    if at >= len(tokens) or (at > first and tokens[at].gap is None):
        return
    for key, following in node.next.items():
        for end in _field_ends(key, tokens, first, at, table):
            yield from _ends(tokens, first, end, following, table)


def _field_ends(key: str, tokens: Sequence[Token], first: int, at: int, table: ValueTable) -> Iterator[int]:
    """Where a part of an order may end that begins with this token."""
    token = tokens[at]
    match key:
        case "d":
            yield from _day_ends(tokens, at, table)
        case "m":
            if _value(token, 2) in range(1, _MAX_MONTH + 1):
                yield at + 1
        case "y":
            yield from _year_ends(tokens, at)
        case "M":
            yield from _month_ends(tokens, first, at, table)
        case "E":
            if token.text in table.weekdays or token.text.lower() in table.weekdays:
                yield at + 1
        case _:
            is_sign = not key[0].isalnum() and key != ","
            if token.text.lower() == key and not (is_sign and token.gap):
                yield at + 1


def _value(token: Token, digits: int) -> int:
    """The number that a run of at most so many digits is; -1 for another token."""
    return int(token.text) if token.is_number and len(token.text) <= digits else -1


def _is_day(token: Token) -> bool:
    return 0 < _value(token, 2) <= _MAX_DAY


def _day_ends(tokens: Sequence[Token], at: int, table: ValueTable) -> Iterator[int]:
    """Behind a day, behind its mark ("1er"), and behind two days ("5–7", "5.–7")."""
    if not _is_day(tokens[at]):
        return
    yield at + 1
    behind = [token.text for token in tokens[at + 1 : at + 4]]
    for size in (1, 2):
        if "".join(behind[:size]) in table.day_marks and tokens[at + 1].gap == 0:
            yield at + 1 + size
    dash = at + 2 if behind[:1] == ["."] else at + 1
    is_range = dash + 1 < len(tokens) and tokens[dash].text == "-" and _is_day(tokens[dash + 1])
    if is_range and all(token.gap is not None for token in tokens[at + 1 : dash + 2]):
        yield dash + 2


def _year_ends(tokens: Sequence[Token], at: int) -> Iterator[int]:
    """Behind a year, and behind two ("2019/20")."""
    token = tokens[at]
    if len(token.text) != 4 or _value(token, 4) not in _YEARS:
        return
    yield at + 1
    if (
        at + 2 < len(tokens)
        and tokens[at + 1].text in ("-", "/")
        and tokens[at + 1].gap == tokens[at + 2].gap == 0
    ):
        second = tokens[at + 2]
        if (len(second.text) == 4 and _value(second, 4) in _YEARS) or (
            len(second.text) == 2 and second.is_number
        ):
            yield at + 3


def _month_ends(tokens: Sequence[Token], first: int, at: int, table: ValueTable) -> Iterator[int]:
    """Behind a month's name; behind a day also behind an abbreviation and its stop."""
    text = tokens[at].text
    if {text, text.lower()} & table.months or text.capitalize() in table.months:
        yield at + 1
    elif at > first and {text, text.lower(), text.capitalize()} & table.abbreviations:
        yield at + 1
        if at + 1 < len(tokens) and tokens[at + 1].text == "." and tokens[at + 1].gap == 0:
            yield at + 2


def _is_lone_number(tokens: Sequence[Token], at: int, end: int) -> bool:
    return tokens[at].is_number and (end == at + 1 or (end == at + 3 and len(tokens[at].text) == 4))


def _is_lone_year(tokens: Sequence[Token], at: int, end: int) -> bool:
    if _value(tokens[at], 4) not in _LONE_YEARS:
        return False
    is_full_date = end == at + 3 and len(tokens[at + 2].text) not in (2, 4)
    behind = tokens[end] if end < len(tokens) and tokens[end].gap is not None else None
    if _value(tokens[at], 4) == _ROUND_YEAR and end == at + 1 and behind and behind.text[0].isalpha():
        return False
    return is_full_date or not (behind and (behind.is_number or behind.text in "%°"))


def _is_alone(tokens: Sequence[Token], at: int, table: ValueTable) -> bool:
    """Whether it is a month or weekday that is a date by itself, as the language writes it.

    Weekdays also with the capital that begins a sentence. "Mars" and "Mai" may be names there.
    """
    token = tokens[at]
    if token.text in table.alone:
        return True
    begins = at == 0 or token.gap is None or tokens[at - 1].text in _STOPS
    return begins and token.text[:1].isupper() and token.text.lower() in table.weekdays & table.alone
