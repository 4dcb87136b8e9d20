"""A series as a picture in SVG: CPU time of an article by what is varied. Same figures, same bytes."""

from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from bench.growth.series import Series
from bench.growth.tables import PointRounds

_WIDTH_INCHES, _HEIGHT_INCHES = 6.0, 3.0
# Text as text, which a reader can search and a page's own font shows; ids that follow from the picture alone.
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "dateline"}


def draw_series(series: Series, rows: Sequence[PointRounds], path: Path) -> None:
    """Writes the picture. Each mark is the median of the rounds, from the least to the most of them."""
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH_INCHES, _HEIGHT_INCHES), layout="constrained")
        axes = figure.subplots()
        values = [row.point.value for row in rows]
        for label, marker, of in (
            ("all", "o", lambda one: one.tree_ms),
            ("main process", "s", lambda one: one.parent_ms),
        ):
            middle = [row.median_of(of) for row in rows]
            least = [mid - min(map(of, row.rounds)) for mid, row in zip(middle, rows, strict=True)]
            most = [max(map(of, row.rounds)) - mid for mid, row in zip(middle, rows, strict=True)]
            axes.errorbar(values, middle, yerr=[least, most], marker=marker, capsize=3, label=label)
        if max(values) > 1:
            # Of a thing that may be missing, 0 has a place of its own.
            axes.set_xscale("symlog", linthresh=min(one for one in values if one))
        axes.set_xticks(values)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.minorticks_off()
        axes.set_ylim(bottom=0)
        axes.set_xlabel(series.unit)
        axes.set_ylabel("CPU ms an article")
        axes.legend()
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
