"""Files of rules: one rule as JSON over any number of lines, or one rule a line."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import orjson

from worker.alerts.typed_rules import rule_from_typed
from worker.commands.articles.documents import STANDARD_INPUT
from worker.commands.shell.bounded import Line, bounded_lines
from worker.commands.shell.terminal import Problem, counted
from worker.commands.shell.visible import visible
from worker.records.rules import MAX_RULE_BYTES, Rule, RuleError

MAX_LISTED_ERRORS = 20
# Rules are written in many ways, on many lines and with escapes, and stored in at most MAX_RULE_BYTES.
MAX_TEXT_BYTES = 4 * MAX_RULE_BYTES
_BRACKETS = (b"{", b"[")


@dataclass(frozen=True, slots=True)
class _RuleText:
    """The text of one rule. `place` is `FILE:LINE`, or `FILE` if the whole file is that rule.

    `value` is None if the text is too long to be read.
    """

    place: str
    value: bytes | None


class NoSuchFile(Problem):
    """A file of rules does not exist."""


def read_rules_in(paths: Iterable[str]) -> list[Rule]:
    """All rules of these files; `-` is standard input. Raises Problem, which lists what is wrong.

    The files are read line by line: of their text no more than one rule is held.
    """
    rules: dict[str, tuple[str, Rule]] = {}
    errors: list[str] = []
    count = 0
    for text in (text for path in paths for text in _texts(path)):
        try:
            _take(rules, text)
        except RuleError as error:
            count += 1
            if count <= MAX_LISTED_ERRORS:
                errors.append(f"{text.place}: {error}")
    if errors:
        raise Problem(_told(errors, more=count - len(errors)))
    return [rule for _, rule in rules.values()]


def _take(rules: dict[str, tuple[str, Rule]], text: _RuleText) -> None:
    if text.value is None:
        raise RuleError(f"larger than {MAX_TEXT_BYTES:,} bytes")
    rule = rule_from_typed(_fields(text.value))
    before = rules.setdefault(rule.id, (text.place, rule))
    if before[1] is not rule:
        raise RuleError(f"id {rule.id!r} is there already, in {before[0]}")


def _texts(path: str) -> Iterator[_RuleText]:
    name = "standard input" if path == STANDARD_INPUT else path
    try:
        with open(0 if path == STANDARD_INPUT else path, "rb", closefd=path != STANDARD_INPUT) as file:
            yield from _texts_of(name, bounded_lines(file, MAX_TEXT_BYTES))
    except FileNotFoundError as error:
        raise NoSuchFile(f"{name}: {error.strerror}") from None
    except OSError as error:
        raise Problem(f"{name}: {error.strerror}") from None


def _texts_of(name: str, lines: Iterator[Line]) -> Iterator[_RuleText]:
    """One rule a line, or all lines as one rule if the first with text is not JSON by itself."""
    beginning, first = _first(lines)
    if first and not _is_json(first):
        size = 0
        for line in lines:
            beginning.append(line)
            size += line.size
            if line.text is None or size > MAX_TEXT_BYTES:
                if first.strip() in _BRACKETS:
                    yield _RuleText(name, None)
                    return
                break
        else:
            content = b"\n".join(line.text or b"" for line in beginning)
            if sum(map(_has_text, beginning)) > 1 and _is_one(content, first):
                yield _RuleText(name, content)
                return
    for line in filter(_has_text, chain(beginning, lines)):
        yield _RuleText(f"{name}:{line.number}", line.text)


def _first(lines: Iterator[Line]) -> tuple[list[Line], bytes | None]:
    """The first line that has text, if there is one, and the text unless it is too long."""
    first = next(filter(_has_text, lines), None)
    return ([], None) if first is None else ([first], first.text)


def _has_text(line: Line) -> bool:
    return line.text is None or bool(line.text.strip())


def _is_one(content: bytes, first: bytes) -> bool:
    """Whether the file holds one rule over several lines; its first line is no JSON by itself.

    The whole is JSON then, or at least begins with a bare bracket.
    """
    return _is_json(content) or first.strip() in _BRACKETS


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


def _told(errors: list[str], *, more: int) -> str:
    lines = [visible(error, keep_lines=True) for error in errors]
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
