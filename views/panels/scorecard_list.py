"""The column of scorecards: name and version, how well it ranks, and how far it has come."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.register import ScorecardEntry, State
from views import format as fmt
from views.context import Context
from views.strings import tr
from views.widgets import column, label, quietly

ENTRY = Qt.ItemDataRole.UserRole
WIDTH, HIGH = 268, 78
TONE = {"use": "favourable", "draft": "amber", "waiting": "amber", "approved": "accent"}


def state_key(entry: ScorecardEntry, context: Context) -> str:
    """``use``, ``draft``, ``waiting`` or ``approved``; one in use without approval is told as a draft in use."""
    state = entry.state(context.desk.clock.now().date())
    if entry.in_use:
        return "use" if state is State.APPROVED else "use_draft"
    return state.value


def state_words(entry: ScorecardEntry, context: Context) -> str:
    return tr(f"scores.state.{state_key(entry, context)}")


class ScorecardList(QFrame):
    """``chosen(sha256)`` when another scorecard is chosen, with the mouse or the arrow keys."""

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

    def show_entries(self, entries: list[ScorecardEntry], chosen: str) -> None:
        """List them; ``chosen`` is selected where it is among them, else the one in use."""
        self.heading.setText(f"{tr('scores.title')} · {len(entries)}".upper())
        self.list.setAccessibleName(tr("scores.title"))
        place = next((at for at, entry in enumerate(entries) if entry.sha256 == chosen), None)
        if place is None:
            place = next((at for at, entry in enumerate(entries) if entry.in_use), 0)
        with quietly(self.list):
            self.list.clear()
            for entry in entries:
                item = QListWidgetItem(f"{entry.title(self._context.language)}, {state_words(entry, self._context)}")
                item.setData(ENTRY, entry)
                self.list.addItem(item)
            self.list.setCurrentRow(place)

    def entry(self) -> ScorecardEntry | None:
        """The chosen one."""
        item = self.list.currentItem()
        entry: ScorecardEntry | None = item.data(ENTRY) if item is not None else None
        return entry

    def choose(self, sha256: str) -> None:
        for at in range(self.list.count()):
            if self.list.item(at).data(ENTRY).sha256 == sha256:
                self.list.setCurrentRow(at)

    def _on_current(self) -> None:
        entry = self.entry()
        if entry is not None:
            self.chosen.emit(entry.sha256)


class _EntryDelegate(QStyledItemDelegate):
    """Paints title, version with its Gini, and the state."""

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
            painter.setPen(
                theme.colour("accent") if option.state & QStyle.StateFlag.State_HasFocus else Qt.PenStyle.NoPen
            )
            painter.setBrush(theme.colour("selected"))
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        inner = box.adjusted(10, 8, -10, -7)
        self._line(painter, inner, 0, entry.title(self._context.language), 13, 600, "ink")
        gini = entry.document["fit"]["performance"]["gini"]["value"]
        named = f"{entry.name} {entry.version} · Gini {float(gini):.3f}"
        self._line(painter, inner, 20, named, 12, 400, "soft")
        key = state_key(entry, self._context)
        words = state_words(entry, self._context)
        if entry.cases:
            words += " · " + tr("scores.cases_short", count=fmt.number(entry.cases))
        tone = TONE.get(key, "amber")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(tone))
        painter.drawEllipse(QRectF(inner.left() + 1, inner.top() + 47, 7, 7))
        self._line(painter, inner.adjusted(14, 0, 0, 0), 41, words, 12, 400, tone)
        painter.restore()

    def _line(self, painter: QPainter, box: QRectF, top: float, text: str, px: float, weight: int, tone: str) -> None:
        painter.setFont(self._context.theme.font(px, weight))
        painter.setPen(self._context.theme.colour(tone))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(box.width()))
        place = QRectF(box.left(), box.top() + top, box.width(), 19)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), shown)
