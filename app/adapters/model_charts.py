"""Charts of a scorecard's validation as SVG; the same counts give the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from app.adapters.points_chart import ADVERSE, INK, SETTINGS, SOFT, TEAL, TRACK, font_for

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (2.16, 1.95)  # inches: three beside each other on an A4 page
_PLACE = (0.2, 0.2, 0.71, 0.74)
_TEXT = 6.4  # points
_BARS = 24
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)  # between marks of a rate


class Count(NamedTuple):
    """Goods and bads of the same points."""

    points: float
    good: int
    bad: int


class GradeRate(NamedTuple):
    """Bad rates of a grade: by the PDs, as observed, and its interval."""

    grade: str
    expected: float
    observed: float
    low: float
    high: float


def roc_chart(counts: Sequence[Count], words: tuple[str, str], fonts: Path) -> str:
    """Bads found against goods turned away, as the cut-off rises; ``words`` name the axes (x, y)."""
    goods, bads = sum(row.good for row in counts), sum(row.bad for row in counts)
    xs, ys = [0.0], [0.0]
    for row in counts:
        xs.append(xs[-1] + row.good / goods)
        ys.append(ys[-1] + row.bad / bads)

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=TRACK, linewidth=0.9)
        axes.fill_between(xs, ys, color=TEAL, alpha=0.08, linewidth=0)
        axes.plot(xs, ys, color=TEAL, linewidth=1.2)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, 1.005)
        axes.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        axes.set_yticks([0, 0.5, 1], ["0", "50 %", "100 %"])

    return _chart(draw, words, fonts)


def distribution_chart(counts: Sequence[Count], words: tuple[str, str], fonts: Path, names: Sequence[str] = ()) -> str:
    """Shares of the goods (filled) and of the bads (line) by points, or by what ``names`` names, one a count."""
    low, high = counts[0].points, counts[-1].points
    width = max((high - low) / _BARS, 1.0)
    number = int((high - low) // width) + 1
    shares = [[0.0] * number, [0.0] * number]
    for row in counts:
        at = min(int((row.points - low) // width), number - 1)
        shares[0][at] += row.good
        shares[1][at] += row.bad
    edges = [low + width * at for at in range(number + 1)]

    def draw(axes: Axes) -> None:
        for values, colour, filled in ((shares[0], TEAL, True), (shares[1], ADVERSE, False)):
            total = sum(values) or 1
            axes.stairs(
                [value / total for value in values], edges, color=colour, fill=filled, alpha=0.28 if filled else 1
            )
            axes.stairs([value / total for value in values], edges, color=colour, linewidth=1.0)
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(bottom=0)
        axes.set_yticks([])
        if names:
            axes.set_xticks([(left + right) / 2 for left, right in pairwise(edges)], names)
        else:
            ticks = [low, round((low + high) / 2), high]
            axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])

    return _chart(draw, words, fonts)


def calibration_chart(rates: Sequence[GradeRate], words: tuple[str, str], fonts: Path) -> str:
    """Observed bad rate of each grade, with its interval, against the expected one."""
    top = max(0.01, *(max(rate.high, rate.expected) for rate in rates)) * 1.06

    def draw(axes: Axes) -> None:
        axes.plot([0, top], [0, top], color=TRACK, linewidth=0.9)
        for rate in rates:
            axes.plot([rate.expected] * 2, [rate.low, rate.high], color=SOFT, linewidth=0.8)
            axes.plot([rate.expected], [rate.observed], marker="o", markersize=3.2, color=TEAL, linewidth=0)
            axes.annotate(
                rate.grade, (rate.expected, rate.observed), (3.5, -2), textcoords="offset points", color=INK,
                font=font_for(fonts, rate.grade, _TEXT),
            )  # fmt: skip
        axes.set_xlim(0, top)
        axes.set_ylim(0, top)
        step = next((step for step in _STEPS if top / step < 4), _STEPS[-1])
        ticks = [step * at for at in range(int(top / step) + 1)]
        shown = [f"{100 * tick:g} %" if tick else "0" for tick in ticks]
        axes.set_xticks(ticks, shown)
        axes.set_yticks(ticks, shown)

    return _chart(draw, words, fonts)


def _chart(draw: Callable[[Axes], None], words: tuple[str, str], fonts: Path) -> str:
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=_SIZE)
        axes = figure.add_axes(_PLACE)
        draw(axes)
        _dress(axes, words, fonts)
        out = io.StringIO()
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
        return out.getvalue()


def _dress(axes: Axes, words: tuple[str, str], fonts: Path) -> None:
    axes.set_xlabel(words[0], color=SOFT, font=font_for(fonts, words[0], _TEXT), labelpad=2)
    axes.set_ylabel(words[1], color=SOFT, font=font_for(fonts, words[1], _TEXT), labelpad=2)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(SOFT)
        axes.spines[side].set_linewidth(0.6)
    axes.tick_params(length=2, width=0.6, color=SOFT, pad=1.5)
    labels: list[Any] = [*axes.get_xticklabels(), *axes.get_yticklabels()]
    for label in labels:
        label.set_font(font_for(fonts, "0", _TEXT))
        label.set_color(SOFT)
