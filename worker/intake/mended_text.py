"""Mends a text that was hurt on its way: markup, escaped characters, a feed's note of what it cut, mojibake.

Each is mended only where it is certain. What was done is told, so that whoever compares the published text
with the publisher's own knows why they differ.
"""

import html
import re
from itertools import islice
from typing import Any

from ftfy import TextFixerConfig, fix_encoding
from ftfy.badness import is_bad

from worker.intake.markup import is_markup, text_of_markup

_ENTITY = re.compile(r"&(?:[A-Za-z][A-Za-z0-9]{1,31}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});")
# "[+1834 chars]", "[123 characters more]", "[...]" at the end; "(more...)" and "Read more" behind a stop.
_TAIL = re.compile(
    r"\s*(?:\[\+?\s?\d{1,9}\s(?:more\s)?char(?:s|acters)?(?:\smore)?\]|\[\s?(?:…|\.{3}|&hellip;)\s?\]|"
    r"(?<=[….])\s(?:\(more(?:…|\.{3})?\)|\[?(?:Read|Continue reading)\s(?:more|on)?\]?\s?[→»›]*))\s*$"
)
_TAIL_CHARS = 100
# A first byte of UTF-8 and one that follows, read as Windows-1252 or Latin-1. To look for it first is cheap.
_SUSPECT = re.compile("[\xc2-\xf4][\x80-\xbf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]")
# More than these, in one text, are left as they are: to look at one takes up to half a millisecond.
_MOST_LINES, _MOST_WORDS = 2_000, 500
# Without what guesses: a byte that was lost, or a text of two encodings.
_CERTAIN = TextFixerConfig(
    restore_byte_a0=False, replace_lossy_sequences=False, decode_inconsistent_utf8=False
)


def mended_text(text: str, *, has_no_markup: bool) -> tuple[str, dict[str, Any]]:
    """The text, mended, and what was done to it. `has_no_markup`: whatever it looks like.

    Raises LimitError for too much markup.
    """
    changes: dict[str, Any] = {}
    if not has_no_markup:
        if not is_markup(text) and (unescaped := _unescaped(text)) != text:
            text, changes["entities"] = unescaped, True
        if is_markup(text):
            text, changes["markup"] = text_of_markup(text), True
        if tail := _TAIL.search(text, max(0, len(text) - _TAIL_CHARS)):
            text, changes["truncated"] = text[: tail.start()], tail.group().strip()
    mended = mended_encoding(text)
    if mended != text:
        text, changes["mojibake"] = mended, True
    return text, changes


def mended_encoding(text: str) -> str:
    """The text with UTF-8 that was read as another encoding put right, where this is certain.

    A line is certain if all of it can be put right alike; else each of its words is looked at by itself.
    """
    if text.isascii() or not _SUSPECT.search(text):
        return text
    lines, words = text.split("\n"), _MOST_WORDS
    for i, line in islice(((i, line) for i, line in enumerate(lines) if _SUSPECT.search(line)), _MOST_LINES):
        mended = _decoded(line)
        if mended == line and words:
            parts = line.split(" ")
            suspects = list(islice((k for k, part in enumerate(parts) if _SUSPECT.search(part)), words))
            words -= len(suspects)
            for k in suspects:
                parts[k] = _decoded(parts[k])
            mended = " ".join(parts)
        lines[i] = mended
    return "\n".join(lines)


def _decoded(text: str) -> str:
    if not is_bad(text):
        return text
    decoded = fix_encoding(text, _CERTAIN)
    return text if is_bad(decoded) else decoded


def _unescaped(text: str) -> str:
    """Without escapes, also where they were escaped once more."""
    for _ in range(2):
        if not _ENTITY.search(text):
            return text
        text = html.unescape(text)
    return text
