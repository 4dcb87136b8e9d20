"""Spans between quotation marks: every style, paragraph by paragraph, outermost only."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PARAGRAPH = re.compile(r"[^\n\r\u2028\u2029]+")
# What may close what. Of directed marks the first closer counts; some writers close them with a straight one.
_CLOSERS = {
    "“": ("”", '"', "''"),
    "„": ("“", "”", '"'),
    "‟": ("”", '"'),
    "«": ("»",),
    "»": ("«",),
    "「": ("」",),
    "『": ("』",),
    '"': ('"', "”"),
    "``": ("''", '"'),
    "''": ("''", '"'),
    "‘": ("’",),
    "'": ("'",),
}
_MARK = re.compile(r"``|''|[“”„‟«»「」『』\"‘’']")
_SINGLE = frozenset("‘'")
_LEADS_IN = re.compile(r"[,:]\s*$|\bthat\s+$")
_LETTER = re.compile(r"\w")


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
        yield from _in_paragraph(text, paragraph.start(), paragraph.end())


def _in_paragraph(text: str, start: int, end: int) -> Iterator[Quoted]:
    marks = [(m.start(), m.group()) for m in _MARK.finditer(text, start, end)]
    first_letter = next((i for i in range(start, end) if not text[i].isspace()), end)
    i = 0
    # Where no closer of a mark was found once, none follows later in the paragraph: keeps this linear.
    none_left: set[str] = set()
    while i < len(marks):
        at, mark = marks[i]
        if mark not in _CLOSERS or not _can_open(text, at, mark, start):
            i += 1
            continue
        j = None if mark in none_left else _closing(text, marks, i, end)
        content = at + len(mark)
        opens = at == first_letter
        if j is None:
            none_left.add(mark)
            # Forgotten, or the next paragraph goes on: what follows is said as far as the paragraph goes.
            if mark not in _SINGLE and (opens or _LEADS_IN.search(text, max(start, at - 30), at)):
                yield from _span(text, content, end, mark, is_closed=False, opens=opens)
                return
            i += 1
            continue
        yield from _span(text, content, marks[j][0], mark, is_closed=True, opens=opens)
        i = j + 1


def _span(text: str, start: int, end: int, mark: str, *, is_closed: bool, opens: bool) -> Iterator[Quoted]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    if end > start:
        yield Quoted(start, end, mark, is_closed, opens)


def _can_open(text: str, at: int, mark: str, start: int) -> bool:
    """Straight and single marks open only where a word begins: not in `it's`, `6'2"`, `workers'`."""
    after = at + len(mark)
    before = text[at - 1] if at > start else " "
    if after >= len(text) or (text[after].isspace() and (mark in _SINGLE or not before.isspace())):
        return False
    if mark in ("'", "‘"):
        return not before.isalnum() and (_LETTER.match(text[after]) is not None or text[after] in '“"‘[(.…')
    if mark in ('"', "''"):
        return not before.isalnum() and before not in ".,;!?"
    return True


def _closing(text: str, marks: list[tuple[int, str]], i: int, end: int) -> int | None:
    """The index of the mark that closes the `i`-th. None where there is none."""
    opening = marks[i][1]
    closers = _CLOSERS[opening]
    fallback = None
    for j in range(i + 1, len(marks)):
        at, mark = marks[j]
        if mark not in closers:
            continue
        after = at + len(mark)
        follows = text[after] if after < end else " "
        before = text[at - 1]
        if opening in _SINGLE:
            if follows.isalnum():
                continue
            # The ’ of a plural (`workers’ rights`) closes nothing; what ends a quotation often has a stop before it.
            if before in ".,;!?…" or not follows.isspace() or j == len(marks) - 1:
                return j
            if fallback is None and before != "s":
                fallback = j
                return j
            fallback = fallback if fallback is not None else j
            continue
        if opening == '"' and mark == '"' and follows.isalnum() and before.isspace():
            continue
        return j
    return fallback
