"""What becomes of characters that the terminal's encoding lacks: they are replaced, and no command fails.

Python ends a program with an error that prints `é` on an ASCII terminal. Here a typographic sign is replaced
by the ASCII one that looks like it, and any other character by its escape, such as `\\xe9` or `\\u4e2d`.
"""

import codecs
import io
from typing import TextIO

from worker.commands.shell.visible import escaped

_ERRORS = "dateline.replace"
# A sign for a sign, so that columns stay in line; only the ellipsis takes three.
_LOOK_ALIKES = {
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'", "\u2039": "'", "\u203a": "'", "\u2032": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u201f": '"', "\u2033": '"', "\u00ab": '"', "\u00bb": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-",
    "\u2026": "...", "\u2022": "*", "\u00b7": "*", "\u00d7": "x",
}  # fmt: skip


def replace_what_is_lacking(stream: TextIO) -> None:
    """Makes the stream replace the characters that its encoding lacks, instead of raising an error."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=_ERRORS)


def has(stream: TextIO, text: str) -> bool:
    """Whether the stream's encoding has all of the text's characters."""
    try:
        text.encode(stream.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def writes_utf8(stream: TextIO) -> bool:
    """Whether the stream is written in UTF-8."""
    return codecs.lookup(stream.encoding or "utf-8").name == "utf-8"


def _replaced(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_LOOK_ALIKES.get(char) or escaped(char) for char in lacking), error.end


codecs.register_error(_ERRORS, _replaced)
