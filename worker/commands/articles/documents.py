"""Reads documents from what a user names on the command line: files, folders, JSON lines, standard input.

Memory is bounded: one document is read at a time, and none that is larger than the limit.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson

from worker.commands.articles.opening import (
    InputFile,
    NotOpened,
    TooLarge,
    leads_out,
    link_out_message,
    read_whole,
    too_large_message,
)
from worker.commands.dead_letters.file import LETTER_LINES_SUFFIX, SIDECAR_SUFFIX, NotALetter, read_letter
from worker.commands.shell.bounded import BOM, Line, bounded_lines
from worker.intake.feeds.names import given_id
from worker.intake.formats.ninjs import CONTENT_TYPE as NINJS_TYPE
from worker.intake.formats.ninjs import is_ninjs
from worker.records.messages import Headers

JSON_TYPE = "application/json"
JSON_LINES_TYPE = "application/x-ndjson"
TEXT_TYPE = "text/plain"
HTML_TYPE = "text/html"
XML_TYPE = "application/xml"
ENDINGS = {
    ".json": JSON_TYPE,
    ".jsonl": JSON_LINES_TYPE,
    ".ndjson": JSON_LINES_TYPE,
    ".txt": TEXT_TYPE,
    ".html": HTML_TYPE,
    ".htm": HTML_TYPE,
    ".xml": XML_TYPE,
    ".nitf": XML_TYPE,
    ".rss": XML_TYPE,
    ".atom": XML_TYPE,
}
STANDARD_INPUT = "-"
# A folder that holds a file of this name, such as one of gold data, is left out.
NO_ARTICLES = ".no-articles"
# The largest exported dead letter: the largest record of any topic fits, encoded as base64.
MAX_LETTER_BYTES = 64 << 20
_STDIN = InputFile(STANDARD_INPUT)


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
    FIFOs, sockets and devices are UnreadableInputs. So are links that lead out of a folder of `paths`, unless
    `follow_links`, which follows links to folders too.

    `content_type`: the type of every input, whatever its ending. Without one the ending decides: a file of an
    unknown ending is left out of its folder; if it is one of `paths`, it is an UnreadableInput.

    `bytes_read` and `passed_over` count the bytes read so far, and the files left out for their ending.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        max_bytes: int,
        content_type: str | None = None,
        follow_links: bool = False,
    ) -> None:
        self._max_bytes = max_bytes
        self._content_type = content_type
        self._follow_links = follow_links
        self.bytes_read = 0
        self.passed_over = 0
        self._sources = [source for path in paths for source in self._expand(path)]

    @property
    def total_bytes(self) -> int | None:
        """The size of all files together; None if standard input is among them."""
        if any(source == _STDIN for source in self._sources):
            return None
        return sum(_size(source.path) for source in self._sources if isinstance(source, InputFile))

    def __iter__(self) -> Iterator[InputDocument | UnreadableInput]:
        for source in self._sources:
            if isinstance(source, UnreadableInput):
                yield source
            else:
                yield from self._read(source)

    def _expand(self, path: str) -> Iterator[InputFile | UnreadableInput]:
        if path == STANDARD_INPUT or not Path(path).is_dir():
            yield InputFile(path)
            return
        top = os.path.realpath(path)
        root = None if self._follow_links else top
        seen = {top}
        for folder, folders, names in os.walk(path, followlinks=self._follow_links):
            if NO_ARTICLES in names and folder != path:
                folders.clear()
                continue
            visible_folders = sorted(name for name in folders if not name.startswith("."))
            folders[:] = [name for name in visible_folders if self._is_new(os.path.join(folder, name), seen)]
            yield from _links_out([os.path.join(folder, name) for name in visible_folders], root)
            for name in sorted(name for name in names if not name.startswith(".")):
                if self._content_type or Path(name).suffix.lower() in ENDINGS:
                    yield InputFile(os.path.join(folder, name), root)
                else:
                    self.passed_over += 1

    def _is_new(self, folder: str, seen: set[str]) -> bool:
        """Whether the folder was not read before: links to folders may lead in a circle."""
        if not self._follow_links:
            return True
        target = os.path.realpath(folder)
        is_new = target not in seen
        seen.add(target)
        return is_new

    def _read(self, source: InputFile) -> Iterator[InputDocument | UnreadableInput]:
        content_type = self._content_type or (
            JSON_LINES_TYPE if source == _STDIN else ENDINGS.get(Path(source.path).suffix.lower())
        )
        try:
            if content_type is None:
                # What is not there has no type that could be told.
                os.stat(source.path)
                raise NotOpened(f"ends in none of {' '.join(ENDINGS)}; --content-type says what it is")
            # Standard input by its descriptor: a thread that waits for a line holds the lock of `sys.stdin`.
            with open(0, "rb", closefd=False) if source == _STDIN else source.open() as file:
                if source.path.endswith((SIDECAR_SUFFIX, LETTER_LINES_SUFFIX)) and not self._content_type:
                    yield from self._read_letters(source, file)
                elif content_type == JSON_LINES_TYPE:
                    yield from self._read_lines(source.path, file)
                else:
                    yield self._read_whole(source.path, file, content_type)
        except TooLarge as error:
            yield UnreadableInput(source.path, None, str(error), is_too_large=True)
        except NotOpened as error:
            yield UnreadableInput(source.path, None, str(error))
        except OSError as error:
            yield UnreadableInput(source.path, None, error.strerror or str(error))

    def _read_whole(self, source: str, file: BinaryIO, content_type: str) -> InputDocument:
        value = read_whole(file, self._max_bytes)
        self.bytes_read += len(value)
        return input_document(source, None, content_type, value)

    def _read_lines(self, source: str, file: BinaryIO) -> Iterator[InputDocument | UnreadableInput]:
        """One document a line. Empty lines give no document, but count in the line numbers."""
        for line in bounded_lines(file, self._max_bytes):
            self.bytes_read += line.size
            if line.text is None:
                yield _too_large(source, line.number, self._max_bytes)
            elif line.text.strip():
                yield input_document(source, line.number, JSON_TYPE, line.text)

    def _read_letters(self, source: InputFile, file: BinaryIO) -> Iterator[InputDocument | UnreadableInput]:
        """The originals of the dead letters in a file that `dead-letters export` wrote."""
        is_sheet = source.path.endswith(SIDECAR_SUFFIX)
        texts = (
            [Line(1, read_whole(file, MAX_LETTER_BYTES), 0)]
            if is_sheet
            else bounded_lines(file, MAX_LETTER_BYTES)
        )
        for text in texts:
            line = None if is_sheet else text.number
            self.bytes_read += text.size
            if text.text is None:
                yield _too_large(source.path, line, MAX_LETTER_BYTES)
                continue
            try:
                key, value, headers = read_letter(text.text, self._beside(source) if is_sheet else None)
            except NotALetter as error:
                yield UnreadableInput(source.path, line, str(error))
                continue
            yield InputDocument(source.path, line, "", value, key, headers)

    def _beside(self, source: InputFile) -> Callable[[str], bytes]:
        """Reads the file with a letter's value: only one beside the sheet, which may come from elsewhere."""
        return lambda name: source.beside(name, follow_links=self._follow_links).read(MAX_LETTER_BYTES)


