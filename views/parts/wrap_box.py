"""A box whose buttons flow over as many lines as they need."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class WrapBox(QWidget):
    """Lays its widgets out in reading order, breaking lines at its width."""

    def __init__(self, gap: int = 6) -> None:
        super().__init__()
        self._gap = gap
        self._parts: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_parts(self, parts: list[QWidget]) -> None:
        """Replace what it holds."""
        for old in self._parts:
            old.hide()
            old.setParent(None)
            old.deleteLater()
        self._parts = parts
        for part in parts:
            part.setParent(self)
            part.show()
        self._fit()

    def parts(self) -> list[QWidget]:
        return list(self._parts)

    def _lay(self, width: int, *, move: bool = True) -> int:
        x = y = high = 0
        for part in self._parts:
            size = part.sizeHint()
            wide = min(size.width(), max(40, width))
            if x > 0 and x + wide > width:
                x, y, high = 0, y + high + self._gap, 0
            if move:
                part.setGeometry(QRect(x, y, wide, size.height()))
            x += wide + self._gap
            high = max(high, size.height())
        return y + high

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._lay(width, move=False)

    def sizeHint(self) -> QSize:
        width = self.width() if self.width() > 60 else 320
        return QSize(width, self._lay(width, move=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        self.setFixedHeight(max(1, self._lay(self.width())))
