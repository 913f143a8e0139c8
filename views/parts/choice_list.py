"""A list under a field that narrows it: what is typed is looked for in every name, the arrows move in the list."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from views.context import Context
from views.widgets import label

_ROW = QSize(0, 28)
_DATA = Qt.ItemDataRole.UserRole
Group = tuple[str, Sequence[tuple[str, str]]]
"""A heading, blank for none, and (data, text) of each choice."""


class ChoiceList(QWidget):
    """Headings stand between the choices and cannot be chosen; a heading without choices left is hidden."""

    changed = Signal()
    accepted = Signal()  # Enter, or a double click

    def __init__(self, context: Context, hint: str, nothing: str) -> None:
        super().__init__()
        self._context = context
        self.text = QLineEdit()
        self.text.setPlaceholderText(hint)
        self.text.setAccessibleName(hint)
        self.text.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName(hint)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = label(nothing, "soft")
        self.nothing.hide()
        self.text.textChanged.connect(lambda _: self._narrow())
        self.text.installEventFilter(self)
        self.list.currentItemChanged.connect(lambda *_: self.changed.emit())
        self.list.itemDoubleClicked.connect(lambda _: self.accepted.emit())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.text)
        column.addWidget(self.list, 1)
        column.addWidget(self.nothing)

    def show_choices(self, groups: Sequence[Group], chosen: str = "") -> None:
        """Fill the list; ``chosen`` is current where it is among them, else the first."""
        self.list.clear()
        for heading, choices in groups:
            if heading and choices:
                self._add_heading(heading)
            for data, text in choices:
                item = QListWidgetItem(text)
                item.setData(_DATA, data)
                item.setSizeHint(_ROW)
                self.list.addItem(item)
                if data == chosen:
                    self.list.setCurrentItem(item)
        self._narrow()

    def current(self) -> str:
        """Data of the choice; blank when there is none."""
        item = self.list.currentItem()
        return str(item.data(_DATA) or "") if item is not None and not item.isHidden() else ""

    def choose(self, data: str) -> None:
        """Make a choice current by its data."""
        for at in range(self.list.count()):
            if self.list.item(at).data(_DATA) == data:
                self.list.setCurrentRow(at)

    def shown(self) -> list[str]:
        """Data of the choices that what is typed has left."""
        items = [self.list.item(at) for at in range(self.list.count())]
        return [str(item.data(_DATA)) for item in items if item.data(_DATA) and not item.isHidden()]

    def _add_heading(self, text: str) -> None:
        item = QListWidgetItem(text)
        item.setSizeHint(_ROW)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        item.setFont(self._context.theme.font(11, 600))
        item.setForeground(self._context.theme.colour("soft"))
        self.list.addItem(item)

    def _narrow(self) -> None:
        wanted = self.text.text().casefold().split()
        heading: QListWidgetItem | None = None
        for at in range(self.list.count()):
            item = self.list.item(at)
            if item.data(_DATA) is None:
                heading = item
                heading.setHidden(True)
                continue
            names = f"{item.text()} {item.data(_DATA)}".casefold()
            fits = all(word in names for word in wanted)
            item.setHidden(not fits)
            if fits and heading is not None:
                heading.setHidden(False)
        left = self.shown()
        self.nothing.setVisible(not left)
        if self.current() not in left:
            self.choose(left[0]) if left else self.list.setCurrentRow(-1)
        if left and self.current() == left[0]:
            self.list.scrollToTop()  # with its heading
        elif self.list.currentItem() is not None:
            self.list.scrollToItem(self.list.currentItem())
        self.changed.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows in the field move in the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            left = self.shown()
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
            if event.key() in steps and left:
                at = left.index(self.current()) if self.current() in left else -1
                self.choose(left[min(max(0, at + steps[Qt.Key(event.key())]), len(left) - 1)])
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
                self.accepted.emit()
                return True
        return super().eventFilter(watched, event)
