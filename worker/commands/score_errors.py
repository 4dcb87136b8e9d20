"""`dateline score --errors`: the worst articles, the differences marked in their text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from rich.console import Console
from rich.text import Text

from worker.commands.score_counts import Differences, Mark

AROUND = 60
"""So many characters of the text stand beside a difference."""
STYLES = {"missed": "yellow", "wrong": "red"}
SIGNS = {"missed": "-", "wrong": "+"}


def worst(differences: Iterable[Differences], count: int | None) -> list[Differences]:
    """Those that differ, most differences first; so many at most."""
    return sorted((d for d in differences if len(d)), key=lambda d: (-len(d), d.article.id))[:count]


def show_errors(console: Console, differences: Sequence[Differences]) -> None:
    """`[-ORG ...-]` is missed, `[+ORG ...+]` is wrong; on a terminal in colours too."""
    for found in differences:
        console.print(f"\n{found.article.id}: {len(found)} differences", style="bold", markup=False)
        for note in found.notes:
            console.print(f"  {note}", markup=False, highlight=False)
        for line in passages(found.article.text, [mark for mark in found.marks if mark.outcome != "right"]):
            console.print(Text("  ") + line)


def passages(text: str, marks: Sequence[Mark]) -> Iterator[Text]:
    """The parts of a text around the marks, each in one line."""
    stretch: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.start, mark.end)):
        if stretch and mark.start - max(m.end for m in stretch) > 2 * AROUND:
            yield _passage(text, stretch)
            stretch = []
        stretch.append(mark)
    if stretch:
        yield _passage(text, stretch)


def _passage(text: str, marks: Sequence[Mark]) -> Text:
    start = max(0, min(mark.start for mark in marks) - AROUND)
    end = min(len(text), max(mark.end for mark in marks) + AROUND)
    line = Text("…" if start else "")
    for place, following in (*stretches(marks, start, end), (end, end)):
        for mark in (m for m in reversed(marks) if m.end == place and m.start < place):
            line.append(f"{SIGNS[mark.outcome]}]", STYLES[mark.outcome])
        for mark in (m for m in marks if m.start == place):
            line.append(f"[{SIGNS[mark.outcome]}{mark.label} ", STYLES[mark.outcome])
        inside = [STYLES[mark.outcome] for mark in marks if mark.start <= place < mark.end]
        line.append(" ".join(text[place:following].split("\n")), inside[-1] if inside else "")
    return line.append("…" if end < len(text) else "")


def stretches(marks: Sequence[Mark], start: int, end: int) -> Iterator[tuple[int, int]]:
    """From each place where a mark begins or ends to the next."""
    places = sorted({start, end, *chain.from_iterable((mark.start, mark.end) for mark in marks)})
    yield from pairwise(places)
