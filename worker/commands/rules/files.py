"""Files of rules: one rule as JSON over any number of lines, or one rule a line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from worker.commands.articles.documents import STANDARD_INPUT
from worker.commands.rules.typed import rule_from_typed
from worker.commands.shell.terminal import Problem, counted
from worker.commands.shell.visible import visible
from worker.records.rules import Rule, RuleError

MAX_LISTED_ERRORS = 20
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _RuleText:
    """The text of one rule. `place` is `FILE:LINE`, or `FILE` if the whole file is that rule."""

    place: str
    value: bytes


class NoSuchFile(Problem):
    """A file of rules does not exist."""


def read_rules_in(paths: Iterable[str]) -> list[Rule]:
    """All rules of these files; `-` is standard input. Raises Problem, which lists all that is wrong."""
    rules: dict[str, tuple[str, Rule]] = {}
    errors: list[str] = []
    for line in (line for path in paths for line in _lines(path)):
        try:
            rule = rule_from_typed(_fields(line.value))
        except RuleError as error:
            errors.append(f"{line.place}: {error}")
            continue
        before = rules.setdefault(rule.id, (line.place, rule))
        if before[1] is not rule:
            errors.append(f"{line.place}: id {rule.id!r} is there already, in {before[0]}")
    if errors:
        raise Problem(_told(errors))
    return [rule for _, rule in rules.values()]


def _lines(path: str) -> Iterator[_RuleText]:
    name = "standard input" if path == STANDARD_INPUT else path
    try:
        with open(0 if path == STANDARD_INPUT else path, "rb", closefd=path != STANDARD_INPUT) as file:
            content = file.read().removeprefix(_BOM)
    except FileNotFoundError as error:
        raise NoSuchFile(f"{name}: {error.strerror}") from None
    except OSError as error:
        raise Problem(f"{name}: {error.strerror}") from None
    lines = content.splitlines()
    filled = [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if len(filled) > 1 and _is_one(content, filled[0][1]):
        yield _RuleText(name, content)
        return
    for number, line in filled:
        yield _RuleText(f"{name}:{number}", line)


def _is_one(content: bytes, first: bytes) -> bool:
    """Whether the file holds one rule over several lines.

    Its first line is then no JSON by itself, while the whole is, or at least begins with a bare bracket.
    """
    return not _is_json(first) and (_is_json(content) or first.strip() in (b"{", b"["))


def _is_json(text: bytes) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True


def _fields(value: bytes) -> object:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise RuleError(f"not JSON: {error}") from None


def _told(errors: list[str]) -> str:
    more = len(errors) - MAX_LISTED_ERRORS
    lines = [visible(error, keep_lines=True) for error in errors[:MAX_LISTED_ERRORS]]
    lines += [f"and {counted(more, 'more error')}"] if more > 0 else []
    return "\n".join([*lines, "nothing was written"])


def write_whole(path: Path, data: Iterable[bytes]) -> None:
    """Replaces the file in one step, so that an interruption never leaves half of it. Raises Problem."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("wb") as file:
            file.writelines(data)
        partial.replace(path)
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None
