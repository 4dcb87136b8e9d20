"""`dateline dead-letters export`: writes letters as files or JSON lines, which `feed` can send again."""

import os
from pathlib import Path

from worker.commands.dead_letters.file import SIDECAR_SUFFIX, letter_json_line, letter_sidecar
from worker.commands.dead_letters.filter import Filter
from worker.commands.dead_letters.letter import Letter
from worker.commands.dead_letters.original import Obstacle, original_reader
from worker.commands.dead_letters.reader import letter_reader
from worker.commands.dead_letters.receipts import read_receipts
from worker.commands.shell.output import print_json, say
from worker.commands.shell.reading import all_topics
from worker.commands.shell.terminal import Problem, counted, progress
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
    """Exports the letters that the filter matches. Returns how many could not be exported."""
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
    """Writes two files for each letter. A file that exists stays as it is: somebody may have mended it."""

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
        """Returns what is wrong, if anything.

        The sidecar is written last, so the value is complete wherever a sidecar exists.
        """
        # Safe as a file's name: a topic's has letters, digits, dots, dashes and underscores alone.
        name = f"{letter.record.topic}-{letter.record.partition}-{letter.record.offset}"
        value = self._folder / f"{name}.value"
        sidecar = self._folder / f"{name}{SIDECAR_SUFFIX}"
        files = {} if original.value is None else {value: original.value}
        files[sidecar] = letter_sidecar(letter, original, value.name)
        differing = [path.name for path, data in files.items() if path.exists() and path.read_bytes() != data]
        if differing:
            return f"{', '.join(differing)} is there and differs: left as it is"
        for path, data in files.items():
            if not path.exists():
                _write_whole(path, data)
        return None


class _LinesWriter:
    """Writes one JSON object a line to a file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __enter__(self) -> "_LinesWriter":
        try:
            self._file = Path(self._path).open("wb")
        except OSError as error:
            raise Problem(f"--jsonl {self._path}: {error.strerror}") from None
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()

    def write(self, letter: Letter, original: RawMessage) -> str | None:
        self._file.write(letter_json_line(letter, original) + b"\n")
        return None


class _StdoutWriter:
    """Prints one JSON object a line. It gives the same letter as the file's line, byte for byte."""

    def __enter__(self) -> "_StdoutWriter":
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def write(self, letter: Letter, original: RawMessage) -> str | None:
        print_json(letter_json_line(letter, original))
        return None


def _writer(folder: Path | None, jsonl: str | None) -> _FolderWriter | _LinesWriter | _StdoutWriter:
    if folder is not None:
        return _FolderWriter(folder)
    return _StdoutWriter() if jsonl == "-" else _LinesWriter(str(jsonl))


def _write_whole(path: Path, data: bytes) -> None:
    """Replaces the file in one step, so that an interruption never leaves half of it."""
    partial = path.with_name(f".{path.name}.partial")
    partial.write_bytes(data)
    os.replace(partial, path)
