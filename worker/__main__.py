"""`dateline`, also as `python -m worker`: the command line; Ctrl-C ends it quietly while it is imported."""

import signal


def run() -> None:
    """Imports the command line and calls it."""
    # Imports take up to a second, and Python would answer Ctrl-C with their traceback. A process that was
    # told to ignore Ctrl-C, as a shell's background jobs are, goes on ignoring it.
    quiet = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if quiet:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from worker.commands import main

    if quiet:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    main()


if __name__ == "__main__":
    run()
