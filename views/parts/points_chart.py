"""Points of each characteristic as bars against the neutral and the largest possible points."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.score import CharacteristicPoints
from views import format as fmt
from views import stored_words
from views.context import Context
from views.strings import tr

ROW = 40
_LABEL, _FIGURE = 230.0, 156.0


class PointsChart(QWidget):
    """One row a characteristic; a click, or Enter on the row the arrow keys chose, shows the fact behind it."""

    chosen = Signal(str)  # fact id

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._rows: tuple[CharacteristicPoints, ...] = ()
        self._current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_points(self, rows: tuple[CharacteristicPoints, ...]) -> None:
        """Show the rows, those that lost most points first."""
        self._rows = tuple(sorted(rows, key=lambda row: (-row.lost, row.name)))
        self._current = 0
        self.setAccessibleName(tr("case.score.chart"))
        self.setAccessibleDescription("; ".join(self.words(row) for row in self._rows))
        self.updateGeometry()
        self.update()

    def rows(self) -> tuple[CharacteristicPoints, ...]:
        return self._rows

    def bin_words(self, row: CharacteristicPoints) -> str:
        """The bin's label, with the catalogue's words for categories."""
        return bin_words(row, self._context)

    def words(self, row: CharacteristicPoints) -> str:
        """One row in words, for the screen reader."""
        name = fmt.fact_label(row.name, self._context.desk.workspace.catalogue, self._context.language)
        ends = {"points": row.points, "neutral": row.neutral_points, "best": row.maximum_points}
        return tr("case.score.row", name=name, bin=self.bin_words(row), **ends)

    def sizeHint(self) -> QSize:
        return QSize(560, ROW * len(self._rows) + 26)

    def minimumSizeHint(self) -> QSize:
        return QSize(360, ROW * len(self._rows) + 26)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for index, row in enumerate(self._rows):
            box = QRectF(0, index * ROW, self.width(), ROW)
            if box.intersects(QRectF(event.rect())):
                self._paint_row(painter, box, row, current=self.hasFocus() and index == self._current)
        self._paint_key(painter)
        painter.end()

    def _paint_row(self, painter: QPainter, box: QRectF, row: CharacteristicPoints, *, current: bool) -> None:
        theme = self._context.theme
        if current:
            painter.setPen(QPen(theme.colour("accent"), 1))
            painter.setBrush(theme.colour("selected"))
            painter.drawRoundedRect(box.adjusted(0.5, 1.5, -0.5, -1.5), 4, 4)
        label = fmt.fact_label(row.name, self._context.desk.workspace.catalogue, self._context.language)
        painter.setPen(theme.colour("ink"))
        painter.setFont(theme.font(13))
        self._text(painter, QRectF(8, box.top() + 3, _LABEL - 16, 18), label)
        painter.setPen(theme.colour("soft"))
        painter.setFont(theme.font(11))
        self._text(painter, QRectF(8, box.top() + 21, _LABEL - 16, 15), self.bin_words(row))
        self._paint_bar(painter, QRectF(_LABEL, box.top() + 13, box.width() - _LABEL - _FIGURE, 14), row)
        self._paint_figures(painter, QRectF(box.right() - _FIGURE + 10, box.top(), _FIGURE - 18, box.height()), row)

    def _paint_bar(self, painter: QPainter, bar: QRectF, row: CharacteristicPoints) -> None:
        theme = self._context.theme
        most = max([1, *(max(each.maximum_points, each.points) for each in self._rows)])
        least = min([0, *(each.points for each in self._rows)])
        unit = bar.width() / (most - least)
        zero = bar.left() - least * unit
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("line"))
        painter.drawRoundedRect(QRectF(zero, bar.top() + 3, row.maximum_points * unit, 8), 4, 4)
        painter.setBrush(theme.colour("adverse" if row.lost else "favourable"))
        left, width = min(zero, zero + row.points * unit), abs(row.points) * unit
        painter.drawRoundedRect(QRectF(left, bar.top() + 3, max(2.0, width), 8), 4, 4)
        neutral = zero + row.neutral_points * unit
        painter.setPen(QPen(theme.colour("ink"), 2))
        painter.drawLine(QPointF(neutral, bar.top()), QPointF(neutral, bar.bottom()))

    def _paint_figures(self, painter: QPainter, box: QRectF, row: CharacteristicPoints) -> None:
        theme = self._context.theme
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        above, below = box.adjusted(0, 3, 0, -19), box.adjusted(0, 19, 0, -3)
        painter.setFont(theme.font(13, 600))
        painter.setPen(theme.colour("ink"))
        painter.drawText(above.adjusted(0, 0, -44, 0), right, str(row.points).replace("-", "\u2212"))
        difference = row.points - row.neutral_points
        painter.setPen(theme.colour("adverse" if difference < 0 else "favourable" if difference > 0 else "soft"))
        painter.setFont(theme.font(12))
        painter.drawText(above, right, f"{difference:+d}".replace("-", "\u2212"))
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("soft"))
        ends = tr("case.score.ends", neutral=row.neutral_points, best=row.maximum_points)
        painter.drawText(below, right, ends.replace("-", "\u2212"))

    def _paint_key(self, painter: QPainter) -> None:
        theme = self._context.theme
        painter.setPen(theme.colour("soft"))
        painter.setFont(theme.font(11))
        self._text(painter, QRectF(8, ROW * len(self._rows) + 4, self.width() - 16, 18), tr("case.score.key"))

    def _text(self, painter: QPainter, box: QRectF, text: str) -> None:
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(box.width()))
        painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, elided)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._choose(int(event.position().y() // ROW))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if step and self._rows:
            self._current = min(len(self._rows) - 1, max(0, self._current + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def _choose(self, index: int) -> None:
        if 0 <= index < len(self._rows):
            self._current = index
            self.update()
            fact = self._rows[index].fact
            if fact is not None:
                self.chosen.emit(fact)


def bin_words(row: CharacteristicPoints, context: Context) -> str:
    """A bin's label for people: ``not known``, the words of its categories, or its bounds."""
    return stored_words.bin_words(row.name, row.bin, context.desk.workspace.catalogue, context.language)
