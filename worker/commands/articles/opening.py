"""Opens the files that a command line names or whose folder it names, and nothing else.

Who can write into a folder may put a symbolic link, a FIFO or a device there. A link must not send another
file of this machine to Kafka, and a FIFO must not hold the command up for ever.
"""

import os
import stat
from dataclasses import dataclass
from typing import BinaryIO

_KINDS = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISDIR, "a folder"),
)


class NotOpened(Exception):
    """The file is not read; the message says why."""


class TooLarge(NotOpened):
    """The file is larger than what may be read of it."""


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to read. `root` is the folder that it must lie in once links are resolved, or None.

    A file that the user named has no root: a link to it is what the user asked for.
    """

    path: str
    root: str | None = None

    def beside(self, name: str, *, follow_links: bool) -> "InputFile":
        """The file of this name in the same folder, from which no link may lead out unless `follow_links`."""
        folder = os.path.dirname(self.path) or "."
        root = None if follow_links else self.root or os.path.realpath(folder)
        return InputFile(os.path.join(folder, os.path.basename(name)), root)

    def open(self) -> BinaryIO:
        """The file, opened for reading. Raises NotOpened if it is no regular file or leads out; OSError."""
        # Looked at before it is opened, since opening a device may do something to it.
        _check_is_regular(os.stat(self.path))
        # Without waiting: a FIFO that took the file's place meanwhile would wait for somebody to write.
        descriptor = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        file = os.fdopen(descriptor, "rb")
        try:
            found = os.fstat(descriptor)
            _check_is_regular(found)
            self._check_is_inside(found)
        except BaseException:
            file.close()
            raise
        return file

    def read(self, most: int) -> bytes:
        """All of the file. Raises TooLarge, before it is read, if it has more than `most` bytes."""
        with self.open() as file:
            return read_whole(file, most)

    def _check_is_inside(self, opened: os.stat_result) -> None:
        """What was opened is checked, not the name, which may lead elsewhere by now."""
        if self.root is None:
            return
        target = os.path.realpath(self.path)
        if leads_out(target, self.root) or not os.path.samestat(opened, os.stat(target)):
            raise NotOpened(link_out_message(self.root))


def leads_out(path: str, root: str) -> bool:
    """Whether the path, its links resolved, lies outside the folder `root`, which is resolved already."""
    return os.path.commonpath((os.path.realpath(path), root)) != root


def link_out_message(root: str) -> str:
    """Why a link is not followed."""
    return f"a symbolic link that leads out of {root}: --follow-links follows it"


def read_whole(file: BinaryIO, most: int) -> bytes:
    """All of an open file. Raises TooLarge, before it is read if its size is known, beyond `most` bytes."""
    if os.fstat(file.fileno()).st_size <= most:
        value = file.read(most + 1)
        if len(value) <= most:
            return value
    raise TooLarge(too_large_message(most))


def too_large_message(most: int) -> str:
    """What is said of a file or line that is larger than it may be."""
    return f"larger than {most:,} bytes"


def _check_is_regular(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    kind = next((name for is_kind, name in _KINDS if is_kind(found.st_mode)), "no file")
    raise NotOpened(f"{kind}, passed over: only files are read, and - is standard input")
