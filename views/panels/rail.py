"""The left rail: one button a screen."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QFrame, QToolButton, QVBoxLayout

from views.context import Context
from views.icons import icon
from views.strings import tr

SCREENS = ("queue", "case", "scores", "policy", "import", "rejects", "models", "inventory", "settings")
WIDTH = 68


class Rail(QFrame):
    """Chooses the screen: ``chosen(name)`` when the person presses one."""

    chosen = Signal(str)

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.setProperty("role", "rail")
        self.setFixedWidth(WIDTH)
        self._context = context
        self._group = QButtonGroup(self, exclusive=True)
        self.buttons = {name: self._button(name) for name in SCREENS}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5, 10, 5, 10)
        layout.setSpacing(4)
        for name in SCREENS:
            if name == "settings":
                layout.addStretch(1)
            layout.addWidget(self.buttons[name])
        self.dress()

    def _button(self, name: str) -> QToolButton:
        made = QToolButton()
        made.setCheckable(True)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
        made.setProperty("role", "rail")
        made.setIconSize(QSize(20, 20))
        made.setFixedSize(WIDTH - 11, 52)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        made.clicked.connect(lambda: self.chosen.emit(name))
        self._group.addButton(made)
        return made

    def dress(self) -> None:
        """Texts and icons of the language and theme in force."""
        for number, (name, each) in enumerate(self.buttons.items(), 1):
            each.setText(tr(f"rail.{name}"))
            each.setAccessibleName(tr(f"rail.{name}"))
            each.setToolTip(f"{tr(f'rail.{name}')}  Ctrl+{number}")
            each.setIcon(icon(name, self._context.theme))

    def select(self, name: str) -> None:
        """Show which screen is on."""
        self.buttons[name].setChecked(True)

    def selected(self) -> str:
        """Name of the screen that is on."""
        return next((name for name, each in self.buttons.items() if each.isChecked()), "")
