"""What a person names on the command line, as documents: files, folders, JSON lines, standard input.

Memory is bounded: one document at a time, and none larger than the limit.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from worker.commands.dead_letters.file import LETTER_LINES_SUFFIX, SIDECAR_SUFFIX, NotALetter, read_letter
from worker.intake.ninjs import CONTENT_TYPE as NINJS
from worker.intake.ninjs import is_ninjs
from worker.records.messages import Headers

JSON = "application/json"
JSON_LINES = "application/x-ndjson"
TEXT = "text/plain"
HTML = "text/html"
ENDINGS = {
    ".json": JSON,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".txt": TEXT,
    ".html": HTML,
    ".htm": HTML,
}
STANDARD_INPUT = "-"
# An empty file of this name keeps a folder, such as one of gold data, out of what is fed.
NO_ARTICLES = ".no-articles"
# Of an exported letter: more than any topic takes, in base64.
MAX_LETTER_BYTES = 64 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Document:
    """One article as it came. `line`: of a file of JSON lines, from 1."""

    source: str
    line: int | None
    content_type: str
    value: bytes | None
    key: bytes | None = None
    headers: Headers | None = None
    """Of an exported letter, whose value may be null; else there is the content type alone."""

    @property
    def raw_headers(self) -> Headers:
        """The headers of the raw record that it makes."""
        if self.headers is not None:
            return self.headers
        return (("content-type", self.content_type.encode()),)

    @property
    def place(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file or line that gives no document, and why."""

    source: str
    line: int | None
    error: str
    is_too_large: bool = False

    @property
    def place(self) -> str:
        return self.source if self.line is None else f"{self.source}:{self.line}"


class Documents:
    """Every document under the paths, in order: folders recursively, their files sorted by path.

    A folder inside them that has a file `.no-articles` is passed over, unless it is named itself.

    `content_type`: takes every input for this, whatever its ending; without one, a folder's files of other
    endings and hidden ones are passed over, and a file that was named is Unreadable.
    """

    def __init__(self, paths: tuple[str, ...], *, max_bytes: int, content_type: str | None = None) -> None:
        self._max_bytes = max_bytes
        self._content_type = content_type
        self.bytes_read = 0
        self.passed_over = 0
        self._sources = [source for path in paths for source in self._expand(path)]

    @property
    def total_bytes(self) -> int | None:
        """Of all files; None if standard input is one of them."""
        if STANDARD_INPUT in self._sources:
            return None
        return sum(_size(source) for source in self._sources)

    def __iter__(self) -> Iterator[Document | Unreadable]:
        for source in self._sources:
            yield from self._read(source)

    def _expand(self, path: str) -> Iterator[str]:
        if path == STANDARD_INPUT or not Path(path).is_dir():
            yield path
            return
        for folder, folders, names in os.walk(path):
            if NO_ARTICLES in names and folder != path:
                folders.clear()
                continue
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(name for name in names if not name.startswith(".")):
                if self._content_type or Path(name).suffix.lower() in ENDINGS:
                    yield os.path.join(folder, name)
                else:
                    self.passed_over += 1

    def _read(self, source: str) -> Iterator[Document | Unreadable]:
        content_type = self._content_type or (
            JSON_LINES if source == STANDARD_INPUT else ENDINGS.get(Path(source).suffix.lower())
        )
        if content_type is None:
            yield Unreadable(
                source, None, f"ends in none of {' '.join(ENDINGS)}; --content-type says what it is"
            )
            return
        try:
            # Standard input by its number: Python's own object stays locked by a thread that waits on it.
            with open(
                0 if source == STANDARD_INPUT else source, "rb", closefd=source != STANDARD_INPUT
            ) as file:
                if source.endswith((SIDECAR_SUFFIX, LETTER_LINES_SUFFIX)) and not self._content_type:
                    yield from self._read_letters(source, file)
                elif content_type == JSON_LINES:
                    yield from self._read_lines(source, file)
                else:
                    yield self._read_whole(source, file, content_type)
        except OSError as error:
            yield Unreadable(source, None, error.strerror or str(error))

    def _read_whole(self, source: str, file: IO[bytes], content_type: str) -> Document | Unreadable:
        value = file.read(self._max_bytes + 1)
        self.bytes_read += len(value)
        if len(value) > self._max_bytes:
            return self._too_large(source, None)
        return document(source, None, content_type, value)

    def _read_lines(self, source: str, file: IO[bytes]) -> Iterator[Document | Unreadable]:
        """Empty lines count but are no documents."""
        number = 0
        while line := file.readline(self._max_bytes + 2):
            number += 1
            self.bytes_read += len(line)
            value = line.rstrip(b"\r\n")
            if number == 1:
                value = value.removeprefix(_BOM)
            if len(value) > self._max_bytes:
                while not line.endswith(b"\n") and (line := file.readline(1 << 20)):
                    self.bytes_read += len(line)
                yield self._too_large(source, number)
            elif value.strip():
                yield document(source, number, JSON, value)

    def _read_letters(self, source: str, file: IO[bytes]) -> Iterator[Document | Unreadable]:
        """What `dead-letters export` wrote."""
        is_sheet = source.endswith(SIDECAR_SUFFIX)
        read = file.read if is_sheet else file.readline
        number = 0
        while text := read(MAX_LETTER_BYTES):
            number += 1
            line = None if is_sheet else number
            self.bytes_read += len(text)
            try:
                key, value, headers = read_letter(text, Path(source).parent if is_sheet else None)
            except NotALetter as error:
                yield Unreadable(source, line, str(error))
                continue
            yield Document(source, line, "", value, key, headers)

    def _too_large(self, source: str, line: int | None) -> Unreadable:
        return Unreadable(source, line, f"larger than {self._max_bytes:,} bytes", is_too_large=True)


def document(source: str, line: int | None, content_type: str, value: bytes) -> Document:
    """With the key that publishers use, the article's id, and ninjs told from other JSON.

    What can't be read as JSON is a document all the same: the worker says what is wrong with it.
    """
    if content_type not in (JSON, NINJS):
        return Document(source, line, content_type, value)
    try:
        record = orjson.loads(value.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return Document(source, line, content_type, value)
    if not isinstance(record, dict):
        return Document(source, line, content_type, value)
    if is_ninjs(record):
        return Document(source, line, NINJS, value, _key(record["uri"]))
    return Document(source, line, content_type, value, _key(record.get("id")))


def _key(given_id: object) -> bytes | None:
    if isinstance(given_id, int) and not isinstance(given_id, bool):
        return str(given_id).encode()
    return given_id.encode() if isinstance(given_id, str) and given_id else None


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
