"""Option values that are numbers within bounds. What is none is refused with what the option takes."""

from typing import Any

import click


class WholeNumber(click.IntRange):
    """A whole number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"takes a whole number {_bounds(self)}, got {value!r}", param, ctx)


class Number(click.FloatRange):
    """A number within bounds, with or without decimals."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"takes a number {_bounds(self)}, got {value!r}", param, ctx)


def _bounds(numbers: click.IntRange | click.FloatRange) -> str:
    """`from 1 on`, `from 1 to 256` or `above 0`."""
    if numbers.max is not None:
        return f"from {numbers.min} to {numbers.max}"
    return f"above {numbers.min}" if numbers.min_open else f"from {numbers.min} on"
