"""The process of `dateline`, before the command line is there."""

import signal
import subprocess
import sys

import pytest

# Ctrl-C comes while a module of the command line is imported.
SCRIPT = """
import os, signal, sys

signal.signal(signal.SIGINT, {handler})

class Interrupts:
    def find_spec(self, name, path, target=None):
        if name == "worker.commands.shell.encodings":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
sys.argv = ["dateline", "--version"]
from worker.__main__ import run
run()
"""


@pytest.mark.parametrize(
    ("handler", "code", "said"),
    [
        ("signal.default_int_handler", -signal.SIGINT, ""),
        ("signal.SIG_IGN", 0, "dateline "),
    ],
    ids=["in the foreground", "in the background"],
)
def test_ctrl_c_while_the_command_line_is_imported_ends_it_without_a_traceback(handler, code, said):
    script = SCRIPT.format(handler=handler)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout.startswith(said)
