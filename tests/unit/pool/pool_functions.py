"""The functions that the children of test_pool.py run: apart, so that they do not import the tests."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

Order = tuple[Any, ...]


def make() -> Callable[[Order], Any]:
    return carry_out


class Clocked:
    """Says what it is, and what the steps of an item took."""

    about = "clocked/1"

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def __call__(self, steps: dict[str, float]) -> str:
        self.seconds = steps
        return "done"


def carry_out(order: Order) -> Any:
    verb, *words = order
    return VERBS[verb](*words)


def spin(seconds: float, on_thread: bool = False) -> str:
    """Burns this much CPU time, of one thread or another."""
    if on_thread:
        thread = threading.Thread(target=spin, args=(seconds,))
        thread.start()
        thread.join()
        return "spun"
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return "spun"


def descriptors() -> dict[int, str]:
    """What each open descriptor of this process leads to, but for the one that looks."""
    found = {}
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(FileNotFoundError):
            found[int(name)] = os.readlink(f"/proc/self/fd/{name}")
    return found


class Attack:
    """Unpickles as the result of a call."""

    def __init__(self, function: Callable[..., Any], *words: Any) -> None:
        self.call = function, words

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self.call


def attack(mark: str, padding: int) -> Any:
    return Attack(os.mkdir, mark), b"x" * padding


def die(how: int) -> None:
    os.kill(os.getpid(), how)


def die_first(mark: str) -> str:
    """Dies the first time it is called."""
    if Path(mark).exists():
        return "second time lucky"
    Path(mark).touch()
    die(signal.SIGKILL)
    raise AssertionError("unreachable")


def count_and_die(marks: str) -> NoReturn:
    """Leaves one file a try, named by its process."""
    Path(marks, f"{time.monotonic_ns()}").write_text(str(os.getpid()), encoding="ascii")
    os._exit(9)


def grow(piece_bytes: int) -> NoReturn:
    """Takes memory for ever, a piece at a time."""
    pieces = []
    while True:
        pieces.append(bytes(piece_bytes))


HOARD: list[bytes] = []


def hoard(size_bytes: int) -> str:
    """Keeps what it took."""
    HOARD.append(bytes(size_bytes))
    return "hoarded"


def fail(message: str) -> None:
    raise ValueError(message)


VERBS: dict[str, Callable[..., Any]] = {
    "echo": lambda value: value,
    "length": len,
    "pid": os.getpid,
    "sleep": lambda seconds: time.sleep(seconds) or "slept",
    "spin": spin,
    "exit": os._exit,
    "system-exit": sys.exit,
    "die": die,
    "die-first": die_first,
    "count-and-die": count_and_die,
    "grow": grow,
    "hoard": hoard,
    "fail": fail,
    "bytes": bytes,
    "unpicklable": lambda: threading.Lock(),
    "print": lambda text: print(text, flush=True),
    "modules": lambda: sorted(sys.modules),
    "signals": lambda: [signal.getsignal(one) == signal.SIG_IGN for one in (signal.SIGINT, signal.SIGTERM)],
    "forget": lambda: None,
    "attack": attack,
    "environ": lambda: dict(os.environ),
    "read": lambda path: Path(path).read_bytes(),
    "descriptors": descriptors,
}


def make_fails(text: str) -> NoReturn:
    raise OSError(text)


def make_exits() -> NoReturn:
    os._exit(7)


def make_sleeps(seconds: float) -> Callable[[Order], Any]:
    time.sleep(seconds)
    return carry_out


def make_while_marked(mark: str) -> Callable[[Order], Any]:
    """Works as long as the file is there, such as a model that is taken away."""
    if not Path(mark).exists():
        raise FileNotFoundError(mark)
    return partial(carry_out)
