"""`dateline feed`'s usage."""

import pytest
from click.testing import CliRunner

from worker.commands.articles.feed import command


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((), "nothing to send: name a file, a folder, - for standard input, or --retract ID"),
        (("--retract", ""), "--retract takes an article's id, got an empty one"),
        (("a.txt", "--retract", "a-1", "--retract", ""), "--retract takes an article's id, got an empty one"),
    ],
)
def test_wrong_usage_says_what_is_right(words, error):
    done = CliRunner().invoke(command, [*words, "--brokers", "127.0.0.1:1"])
    assert (done.exit_code, done.stderr.splitlines()[-1]) == (2, f"Error: {error}")


def test_a_retraction_needs_no_path():
    assert "[PATH...]" in CliRunner().invoke(command, ["--help"]).stdout.splitlines()[0]
