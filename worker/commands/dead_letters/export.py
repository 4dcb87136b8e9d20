"""`dateline dead-letters export`: letters as files, or as JSON lines, from which `feed` sends them again."""

import os
import sys
from pathlib import Path
from typing import IO

from worker.commands.dead_letters.file import letter_json_line, letter_sidecar
from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.letter import Letter
from worker.commands.dead_letters.original import Obstacle, original_reader
from worker.commands.dead_letters.reader import letter_reader
from worker.commands.dead_letters.receipts import read_receipts
from worker.commands.shell.reading import all_topics
from worker.commands.shell.terminal import Problem, counted, progress, say
from worker.records.messages import RawMessage
from worker.settings import Settings


async def export_letters(
    settings: Settings,
    filters: Filter,
    folder: Path | None,
    jsonl: str | None,
    *,
    waiting: bool,
    limit: int | None,
) -> int:
    """How many letters could not be exported whole."""
    topics = await all_topics(settings)
    receipts = await read_receipts(settings, topics)
    written = failed = 0
    async with letter_reader(settings, filters) as reader, original_reader(settings, topics) as originals:
        with _writer(folder, jsonl) as writer, progress(reader.total, results_on_stdout=jsonl == "-") as bar:
            async for letter in reader.letters():
                if waiting and receipts.has(letter):
                    continue
                original = await originals.of(letter)
                problem = original.why if isinstance(original, Obstacle) else writer.write(letter, original)
                if problem is not None:
                    failed += 1
                    bar.say(f"dateline: {letter.place}: {problem}")
                else:
                    written += 1
                bar.update(reader.passed, f"{counted(written, 'letter')} exported")
                if written + failed == limit:
                    break
    where = folder or (jsonl if jsonl != "-" else "standard output")
    say(f"{counted(written, 'letter')} exported to {where}" + (f", {failed:,} left" if failed else ""))
    return failed


class _FolderWriter:
    """Two files a letter. What is there stays: it may have been mended."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError:
            raise Problem(f"{folder} is no folder") from None
        except OSError as error:
            raise Problem(f"{folder}: {error.strerror}") from None

    def __enter__(self) -> "_FolderWriter":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def write(self, letter: Letter, original: RawMessage) -> str | None:
        """What is wrong, if anything. The sheet comes last: where it is, the value is whole."""
        # A topic's name has letters, digits, dots, dashes and underscores alone.
        name = f"{letter.record.topic}-{letter.record.partition}-{letter.record.offset}"
        value = self._folder / f"{name}.value"
        sheet = self._folder / f"{name}.letter.json"
        files = {} if original.value is None else {value: original.value}
        files[sheet] = letter_sidecar(letter, original, value.name)
        differing = [path.name for path, data in files.items() if path.exists() and path.read_bytes() != data]
        if differing:
            return f"{', '.join(differing)} is there and differs: left as it is"
        for path, data in files.items():
            if not path.exists():
                _write_whole(path, data)
        return None


class _LinesWriter:
    """One JSON object a line."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: IO[bytes] = sys.stdout.buffer

    def __enter__(self) -> "_LinesWriter":
        if self._path != "-":
            try:
                self._file = Path(self._path).open("wb")
            except OSError as error:
                raise Problem(f"--jsonl {self._path}: {error.strerror}") from None
        return self

    def __exit__(self, *_error: object) -> None:
        if self._path == "-":
            self._file.flush()
        else:
            self._file.close()

    def write(self, letter: Letter, original: RawMessage) -> str | None:
        self._file.write(letter_json_line(letter, original) + b"\n")
        return None


def _writer(folder: Path | None, jsonl: str | None) -> _FolderWriter | _LinesWriter:
    return _FolderWriter(folder) if folder is not None else _LinesWriter(str(jsonl))


def _write_whole(path: Path, data: bytes) -> None:
    """A file that is there is whole, whatever happens in between."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, path)
