"""Draws the rows of the overview: a fact or finding with its value as a chip, and a line on where it comes from."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.facts import Stance
from views.context import Context
from views.models.facts_model import ROW_ROLE, Mark, Row, RowsModel

HEADING_HIGH, PLAIN_HIGH = 34, 46
_WASH = {Stance.ADVERSE: "adverse_wash", Stance.FAVOURABLE: "favourable_wash", Stance.NEUTRAL: "chip"}
_INK = {Stance.ADVERSE: "adverse", Stance.FAVOURABLE: "favourable", Stance.NEUTRAL: "accent"}


class RowDelegate(QStyledItemDelegate):
    """Paints one ``Row``."""

    def __init__(self, context: Context, parent: QListView) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        row: Row = index.data(ROW_ROLE)
        return QSize(200, HEADING_HIGH if row.heading else PLAIN_HIGH)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row: Row = index.data(ROW_ROLE)
        box = QRectF(option.rect)
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.heading:
            self._heading(painter, box, row)
        else:
            self._ground(painter, box, state)
            self._body(painter, box.adjusted(10, 0, -10, 0), row)
        painter.restore()

    def _heading(self, painter: QPainter, box: QRectF, row: Row) -> None:
        theme = self._context.theme
        font = theme.font(11, 600)
        font.setLetterSpacing(font.SpacingType.AbsoluteSpacing, 0.6)
        painter.setFont(font)
        painter.setPen(theme.colour("soft"))
        bottom = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
        painter.drawText(box.adjusted(10, 0, -10, -6), bottom, row.title.upper())

    def _ground(self, painter: QPainter, box: QRectF, state: QStyle.StateFlag) -> None:
        theme = self._context.theme
        selected = bool(state & QStyle.StateFlag.State_Selected)
        over = bool(state & QStyle.StateFlag.State_MouseOver)
        if not selected and not over:
            return
        focused = selected and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(theme.colour("accent"), 1) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("selected" if selected else "hover"))
        painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 6, 6)

    def _body(self, painter: QPainter, box: QRectF, row: Row) -> None:
        theme = self._context.theme
        chip = self._chip(painter, box, row)
        room = box.adjusted(18, 0, -(chip + 10), 0)
        self._mark(painter, box, row.mark)
        painter.setFont(theme.font(13, 500))
        painter.setPen(theme.colour("ink"))
        top = box.top() + (5 if row.detail else 13)
        _elided(painter, QRectF(room.left(), top, room.width(), 19), row.title)
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("soft"))
        _elided(painter, QRectF(room.left(), box.top() + 24, room.width(), 16), row.detail)

    def _chip(self, painter: QPainter, box: QRectF, row: Row) -> float:
        """Draw the value at the right; returns its width."""
        theme = self._context.theme
        if not row.value:
            return 0.0
        font = theme.font(13, 600)
        metrics = QFontMetricsF(font)
        text = metrics.elidedText(row.value, Qt.TextElideMode.ElideRight, box.width() * 0.45)
        wide = metrics.horizontalAdvance(text) + 14
        chip = QRectF(box.right() - wide, box.center().y() - 11, wide, 22)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(_WASH[row.stance]))
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(theme.colour(_INK[row.stance]))
        painter.setFont(font)
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
        return wide

    def _mark(self, painter: QPainter, box: QRectF, mark: Mark) -> None:
        theme = self._context.theme
        dot = QRectF(box.left() + 1, box.top() + 11, 8, 8)
        if mark is Mark.CONFIRMED:
            painter.setPen(QPen(theme.colour("favourable"), 1.8))
            painter.drawPolyline(
                [dot.bottomLeft() + (dot.topLeft() - dot.bottomLeft()) * 0.5, _foot(dot), dot.topRight()]
            )
        elif mark is Mark.ASKS:
            painter.setPen(QPen(theme.colour("amber"), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(dot)


def _foot(dot: QRectF) -> QPointF:
    return (dot.bottomLeft() * 0.6) + (dot.bottomRight() * 0.4)


def _elided(painter: QPainter, box: QRectF, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(box.width()))
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter, shown)


class RowList(QListView):
    """A list of rows; ``chosen`` comes by click, by Enter, and as the arrow keys move."""

    chosen = Signal(str)  # key of the row

    def __init__(self, context: Context, model: RowsModel) -> None:
        super().__init__()
        self._rows = model
        self.setModel(model)
        self.setItemDelegate(RowDelegate(context, self))
        self.setMouseTracking(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.viewport().setAutoFillBackground(False)
        self.setProperty("role", "bare")
        self.clicked.connect(self._on_index)

    def _on_index(self, index: QModelIndex) -> None:
        row = self._rows.row_at(index)
        if row is not None and not row.heading:
            self.chosen.emit(row.key)

    def currentChanged(
        self, current: QModelIndex | QPersistentModelIndex, previous: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().currentChanged(current, previous)
        if self.hasFocus() and current.isValid():
            self._on_index(self._rows.index(current.row()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_index(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def mark(self, key: str) -> None:
        """Select a row without telling anybody, and scroll to it."""
        index = self._rows.index_of(key)
        self.selectionModel().blockSignals(True)
        self.setCurrentIndex(index) if index.isValid() else self.clearSelection()
        self.selectionModel().blockSignals(False)
        self.viewport().update()
