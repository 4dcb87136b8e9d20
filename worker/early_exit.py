"""Lets a worker that is told to stop before it has started end with exit code 0."""

import os
import signal


def exit_on_sigterm() -> None:
    """From now on SIGTERM ends the process at once, with exit code 0, until the worker handles it itself."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
