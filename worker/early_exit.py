"""A worker that is told to stop before it has begun anything ends as one that has finished: with 0."""

import os
import signal


def exit_on_sigterm() -> None:
    """From now until the worker listens itself, SIGTERM ends the process at once."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
