"""The child side of the pool: makes the function, then takes an item at a time and says which it has.

Run by path, as a program of its own, so that a child imports what its function needs and nothing of the
parent. Here only the standard library.
"""

import contextlib
import ctypes
import faulthandler
import gc
import os
import pickle
import resource
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
FRAME_HEADER = struct.Struct("<BQdQ")
# How a child leaves whose item wants more memory than it may have; no code that Python or a shell uses.
OUT_OF_MEMORY_EXIT = 113


class FrameKind(IntEnum):
    """What a frame says. The parent sends SET_UP twice (module search path, make), then items.

    READY carries what the function's `about` says of it, DONE the result and the function's `seconds`: what
    the steps of the item took, by their names. A function may have neither.
    """

    SET_UP = 0
    ITEM = 1
    READY = 2
    NOT_READY = 3
    TOOK = 4
    DONE = 5
    FAILED = 6


def frame(kind: FrameKind, number: int = 0, payload: bytes = b"") -> bytes:
    return FRAME_HEADER.pack(kind, number, time.process_time(), len(payload)) + payload


def main(parent: int, inbox: int, outbox: int, item_memory_bytes: int) -> None:
    die_with_parent(parent)
    # A terminal's Ctrl-C or a service manager's SIGTERM may reach every process; what it means, the parent
    # says.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    faulthandler.enable()
    prefer_child_for_oom_kill()
    for descriptor in (inbox, outbox):
        os.set_inheritable(descriptor, False)
    # Broken: the parent is gone, or wants nothing more.
    with contextlib.suppress(BrokenPipeError), open(inbox, "rb") as source, open(outbox, "wb") as sink:
        try:
            serve(source, sink, item_memory_bytes)
        except MemoryError:
            # Whatever it was in the middle of may be half done: a fresh process is surer than this one.
            os._exit(OUT_OF_MEMORY_EXIT)
    os._exit(0)  # taking a big pipeline apart object by object takes longer than the kernel


def die_with_parent(parent: int) -> None:
    """SIGKILL for this process as soon as the parent's thread that started it ends, however it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before that call
        os._exit(0)


def prefer_child_for_oom_kill() -> None:
    """The kernel then ends the child, whose item is tried again, and not the parent, who has everybody's."""
    with contextlib.suppress(OSError):  # a sandbox without a writable /proc
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def limit_memory(more_bytes: int) -> None:
    """Lets this process take so much more than it has now; beyond that allocations fail.

    By RLIMIT_DATA: private memory alone counts, whether touched or not, and no library's mapped file does.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    kibibytes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData:")]
    if not kibibytes:  # a sandbox that does not say: its own limit has to do
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = (kibibytes[0] << 10) + more_bytes
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def serve(source: BinaryIO, sink: BinaryIO, item_memory_bytes: int) -> None:
    def say(kind: FrameKind, number: int = 0, payload: bytes = b"") -> None:
        sink.write(frame(kind, number, payload))
        sink.flush()

    try:
        sys.path[:] = pickle.loads(receive(source)[1])
        function = pickle.loads(receive(source)[1])()
    except BaseException as error:
        say(FrameKind.NOT_READY, payload=f"{type(error).__name__}: {error}".encode())
        return
    # What was loaded stays: the collector need not walk a pipeline's objects again and again.
    gc.collect()
    gc.freeze()
    limit_memory(item_memory_bytes)
    say(FrameKind.READY, payload=str(getattr(function, "about", "")).encode())
    while True:
        number, payload = receive(source)
        if number == 0:
            return
        say(FrameKind.TOOK, number)
        try:
            result = function(pickle.loads(payload))
            result = pickle.dumps((result, getattr(function, "seconds", None)), pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            raise
        except Exception as error:
            text = (f"{type(error).__name__}: {error}", traceback.format_exc())
            say(FrameKind.FAILED, number, pickle.dumps(text))
        else:
            say(FrameKind.DONE, number, result)


def receive(source: BinaryIO) -> tuple[int, Any]:
    """The next frame's number and payload; number 0 and no payload at the end."""
    head = source.read(FRAME_HEADER.size)
    if len(head) < FRAME_HEADER.size:
        return 0, b""
    _kind, number, _cpu, length = FRAME_HEADER.unpack(head)
    return number, source.read(length)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
