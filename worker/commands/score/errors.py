"""`dateline score --errors`: the worst articles, the differences marked in their text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from rich.console import Console
from rich.text import Text

from worker.commands.shell.terminal import counted
from worker.scoring.compare import ArticleComparison, Mark

AROUND = 60
"""So many characters of the text stand beside a difference."""
STYLES = {"missed": "yellow", "wrong": "red", "right": "green"}
SIGNS = {"missed": "-", "wrong": "+"}


def worst(compared: Iterable[ArticleComparison], count: int | None) -> list[ArticleComparison]:
    """Those that differ, most differences first; so many at most."""
    differing = [found for found in compared if found.differences]
    return sorted(differing, key=lambda found: (-found.differences, found.article.id))[:count]


def show_errors(console: Console, compared: Sequence[ArticleComparison]) -> None:
    """`[-ORG ...-]` is missed, `[+ORG ...+]` is wrong. A terminal has them in colours, what is right too."""
    for found in compared:
        title = f"\n{found.article.id}: {counted(found.differences, 'difference')}"
        console.print(title, style="bold", markup=False)
        for note in found.notes:
            console.print(f"  {note}", markup=False)
        for line in passages(found.article.text, found.marks):
            console.print(Text("  ") + line)


def passages(text: str, marks: Sequence[Mark]) -> Iterator[Text]:
    """The parts of a text around what is missed or wrong, each in one line."""
    right = [mark for mark in marks if mark.outcome == "right"]
    stretch: list[Mark] = []
    for mark in sorted(set(marks).difference(right), key=lambda mark: (mark.start, mark.end, mark.outcome)):
        if stretch and mark.start - max(m.end for m in stretch) > 2 * AROUND:
            yield _passage(text, stretch, right)
            stretch = []
        stretch.append(mark)
    if stretch:
        yield _passage(text, stretch, right)


def _passage(text: str, marks: Sequence[Mark], right: Sequence[Mark]) -> Text:
    start = max(0, min(mark.start for mark in marks) - AROUND)
    end = min(len(text), max(mark.end for mark in marks) + AROUND)
    line = Text("…" if start else "")
    near = [mark for mark in right if mark.start < end and start < mark.end]
    for place, following in (*stretches([*marks, *near], start, end), (end, end)):
        for mark in (m for m in reversed(marks) if m.end == place and m.start < place):
            line.append(f"{SIGNS[mark.outcome]}]", STYLES[mark.outcome])
        for mark in (m for m in marks if m.start == place):
            line.append(f"[{SIGNS[mark.outcome]}{mark.label} ", STYLES[mark.outcome])
        inside = [STYLES[mark.outcome] for mark in (*near, *marks) if mark.start <= place < mark.end]
        line.append(" ".join(text[place:following].split("\n")), inside[-1] if inside else "")
    return line.append("…" if end < len(text) else "")


def stretches(marks: Sequence[Mark], start: int, end: int) -> Iterator[tuple[int, int]]:
    """From each place between `start` and `end` where a mark begins or ends to the next."""
    places = {start, end, *chain.from_iterable((mark.start, mark.end) for mark in marks)}
    yield from pairwise(sorted(place for place in places if start <= place <= end))
