"""The parts of the desk that its navigation names, and to which of them a page belongs."""

from typing import NamedTuple


class Section(NamedTuple):
    """`key`: how a page names the part that it belongs to."""

    key: str
    path: str
    name: str


LIVE = Section("live", "/", "Live")
SECTIONS = (
    LIVE,
    Section("stories", "/stories", "Stories"),
    Section("people", "/people", "People"),
    Section("search", "/search", "Search"),
    Section("alerts", "/alerts", "Alerts"),
    Section("rules", "/rules", "Rules"),
    Section("letters", "/dead-letters", "Dead letters"),
    Section("operation", "/operation", "Operation"),
)
"""In the order in which the navigation has them: what a newsroom looks at, then what an operator does."""
OF_THE_INDEX = frozenset({"people", "search"})
"""Those that a desk without an index does not have."""
_BY_PATH = {section.path.strip("/"): section for section in SECTIONS} | {
    "archive": SECTIONS[3],
    "new-rule": SECTIONS[5],
    "try-rule": SECTIONS[5],
}


def section_of(path: str) -> Section:
    """The part that a path belongs to; Live for an article, and for what belongs nowhere."""
    return _BY_PATH.get(path.strip("/").partition("/")[0], LIVE)
