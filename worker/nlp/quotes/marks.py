"""Finds the spans between quotation marks of every style, in each paragraph, without nested ones."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029]+")
_MARK = re.compile(r"``|''|‘‘|’’|[“”„‟«»‹›「」『』〝〞〟＂\"‘’‚'`]")
# The right closing marks of each opening mark.
_CLOSERS = {
    "“": "”",
    "”": "”",
    "„": "“”",
    "‟": "”",
    "«": "»",
    "»": "«",
    "‹": "›",
    "「": "」",
    "『": "』",
    "〝": "〞〟",
    "＂": "＂",
    '"': '"',
    "``": ("''",),
    "''": ("''",),
    "‘‘": ("’’",),
    "‘": "’",
    "‚": "‘’",
    "'": "'",
    "`": "'’",
}
# Closing marks that writers use by mistake. They count where the right one is missing.
_MISTAKEN_CLOSERS = {
    "“": ('"', "''", "’’", "“", "»"),
    "”": ('"', "''", "“"),
    "„": ('"', "„"),
    "‟": ('"',),
    "«": ("”", '"'),
    '"': ("”", "“", "''"),
    "``": ('"', "”"),
    "''": ('"', "”"),
    "‘‘": ("”", '"', "''"),
    "‘": ("'", "”"),
    "'": ("’",),
}
_SINGLE = frozenset("‘‚'`")
# Styles whose opening and closing marks differ, so that a quotation may contain another of the same style.
_NESTING = frozenset("“‘")
# Marks that may also close, or stand for feet, inches or omitted letters. They open only before a word.
_AMBIGUOUS = frozenset({'"', "''", "＂", "”", "»", "›", *_SINGLE})
_LETTERS_LEFT_OUT = re.compile(
    r"['‘](?:\d0s?\b|(?:em|tis|twas|til|till|cause|n|round|bout)\b)", re.IGNORECASE
)
# "..., **said Ms Okafor**" and "..., **she said**." within what no mark closes.
_SAYS = (
    r"(?:said|says|added|adds|asked|asks|told|explained|explains|warned|warns|insisted|insists|recalled|recalls|"
    r"replied|replies|noted|notes|argued|argues|wrote|writes|complained|complains|admitted|admits|declared|declares|"
    r"remarked|remarks|stated|states|shouted|shouts|joked|jokes|cried|cries|continued|continues|concluded|concludes)"
)
_NAMED = r"[A-Z][\w.’'-]*"
_WHO = rf"(?:he|she|they|(?:the|a|an|one|his|her|their)[ \t]+[^\W\d_][\w’'-]*|{_NAMED})"
# What somebody tells of another's words ("I left, he said, and ...") ends no sentence, unless a name is told.
_SAID_INSIDE = re.compile(
    rf"([,?!])[ \t]+(?:(?:the|a|an|its|his|her)[ \t][^,.?!;\n]{{1,40}},[ \t]+{_NAMED}(?:[ "
    rf"\t]+{_NAMED}){{0,3}},[ \t]+"
    rf"(?:{_SAYS}|told)\b|{_SAYS}[ \t]+{_WHO}\b"
    rf"|{_NAMED}(?:[ \t]+{_NAMED}){{0,3}}[ \t]+(?:{_SAYS}|told(?:[ \t]+[\w’'-]+){{1,3}})[ \t]*[.,:]"
    rf"|{_WHO}[ \t]+{_SAYS}[ \t]*(?:\.|$))"
)
_SINGLE_MARKS = frozenset("‘’‚'`")


@dataclass(frozen=True, slots=True)
class QuotedSpan:
    """The content between marks, without the marks, in code points of the text.

    `is_closed`: it has a closing mark. `opens_paragraph`: its opening mark begins the paragraph.
    """

    start: int
    end: int
    mark: str
    is_closed: bool
    opens_paragraph: bool


def quoted_spans(text: str) -> Iterator[QuotedSpan]:
    """All quoted spans, in order. A wrong or missing mark affects its own paragraph only."""
    for paragraph in _PARAGRAPH.finditer(text):
        yield from _in_paragraph(text, *paragraph.span())


def _in_paragraph(text: str, start: int, end: int) -> Iterator[QuotedSpan]:
    marks = [match.span() for match in _MARK.finditer(text, start, end)]
    first_letter = _skip_space(text, start, end)
    # Styles that no later mark of the paragraph closes. Not searching for them again keeps the time linear.
    unclosed: set[str] = set()
    i = 0
    while i < len(marks):
        at, content = marks[i]
        mark, opens_paragraph = text[at:content], at == first_letter
        if mark not in _CLOSERS or not _can_open(
            text, marks[i], (start, end), opens_paragraph=opens_paragraph
        ):
            i += 1
            continue
        if mark not in _SINGLE and (said := _attributed_inside(text, marks, i, end)) is not None:
            # The mark was forgotten before the words that say who speaks.
            yield from _span(text, content, said, mark, is_closed=True, opens=opens_paragraph)
            i += 1
            continue
        closing = None if mark in unclosed else _closing(text, marks, i, end)
        if closing is not None:
            yield from _span(text, content, marks[closing][0], mark, is_closed=True, opens=opens_paragraph)
            i = closing + 1
            continue
        unclosed.add(mark)
        if mark not in _SINGLE:
            # The mark was forgotten, or the quotation continues in the next paragraph.
            yield from _span(text, content, end, mark, is_closed=False, opens=opens_paragraph)
            return
        i += 1


def _attributed_inside(text: str, marks: list[tuple[int, int]], i: int, end: int) -> int | None:
    """Where the words end that a forgotten mark should close: '“We wait**,** said Ms Okafor.'.

    None where a mark follows that may close them, or where no words say who speaks.
    """
    later = (marks[j] for j in range(i + 1, len(marks)))
    following = next((m for m in later if text[slice(*m)] not in _SINGLE_MARKS), None)
    if following is not None and not _opens_inside(text, following, end):
        return None
    said = _SAID_INSIDE.search(text, marks[i][1], following[0] if following else end)
    return said.end(1) if said and " " in text[marks[i][1] : said.end(1)].strip() else None


def _skip_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _span(
    text: str, start: int, end: int, mark: str, *, is_closed: bool, opens: bool
) -> Iterator[QuotedSpan]:
    start = _skip_space(text, start, end)
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield QuotedSpan(start, end, mark, is_closed, opens)


def _can_open(text: str, mark: tuple[int, int], paragraph: tuple[int, int], *, opens_paragraph: bool) -> bool:
    """Whether a mark may open a quotation: not in `it's`, `6'2"`, `workers'`, nor at a paragraph's end."""
    at, after = mark
    start, end = paragraph
    if after >= end:
        return False
    name = text[at:after]
    before = text[at - 1] if at > start else " "
    follows = text[after]
    if follows.isspace():
        # A stray space, or French spacing. A mark with a space on its right only is a closing one.
        return (before.isspace() and name not in _SINGLE and name != "''") or opens_paragraph
    if name not in _AMBIGUOUS:
        return True
    if before.isalnum() or before in ".,;!?…)]" or (name in _SINGLE and follows in ".,;:!?)]"):
        return False
    return not (name in _SINGLE and _LETTERS_LEFT_OUT.match(text, at))


