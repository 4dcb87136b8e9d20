"""Clocks that are wrong: libfaketime, of Debian's package `faketime`, gives a process another time of day.

Run by itself, it says in one line if that is missing, and what is not tested then.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

HOW_TO_GET = "libfaketime is missing (on Debian: apt-get install faketime)"
# The library for processes with threads; its path names the architecture.
_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")


def faketime_library() -> Path | None:
    """Where libfaketime is; None if it is not installed."""
    found = (path for pattern in _LIBRARIES for path in Path("/").glob(pattern.removeprefix("/")))
    return next(found, None)


class FalseClock:
    """A clock that is off by `offset`, such as `-60d`, `-3h` or `+2h`, and can be set while it runs.

    `variables` are those of a process that goes by it. The monotonic clock stays right, as it does when
    somebody sets the time of a machine.
    """

    def __init__(self, file: Path, offset: str = "+0") -> None:
        library = faketime_library()
        if library is None:
            raise FileNotFoundError(HOW_TO_GET)
        self._file = file
        self.set(offset)
        self.variables: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            # Read anew every second: without a cache every look at the clock would read the file.
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set(self, offset: str) -> None:
        """Sets the clock; the process goes by it within a second, from one moment to the next."""
        new = self._file.with_suffix(".new")
        new.write_text(offset, encoding="ascii")
        new.replace(self._file)


if __name__ == "__main__" and faketime_library() is None:
    print(f"workers with a wrong clock are not tested: {HOW_TO_GET}", file=sys.stderr)
