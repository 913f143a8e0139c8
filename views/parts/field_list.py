"""The values of a document as a list: label, value, how sure it is, page; with the keys to go through them."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from views.context import Context
from views.models.document_fields import COLOURS, FieldRow, Trust, next_doubtful
from views.strings import tr

_ROW = Qt.ItemDataRole.UserRole
_HIGH = 42
_ROOMY = 850  # pixels of a window that has room for more rows below the page


class FieldList(QListWidget):
    """Arrows move, Enter confirms, N goes to the next doubtful value; C and E are the window's own keys."""

    chosen = Signal(str)  # fact id
    confirm_asked = Signal()
    stayed = Signal()  # N found no doubtful value

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.rows: tuple[FieldRow, ...] = ()
        self.setItemDelegate(_FieldDelegate(context, self))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setProperty("role", "bare")
        self.setMinimumHeight(2 * _HIGH)
        self.currentRowChanged.connect(self._on_row)

    def show_rows(self, rows: Sequence[FieldRow], chosen: str | None) -> None:
        """List the values of a document; the one of that fact is current, without a signal."""
        self.blockSignals(True)
        if tuple(rows) != self.rows:
            self.rows = tuple(rows)
            self.clear()
            for each in rows:
                item = QListWidgetItem(each.label)
                item.setData(_ROW, each)
                page = tr("case.source.page", page=each.page) if each.page else ""
                spoken = ", ".join(filter(None, (each.label, each.value, each.trust_words, page)))
                item.setData(Qt.ItemDataRole.AccessibleTextRole, spoken)
                item.setToolTip(f"{each.label}: {each.value}\n{each.trust_words}")
                self.addItem(item)
        self.setAccessibleName(tr("reading.fields.list"))
        self.blockSignals(False)
        self.mark(chosen)

    def mark(self, fact_id: str | None) -> None:
        """Make a value current without a signal."""
        self.blockSignals(True)
        at = next((at for at, each in enumerate(self.rows) if each.fact.id == fact_id), -1)
        self.setCurrentRow(at)
        self.blockSignals(False)
        self.viewport().update()

    def go_doubtful(self) -> None:
        """Choose the next value nobody is sure of."""
        at = next_doubtful(self.rows, self.currentRow())
        if at is None:
            self.stayed.emit()
        elif at == self.currentRow():
            self._on_row(at)
        else:
            self.setCurrentRow(at)

    def _on_row(self, at: int) -> None:
        if 0 <= at < len(self.rows):
            self.chosen.emit(self.rows[at].fact.id)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._is_own(event):
            event.accept()  # N adds a sentence elsewhere
            return True
        return super().event(event)

    def _is_own(self, event: QKeyEvent) -> bool:
        keys = (Qt.Key.Key_N, Qt.Key.Key_Return, Qt.Key.Key_Enter)
        return event.key() in keys and event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._is_own(event):
            super().keyPressEvent(event)
        elif event.key() == Qt.Key.Key_N:
            self.go_doubtful()
        else:
            self.confirm_asked.emit()

    def sizeHint(self) -> QSize:
        """No more than leaves the page its room."""
        most = 6 if self.window().height() >= _ROOMY else 4
        return QSize(320, min(max(len(self.rows), 3), most) * _HIGH)


class _FieldDelegate(QStyledItemDelegate):
    """Paints a bar in the colour of trust, the label, the value, and at the right page and confidence."""

    def __init__(self, context: Context, parent: FieldList) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, _HIGH)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: FieldRow = index.data(_ROW)
        theme = self._context.theme
        box = QRectF(option.rect).adjusted(0, 1, 0, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._ground(painter, box, option.state)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(COLOURS[entry.trust]))
        painter.drawRoundedRect(QRectF(box.left() + 4, box.top() + 6, 3, box.height() - 12), 1.5, 1.5)
        aside = self._aside(painter, box, entry)
        room = box.adjusted(15, 4, -aside - 16, -4)
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("soft"))
        self._line(painter, QRectF(room.left(), room.top(), room.width(), 15), entry.label)
        painter.setFont(theme.font(13, 500))
        painter.setPen(theme.colour("ink"))
        self._line(painter, QRectF(room.left(), room.top() + 15, room.width(), 18), entry.value)
        painter.restore()

    def _ground(self, painter: QPainter, box: QRectF, state: QStyle.StateFlag) -> None:
        theme = self._context.theme
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if not selected and not state & QStyle.StateFlag.State_MouseOver:
            return
        focused = selected and bool(state & QStyle.StateFlag.State_HasFocus)
        painter.setPen(QPen(theme.colour("accent"), 1) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("chip" if selected else "hover"))
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)

    def _aside(self, painter: QPainter, box: QRectF, entry: FieldRow) -> float:
        """Page over trust at the right; returns how wide they are."""
        theme = self._context.theme
        painter.setFont(theme.font(11))
        page = tr("reading.fields.page", page=entry.page) if entry.page else ""
        metrics = QFontMetricsF(painter.font())
        wide = max(ceil(metrics.horizontalAdvance(text)) + 2 for text in (page, entry.trust_words))
        wide = min(wide, round(box.width() * 0.45))
        at = QPointF(box.right() - wide - 8, box.top() + 4)
        painter.setPen(theme.colour("soft"))
        painter.drawText(QRectF(at.x(), at.y(), wide, 15), Qt.AlignmentFlag.AlignRight, page)
        painter.setPen(theme.colour(COLOURS[entry.trust] if entry.trust is not Trust.SURE else "soft"))
        words = painter.fontMetrics().elidedText(entry.trust_words, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(QRectF(at.x(), at.y() + 16, wide, 16), Qt.AlignmentFlag.AlignRight, words)
        return float(wide)

    def _line(self, painter: QPainter, room: QRectF, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
