"""Finds every regular expression of `worker/`, and makes hostile strings from the structure of each."""

import ast
import importlib
import os
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from re import _constants, _parser  # type: ignore[attr-defined]
from types import ModuleType
from typing import Any
from unittest.mock import patch

from lark import Lark
from lark.lexer import PatternRE

import worker
from worker.query.language import GRAMMAR
from worker.settings import Output

_FUNCTIONS = frozenset(
    ("compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer")
)
_FROM_A_PLACE = frozenset(("match", "fullmatch"))
# What stands in a function's variable when it makes an expression of it.
_LOCAL_VALUES: Mapping[str, Mapping[str, Any]] = {"worker.records.media_topics": {"wanted": "crime, law"}}


@dataclass(frozen=True, slots=True)
class Expression:
    """A regular expression, and its place in the code or the name of what it belongs to.

    `searched`: it may begin anywhere in a text, not only at a place that is given. `part`: the module that it
    stands in, or QUERIES.
    """

    place: str
    pattern: re.Pattern[str]
    searched: bool
    part: str = ""


QUERIES = "the query language"


@cache
def module_names() -> tuple[str, ...]:
    """Every module of the worker; only packages are imported for it."""
    names = (found.name for found in pkgutil.walk_packages(worker.__path__, "worker."))
    return tuple(name for name in names if not name.endswith("__main__"))


@cache
def _modules() -> Mapping[str, ModuleType]:
    # The app is put together as it is imported, and asks the brokers about outputs that nobody names.
    with patch.dict(os.environ, {"DATELINE_OUTPUTS": ",".join(Output)}):
        return {name: importlib.import_module(name) for name in module_names()}


@cache
def expressions() -> tuple[Expression, ...]:
    """Those that go through `re`, those of pydantic's `pattern=`, and the terminals of the query language."""
    return (*_in_code(), *_terminals())


def _in_code() -> Iterator[Expression]:
    trees = {
        name: ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        for name, module in _modules().items()
        if module.__file__
    }
    methods = _methods_by_name(trees)
    for name, tree in trees.items():
        assigned = {
            node.value: node.targets[0].id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            called = assigned.get(call, "")
            place = f"{name}.{called}" if called else f"{name}:{call.lineno}"
            for keyword in call.keywords:
                if keyword.arg == "pattern":
                    yield Expression(place, re.compile(_value(keyword.value, name)), True, name)
            if function := _module_function(call.func):
                # An expression that is reached in another way than by its name may be used in any.
                known = methods.get(_known_as(called, name), {"search"})
                used = known if function == "compile" else {function}
                pattern = re.compile(_value(call.args[0], name), _flags(call, function, name))
                yield Expression(place, pattern, not used <= _FROM_A_PLACE, name)


def _flags(call: ast.Call, function: str, module: str) -> int:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "flags"]
    places = {"compile": 1, "match": 2, "fullmatch": 2, "search": 2, "findall": 2, "finditer": 2}
    given = named or call.args[places[function] :][:1] if function in places else named
    return int(_value(given[0], module)) if given else 0


def _module_function(func: ast.expr) -> str | None:
    """`compile` for `re.compile`, None for what is no function of `re` that takes an expression."""
    is_of_re = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name) and func.value.id == "re"
    return func.attr if is_of_re and isinstance(func, ast.Attribute) and func.attr in _FUNCTIONS else None


def _known_as(name: str, module: str) -> str:
    """The name of an expression in all modules: one with an underscore is its module's own."""
    return f"{module}.{name}" if name.startswith("_") else name


def _methods_by_name(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """How the expression of each name is used, a public one in whatever module."""
    found: dict[str, set[str]] = {}
    for module, tree in trees.items():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.attr in _FUNCTIONS
                and node.value.id != "re"
            ):
                found.setdefault(_known_as(node.value.id, module), set()).add(node.attr)
    return found


def _value(node: ast.expr, module: str) -> Any:
    names = {**vars(_modules()[module]), **_LOCAL_VALUES.get(module, {})}
    return eval(compile(ast.Expression(node), module, "eval"), names)


def _terminals() -> Iterator[Expression]:
    """A lexer asks for its terminals at one place after the other."""
    for terminal in Lark(GRAMMAR, parser="lalr", start="any").terminals:
        if isinstance(terminal.pattern, PatternRE):
            place, pattern = f"query terminal {terminal.name}", re.compile(terminal.pattern.value)
            yield Expression(place, pattern, False, QUERIES)


# Runs of these are tried on every expression.
_RUNS = (
    " ", "\n", "\t", "a", "A", "é", "1", "_", "-", ".", ",", ":", "!", "/", "\\", "'", '"', "’", "“", "”",
    "«", "(", ")", "[", "]", "{", "<", "~", "a ", "A ", "a, ", "1.", "1,", "a-", "a'", "A.", "NOT ", "NOT  ",
    "- ", '\\"', '"\\', "“ ", ". ", "\u0301", "a\u0301", "<!", "said ", "by ", "of the ", "the a ", "Ab ",
    "\u00a0", "as a ", "to be ", "\x1b",
)  # fmt: skip
_ENDS = ("\x00", "", " x")
_MAX_PIECES, _MAX_BEFORES = 40, 12


