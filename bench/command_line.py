"""What the measurements' command lines share: how options are explained, and tables in Markdown."""

import argparse
from collections.abc import Sequence
from statistics import median


def argument_parser(description: str | None) -> argparse.ArgumentParser:
    """A parser whose help shows a module's docstring as it is written."""
    return argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )


def as_markdown(head: Sequence[str], rows: Sequence[Sequence[str]], *, rule: str = "---") -> str:
    """A table; `rule` stands under each heading (`---:` aligns to the right)."""
    lines = [head, [rule] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def with_spread(values: Sequence[float], form: str) -> str:
    """The median (least to most), each in the form `"{:.1f}"`. A unit, `"{:.1f} ms"`, stands behind all."""
    number, _, unit = form.partition(" ")
    return f"{number} ({number}-{number}) {unit}".format(median(values), min(values), max(values)).rstrip()
