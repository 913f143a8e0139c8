"""Buttons that paint themselves: a figure as a chip, and a button that shows its key."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from app.domain.facts import Stance
from views.context import Context
from views.strings import tr
from views.theme import set_role

_WASH = {Stance.ADVERSE: "adverse_wash", Stance.FAVOURABLE: "favourable_wash", Stance.NEUTRAL: "chip"}
_INK = {Stance.ADVERSE: "adverse", Stance.FAVOURABLE: "favourable", Stance.NEUTRAL: "accent"}
_PAD_X, _PAD_Y = 6.0, 2.0


class FigureChip(QAbstractButton):
    """A figure in a sentence: click it, or press Enter on it, to see where it comes from."""

    chosen = Signal(str)  # fact id

    def __init__(self, context: Context, text: str, fact: str, stance: Stance, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.fact = fact
        self.stance = stance
        self.setText(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("case.chip", text=text))
        self.setAccessibleDescription(tr(f"case.stance.{stance.value}"))
        self.clicked.connect(lambda: self.chosen.emit(self.fact) if self.fact else None)
        self.setFont(context.theme.font(13, 600))

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        return QSize(
            round(metrics.horizontalAdvance(self.text()) + 2 * _PAD_X + 1), round(metrics.height() + 2 * _PAD_Y)
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._context.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(theme.colour(_WASH[self.stance]))
        painter.setPen(QPen(theme.colour("accent"), 1.4) if self._is_lit() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 4, 4)
        painter.setPen(theme.colour(_INK[self.stance]))
        painter.setFont(self.font())
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()

    def _is_lit(self) -> bool:
        return self.hasFocus() or self.underMouse() or self.isChecked()

    def keyPressEvent(self, event: object) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]
            self.click()
        else:
            super().keyPressEvent(event)  # type: ignore[arg-type]


class KeyButton(QPushButton):
    """A button with its key beside its words: ``Confirm  C``."""

    def __init__(self, context: Context, role: str = "") -> None:
        super().__init__()
        self._context = context
        self._primary = False
        self._words, self._key = "", ""
        if role:
            self.dress(role)

    def dress(self, role: str) -> None:
        """Give the button its role: "primary" stands out, "" is as any other."""
        self._primary = role == "primary"
        set_role(self, role)
        self.update()

    def show_text(self, text: str, key: str) -> None:
        """Set words and key; the key also stands in the tool tip and the accessible description."""
        self._words, self._key = text, key
        self.setText(f"{text}    {key}")  # the width of both; what is drawn is in paintEvent
        self.setToolTip(f"{text} ({key})")
        self.setAccessibleName(text)
        self.setAccessibleDescription(tr("case.key", press=key))

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        option.text = ""
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, option)
        metrics = QFontMetricsF(self.font())
        words, gap = metrics.horizontalAdvance(self._words), 8.0
        small = self._context.theme.font(11)
        key = QFontMetricsF(small).horizontalAdvance(self._key)
        left = (self.width() - words - gap - key) / 2
        ink, soft = self._inks()
        painter.setPen(ink)
        painter.setFont(self.font())
        painter.drawText(QRectF(left, 0, words + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self._words)
        painter.setPen(soft)
        painter.setFont(small)
        painter.drawText(
            QRectF(left + words + gap, 0, key + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self._key
        )
        painter.end()

    def _inks(self) -> tuple[QColor, QColor]:
        theme = self._context.theme
        if not self.isEnabled():
            return theme.colour("struck"), theme.colour("struck")
        if self._primary:
            soft = theme.colour("on_accent")
            soft.setAlphaF(0.75)
            return theme.colour("on_accent"), soft
        return theme.colour("ink"), theme.colour("soft")