def _links_out(folders: Sequence[str], root: str | None) -> Iterator[UnreadableInput]:
    """The folders among these that are links which lead out; without a root none is."""
    for folder in folders:
        if root is not None and os.path.islink(folder) and leads_out(folder, root):
            yield UnreadableInput(folder, None, link_out_message(root))


def _too_large(source: str, line: int | None, most: int) -> UnreadableInput:
    return UnreadableInput(source, line, too_large_message(most), is_too_large=True)


def input_document(source: str, line: int | None, content_type: str, value: bytes) -> InputDocument:
    """Makes a document. JSON gets its key, the article's id, and the content type of ninjs if it is that.

    A value that is not valid JSON still makes a document: the worker reports what is wrong with it.
    """
    if content_type not in (JSON_TYPE, NINJS_TYPE):
        return InputDocument(source, line, content_type, value)
    try:
        record = orjson.loads(value.removeprefix(BOM))
    except orjson.JSONDecodeError:
        return InputDocument(source, line, content_type, value)
    if not isinstance(record, dict):
        return InputDocument(source, line, content_type, value)
    if is_ninjs(record):
        return InputDocument(source, line, NINJS_TYPE, value, _key(record["uri"]))
    return InputDocument(source, line, content_type, value, _key(given_id(record)))


def _key(given_id: object) -> bytes | None:
    if isinstance(given_id, int) and not isinstance(given_id, bool):
        return str(given_id).encode()
    return given_id.encode() if isinstance(given_id, str) and given_id else None


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0
