"""Writes names of other scripts in Latin letters, by the table that each language's country has published.

`data/<language>/romanization.tsv` names the table. A language without one, and a name with a letter that its
table lacks, have no romanized name.
"""

from __future__ import annotations

from functools import cache

from worker.nlp.wordlists import language_rows
from worker.query.normal_forms import normalized

_ACUTE = "\N{COMBINING ACUTE ACCENT}"
_VOWELS_AND_SIGNS = frozenset("аеёиіїйоуыэюяєъь")
_APOSTROPHES = frozenset("'’ʼ")
_VOICELESS = frozenset("θκξπσςτφχψ")

_Table = dict[str, dict[str, str]]
"""Latin letters by letters, and by where these stand ("" for anywhere)."""


def romanized(name: str, language: str) -> str | None:
    """The name in Latin letters: "Volodymyr Zelenskyi" for "Володимир Зеленський"."""
    table = _table(language)
    if table is None or name.isascii():
        return None
    # An accent marks where a word is stressed, which no table writes; other marks belong to their letters.
    plain = normalized("NFC", normalized("NFD", name).replace(_ACUTE, ""))
    letters = plain.lower()
    if len(letters) != len(plain):
        return None
    written: list[str] = []
    is_written, at = False, 0
    while at < len(letters):
        size, latin = _at(table, letters, at)
        if size:
            is_written = True
            written.append(_in_case(latin, plain, at, size))
        elif letters[at].isalpha() and not letters[at].isascii():
            return None
        else:
            written.append(plain[at])
        at += size or 1
    return "".join(written) if is_written else None


def _at(table: _Table, letters: str, at: int) -> tuple[int, str]:
    """How many letters a row takes here, and what stands for them; 0 where there is none."""
    for size in (8, 3, 2, 1):
        if rows := table.get(letters[at : at + size]):
            for where in _places(letters, at, at + size):
                if where in rows:
                    return min(size, len(letters) - at), rows[where]
    return 0, ""


def _places(letters: str, start: int, end: int) -> list[str]:
    before, after = letters[start - 1 : start], letters[end : end + 1]
    places = [""] if before not in _VOWELS_AND_SIGNS else ["open", ""]
    if not before.isalpha() and before not in _APOSTROPHES:
        places = ["start", "open", ""]
    if not after.isalpha():
        places = ["end", "voiceless", *places]
    elif after in _VOICELESS:
        places = ["voiceless", *places]
    return places


def _in_case(latin: str, plain: str, at: int, size: int) -> str:
    """The letters in capitals where the name has them: "Shch" of "Щ", "SSHA" of "США"."""
    if not plain[at].isupper():
        return latin
    beside = plain[at + size : at + size + 1] or plain[max(0, at - 1) : at]
    return latin.upper() if beside.isupper() and size == 1 else latin.capitalize()


@cache
def _table(language: str) -> _Table | None:
    rows = language_rows(language, "romanization.tsv")
    if rows is None:
        return None
    table: _Table = {}
    for letters, *cells in rows:
        table.setdefault(letters, {})[cells[1] if len(cells) > 1 else ""] = cells[0] if cells else ""
    return table
