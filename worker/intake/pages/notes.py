"""Recognises by their first words notes to readers and labels of links, which stand between paragraphs."""

import re
from importlib.resources import files

_DATA = files("worker.intake") / "data"
# A note is no longer than this; what is longer tells something of its own.
MAX_NOTE_CHARS = 300
_OPENING = re.compile(r"^[\W_]+")
_QUOTED = ("“", '"', "„", "«", "‘", "'")
# Behind "..." in a line: other words of the same sentence or two.
_OTHER_WORDS = r"[^\n]{1,120}?"


def is_note(text: str) -> bool:
    """Whether a paragraph is about the page, not the story: "Sign up for our newsletter"."""
    if len(text) > MAX_NOTE_CHARS or text.startswith(_QUOTED):
        return False
    return bool(_NOTE.match(_plain(text)))


def is_teaser_label(text: str) -> bool:
    """Whether the text of a link begins as those to other stories do: "Read more: ..."."""
    return bool(_LABEL_OF_A_LINK.match(_plain(text[:80])))


def _plain(text: str) -> str:
    return _OPENING.sub("", text).lower().replace("’", "'")


def _any_note() -> str:
    return "|".join(map(_note_pattern, _lines("page_notes.txt")))


def _note_pattern(line: str) -> str:
    if line.endswith("."):
        return re.escape(line[:-1]) + r"\W*$"
    return _OTHER_WORDS.join(re.escape(part.strip()) for part in line.split("...")) + r"(?!\w)"


def _any_label() -> str:
    """A line that ends in a colon counts only before one, where the word alone would be too little."""
    return "|".join(
        re.escape(line[:-1]) + r"\s*[:：|–—»-]" if line.endswith(":") else re.escape(line) + r"(?!\w)"
        for line in _lines("teaser_labels.txt")
    )


def _lines(name: str) -> list[str]:
    lines = (_DATA / name).read_text(encoding="utf-8").splitlines()
    return [line for line in map(str.strip, lines) if line and not line.startswith("#")]


_NOTE = re.compile(_any_note())
_LABEL_OF_A_LINK = re.compile(_any_label())
