"""The child's side of worker/pool.py: makes the function, then takes an item at a time and says which it has.

Run by path, as a program of its own, so that a child imports what its function needs and nothing of the
parent. Here only the standard library.
"""

import contextlib
import ctypes
import faulthandler
import gc
import os
import pickle
import signal
import struct
import sys
import time
import traceback
from enum import IntEnum
from pathlib import Path
from typing import Any, BinaryIO

PR_SET_PDEATHSIG = 1
# Kind, item's number, the child's CPU seconds so far, bytes that follow.
HEADER = struct.Struct("<BQdQ")


class Kind(IntEnum):
    """What a frame says. The parent sends SET_UP twice (module search path, make), then items."""

    SET_UP = 0
    ITEM = 1
    READY = 2
    NOT_READY = 3
    TOOK = 4
    DONE = 5
    FAILED = 6


def frame(kind: Kind, number: int = 0, payload: bytes = b"") -> bytes:
    return HEADER.pack(kind, number, time.process_time(), len(payload)) + payload


def main(parent: int, inbox: int, outbox: int) -> None:
    die_with(parent)
    # A terminal's Ctrl-C or a service manager's SIGTERM may reach every process; what it means, the parent
    # says.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    faulthandler.enable()
    be_first_when_memory_runs_out()
    for descriptor in (inbox, outbox):
        os.set_inheritable(descriptor, False)
    # Broken: the parent is gone, or wants nothing more.
    with contextlib.suppress(BrokenPipeError), open(inbox, "rb") as source, open(outbox, "wb") as sink:
        serve(source, sink)
    os._exit(0)  # taking a big pipeline apart object by object takes longer than the kernel


def die_with(parent: int) -> None:
    """SIGKILL for this process as soon as the parent's thread that started it ends, however it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that call
        os._exit(0)


def be_first_when_memory_runs_out() -> None:
    """The kernel then ends the child, whose item is tried again, and not the parent, who has everybody's."""
    with contextlib.suppress(OSError):  # a sandbox without a writable /proc
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    def say(kind: Kind, number: int = 0, payload: bytes = b"") -> None:
        sink.write(frame(kind, number, payload))
        sink.flush()

    try:
        sys.path[:] = pickle.loads(receive(source)[1])
        function = pickle.loads(receive(source)[1])()
    except BaseException as error:
        say(Kind.NOT_READY, payload=f"{type(error).__name__}: {error}".encode())
        return
    # What was loaded stays: the collector need not walk a pipeline's objects again and again.
    gc.collect()
    gc.freeze()
    say(Kind.READY)
    while True:
        number, payload = receive(source)
        if number == 0:
            return
        say(Kind.TOOK, number)
        try:
            result = pickle.dumps(function(pickle.loads(payload)), pickle.HIGHEST_PROTOCOL)
        except Exception as error:
            text = (f"{type(error).__name__}: {error}", traceback.format_exc())
            say(Kind.FAILED, number, pickle.dumps(text))
        else:
            say(Kind.DONE, number, result)


def receive(source: BinaryIO) -> tuple[int, Any]:
    """The next frame's number and payload; number 0 and no payload at the end."""
    head = source.read(HEADER.size)
    if len(head) < HEADER.size:
        return 0, b""
    _kind, number, _cpu, length = HEADER.unpack(head)
    return number, source.read(length)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
