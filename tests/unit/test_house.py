"""How the code is laid out: folders of a readable size, imports without circles, one meaning a name."""

import ast
import os
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from glob import glob
from graphlib import CycleError, TopologicalSorter
from importlib.util import resolve_name
from itertools import pairwise
from pathlib import Path

import pytest

from tests.conftest import LONGEST

ROOT = Path(__file__).parents[2]
PLACES = ("worker", "bench", "training", "tests/faults")
MOST_MODULES = 20
# What means the same in every module: loggers, commands, Faust's app, type variables, a format's entry.
SHARED_NAMES = {"log", "main", "command", "app", "T", "R", "D", "INPUT_FORMAT"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def holds_only_a_docstring(tree: ast.Module) -> bool:
    return all(isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body)


@cache
def modules() -> dict[str, tuple[Path, ast.Module]]:
    """Each module with code, by its dotted name."""
    paths = [path for place in PLACES for path in sorted((ROOT / place).rglob("*.py"))]
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in paths}
    return {
        module_name(path): (path, tree) for path, tree in trees.items() if not holds_only_a_docstring(tree)
    }


def imported(tree: ast.Module, package: str) -> Iterator[str]:
    """Every name that is imported anywhere in a module, under TYPE_CHECKING and in functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            source = resolve_name("." * node.level + (node.module or ""), package)
            yield from (f"{source}.{alias.name}" for alias in node.names)


def imports() -> dict[str, set[str]]:
    """What each module imports, by name; of a name in a module, the module."""
    graph = {}
    for name, (path, tree) in modules().items():
        package = name if path.stem == "__init__" else name.rpartition(".")[0]
        found = {
            target if target in modules() else target.rpartition(".")[0] for target in imported(tree, package)
        }
        graph[name] = found & modules().keys()
    return graph


def circles(graph: dict[str, set[str]]) -> list[str]:
    """A circle for each import that has to go, as `a -> b -> a`."""
    found = []
    while True:
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            around = error.args[1][::-1]  # graphlib lists what is imported before what imports it
            found.append(" -> ".join(around))
            importer, target = next(pairwise(around))
            graph = graph | {importer: graph[importer] - {target}}
        else:
            return found


def public_names(tree: ast.Module) -> set[str]:
    """The classes, functions and constants that a module defines for others."""
    names = set()
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            parts = [part for target in targets for part in ast.walk(target)]
            names |= {p.id for p in parts if isinstance(p, ast.Name) and isinstance(p.ctx, ast.Store)}
    return {name for name in names if not name.startswith("_")}


FOLDERS = sorted({path.parent.relative_to(ROOT) for place in PLACES for path in (ROOT / place).rglob("*.py")})


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_a_folder_has_no_more_modules_than_can_be_read_at_a_glance(folder: Path) -> None:
    names = [path.name for path in (ROOT / folder).glob("*.py") if path.name != "__init__.py"]
    assert len(names) <= MOST_MODULES, f"divide {folder}, which has {len(names)} modules, by subject"


def test_no_imports_run_in_a_circle() -> None:
    found = circles(imports())
    assert not found, "imports run in circles:\n" + "\n".join(found)


def test_a_circle_is_found_and_named() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    (named,) = circles({"a": {"b"}, "b": {"c"}, "c": {"b"}})
    assert named in ("b -> c -> b", "c -> b -> c")


def test_a_public_name_has_one_meaning() -> None:
    where = defaultdict(list)
    for module, (_, tree) in modules().items():
        for name in public_names(tree) - SHARED_NAMES:
            where[name].append(module)
    twice = [f"{name}: {', '.join(places)}" for name, places in sorted(where.items()) if len(places) > 1]
    assert not twice, "public names that several modules define:\n" + "\n".join(twice)


def test_every_file_of_the_worker_ships() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["worker"]
    shipped = {
        name for pattern in patterns for name in glob(pattern, root_dir=ROOT / "worker", recursive=True)
    }
    there = {
        os.path.relpath(os.path.join(folder, name), ROOT / "worker")
        for folder, _, names in os.walk(ROOT / "worker", followlinks=True)
        for name in names
        if not name.endswith((".py", ".pyc"))
    }
    assert there - shipped == set()


def test_no_page_or_module_carries_the_marks_of_a_merge() -> None:
    files = [
        path
        for kind in ("*.md", "*.py", "*.json", "*.yaml", "*.toml")
        for path in ROOT.glob(f"[!.]*/**/{kind}")
    ]
    files += [path for path in ROOT.iterdir() if path.is_file()]
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    marked = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), start=1)
        if line.startswith(marks)
    ]
    assert not marked


@pytest.mark.parametrize("path", LONGEST)
def test_a_file_of_tests_that_is_to_come_first_is_there(path: str) -> None:
    assert (ROOT / path).is_file(), f"{path} is named in tests/conftest.py"
