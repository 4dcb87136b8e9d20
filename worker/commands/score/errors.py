"""`dateline score --errors`: shows the worst articles with the differences from gold marked in their text."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from rich.console import Console
from rich.text import Text

from worker.commands.shell.terminal import counted
from worker.scoring.compare import ArticleComparison, Mark

_CONTEXT_CHARS = 60
"""How much of the text is shown on each side of a difference."""
_STYLES = {"missed": "yellow", "wrong": "red", "right": "green"}
_SIGNS = {"missed": "-", "wrong": "+"}


def worst(compared: Iterable[ArticleComparison], count: int | None) -> list[ArticleComparison]:
    """The articles that differ from gold, most differences first; at most `count` of them."""
    differing = [found for found in compared if found.differences]
    return sorted(differing, key=lambda found: (-found.differences, found.article.id))[:count]


def show_errors(console: Console, compared: Sequence[ArticleComparison]) -> None:
    """Prints each article's differences: `[-ORG ...-]` was missed, `[+ORG ...+]` is wrong.

    A terminal shows them in colours, and what is right as well.
    """
    for found in compared:
        title = f"\n{found.article.id}: {counted(found.differences, 'difference')}"
        console.print(title, style="bold", markup=False)
        for note in found.notes:
            console.print(f"  {note}", markup=False)
        for line in passages(found.article.text, found.marks):
            console.print(Text("  ") + line)


def passages(text: str, marks: Sequence[Mark]) -> Iterator[Text]:
    """The parts of a text around what was missed or is wrong, each in one line."""
    right = [mark for mark in marks if mark.outcome == "right"]
    group: list[Mark] = []
    for mark in sorted(set(marks).difference(right), key=lambda mark: (mark.start, mark.end, mark.outcome)):
        if group and mark.start - max(m.end for m in group) > 2 * _CONTEXT_CHARS:
            yield _passage(text, group, right)
            group = []
        group.append(mark)
    if group:
        yield _passage(text, group, right)


def _passage(text: str, marks: Sequence[Mark], right: Sequence[Mark]) -> Text:
    start = max(0, min(mark.start for mark in marks) - _CONTEXT_CHARS)
    end = min(len(text), max(mark.end for mark in marks) + _CONTEXT_CHARS)
    line = Text("…" if start else "")
    near = [mark for mark in right if mark.start < end and start < mark.end]
    for place, following in (*stretches([*marks, *near], start, end), (end, end)):
        for mark in (m for m in reversed(marks) if m.end == place and m.start < place):
            line.append(f"{_SIGNS[mark.outcome]}]", _STYLES[mark.outcome])
        for mark in (m for m in marks if m.start == place):
            line.append(f"[{_SIGNS[mark.outcome]}{mark.label} ", _STYLES[mark.outcome])
        inside = [_STYLES[mark.outcome] for mark in (*near, *marks) if mark.start <= place < mark.end]
        line.append(" ".join(text[place:following].split("\n")), inside[-1] if inside else "")
    return line.append("…" if end < len(text) else "")


def stretches(marks: Sequence[Mark], start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cuts the text between `start` and `end` at every place where a mark begins or ends."""
    places = {start, end, *chain.from_iterable((mark.start, mark.end) for mark in marks)}
    yield from pairwise(sorted(place for place in places if start <= place <= end))
