"""The command palette: one box that finds a case, an applicant, a document of the open case, or an action."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QColor, QHideEvent, QIcon, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsDropShadowEffect,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.domain.case import Case, Document
from app.ports import Progress, QueueQuery
from views import format as fmt
from views.context import Context
from views.icons import icon
from views.models.queue_model import product_name
from views.strings import tr
from views.widgets import label

CASES_SHOWN = 8
DELAY_MS = 120
WIDTH = 560
ENTRY_HEIGHT = 44
ENTRY_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the palette and what choosing it does."""

    icon: str
    title: str
    detail: str
    act: Callable[[], object]
    keys: str = ""


class EntryDelegate(QStyledItemDelegate):
    """Paints an entry: icon, title, detail, keys at the right."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ENTRY_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        entry: Entry = index.data(ENTRY_ROLE)
        theme = self._context.theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("chip"))
            painter.drawRoundedRect(option.rect.adjusted(4, 1, -4, -1), 6, 6)
        picture = icon(entry.icon, theme).pixmap(
            QSize(18, 18), QIcon.Mode.Normal, QIcon.State.On if chosen else QIcon.State.Off
        )
        painter.drawPixmap(option.rect.left() + 16, option.rect.center().y() - 8, picture)
        self._paint_texts(painter, option.rect.adjusted(46, 0, -16, 0), entry)
        painter.restore()

    def _paint_texts(self, painter: QPainter, box: QRect, entry: Entry) -> None:
        theme = self._context.theme
        top, bottom = box.adjusted(0, 5, 0, -box.height() // 2), box.adjusted(0, box.height() // 2, 0, -5)
        if entry.keys:
            painter.setFont(theme.font(11))
            painter.setPen(theme.colour("soft"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), entry.keys)
        left = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        elide = Qt.TextElideMode.ElideRight
        painter.setFont(theme.font(13, 500))
        painter.setPen(theme.colour("ink"))
        title = painter.fontMetrics().elidedText(entry.title, elide, box.width() - 70)
        painter.drawText(top if entry.detail else box, left, title)
        painter.setFont(theme.font(11))
        painter.setPen(theme.colour("soft"))
        painter.drawText(bottom, left, painter.fontMetrics().elidedText(entry.detail, elide, box.width() - 70))


class Palette(QFrame):
    """Opens over the window at its search field; Escape or a click elsewhere closes it.

    ``set_sources`` gives the actions and the documents to search; cases are looked up in the workspace.
    """

    def __init__(self, context: Context, window: QWidget, open_case: Callable[[str], object]) -> None:
        super().__init__(window)
        self.setObjectName("palette")
        self._context = context
        self._open_case = open_case
        self._actions: Callable[[], Sequence[Entry]] = tuple
        self._documents: Callable[[], Sequence[tuple[Document, Callable[[], object]]]] = tuple
        self.box = QLineEdit()
        self.list = QListWidget()
        self.list.setItemDelegate(EntryDelegate(context))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hint = label(role="caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        for each in (self.box, self.list, self.hint):
            layout.addWidget(each)
        shadow = QGraphicsDropShadowEffect(self, blurRadius=32, xOffset=0, yOffset=8)
        shadow.setColor(QColor(0, 0, 0, 90))
        self.setGraphicsEffect(shadow)
        self._soon = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._soon.timeout.connect(self._search)
        self.box.textChanged.connect(self._on_text)
        self.list.itemClicked.connect(lambda _: self._choose())
        self.hide()

    def set_sources(
        self,
        actions: Callable[[], Sequence[Entry]],
        documents: Callable[[], Sequence[tuple[Document, Callable[[], object]]]],
    ) -> None:
        """Say where actions and documents come from; both are asked at every opening."""
        self._actions, self._documents = actions, documents

    def open_at(self, anchor: QWidget) -> None:
        """Show the palette over its anchor, empty and ready to type."""
        corner = anchor.mapTo(self.window(), anchor.rect().topLeft())
        self.box.setPlaceholderText(tr("palette.placeholder"))
        self.box.setAccessibleName(tr("palette.placeholder"))
        self.hint.setText(tr("palette.hint"))
        self.box.clear()
        self._fill([])
        width = max(WIDTH, anchor.width())
        self.setGeometry(max(8, corner.x() - 8), max(4, corner.y() - 8), width, 9 * ENTRY_HEIGHT + 76)
        self.show()
        self.raise_()
        self.box.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._search()

    def entries(self) -> list[Entry]:
        """What is listed now."""
        return [self.list.item(at).data(ENTRY_ROLE) for at in range(self.list.count())]

    # Finding

    def _on_text(self) -> None:
        self._fill([])
        self._soon.start()

    def _search(self) -> None:
        if not self.isVisible():
            return
        query = QueueQuery(text=self.box.text().strip())
        self._context.tasks.run(lambda progress: self._cases(query, progress), self._fill, self, "read", key="find")

    def _cases(self, query: QueueQuery, progress: Progress) -> list[Case]:
        progress(0, None, "find")
        queue = self._context.desk.workspace.queue(query)
        try:
            return list(queue.page(0, CASES_SHOWN))
        finally:
            queue.close()

    def _fill(self, cases: Sequence[Case]) -> None:
        wanted = self.box.text().strip().casefold()
        actions = [entry for entry in self._actions() if wanted in entry.title.casefold()]
        documents = [self._document_entry(one, act) for one, act in self._documents() if wanted in one.name.casefold()]
        found = [self._case_entry(case) for case in cases]
        ordered = [*found, *documents, *actions] if wanted else [*actions, *documents, *found]
        self.list.clear()
        for entry in ordered:
            item = QListWidgetItem()
            item.setData(ENTRY_ROLE, entry)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{entry.title} {entry.detail}")
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _case_entry(self, case: Case) -> Entry:
        detail = " · ".join(
            part
            for part in (case.id, product_name(case.product), fmt.money(case.amount, case.currency))
            if part != fmt.NOTHING
        )
        return Entry("case", case.applicant or case.reference or case.id, detail, lambda: self._open_case(case.id))

    def _document_entry(self, document: Document, act: Callable[[], object]) -> Entry:
        return Entry("document", document.name, document.note or fmt.size(document.size), act)

    # Choosing

    def _choose(self) -> None:
        if self.list.currentRow() < 0:
            return
        entry: Entry = self.list.currentItem().data(ENTRY_ROLE)
        self.hide()
        entry.act()

    def showEvent(self, event: QShowEvent) -> None:
        """While it is open, it watches for a click elsewhere."""
        super().showEvent(event)
        _application().installEventFilter(self)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        _application().removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(watched, QWidget):
            if watched is not self and not self.isAncestorOf(watched):
                self.hide()
        elif watched is self.box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event.key())
        return False

    def _key(self, key: int) -> bool:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if key in steps and self.list.count():
            at = self.list.currentRow() + steps[Qt.Key(key)]
            self.list.setCurrentRow(min(max(at, 0), self.list.count() - 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose()
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True


def _application() -> QCoreApplication:
    app = QCoreApplication.instance()
    assert app is not None
    return app
