"""Reads documents from what a user names on the command line: files, folders, JSON lines, standard input.

Memory is bounded: one document is read at a time, and none that is larger than the limit.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import orjson

from worker.commands.dead_letters.file import LETTER_LINES_SUFFIX, SIDECAR_SUFFIX, NotALetter, read_letter
from worker.intake.ninjs import CONTENT_TYPE as NINJS_TYPE
from worker.intake.ninjs import is_ninjs
from worker.records.messages import Headers

JSON_TYPE = "application/json"
JSON_LINES_TYPE = "application/x-ndjson"
TEXT_TYPE = "text/plain"
HTML_TYPE = "text/html"
ENDINGS = {
    ".json": JSON_TYPE,
    ".jsonl": JSON_LINES_TYPE,
    ".ndjson": JSON_LINES_TYPE,
    ".txt": TEXT_TYPE,
    ".html": HTML_TYPE,
    ".htm": HTML_TYPE,
}
STANDARD_INPUT = "-"
# A folder that holds a file of this name, such as one of gold data, is left out.
NO_ARTICLES = ".no-articles"
# The largest exported dead letter: the largest record of any topic fits, encoded as base64.
MAX_LETTER_BYTES = 64 << 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class InputDocument:
    """One article as it stands in its source. `line`: its line in a file of JSON lines, counted from 1."""

    source: str
    line: int | None
    content_type: str
    value: bytes | None
    key: bytes | None = None
    headers: Headers | None = None
    """The original headers, where the document comes from an exported dead letter; else None."""

    @property
    def raw_headers(self) -> Headers:
        """The headers of the raw record made of this document: the original ones, or its content type."""
        if self.headers is not None:
            return self.headers
        return (("content-type", self.content_type.encode()),)

    @property
    def place(self) -> str:
        """Where the document stands, as `FILE` or `FILE:LINE`."""
        return self.source if self.line is None else f"{self.source}:{self.line}"


@dataclass(frozen=True, slots=True)
class UnreadableInput:
    """A file or line that no document could be read from, and why."""

    source: str
    line: int | None
    error: str
    is_too_large: bool = False

    @property
    def place(self) -> str:
        """Where the input stands, as `FILE` or `FILE:LINE`."""
        return self.source if self.line is None else f"{self.source}:{self.line}"


class InputDocuments:
    """Iterates over all documents of some paths, in order. Folders are read recursively, sorted by path.

    Left out are hidden files, and each folder that holds a file `.no-articles` and is not one of `paths`.

    `content_type`: the type of every input, whatever its ending. Without one the ending decides: a file of an
    unknown ending is left out of its folder; if it is one of `paths`, it is an UnreadableInput.

    `bytes_read` and `passed_over` count the bytes read so far, and the files left out for their ending.
    """

    def __init__(self, paths: Sequence[str], *, max_bytes: int, content_type: str | None = None) -> None:
        self._max_bytes = max_bytes
        self._content_type = content_type
        self.bytes_read = 0
        self.passed_over = 0
        self._sources = [source for path in paths for source in self._expand(path)]

    @property
    def total_bytes(self) -> int | None:
        """The size of all files together; None if standard input is among them."""
        if STANDARD_INPUT in self._sources:
            return None
        return sum(_size(source) for source in self._sources)

    def __iter__(self) -> Iterator[InputDocument | UnreadableInput]:
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

    def _read(self, source: str) -> Iterator[InputDocument | UnreadableInput]:
        content_type = self._content_type or (
            JSON_LINES_TYPE if source == STANDARD_INPUT else ENDINGS.get(Path(source).suffix.lower())
        )
        if content_type is None:
            yield UnreadableInput(
                source, None, f"ends in none of {' '.join(ENDINGS)}; --content-type says what it is"
            )
            return
        try:
            # Standard input by its descriptor: a thread that waits for a line holds the lock of `sys.stdin`.
            with open(
                0 if source == STANDARD_INPUT else source, "rb", closefd=source != STANDARD_INPUT
            ) as file:
                if source.endswith((SIDECAR_SUFFIX, LETTER_LINES_SUFFIX)) and not self._content_type:
                    yield from self._read_letters(source, file)
                elif content_type == JSON_LINES_TYPE:
                    yield from self._read_lines(source, file)
                else:
                    yield self._read_whole(source, file, content_type)
        except OSError as error:
            yield UnreadableInput(source, None, error.strerror or str(error))

    def _read_whole(self, source: str, file: IO[bytes], content_type: str) -> InputDocument | UnreadableInput:
        value = file.read(self._max_bytes + 1)
        self.bytes_read += len(value)
        if len(value) > self._max_bytes:
            return self._too_large(source, None)
        return input_document(source, None, content_type, value)

    def _read_lines(self, source: str, file: IO[bytes]) -> Iterator[InputDocument | UnreadableInput]:
        """One document a line. Empty lines give no document, but count in the line numbers."""
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
                yield input_document(source, number, JSON_TYPE, value)

    def _read_letters(self, source: str, file: IO[bytes]) -> Iterator[InputDocument | UnreadableInput]:
        """The originals of the dead letters in a file that `dead-letters export` wrote."""
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
                yield UnreadableInput(source, line, str(error))
                continue
            yield InputDocument(source, line, "", value, key, headers)

    def _too_large(self, source: str, line: int | None) -> UnreadableInput:
        return UnreadableInput(source, line, f"larger than {self._max_bytes:,} bytes", is_too_large=True)


def input_document(source: str, line: int | None, content_type: str, value: bytes) -> InputDocument:
    """Makes a document. JSON gets its key, the article's id, and the content type of ninjs if it is that.

    A value that is not valid JSON still makes a document: the worker reports what is wrong with it.
    """
    if content_type not in (JSON_TYPE, NINJS_TYPE):
        return InputDocument(source, line, content_type, value)
    try:
        record = orjson.loads(value.removeprefix(_BOM))
    except orjson.JSONDecodeError:
        return InputDocument(source, line, content_type, value)
    if not isinstance(record, dict):
        return InputDocument(source, line, content_type, value)
    if is_ninjs(record):
        return InputDocument(source, line, NINJS_TYPE, value, _key(record["uri"]))
    return InputDocument(source, line, content_type, value, _key(record.get("id")))


def _key(given_id: object) -> bytes | None:
    if isinstance(given_id, int) and not isinstance(given_id, bool):
        return str(given_id).encode()
    return given_id.encode() if isinstance(given_id, str) and given_id else None


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