def _closing(text: str, marks: list[tuple[int, int]], i: int, end: int) -> int | None:
    """The index of the mark that closes the `i`-th, None where there is none."""
    return _ClosingSearch(text, text[slice(*marks[i])], end).find(marks, i + 1)


class _ClosingSearch:
    """The search for the mark that closes a quotation, one mark after the other."""

    def __init__(self, text: str, opening: str, end: int) -> None:
        self._text = text
        self._end = end
        self._opening = opening
        self._right = _CLOSERS[opening]
        self._mistaken = _MISTAKEN_CLOSERS.get(opening, ())
        self._is_single = opening in _SINGLE
        # Marks that count if no better one follows; `_slip` is a single mark in place of a double one.
        self._fallback: int | None = None
        self._slip: int | None = None
        # Quotations that were opened inside and are still open, in the same marks and in single ones.
        self._inner = 0
        self._singles = 0

    def find(self, marks: list[tuple[int, int]], first: int) -> int | None:
        """The index of the closing mark, from the `first` mark on."""
        for j in range(first, len(marks)):
            mark = self._text[slice(*marks[j])]
            if not self._is_single:
                self._follow_singles(j, marks[j])
            if mark == self._opening and _opens_inside(self._text, marks[j], self._end):
                if self._slip is not None:
                    return self._second_best()
                # "He said “no” twice".
                if mark in _NESTING and self._fallback is None:
                    self._inner += 1
                    continue
            if mark in self._right:
                closing = self._right_mark(j, marks[j])
                if closing is not None:
                    return closing
            elif mark in self._mistaken and self._fallback is None and self._ends_word(marks[j]):
                self._fallback = j
            elif mark == self._opening and self._fallback is not None:
                return self._fallback
        return self._second_best()

    def _follow_singles(self, j: int, place: tuple[int, int]) -> None:
        """Count the open single quotations, and note a single mark used in place of a double one."""
        mark = self._text[slice(*place)]
        if mark in "‘'" and _opens_inside(self._text, place, self._end):
            self._singles += 1
        elif mark in "’'" and self._text[place[0] - 1] in ",.!?":
            # "“We wait,’ she said."
            if self._slip is None and not self._singles and self._ends_word(place):
                self._slip = j
            self._singles = max(0, self._singles - 1)

    def _right_mark(self, j: int, place: tuple[int, int]) -> int | None:
        """The index of the mark that closes this quotation, if that is clear from a right closing mark."""
        at, after = place
        if self._inner and self._ends_word(place):
            self._inner -= 1
            self._fallback = j
        elif not self._is_single:
            return None if _begins_another(self._text, place, self._end, self._opening) else j
        elif self._ends_word(place):
            # An apostrophe behind an s ("the workers’ rights") closes only if no better mark follows.
            if self._text[at - 1] != "s" or not self._text[after : after + 1].isspace():
                return j
            self._fallback = j if self._fallback is None else self._fallback
        elif self._text[at - 1].isspace():
            # Another quotation begins here, so the apostrophe before, if any, was the closing mark.
            return self._fallback
        return None

    def _ends_word(self, place: tuple[int, int]) -> bool:
        return _ends_word(self._text, place, self._end)

    def _second_best(self) -> int | None:
        return self._slip if self._fallback is None else self._fallback


def _opens_inside(text: str, mark: tuple[int, int], end: int) -> bool:
    """Whether a mark stands between a space and a word."""
    at, after = mark
    return text[at - 1].isspace() and after < end and text[after].isalnum()


def _begins_another(text: str, mark: tuple[int, int], end: int, opening: str) -> bool:
    """Whether a straight mark, or one that opened before, opens another: a space left, a word right of it."""
    at, after = mark
    return text[at:after] in ('"', "''", opening) and _opens_inside(text, mark, end)


def _ends_word(text: str, mark: tuple[int, int], end: int) -> bool:
    """Whether no space stands before a mark and no word behind it."""
    at, after = mark
    return not text[at - 1].isspace() and not (after < end and text[after].isalnum())
