"""Files of rules: all good, or what is wrong with each, by its line."""

import json
import tracemalloc

import pytest

from worker.commands.rules import files
from worker.commands.rules.files import MAX_LISTED_ERRORS, read_rules_in, write_whole
from worker.commands.shell.terminal import Problem
from worker.records.rules import Cooldown


def rule(rule_id, when="storm", **fields):
    return {"id": rule_id, "name": "n", "owner": "o", "when": when, **fields}


def read(tmp_path, content):
    path = tmp_path / "rules"
    path.write_text(content)
    return [one.id for one in read_rules_in([str(path)])]


def line(rule_id, **fields):
    return json.dumps(rule(rule_id, **fields))


@pytest.mark.parametrize(
    ("content", "ids"),
    [
        (line("a"), ["a"]),
        (f"{line('a')}\n{line('b')}\n", ["a", "b"]),
        (f"\ufeff{line('a')}\r\n\r\n  \r\n{line('b')}", ["a", "b"]),
        (json.dumps(rule("a"), indent=1), ["a"]),
        ("\n" + json.dumps(rule("a"), indent=1) + "\n\n", ["a"]),
        ("", []),
        ("\n \n", []),
    ],
)
def test_a_file_is_one_rule_or_one_a_line(tmp_path, content, ids):
    assert read(tmp_path, content) == ids


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        (f"{line('a')}\nnot json\n{line('b')}", [":2: not JSON: "]),
        (f"not json\n{line('b')}", [":1: not JSON: "]),
        (f"{line('a')}\n\n{line('a')}", [":3: id 'a' is there already, in "]),
        (line("a", when="storm ~"), [":1: when: after a phrase "]),
        (json.dumps(rule("a", when={"topic": {"code": "x"}}), indent=1), [": when.topic.code: "]),
        (json.dumps(rule("a"), indent=1)[:-2], [": not JSON: "]),
        (f"{line('a b')}\n{line('b', name='')}", [":1: id: ", ":2: name: "]),
        (f"[{line('a')}]", [":1: the rule: "]),
        (line("a", cooldown="1w"), [":1: cooldown: takes none, or a time such as 90s"]),
        (line("a", cooldown=60), [":1: cooldown: "]),
        (line("\x1b[2J"), [":1: id: "]),
    ],
)
def test_every_error_stands_behind_its_line(tmp_path, content, errors):
    with pytest.raises(Problem) as raised:
        read(tmp_path, content)
    *told, last = [one for one in raised.value.message.splitlines() if not one.startswith("  ")]
    assert last == "nothing was written"
    assert len(told) == len(errors)
    for said, error in zip(told, errors, strict=True):
        assert said.startswith(f"{tmp_path}/rules{error}")
        assert said.isprintable()


LARGE = "x" * (files.MAX_TEXT_BYTES + 10)
LARGER = f"larger than {files.MAX_TEXT_BYTES:,} bytes"


@pytest.mark.parametrize(
    ("content", "errors"),
    [
        (LARGE, [f":1: {LARGER}"]),
        (f"{line('a')}\n{LARGE}\nno\n", [f":2: {LARGER}", ":3: not JSON: "]),
        (f"\n\nno\n{LARGE}\n{line('a')}", [":3: not JSON: ", f":4: {LARGER}"]),
        ("{\n" + LARGE, [f": {LARGER}"]),
        ("{\n" + "\n" * (files.MAX_TEXT_BYTES + 10), [f": {LARGER}"]),
        ("{", [":1: not JSON: "]),
    ],
)
def test_what_is_too_long_is_a_line_among_the_others(tmp_path, content, errors):
    with pytest.raises(Problem) as raised:
        read(tmp_path, content)
    *told, last = raised.value.message.splitlines()
    assert last == "nothing was written"
    assert [said.startswith(f"{tmp_path}/rules{error}") for said, error in zip(told, errors, strict=True)]


@pytest.mark.parametrize("beginning", ["", "not json\n", "{\n", line("a") + "\n"])
def test_of_a_file_of_any_size_little_is_held_at_a_time(tmp_path, beginning):
    path = tmp_path / "rules"
    path.write_text(beginning)
    with path.open("r+b") as file:
        file.truncate(64 << 20)  # one line of zeros
    tracemalloc.start()
    with pytest.raises(Problem, match="larger than"):
        read_rules_in([str(path)])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * files.MAX_TEXT_BYTES


@pytest.mark.parametrize(
    ("typed", "cooldown"),
    [
        ("1h", Cooldown(seconds=3600)),
        ("90s/entity", Cooldown(seconds=90, per="entity")),
        ({"seconds": 90}, Cooldown(seconds=90)),
        ("none", None),
        (None, None),
    ],
)
def test_a_cooldown_may_be_text(tmp_path, typed, cooldown):
    path = tmp_path / "rules"
    path.write_text(line("a", cooldown=typed))
    (read,) = read_rules_in([str(path)])
    assert read.cooldown == cooldown


def test_the_first_errors_are_listed_and_the_others_counted(tmp_path):
    with pytest.raises(Problem) as raised:
        read(tmp_path, "{}\n" * (MAX_LISTED_ERRORS + 3))
    lines = raised.value.message.splitlines()
    assert len(lines) == MAX_LISTED_ERRORS + 2
    assert lines[-2:] == ["and 3 more errors", "nothing was written"]


def test_ids_are_told_apart_over_all_files(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text(line("a"))
    with pytest.raises(Problem, match=r"two:1: id 'a' is there already, in .*one:1"):
        read_rules_in([str(tmp_path / "one"), str(tmp_path / "two")])


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(Problem, match="none: No such file or directory"):
        read_rules_in([str(tmp_path / "none")])


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"before")

    def broken():
        yield b"half"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_whole(path, broken())
    assert path.read_bytes() == b"before"
    write_whole(path, [b"a", b"b"])
    assert path.read_bytes() == b"ab"
    with pytest.raises(Problem, match="out/x: Not a directory"):
        write_whole(path / "x", [])
