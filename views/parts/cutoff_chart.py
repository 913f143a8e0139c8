"""The distribution of the points with a cut-off that the mouse or the arrow keys move."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.monitoring import Histogram, PointCount
from views.context import Context
from views.models.validation import columns
from views.parts.plot import Plot, wash
from views.strings import tr

REACH = 10  # pixels beside the line at which it can be taken


class CutOffChart(QWidget):
    """Goods and bads stacked by points; cases left of the line are declined. ``moved(points)`` while it moves."""

    moved = Signal(int)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._columns: list[PointCount] = []
        self._grades: Sequence[tuple[str, int]] = ()
        self.points = 0
        self._held = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setToolTip("")

    def show_counts(self, counts: Histogram, grades: Sequence[tuple[str, int]], points: int) -> None:
        """Show a sample's counts, the floors of the grades, and the cut-off at ``points``."""
        self._columns, self._grades, self.points = columns(counts), grades, points
        self.setAccessibleName(tr("scores.cut_off"))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 260)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 180)

    def ends(self) -> tuple[int, int]:
        """The lowest and the highest cut-off."""
        if not self._columns:
            return 0, 1
        width = self._width()
        return int(self._columns[0].points), int(self._columns[-1].points + width)

    def move_to(self, points: int) -> None:
        """Put the cut-off elsewhere, within the distribution."""
        low, high = self.ends()
        points = min(high, max(low, points))
        if points != self.points:
            self.points = points
            self.update()
            self.moved.emit(points)

    def _width(self) -> float:
        return self._columns[1].points - self._columns[0].points if len(self._columns) > 1 else 1.0

    def _plot(self) -> Plot:
        low, high = self.ends()
        top = max([1, *(row.good + row.bad for row in self._columns)])
        return Plot.within(QRectF(self.rect()).adjusted(0, 14, 0, 0), (low, high), (0, top * 1.05))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot, theme = self._plot(), self._context.theme
        plot.paint_axes(
            painter,
            theme,
            words=lambda value: f"{value:.0f}",
            up_words=lambda value: f"{value:,.0f}",
            title=tr("scores.points_axis"),
        )
        self._paint_columns(painter, plot)
        self._paint_grades(painter, plot)
        self._paint_line(painter, plot)
        painter.end()

    def _paint_columns(self, painter: QPainter, plot: Plot) -> None:
        theme, width = self._context.theme, self._width()
        painter.setPen(Qt.PenStyle.NoPen)
        gap = 1.0 if plot.area.width() / max(1, len(self._columns)) > 4 else 0.0
        for row in self._columns:
            left, right = plot.x(row.points), plot.x(row.points + width) - gap
            declined = row.points + width <= self.points
            for token, low, high in (("adverse", 0, row.bad), ("favourable", row.bad, row.bad + row.good)):
                box = QRectF(QPointF(left, plot.y(high)), QPointF(right, plot.y(low)))
                painter.fillRect(box, wash(theme, token, 0.32 if declined else 0.85))

    def _paint_grades(self, painter: QPainter, plot: Plot) -> None:
        theme = self._context.theme
        painter.setFont(theme.font(10, 600))
        low, high = self.ends()
        tops = [high, *(floor for _, floor in self._grades)]
        for (name, floor), top in zip(self._grades, tops, strict=False):
            inside = max(floor, low), min(top, high)
            if inside[1] <= inside[0]:
                continue
            painter.setPen(theme.colour("soft"))
            box = QRectF(plot.x(inside[0]), 2, plot.x(inside[1]) - plot.x(inside[0]), 14)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), name)
            if low < floor < high:
                painter.setPen(QPen(theme.colour("line_strong"), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(plot.x(floor), 4), QPointF(plot.x(floor), plot.area.bottom()))

    def _paint_line(self, painter: QPainter, plot: Plot) -> None:
        theme, x = self._context.theme, plot.x(self.points)
        colour = theme.colour("accent" if self.hasFocus() or self._held else "ink")
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(x, 16), QPointF(x, plot.area.bottom()))
        text = str(self.points)
        painter.setFont(theme.font(12, 600))
        width = painter.fontMetrics().horizontalAdvance(text) + 14
        flag = QRectF(min(max(x - width / 2, 0), self.width() - width), 16, width, 20)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(flag, 4, 4)
        painter.setPen(theme.colour("on_accent" if colour == theme.colour("accent") else "card"))
        painter.drawText(flag, int(Qt.AlignmentFlag.AlignCenter), text)

    # Moving it

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._columns:
            self._held = True
            self.move_to(round(self._plot().value_at(event.position().x())))
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        near = abs(event.position().x() - self._plot().x(self.points)) < REACH
        self.setCursor(Qt.CursorShape.SplitHCursor if near or self._held else Qt.CursorShape.ArrowCursor)
        if self._held:
            self.move_to(round(self._plot().value_at(event.position().x())))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, far = Qt.Key(event.key()), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}.get(key)
        if step is not None:
            self.move_to(self.points + step * (10 if far else 1))
        elif key in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.move_to(self.ends()[key == Qt.Key.Key_End])
        else:
            super().keyPressEvent(event)