@dataclass(frozen=True, slots=True)
class Hostile:
    """A string of any length: a beginning, a piece that is repeated, and an end."""

    before: str
    piece: str
    after: str

    def of(self, chars: int) -> str:
        return self.before + self.piece * (chars // len(self.piece)) + self.after


def hostile(pattern: re.Pattern[str]) -> Iterator[Hostile]:
    """The runs that suit an expression: every repeat in it pumped, behind what it wants before, and _RUNS."""
    seen = set()
    begun = dict.fromkeys(["", *_befores(pattern)])
    pumped = list(_repeats(_parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG)))
    pieces = dict.fromkeys(piece for piece in pumped if piece)
    pairs = dict.fromkeys(a + b for a in pieces for b in pieces if a != b and len(pieces) < 9)
    own = [*pieces, *pairs][:_MAX_PIECES]
    for before in list(begun)[:_MAX_BEFORES]:
        for piece in (*own, *_RUNS) if before == "" else (*own[:6], " ", "a", "\n"):
            for after in _ENDS if piece in pieces and before == "" else _ENDS[:1]:
                made = Hostile(before, piece, after)
                if made not in seen:
                    seen.add(made)
                    yield made


def _befores(pattern: re.Pattern[str]) -> list[str]:
    """What may stand before each part of the expression's outermost sequence."""
    found, so_far = [], ""
    for item in _parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG):
        so_far += next(iter(_samples([item])), "")
        found.append(so_far)
    return found


def _repeats(tree: Any) -> Iterator[str]:
    """Samples of the body of every repeat, however deep."""
    for op, argument in tree:
        if op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
            _, high, body = argument
            if high > 1:
                yield from _samples(body)
            yield from _repeats(body)
        else:
            for part in _parts(op, argument):
                yield from _repeats(part)


def _parts(op: Any, argument: Any) -> list[Any]:
    if op is _constants.SUBPATTERN:
        return [argument[3]]
    if op is _constants.BRANCH:
        return list(argument[1])
    if op in (_constants.ASSERT, _constants.ASSERT_NOT):
        return [argument[1]]
    if op is _constants.ATOMIC_GROUP:
        return [argument]
    return []


def _samples(tree: Any) -> list[str]:
    """A few strings that a sequence matches, lookarounds aside."""
    found = [""]
    for op, argument in tree:
        choices = _choices(op, argument)
        found = [one + choice for one in found for choice in choices][:6]
    return found


_OTHERS = " aA1_-.,'\"“(\n\u0301!"


def _choices(op: Any, argument: Any) -> list[str]:
    if op is _constants.LITERAL:
        return [chr(argument)]
    if op is _constants.ANY:
        return ["a", " "]
    if op in (_constants.IN, _constants.NOT_LITERAL):
        tree = [(op, argument)]
        one = re.compile(_class_text(tree))
        return [c for c in _OTHERS if one.fullmatch(c)][:4] or _members(argument)
    if op in (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT):
        low, _, body = argument
        samples = _samples(body)
        return [sample * max(low, 1) for sample in samples[:4]] + ([""] if low == 0 else [])
    if op is _constants.BRANCH:
        return [sample for part in argument[1] for sample in _samples(part)[:1]][:4]
    parts = [] if op in (_constants.ASSERT, _constants.ASSERT_NOT) else _parts(op, argument)
    return _samples(parts[0]) if parts else [""]


_CATEGORIES = {
    _constants.CATEGORY_SPACE: r"\s",
    _constants.CATEGORY_NOT_SPACE: r"\S",
    _constants.CATEGORY_WORD: r"\w",
    _constants.CATEGORY_NOT_WORD: r"\W",
    _constants.CATEGORY_DIGIT: r"\d",
    _constants.CATEGORY_NOT_DIGIT: r"\D",
}


def _class_text(tree: Any) -> str:
    """The text of one set of characters, as it would be typed."""
    ((op, argument),) = tree
    if op is _constants.NOT_LITERAL:
        return f"[^{re.escape(chr(argument))}]"
    parts = []
    for kind, value in argument:
        if kind is _constants.NEGATE:
            parts.append("^")
        elif kind is _constants.LITERAL:
            parts.append(re.escape(chr(value)))
        elif kind is _constants.RANGE:
            parts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        else:
            parts.append(_CATEGORIES[value])
    return f"[{''.join(parts)}]"


def _members(argument: Any) -> list[str]:
    """Characters of a set that has none of the usual ones."""
    for kind, value in argument:
        if kind is _constants.LITERAL:
            return [chr(value)]
        if kind is _constants.RANGE:
            return [chr(value[0])]
    return ["\x01"]
