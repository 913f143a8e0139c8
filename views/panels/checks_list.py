"""What the checks of a policy's tables found, the worst first; a click shows where."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.policy_findings import PolicyFinding
from app.errors import WorkbenchError
from views import policy_words as words
from views.context import Context
from views.strings import tr
from views.widgets import column, error_text, label, quietly

FINDING = Qt.ItemDataRole.UserRole
TONE = {"error": "adverse", "warning": "amber", "note": "soft"}
PAD = 12


class ChecksList(QFrame):
    """``chosen(finding)`` by click, Enter, or as the arrow keys move."""

    chosen = Signal(object)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.summary = label("", "soft")
        self.summary.setWordWrap(True)
        self.list = QListWidget()
        self.list.setProperty("role", "bare")
        self.list.setItemDelegate(_FindingDelegate(context, self.list))
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.list.itemClicked.connect(self._on_item)
        self.list.itemActivated.connect(self._on_item)
        self.list.currentItemChanged.connect(lambda item, _: self._on_item(item) if self.list.hasFocus() else None)
        self.setLayout(column(self.summary, self.list, spacing=6, margins=(16, 12, 8, 8)))
        self.setFocusProxy(self.list)

    def show_busy(self) -> None:
        """Say that the tables are being checked; what was found last stays meanwhile."""
        self.summary.setText(tr("policy.checking"))

    def show_error(self, error: WorkbenchError) -> None:
        self.summary.setText(" ".join(filter(None, error_text(error))))

    def show_findings(self, findings: Sequence[PolicyFinding]) -> None:
        """List what was found."""
        counts = {level: sum(each.level == level for each in findings) for level in TONE}
        if findings:
            self.summary.setText(tr("policy.found", **counts))
        else:
            self.summary.setText(tr("policy.in_order"))
        self.list.setAccessibleName(tr("policy.checks"))
        catalogue = self._context.desk.catalogue
        with quietly(self.list):
            self.list.clear()
            for each in findings:
                item = QListWidgetItem(f"{words.place_words(each, catalogue)}: {words.finding_words(each, catalogue)}")
                item.setToolTip(words.example_words(each, catalogue))
                item.setData(FINDING, each)
                self.list.addItem(item)

    def _on_item(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(item.data(FINDING))


class _FindingDelegate(QStyledItemDelegate):
    """Place, what it is, and an input that shows it."""

    def __init__(self, context: Context, parent: QListWidget) -> None:
        super().__init__(parent)
        self._context = context

    def _parts(self, index: QModelIndex | QPersistentModelIndex) -> list[tuple[str, int, int, str]]:
        finding: PolicyFinding = index.data(FINDING)
        catalogue = self._context.desk.catalogue
        kind = tr(f"policy.kind_of.{finding.kind.replace('-', '_')}")
        place = words.place_words(finding, catalogue)
        example = words.example_words(finding, catalogue)
        parts = [(f"{kind} · {place}" if place else kind, 12, 600, TONE[finding.level])]
        parts.append((words.finding_words(finding, catalogue), 12, 400, "ink"))
        return [*parts, (example, 11, 400, "soft")] if example else parts

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        across = self._across()
        high = sum(self._high(text, px, weight, across) + 3 for text, px, weight, _ in self._parts(index))
        return QSize(across, high + 14)

    def _across(self) -> int:
        view = self.parent()
        return view.viewport().width() if isinstance(view, QListWidget) else 260

    def _high(self, text: str, px: int, weight: int, across: int) -> int:
        metrics = QFontMetrics(self._context.theme.font(px, weight))
        wide = across - 2 * PAD - 6
        return metrics.boundingRect(QRect(0, 0, wide, 1000), int(Qt.TextFlag.TextWordWrap), text).height()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, finding = self._context.theme, index.data(FINDING)
        box = QRectF(option.rect).adjusted(0, 1, -2, -1)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if option.state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            chosen = option.state & QStyle.StateFlag.State_Selected
            painter.setBrush(theme.colour("selected" if chosen else "hover"))
            painter.drawRoundedRect(box, 6, 6)
        painter.setBrush(theme.colour(TONE[finding.level]))
        painter.drawRoundedRect(QRectF(box.left(), box.top() + 5, 3, box.height() - 10), 1.5, 1.5)
        top, across = box.top() + 6, self._across()
        for text, px, weight, tone in self._parts(index):
            high = self._high(text, px, weight, across)
            painter.setFont(theme.font(px, weight))
            painter.setPen(theme.colour(tone))
            place = QRectF(box.left() + PAD, top, across - 2 * PAD - 6, high + 2)
            painter.drawText(place, int(Qt.TextFlag.TextWordWrap), text)
            top += high + 3
        painter.restore()
