"""Small parts the panels are put together from: captions with values, rules, a pane for empty and error states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QLayout, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.domain.facts import Stance
from views.parts.leading import Leading
from views.strings import tr
from views.theme import set_role
from views.widgets import ElidedLabel, label


def clear(layout: QLayout) -> None:
    """Take every item out of a layout and let its widgets go."""
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        inner = item.layout()
        if widget is not None:
            widget.hide()
            widget.setParent(None)
            widget.deleteLater()
        elif inner is not None:
            clear(inner)


@contextmanager
def still(widget: QWidget) -> Iterator[None]:
    """Hold painting back while a panel is filled."""
    widget.setUpdatesEnabled(False)
    try:
        yield
    finally:
        widget.setUpdatesEnabled(True)


STANCE_ROLE = {Stance.ADVERSE: "value-adverse", Stance.FAVOURABLE: "value-favourable", Stance.NEUTRAL: "value"}
CHIP_ROLE = {Stance.ADVERSE: "chip-adverse", Stance.FAVOURABLE: "chip-favourable", Stance.NEUTRAL: "chip"}


class Shrinking(ElidedLabel):
    """A label as wide as its text that ends in … where it has less room."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text, role)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(64, self.sizeHint().width()), super().minimumSizeHint().height())


class KeyValue(QWidget):
    """A caption over a value, as in the head of a case; ``leads`` goes to the fact behind it, where there is one."""

    def __init__(self, caption: str = "") -> None:
        super().__init__()
        self.caption = Shrinking(caption, "caption")
        self.value = Shrinking("", "value")
        self.leads = Leading(self, self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.caption)
        column.addWidget(self.value)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_value(self, caption: str, text: str, stance: Stance = Stance.NEUTRAL) -> None:
        """Set both lines; an empty text hides the whole."""
        self.caption.setText(caption)
        self.value.setText(text)
        set_stance(self.value, stance)
        self.setAccessibleName(f"{caption}: {text}")
        self.setVisible(bool(text))


def set_stance(widget: QLabel, stance: Stance) -> None:
    """Colour a bold value by its stance."""
    set_role(widget, STANCE_ROLE[stance])


class StatePane(QWidget):
    """What stands where content cannot: that it loads, that there is none, or what went wrong and what to do."""

    retried = Signal()
    stopped = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.title = label("", "subtitle")
        self.detail = label("", "soft")
        self.bar = QProgressBar()
        self.bar.setRange(0, 0)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(180)
        self.retry = QPushButton()
        self.retry.clicked.connect(self.retried)
        self.stop = QPushButton()
        self.stop.clicked.connect(self.stopped)
        column = QVBoxLayout(self)
        column.setContentsMargins(32, 32, 32, 32)
        column.setSpacing(8)
        column.addStretch(2)
        for part in (self.title, self.detail):
            part.setWordWrap(True)
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(part)
        column.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignHCenter)
        for press in (self.retry, self.stop):
            column.addWidget(press, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def show_loading(self, title: str, *, stop: str = "", share: float | None = None) -> None:
        """``stop`` is the text of the button that gives up; without one there is none. ``share``: how much is done."""
        self._show(title, "", busy=True, retry=False)
        self.bar.setRange(0, 0 if share is None else 100)
        self.bar.setValue(round(100 * (share or 0)))
        self.stop.setText(stop)
        self.stop.setVisible(bool(stop))

    def show_empty(self, title: str, detail: str = "") -> None:
        self._show(title, detail, busy=False, retry=False)

    def show_error(self, title: str, detail: str) -> None:
        self._show(title, detail, busy=False, retry=True)

    def _show(self, title: str, detail: str, *, busy: bool, retry: bool) -> None:
        self.title.setText(title)
        self.detail.setText(detail)
        self.detail.setVisible(bool(detail))
        self.bar.setVisible(busy)
        self.stop.hide()
        self.retry.setText(tr("case.retry"))
        self.retry.setVisible(retry)
