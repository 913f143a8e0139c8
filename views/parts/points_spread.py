"""Cases by points as bars over the scorecard's scale, with the applicant's own points marked."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.standing import Standing
from views.context import Context
from views.parts.plot import wash
from views.strings import tr

MOST_BARS, LEAST_BARS = 60, 20
CASES_A_BAR = 5  # a few cases are drawn in fewer, wider bars
_TOP, _BOTTOM = 20.0, 18.0


class PointsSpread(QWidget):
    """Bars below the applicant's points are paler; says in its description what the caption says."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._standing: Standing | None = None
        self._scale = (0, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_standing(self, standing: Standing, low: int, high: int) -> None:
        """Draw over the stretch that holds every case and the applicant, within the scale ``low`` to ``high``."""
        seen = [standing.points, *(points for points, _ in standing.counts)]
        self._standing = standing
        self._scale = max(low, min(seen) - 5) // 10 * 10, -(-min(high, max(seen) + 5) // 10) * 10
        self.setAccessibleName(tr("standing.chart"))
        self.update()

    def bars(self) -> list[int]:
        """The cases each bar stands for."""
        if self._standing is None:
            return []
        count = min(MOST_BARS, max(LEAST_BARS, self._standing.total // CASES_A_BAR))
        return self._standing.bars(*self._scale, count)

    def sizeHint(self) -> QSize:
        return QSize(520, 104)

    def minimumSizeHint(self) -> QSize:
        return QSize(300, 104)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._standing is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(0, _TOP, self.width(), self.height() - _TOP - _BOTTOM)
        self._paint_bars(painter, area)
        self._paint_ends(painter, area)
        self._paint_mark(painter, area, self._standing.points)
        painter.end()

    def _paint_bars(self, painter: QPainter, area: QRectF) -> None:
        theme, bars = self._context.theme, self.bars()
        most = max(1, *bars) if bars else 1
        wide = area.width() / max(1, len(bars))
        mark = self._x(self._standing.points if self._standing else 0, area)
        painter.setPen(Qt.PenStyle.NoPen)
        for at, cases in enumerate(bars):
            if cases:
                high = max(2.0, area.height() * cases / most)
                left = area.left() + at * wide
                painter.setBrush(wash(theme, "accent", 0.3 if left + wide / 2 < mark else 0.7))
                painter.drawRect(QRectF(left, area.bottom() - high, max(1.0, wide - 1.5), high))
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.drawLine(area.bottomLeft(), area.bottomRight())

    def _paint_ends(self, painter: QPainter, area: QRectF) -> None:
        painter.setFont(self._context.theme.font(11))
        painter.setPen(self._context.theme.colour("soft"))
        below = QRectF(0, area.bottom() + 3, area.width(), 15)
        for side, points in zip((Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight), self._scale, strict=True):
            painter.drawText(below, int(side), str(points))

    def _paint_mark(self, painter: QPainter, area: QRectF, points: int) -> None:
        theme, x = self._context.theme, self._x(points, area)
        painter.setPen(QPen(theme.colour("ink"), 2))
        painter.drawLine(QPointF(x, area.top() - 3), QPointF(x, area.bottom()))
        painter.setFont(theme.font(12, 600))
        wide = painter.fontMetrics().horizontalAdvance(str(points)) + 4
        left = min(area.right() - wide, max(area.left(), x - wide / 2))
        painter.drawText(QRectF(left, 0, wide, _TOP - 4), int(Qt.AlignmentFlag.AlignCenter), str(points))

    def _x(self, points: int, area: QRectF) -> float:
        low, high = self._scale
        count = max(1, len(self.bars()))
        width = -(-(high - low + 1) // count)  # points a bar
        share = (points + 0.5 - low) / (count * width)
        return area.left() + area.width() * min(1.0, max(0.0, share))
