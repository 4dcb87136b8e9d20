"""docs/reliability.md names tests: each of them exists."""

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
PAGE = TESTS.parent / "docs" / "reliability.md"


def test_every_test_named_on_the_page_exists():
    named = set(re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", PAGE.read_text(encoding="utf-8")))
    assert len(named) > 30
    missing = []
    for file, test in sorted(named):
        sources = [path.read_text(encoding="utf-8") for path in TESTS.rglob(file)]
        if not any(not test or f"def {test}(" in source for source in sources):
            missing.append(f"{file}::{test}")
    assert missing == []


def test_every_test_of_the_traps_is_named_on_the_page():
    page = PAGE.read_text(encoding="utf-8")
    source = (TESTS / "kafka" / "delivery" / "test_traps.py").read_text(encoding="utf-8")
    traps = re.findall(r"^async def (test_\w+)\(", source, re.MULTILINE)
    assert traps
    assert [test for test in traps if f"`test_traps.py::{test}`" not in page] == []
