"""Contributions of a challenger as bars to both sides of nothing: to the left against the case, to the right for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.context import Context
from views.strings import tr

ROW = 26
_LABEL, _FIGURE = 230.0, 64.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One row; ``value`` in ln(good:bad)."""

    name: str
    value: float
    fact: str = ""  # id of the fact it came from


class ContributionsChart(QWidget):
    """One row a feature; says in its description what it draws. A click on a row shows the fact behind it."""

    chosen = Signal(str)  # fact id

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._bars: tuple[Bar, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Draw the rows in their order."""
        self._bars = tuple(bars)
        self.setAccessibleName(tr("challenger.case.reasons"))
        told = (tr("challenger.case.row", name=bar.name, value=signed(bar.value)) for bar in bars)
        self.setAccessibleDescription("; ".join(told))
        self.updateGeometry()
        self.update()

    def bars(self) -> tuple[Bar, ...]:
        return self._bars

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = int(event.position().y() // ROW)
        if 0 <= at < len(self._bars) and self._bars[at].fact:
            self.chosen.emit(self._bars[at].fact)

    def sizeHint(self) -> QSize:
        return QSize(520, ROW * len(self._bars))

    def minimumSizeHint(self) -> QSize:
        return QSize(360, ROW * len(self._bars))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._context.theme
        area = QRectF(_LABEL, 0, self.width() - _LABEL - _FIGURE, ROW * len(self._bars))
        most = max((abs(bar.value) for bar in self._bars), default=0.0) or 1.0
        middle, unit = area.center().x(), area.width() / 2 / most
        for place, bar in enumerate(self._bars):
            box = QRectF(0, place * ROW, self.width(), ROW)
            painter.setPen(theme.colour("ink"))
            painter.setFont(theme.font(13))
            room = QRectF(8, box.top(), _LABEL - 16, ROW)
            text = painter.fontMetrics().elidedText(bar.name, Qt.TextElideMode.ElideRight, round(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
            tone = theme.colour("adverse" if bar.value < 0 else "favourable")
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tone)
            wide = max(2.0, abs(bar.value) * unit)
            left = middle - wide if bar.value < 0 else middle
            painter.drawRoundedRect(QRectF(left, box.center().y() - 4, wide, 8), 4, 4)
            painter.setPen(tone)
            painter.setFont(theme.font(12))
            figure = QRectF(box.right() - _FIGURE, box.top(), _FIGURE - 8, ROW)
            painter.drawText(figure, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, signed(bar.value))
        painter.setPen(QPen(theme.colour("line_strong"), 1))
        painter.drawLine(QPointF(middle, area.top()), QPointF(middle, area.bottom()))
        painter.end()


def signed(value: float) -> str:
    """``+0.76`` or ``−0.24``; nothing is never below nothing."""
    return f"{value:+.2f}".replace("-0.00", "+0.00").replace("-", "\u2212")
