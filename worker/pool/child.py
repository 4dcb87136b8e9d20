"""The child process of the pool: makes the function, then works on one item at a time and reports on it.

It is run by path, as a program of its own, so that a child imports what its function needs and nothing of the
parent. This module uses the standard library alone.
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
PR_SET_NO_NEW_PRIVS = 38
# Kind, item's number, the child's CPU seconds so far, bytes that follow.
FRAME_HEADER = struct.Struct("<BQdQ")
# The exit code of a child whose item exceeds its memory limit; neither Python nor a shell uses it.
OUT_OF_MEMORY_EXIT = 113


class FrameKind(IntEnum):
    """What a frame means. The parent sends SET_UP twice (module search path, then `make`), then items.

    READY carries the function's `about`. DONE carries the result and the function's `seconds`, the time of
    each step of the item by name. A function may have neither attribute.
    """

    SET_UP = 0
    ITEM = 1
    READY = 2
    NOT_READY = 3
    STARTED = 4
    DONE = 5
    FAILED = 6


def frame(kind: FrameKind, number: int = 0, payload: bytes = b"") -> bytes:
    """The bytes of a frame."""
    return FRAME_HEADER.pack(kind, number, time.process_time(), len(payload)) + payload


def main(parent: int, inbox: int, outbox: int, item_memory_bytes: int) -> None:
    die_with_parent(parent)
    gain_no_rights()
    # A terminal's Ctrl-C or a service manager's SIGTERM may reach every process; only the parent acts on it.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    faulthandler.enable()
    prefer_child_for_oom_kill()
    for descriptor in (inbox, outbox):
        os.set_inheritable(descriptor, False)
    # A broken pipe means that the parent is gone, or wants no more results.
    with contextlib.suppress(BrokenPipeError), open(inbox, "rb") as source, open(outbox, "wb") as sink:
        try:
            serve(source, sink, item_memory_bytes)
        except MemoryError:
            # Its state may be inconsistent now, so a fresh process takes its place.
            os._exit(OUT_OF_MEMORY_EXIT)
    os._exit(0)  # faster than freeing a big pipeline object by object


def die_with_parent(parent: int) -> None:
    """Has the kernel kill this process as soon as the parent's thread that started it ends."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the call above
        os._exit(0)


def gain_no_rights() -> None:
    """Whatever this process runs, no set-user-id program or file capability gives it rights from now on."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0)))


def prefer_child_for_oom_kill() -> None:
    """If memory runs out, the kernel kills a child, whose item is retried, rather than the parent."""
    with contextlib.suppress(OSError):  # a sandbox without a writable /proc
        Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")


def limit_memory(more_bytes: int) -> None:
    """Limits this process to `more_bytes` above what it has now; further allocations fail.

    The limit is RLIMIT_DATA, which counts private memory, used or not, but no mapped files of libraries.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    kibibytes = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData:")]
    if not kibibytes:  # a sandbox that does not tell; its own limit has to do
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = (kibibytes[0] << 10) + more_bytes
    soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def serve(source: BinaryIO, sink: BinaryIO, item_memory_bytes: int) -> None:
    """Makes the function, then works on items until the parent closes the pipe."""

    def send(kind: FrameKind, number: int = 0, payload: bytes = b"") -> None:
        sink.write(frame(kind, number, payload))
        sink.flush()

    try:
        sys.path[:] = pickle.loads(receive(source)[1])
        function = pickle.loads(receive(source)[1])()
    except BaseException as error:
        send(FrameKind.NOT_READY, payload=f"{type(error).__name__}: {error}".encode())
        return
    # The pipeline's objects stay: the garbage collector need not walk them again and again.
    gc.collect()
    gc.freeze()
    limit_memory(item_memory_bytes)
    send(FrameKind.READY, payload=str(getattr(function, "about", "")).encode())
    while True:
        number, payload = receive(source)
        if number == 0:
            return
        send(FrameKind.STARTED, number)
        try:
            result = function(pickle.loads(payload))
            result = pickle.dumps((result, getattr(function, "seconds", None)), pickle.HIGHEST_PROTOCOL)
        except MemoryError:
            raise
        except Exception as error:
            text = (f"{type(error).__name__}: {error}", traceback.format_exc())
            send(FrameKind.FAILED, number, pickle.dumps(text))
        else:
            send(FrameKind.DONE, number, result)


def receive(source: BinaryIO) -> tuple[int, Any]:
    """The number and payload of the next frame; 0 and no payload at the end of the stream."""
    head = source.read(FRAME_HEADER.size)
    if len(head) < FRAME_HEADER.size:
        return 0, b""
    _kind, number, _cpu, length = FRAME_HEADER.unpack(head)
    return number, source.read(length)


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
