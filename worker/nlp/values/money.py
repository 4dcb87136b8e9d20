"""Amounts of money by a language's currencies: "5 mln zł", "3 milliards d'euros", "US$ 20 milhões"."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from worker.nlp.values.tables import ValueTable, longest
from worker.nlp.values.tokens import Token, may_begin, may_end

_MARKS = frozenset(".,'")
_MAX_GROUPS = 8
_MIN_DIGITS = 3
"""A code before fewer digits, with no word for millions, may name a conference or a goal."""
_MAX_LETTERS_BEFORE_SIGN = 3


def amounts_in(tokens: Sequence[Token], table: ValueTable) -> Iterator[tuple[int, int]]:
    """The ranges of tokens that are amounts, in order. At each place the longest is taken."""
    at = 0
    while at < len(tokens):
        end = at
        if tokens[at].is_number:
            end = _behind_number(tokens, at, table) if may_begin(tokens, at) else at
        elif _may_open(tokens[at], table) and may_begin(tokens, at):
            end = _before_number(tokens, at, table)
        if end > at and may_end(tokens, end):
            yield at, end
        else:
            end = at
        # The rest of a number that is no amount is none either.
        at = max(end, _number_end(tokens, at, table) if tokens[at].is_number else at + 1)


def _may_open(token: Token, table: ValueTable) -> bool:
    """Whether an amount may begin with what is no number: hardly any word in small letters is a currency."""
    text = token.text
    if not text.islower() or text in table.symbols.next:
        return True
    return table.is_named_first and text.casefold() in table.currencies.next


def _behind_number(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    """The end of an amount whose currency stands behind the number; `at` if there is none."""
    number = _number_end(tokens, at, table)
    scaled = _scale_end(tokens, number, table)
    end = _currency_end(tokens, scaled, table)
    is_large = scaled > number or _digits(tokens[at:number]) >= _MIN_DIGITS
    if end == scaled or not (is_large or tokens[end - 1].text.casefold() not in table.doubtful):
        return at
    # "61,000" that is cut in two, or not a number of anything.
    return at if tokens[at].text.startswith("00") else end


def _before_number(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    """The end of an amount whose currency stands before the number; `at` if there is none."""
    sign = _sign_end(tokens, at, table)
    is_sure = sign > at and any(_is_sign(token) for token in tokens[at:sign])
    if sign == at and tokens[at].text in table.codes:
        sign = at + 1
    if sign == at and table.is_named_first:
        sign = longest(table.currencies, tokens, at, folded=True)
        is_sure = sign > at
    if sign == at or not _is_near(tokens, sign):
        return at
    first = _scale_end(tokens, sign, table)
    if first > sign and not (is_sure and _is_near(tokens, first) and tokens[first].is_number):
        return at
    if not tokens[first].is_number:
        return at
    number = _number_end(tokens, first, table)
    end = _scale_end(tokens, number, table)
    if not (is_sure or end > number or _digits(tokens[first:number]) >= _MIN_DIGITS):
        return at
    return _currency_end(tokens, end, table)


def _digits(tokens: Sequence[Token]) -> int:
    return sum(len(token.text) for token in tokens if token.is_number)


def _is_near(tokens: Sequence[Token], at: int) -> bool:
    return at < len(tokens) and tokens[at].gap is not None


def _number_end(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    """The end of a number, "1.234,50" or "12 000", and of two, "10-15"."""
    end = _one_number_end(tokens, at, table)
    is_range = (
        end + 1 < len(tokens) and tokens[end].text == "-" and tokens[end].gap == tokens[end + 1].gap == 0
    )
    return _one_number_end(tokens, end + 1, table) if is_range and tokens[end + 1].is_number else end


def _one_number_end(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    end = at + 1
    is_grouped = table.is_grouped_by_space and len(tokens[at].text) <= 3
    for _ in range(_MAX_GROUPS):
        if (
            end + 1 < len(tokens)
            and tokens[end].text in _MARKS
            and tokens[end].gap == tokens[end + 1].gap == 0
        ):
            if not tokens[end + 1].is_number:
                break
            is_grouped = False
            end += 2
        elif is_grouped and end < len(tokens) and tokens[end].gap == 1 and len(tokens[end].text) == 3:
            if not tokens[end].is_number:
                break
            end += 1
        else:
            break
    return end


def _scale_end(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    """Behind the words for thousands and millions that stand here, "mil millones"; `at` if there are none."""
    if not _is_near(tokens, at):
        return at
    end = longest(table.scales, tokens, at, folded=True)
    if end > at and _is_near(tokens, end):
        end = longest(table.scales, tokens, end, folded=True)
    return end


def _currency_end(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    """Behind the currency that stands here, with a word between ("de euros"); `at` if there is none."""
    if not _is_near(tokens, at):
        return at
    for first in (at, at + 1):
        if first > at and not (
            tokens[at].text.casefold() in (*table.joints, ".") and _is_near(tokens, first)
        ):
            break
        end = max(longest(table.currencies, tokens, first, folded=True), _sign_end(tokens, first, table))
        if end == first and tokens[first].text in table.codes:
            end += 1
        if end > first:
            return end
    return at


def _sign_end(tokens: Sequence[Token], at: int, table: ValueTable) -> int:
    """Behind a currency's sign or abbreviation, "R$" or "kr."; `at` if there is none."""
    end = longest(table.symbols, tokens, at, folded=False, joined=True)
    if end > at:
        return end
    if _is_sign(tokens[at]):
        return at + 1
    letters = tokens[at].text
    if not (letters.isupper() and len(letters) <= _MAX_LETTERS_BEFORE_SIGN and at + 1 < len(tokens)):
        return at
    return at + 2 if _is_sign(tokens[at + 1]) and tokens[at + 1].gap == 0 else at


def _is_sign(token: Token) -> bool:
    return unicodedata.category(token.text[0]) == "Sc"
