"""The column of a policy's versions: drafts first, each with its state, who and when."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from views import format as fmt
from views.context import Context
from views.policy_jobs import Entry
from views.strings import tr
from views.widgets import column, label, quietly

ENTRY = Qt.ItemDataRole.UserRole
WIDTH, HIGH = 232, 76
TONE = {"draft": "person", "waiting": "amber", "active": "favourable", "retired": "soft"}


def moment_words(at: str, language: str) -> str:
    """``22 Nov 2026`` of a moment as it is stored; empty where there is none."""
    return fmt.short_day(datetime.fromisoformat(at).astimezone().date(), language) if at else ""


def who_words(entry: Entry, language: str) -> str:
    """Who made a version, and when."""
    if not entry.person:
        return tr("policy.shipped")
    return f"{entry.person}, {moment_words(entry.at, language)}"


class PolicyList(QFrame):
    """``chosen(key)`` when another version is chosen, with the mouse or the arrow keys."""

    chosen = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setObjectName("paper")
        self.setFixedWidth(WIDTH)
        self._context = context
        self.heading = label("", "heading")
        self.list = QListWidget()
        self.list.setProperty("role", "bare")
        self.list.setItemDelegate(_EntryDelegate(context, self.list))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.currentItemChanged.connect(self._on_current)
        self.setLayout(column(self.heading, self.list, spacing=8, margins=(10, 14, 10, 10)))
        self.setFocusProxy(self.list)

    def show_entries(self, entries: list[Entry], chosen: str) -> None:
        """List them; ``chosen`` is selected where it is among them, else the one in force."""
        self.heading.setText(f"{tr('policy.versions')} · {len(entries)}".upper())
        self.list.setAccessibleName(tr("policy.versions"))
        place = next((at for at, entry in enumerate(entries) if entry.key == chosen), None)
        if place is None:
            place = next((at for at, entry in enumerate(entries) if entry.state == "active"), 0)
        with quietly(self.list):
            self.list.clear()
            for entry in entries:
                item = QListWidgetItem(f"{entry.policy} {entry.version}, {tr(f'policy.state.{entry.state}')}")
                item.setData(ENTRY, entry)
                item.setToolTip(entry.note)
                self.list.addItem(item)
            self.list.setCurrentRow(place)

    def entry(self) -> Entry | None:
        """The chosen one."""
        item = self.list.currentItem()
        found: Entry | None = item.data(ENTRY) if item is not None else None
        return found

    def choose(self, key: str) -> None:
        for at in range(self.list.count()):
            if self.list.item(at).data(ENTRY).key == key:
                self.list.setCurrentRow(at)

    def _on_current(self) -> None:
        entry = self.entry()
        if entry is not None:
            self.chosen.emit(entry.key)


class _EntryDelegate(QStyledItemDelegate):
    """Paints version, who and when, and the state."""

    def __init__(self, context: Context, parent: QListWidget) -> None:
        super().__init__(parent)
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(WIDTH - 24, HIGH)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, entry = self._context.theme, index.data(ENTRY)
        box = QRectF(option.rect).adjusted(0, 2, 0, -2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            focused = option.state & QStyle.StateFlag.State_HasFocus
            painter.setPen(theme.colour("accent") if focused else Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("selected"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        inner = box.adjusted(10, 7, -10, -7)
        self._line(painter, inner, 0, f"{entry.version}", 13, 600, "ink")
        self._line(painter, inner, 20, who_words(entry, self._context.language), 12, 400, "soft")
        tone = TONE[entry.state]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(tone))
        painter.drawEllipse(QRectF(inner.left() + 1, inner.top() + 47, 7, 7))
        state = tr(f"policy.state.{entry.state}")
        self._line(painter, inner.adjusted(14, 0, 0, 0), 41, state, 12, 400, tone)
        painter.restore()

    def _line(self, painter: QPainter, box: QRectF, top: float, text: str, px: float, weight: int, tone: str) -> None:
        painter.setFont(self._context.theme.font(px, weight))
        painter.setPen(self._context.theme.colour(tone))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        painter.drawText(
            QRectF(box.left(), box.top() + top, box.width(), 19), int(Qt.AlignmentFlag.AlignVCenter), shown
        )
