"""The first start: a workspace that is not there yet is made, once the person has said who works in it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget

from app.bootstrap import login_name
from app.bootstrap.portable import home
from views.strings import tr
from views.widgets import ElidedLabel, button, label, row


def can_be_made(path: Path) -> bool:
    """Whether a new workspace may be made there: the folder is not there, or empty."""
    try:
        return not path.exists() or (path.is_dir() and next(path.iterdir(), None) is None)
    except OSError:
        return False


class WelcomeDialog(QDialog):
    """Says where the workspace will be and asks for the name; ``person()`` is what was typed."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("app.name"))
        self.setFixedWidth(480)
        text = label(tr("start.welcome_stick" if home() else "start.welcome_text"), "soft")
        text.setWordWrap(True)
        self.place = ElidedLabel(str(path), "value", Qt.TextElideMode.ElideMiddle)
        self.name = QLineEdit(login_name())
        self.name.setAccessibleName(tr("start.your_name"))
        self.make = button(tr("start.make"), self.accept, "primary")
        self.name.textChanged.connect(lambda typed: self.make.setEnabled(bool(typed.strip())))
        self.make.setDefault(True)
        self.make.setEnabled(bool(self.person()))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 22, 24, 20)
        layout.setSpacing(6)
        for each in (
            label(tr("start.welcome_title"), "title"),
            text,
            8,
            label(tr("start.folder"), "caption"),
            self.place,
            6,
            label(tr("start.your_name"), "caption"),
            self.name,
            10,
        ):
            if isinstance(each, int):
                layout.addSpacing(each)
            else:
                layout.addWidget(each)
        layout.addLayout(row(0, button(tr("button.cancel"), self.reject), self.make))
        self.name.selectAll()
        self.name.setFocus()

    def person(self) -> str:
        """The name as typed, without blanks around it."""
        return self.name.text().strip()
