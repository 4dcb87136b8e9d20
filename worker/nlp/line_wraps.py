"""Tells line ends that wrap a paragraph from those that end one.

Wires, releases and mail wrap their lines. What is there to tell it by: a sentence that goes on, and, once one
line is known to be wrapped, the width at which the next line's first word had no room.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from worker.nlp.wordlists import words

_SPACE = " \t"
_ENDED = re.compile(r"[.!?:…。！？][\"'’”»)\]*_]*$")
_BLANK = re.compile(r"\n[ \t]*\n")
_LIST_MARK = re.compile(r"(?:[-–—•*·▪►‣◦○●■□>|#=~_+]+|\(?(?:\d{1,3}|[a-z]|[ivx]+)[.)])(?:\s|$)")
# A sentence or a quotation that ended within the line, so that the line is no heading.
_ENDED_WITHIN = re.compile(r"[.!?…][\"'’”»)]*\s|[”\"»]\s+\S")
_FIRST_WORD = re.compile(r"\S+")
_NAME_GOES_ON = re.compile(
    r"(?P<first>[A-Z][\w’'-]*)(?:\s[A-Z][\w’'-]*)?"
    r"(?:,|’s|'s|\.(?:\s|$)|\s+(?:said|says|told|added|who|whose|which|has|had|is|was|will|\()\b)"
)
_LAST_WORD = re.compile(r"[\w’'-]+\.?$")
# Wider lines are paragraphs that each stand on a line.
_WIDEST = 120
# By how much a line may exceed the width of those that are surely wrapped, and how many may exceed even that.
_RAGGED, _FEW = 1.25, 0.2
_LONGEST_WORD = 100


@dataclass(frozen=True, slots=True)
class _Break:
    """A line end. `line` stands before it and `following` behind it, both without space around them."""

    start: int
    end: int
    line: str
    following: str
    is_first: bool
    """Whether nothing of its block stands before the line."""

    @property
    def is_open(self) -> bool:
        return not _ENDED.search(self.line)

    @property
    def goes_on(self) -> bool:
        """Whether the sentence goes on for sure: by the words around the line's end alone."""
        if self.last_word.rstrip(".").lower() in words("unfinished.txt"):
            return self.is_open or self.last_word.endswith(".")
        return self.is_open and (self.following[0].islower() or self.line[-1] in ",-")

    @property
    def last_word(self) -> str:
        found = _LAST_WORD.search(self.line, max(0, len(self.line) - _LONGEST_WORD))
        return found.group() if found else ""

    def has_no_room(self, width: int) -> bool:
        """Whether the next line's first word did not fit."""
        word = _FIRST_WORD.match(self.following)
        return len(self.line) + 1 + len(word.group() if word else "") > width

    @property
    def is_within_a_name(self) -> bool:
        """Whether a name seems to go on, in a line that had a whole sentence or quotation before."""
        last, found = self.last_word, _NAME_GOES_ON.match(self.following)
        return (
            self.is_open
            and found is not None
            and (last[:1].isupper() or last in words("cue_verbs.txt"))
            and found["first"].lower() not in words("function_words.txt")
            and _ENDED_WITHIN.search(self.line) is not None
        )


def wraps(text: str) -> Iterator[tuple[int, int, str]]:
    """Where a line end, with the space around it, only wraps a paragraph, and what is read instead."""
    if "\n" not in text:
        return
    breaks = list(_breaks(text))
    sure = [one for one in breaks if one.goes_on]
    width = _width(text, sure)
    has_blocks = _BLANK.search(text) is not None
    surely = {one.end for one in sure}
    for one in breaks:
        if one.end in surely or one.is_within_a_name or (width and _is_wrapped(one, width, has_blocks)):
            # Behind a hyphen within a word or name nothing is read: "Ben-" and "Ami".
            yield one.start, one.end, "" if re.search(r"\w-$", one.line) else " "


def _width(text: str, sure: list[_Break]) -> int:
    """At how many characters the text is wrapped; 0 if most of its lines are paragraphs."""
    width = max((len(one.line) for one in sure if len(one.line) <= _WIDEST), default=0)
    lines = [len(line) for whole in text.split("\n") if (line := whole.strip(_SPACE))]
    return width if sum(length > width * _RAGGED for length in lines) <= len(lines) * _FEW else 0


def _is_wrapped(one: _Break, width: int, has_blocks: bool) -> bool:
    """Whether the line is wrapped, in a text that is wrapped at about this width.

    A sentence that fills its line may end its paragraph, unless blank lines do that (`has_blocks`).
    """
    if len(one.line) > _WIDEST:
        return False
    if one.is_open:
        return one.has_no_room(width) or not one.is_first
    return has_blocks and one.has_no_room(width) and len(one.line) <= width


def _breaks(text: str) -> Iterator[_Break]:
    """The line ends within blocks of lines, but for those before the items of a list."""
    at = ended = 0
    before, is_first = "", True
    for whole in text.split("\n"):
        line = whole.strip(_SPACE)
        if line and before and not _LIST_MARK.match(line) and any(map(str.isalnum, before)):
            end = at + len(whole) - len(whole.lstrip(_SPACE))
            yield _Break(ended, end, before, line, is_first)
        is_first = not before
        ended = at + len(whole.rstrip(_SPACE))
        at, before = at + len(whole) + 1, line
