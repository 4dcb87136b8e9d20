"""Spans between quotation marks: every style, paragraph by paragraph, outermost only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029]+")
_MARK = re.compile(r"``|''|‘‘|’’|[“”„‟«»‹›「」『』〝〞〟＂\"‘’‚'`]")
# What closes what.
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
# What writers close it with by mistake, taken where the right mark is missing.
_MISTAKEN_CLOSERS = {
    "“": ('"', "''", "“", "»"),
    "”": ('"', "''", "“"),
    "„": ('"', "„"),
    "‟": ('"',),
    "«": ("”", '"'),
    '"': ("”", "''"),
    "``": ('"', "”"),
    "''": ('"', "”"),
    "‘‘": ("”", '"', "''"),
    "‘": ("'", "”"),
    "'": ("’",),
}
_SINGLE = frozenset("‘‚'`")
# Those that open with another mark than they close with may stand in themselves.
_NESTING = frozenset("“‘")
# Open only between a space and a word: they also close, or stand for feet, inches and letters left out.
_TWO_FACED = frozenset({'"', "''", "＂", "”", "»", "›", *_SINGLE})
_LETTERS_LEFT_OUT = re.compile(
    r"['‘](?:\d0s?\b|(?:em|tis|twas|til|till|cause|n|round|bout)\b)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Quoted:
    """The content between marks, without them, in code points of the text.

    `is_closed`: its closing mark is there. `opens_paragraph`: nothing but its mark stands before it.
    """

    start: int
    end: int
    mark: str
    is_closed: bool
    opens_paragraph: bool


def quoted_spans(text: str) -> Iterator[Quoted]:
    """All quoted spans, in order. A mark gone wrong costs its own paragraph, never the rest of the text."""
    for paragraph in _PARAGRAPH.finditer(text):
        yield from _in_paragraph(text, *paragraph.span())


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Quoted]:
    marks = [match.span() for match in _MARK.finditer(text, start, end)]
    first_letter = _skip_space(text, start, end)
    # Marks that nothing later in the paragraph closes: not looked for again, which keeps this linear.
    hopeless: set[str] = set()
    i = 0
    while i < len(marks):
        at, content = marks[i]
        mark, opens_paragraph = text[at:content], at == first_letter
        if mark not in _CLOSERS or not _can_open(
            text, marks[i], (start, end), opens_paragraph=opens_paragraph
        ):
            i += 1
            continue
        closing = None if mark in hopeless else _closing(text, marks, i, end)
        if closing is not None:
            yield from _span(text, content, marks[closing][0], mark, is_closed=True, opens=opens_paragraph)
            i = closing + 1
            continue
        hopeless.add(mark)
        if mark not in _SINGLE:
            # Its mark forgotten, or going on in the next paragraph: said as far as this one goes.
            yield from _span(text, content, end, mark, is_closed=False, opens=opens_paragraph)
            return
        i += 1


def _skip_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _span(text: str, start: int, end: int, mark: str, *, is_closed: bool, opens: bool) -> Iterator[Quoted]:
    start = _skip_space(text, start, end)
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield Quoted(start, end, mark, is_closed, opens)


def _can_open(text: str, mark: tuple[int, int], paragraph: tuple[int, int], *, opens_paragraph: bool) -> bool:
    """Where a word begins: not in `it's`, `6'2"`, `the workers'`; and something must follow."""
    at, after = mark
    start, end = paragraph
    if after >= end:
        return False
    name = text[at:after]
    before = text[at - 1] if at > start else " "
    follows = text[after]
    if follows.isspace():
        # A space slipped in, or French spacing; but a mark with space on its right only has closed something.
        return (before.isspace() and name not in _SINGLE and name != "''") or opens_paragraph
    if name not in _TWO_FACED:
        return True
    if before.isalnum() or before in ".,;!?…)]" or (name in _SINGLE and follows in ".,;:!?)]"):
        return False
    return not (name in _SINGLE and _LETTERS_LEFT_OUT.match(text, at))


def _closing(text: str, marks: list[tuple[int, int]], i: int, end: int) -> int | None:
    """The index of the mark that closes the `i`-th, None where there is none."""
    opening = text[slice(*marks[i])]
    right, mistaken = _CLOSERS[opening], _MISTAKEN_CLOSERS.get(opening, ())
    fallback, slip = None, None
    # Opened inside and not yet closed: the same mark ("He said “no” twice”), and single ones.
    inner, singles = 0, 0
    for j in range(i + 1, len(marks)):
        at, after = marks[j]
        mark = text[at:after]
        if mark in "‘'" and opening not in _SINGLE and _opens_inside(text, marks[j], end):
            singles += 1
        elif mark in "’'" and opening not in _SINGLE and text[at - 1] in ",.!?":
            # A single mark where a double one was meant: "“We wait,’ she said."
            slip = j if slip is None and not singles and _ends_word(text, marks[j], end) else slip
            singles = max(0, singles - 1)
        if mark == opening and slip is not None and _opens_inside(text, marks[j], end):
            return slip if fallback is None else fallback
        if mark == opening and mark in _NESTING and fallback is None and _opens_inside(text, marks[j], end):
            inner += 1
            continue
        if mark in right and inner and _ends_word(text, marks[j], end):
            inner -= 1
            fallback = j
            continue
        if mark in right:
            if opening not in _SINGLE:
                if not _begins_another(text, marks[j], end):
                    return j
            elif _ends_word(text, marks[j], end):
                # An apostrophe behind an s ("the workers’ rights") where a better mark may follow.
                if text[at - 1] != "s" or not text[after : after + 1].isspace():
                    return j
                fallback = j if fallback is None else fallback
            elif fallback is not None and text[at - 1].isspace():
                # Another quotation begins: the apostrophe was this one's end.
                return fallback
        elif mark in mistaken and fallback is None and _ends_word(text, marks[j], end):
            fallback = j
        elif mark == opening and fallback is not None:
            return fallback
    return slip if fallback is None else fallback


def _opens_inside(text: str, mark: tuple[int, int], end: int) -> bool:
    """Whether a mark stands between a space and a word."""
    at, after = mark
    return text[at - 1].isspace() and after < end and text[after].isalnum()


def _begins_another(text: str, mark: tuple[int, int], end: int) -> bool:
    """Whether a straight mark opens: space on its left, a word on its right."""
    at, after = mark
    return text[at:after] in ('"', "''") and _opens_inside(text, mark, end)


def _ends_word(text: str, mark: tuple[int, int], end: int) -> bool:
    at, after = mark
    return not text[at - 1].isspace() and not (after < end and text[after].isalnum())
