"""Links between the pages lead to files and headings that there are, and paths that are named exist."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Not training/card.md: its text is for worker/model/README.md, and its links hold there.
PLACES = (
    "*.md",
    ".github/*.md",
    "docs/**/*.md",
    "deploy/*/*.md",
    "seeds/*.md",
    "training/README.md",
    "worker/model/*.md",
)
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://)([^)#\s]*)(?:#([^)\s]+))?\)")
PATH = re.compile(r"`((?:worker|docs|tests|bench|training|schemas|seeds|deploy)/[\w./-]+)`")


def pages() -> list[str]:
    return sorted(str(path.relative_to(ROOT)) for place in PLACES for path in ROOT.glob(place))


def prose(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors(page: Path) -> set[str]:
    """The headings' names in links, as GitHub makes them."""
    found: set[str] = set()
    for heading in re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE):
        name = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        again = (f"{name}-{number}" for number in range(1, 100))
        found.add(name if name not in found else next(other for other in again if other not in found))
    return found


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page: str) -> None:
    here, broken = ROOT / page, []
    for target, anchor in LINK.findall(prose(here)):
        there = (here.parent / target).resolve() if target else here
        if not there.exists() or (anchor and anchor not in anchors(there)):
            broken.append(f"{target}#{anchor}" if anchor else target)
    assert broken == []


@pytest.mark.parametrize("page", [page for page in pages() if page != "CHANGELOG.md"])
def test_paths_that_a_page_names_exist(page: str) -> None:
    named = PATH.findall(prose(ROOT / page))
    places = (ROOT, (ROOT / page).parent)
    assert [path for path in named if not any((place / path).exists() for place in places)] == []
