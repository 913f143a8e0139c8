"""A column of versions: each with a title, a line on it, and its state behind a coloured dot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from views.context import Context
from views.widgets import column, label, quietly

ENTRY = Qt.ItemDataRole.UserRole
_VERSION = Qt.ItemDataRole.UserRole + 1
HIGH = 78


@dataclass(frozen=True, slots=True)
class Version:
    """One entry as the column draws it."""

    key: str
    entry: Any  # what it stands for
    title: str
    about: str
    state: str
    tone: str  # colour of the theme
    spoken: str  # for those who hear the list
    tip: str = ""


class VersionList(QFrame):
    """``chosen(key)`` when another version is chosen, with the mouse or the arrow keys."""

    chosen = Signal(str)

    def __init__(self, context: Context, width: int) -> None:
        super().__init__()
        self.setObjectName("paper")
        self.setFixedWidth(width)
        self._context = context
        self.heading = label("", "heading")
        self.list = QListWidget()
        self.list.setProperty("role", "bare")
        self.list.setItemDelegate(_VersionDelegate(context, self.list, width - 24))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.currentItemChanged.connect(self._on_current)
        self.setLayout(column(self.heading, self.list, spacing=8, margins=(10, 14, 10, 10)))
        self.setFocusProxy(self.list)

    def show_versions(self, heading: str, versions: Sequence[Version], chosen: str, usual: str | None) -> None:
        """List them; ``chosen`` is selected where it is among them, else the key ``usual``, else the first."""
        self.heading.setText(f"{heading} · {len(versions)}".upper())
        self.list.setAccessibleName(heading)
        keys = [version.key for version in versions]
        place = next((keys.index(key) for key in (chosen, usual) if key in keys), 0)
        with quietly(self.list):
            self.list.clear()
            for version in versions:
                item = QListWidgetItem(version.spoken)
                item.setData(ENTRY, version.entry)
                item.setData(_VERSION, version)
                item.setToolTip(version.tip)
                self.list.addItem(item)
            self.list.setCurrentRow(place)

    def chosen_entry(self) -> Any:
        """What the chosen version stands for; None where the list is empty."""
        item = self.list.currentItem()
        return item.data(ENTRY) if item is not None else None

    def choose(self, key: str) -> None:
        for at in range(self.list.count()):
            if self.list.item(at).data(_VERSION).key == key:
                self.list.setCurrentRow(at)

    def _on_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.chosen.emit(item.data(_VERSION).key)


class _VersionDelegate(QStyledItemDelegate):
    """Paints title, line and state."""

    def __init__(self, context: Context, parent: QListWidget, width: int) -> None:
        super().__init__(parent)
        self._context = context
        self._width = width

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(self._width, HIGH)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, version = self._context.theme, index.data(_VERSION)
        box = QRectF(option.rect).adjusted(0, 2, 0, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            focused = option.state & QStyle.StateFlag.State_HasFocus
            painter.setPen(theme.colour("accent") if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selected"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        inner = box.adjusted(10, 8, -10, -7)
        self._line(painter, inner, 0, version.title, 13, 600, "ink")
        self._line(painter, inner, 20, version.about, 12, 400, "soft")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(version.tone))
        painter.drawEllipse(QRectF(inner.left() + 1, inner.top() + 47, 7, 7))
        self._line(painter, inner.adjusted(14, 0, 0, 0), 41, version.state, 12, 400, version.tone)
        painter.restore()

    def _line(self, painter: QPainter, box: QRectF, top: float, text: str, px: float, weight: int, tone: str) -> None:
        painter.setFont(self._context.theme.font(px, weight))
        painter.setPen(self._context.theme.colour(tone))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        place = QRectF(box.left(), box.top() + top, box.width(), 19)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), shown)
