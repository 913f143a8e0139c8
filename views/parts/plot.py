"""A plot's area with its axes: from figures to pixels and back, grid lines and labels in the theme's colours."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from views.theme import Theme

LEFT, RIGHT, TOP, BOTTOM = 46.0, 20.0, 10.0, 34.0
SMALL = 11


@dataclass(frozen=True, slots=True)
class Plot:
    """An area of a widget that stands for a rectangle of figures."""

    area: QRectF
    across: tuple[float, float]
    up: tuple[float, float]

    @classmethod
    def within(cls, box: QRectF, across: tuple[float, float], up: tuple[float, float], *, left: float = LEFT) -> Plot:
        """The plot in a box, with room for the labels of both axes."""
        return cls(box.adjusted(left, TOP, -RIGHT, -BOTTOM), across, up)

    def x(self, value: float) -> float:
        low, high = self.across
        return self.area.left() + (value - low) / (high - low or 1) * self.area.width()

    def y(self, value: float) -> float:
        low, high = self.up
        return self.area.bottom() - (value - low) / (high - low or 1) * self.area.height()

    def at(self, x: float, y: float) -> QPointF:
        return QPointF(self.x(x), self.y(y))

    def value_at(self, x: float) -> float:
        """The figure across that a pixel stands for."""
        low, high = self.across
        return low + (x - self.area.left()) / (self.area.width() or 1) * (high - low)

    def line(self, points: Iterable[tuple[float, float]]) -> QPolygonF:
        return QPolygonF([self.at(x, y) for x, y in points])

    def paint_axes(
        self,
        painter: QPainter,
        theme: Theme,
        *,
        words: Callable[[float], str],
        up_words: Callable[[float], str],
        title: str = "",
        across_ticks: Sequence[float] | None = None,
    ) -> None:
        """Grid lines with their figures; the title of the axis across stands below."""
        painter.setFont(theme.font(SMALL))
        for value in ticks(*self.up, 5):
            self._paint_level(painter, theme, value, up_words(value))
        for value in ticks(*self.across, 6) if across_ticks is None else across_ticks:
            x = self.x(value)
            painter.setPen(QPen(theme.colour("line_strong"), 1))
            painter.drawLine(QPointF(x, self.area.bottom()), QPointF(x, self.area.bottom() + 4))
            painter.setPen(theme.colour("soft"))
            box = QRectF(x - 40, self.area.bottom() + 5, 80, 14)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter), words(value))
        painter.setPen(theme.colour("soft"))
        below = QRectF(self.area.left(), self.area.bottom() + 19, self.area.width(), 15)
        painter.drawText(below, int(Qt.AlignmentFlag.AlignRight), title)

    def _paint_level(self, painter: QPainter, theme: Theme, value: float, text: str) -> None:
        y = self.y(value)
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.drawLine(QPointF(self.area.left(), y), QPointF(self.area.right(), y))
        painter.setPen(theme.colour("soft"))
        box = QRectF(0, y - 8, self.area.left() - 7, 16)
        painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), text)


def ticks(low: float, high: float, about: int) -> list[float]:
    """Round figures between two ends, ``about`` that many."""
    if high <= low:
        return [low]
    raw = (high - low) / about
    size = 10.0 ** floor(log10(raw))
    step = next(size * part for part in (1, 2, 2.5, 5, 10) if size * part >= raw * 0.999)
    first = ceil(low / step - 1e-9)
    return [round(place * step, 10) for place in range(first, floor(high / step + 1e-9) + 1)]


def wash(theme: Theme, token: str, alpha: float) -> QColor:
    """A colour of the theme, let through."""
    colour = theme.colour(token)
    colour.setAlphaF(alpha)
    return colour


def share(value: float) -> str:
    """``45 %`` of 0.45; one decimal where the figure is small."""
    pct = value * 100
    return f"{pct:.1f} %" if 0 < abs(pct) < 9.95 and round(pct, 6) != round(pct) else f"{pct:.0f} %"
