"""The scorecard's points as an SVG chart; the same score gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.font_manager import FontProperties

INK, SOFT, TRACK, TEAL, ADVERSE = "#1E252E", "#66707C", "#EEF0EC", "#14535B", "#A8412D"
_WIDTH, _ROW = 6.7, 0.245  # inches: the text width of an A4 page, a bar
_BAR = 0.52  # of a row
SETTINGS: Any = {"svg.hashsalt": "caseworth", "svg.fonttype": "path", "text.parse_math": False, "text.usetex": False}


@dataclass(frozen=True, slots=True)
class Bar:
    """One characteristic."""

    label: str
    points: int
    neutral: int
    maximum: int

    @property
    def colour(self) -> str:
        return ADVERSE if self.points < self.neutral else TEAL


def points_chart(bars: Sequence[Bar], fonts: Path) -> str:
    """Return the SVG: a bar a characteristic, its average as a tick, its maximum as the track behind it.

    Letters are drawn as paths, from ``fonts`` alone, so the picture needs no font and is the same on every machine.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(SETTINGS):
        figure = Figure(figsize=(_WIDTH, _ROW * len(bars)))
        axes = figure.add_axes((0.31, 0, 0.66, 1))
        _draw(axes, bars, fonts)
        out = io.StringIO()
        FigureCanvasSVG(figure).print_svg(out, metadata={"Date": None, "Creator": None})  # type: ignore[no-untyped-call]
        return out.getvalue()


def _draw(axes: Axes, bars: Sequence[Bar], fonts: Path) -> None:
    low = min(0, *(bar.points for bar in bars), *(bar.neutral for bar in bars))
    high = max(1, *(bar.maximum for bar in bars), *(bar.points for bar in bars))
    room = (high - low) * 0.07
    for row, bar in enumerate(bars):
        axes.barh(row, bar.maximum, height=_BAR, color=TRACK, linewidth=0)
        axes.barh(row, bar.points, height=_BAR, color=bar.colour, linewidth=0)
        axes.plot([bar.neutral] * 2, [row - 0.36, row + 0.36], color=INK, linewidth=1.1, solid_capstyle="butt")
        end = max(bar.points, bar.maximum, bar.neutral, 0)
        axes.text(
            -0.015,
            row,
            bar.label,
            ha="right",
            va="center",
            color=INK,
            font=font_for(fonts, bar.label, 7.5),
            transform=axes.get_yaxis_transform(),
        )
        axes.text(end + room * 0.2, row, str(bar.points), va="center", color=bar.colour, font=font_for(fonts, "0", 7.5))
    axes.set_xlim(low - (room if low < 0 else 0), high + room)
    axes.set_ylim(len(bars) - 0.45, -0.55)
    axes.set_axis_off()
    axes.axvline(0, color=SOFT, linewidth=0.6)


def font_for(fonts: Path, text: str, size: float) -> FontProperties:
    """Inter, or the Chinese font for a text that Inter has no letters for."""
    from matplotlib.font_manager import FontProperties

    name = "Inter-Medium.otf" if all(ord(c) < 0x2E80 for c in text) else "wqy-microhei.ttc"
    return FontProperties(fname=str(fonts / name), size=size)
