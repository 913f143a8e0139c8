"""Who changes side when champion and challenger approve the same share: four fields, two of them swaps."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.context import Context
from views.parts.plot import share
from views.strings import tr

SIDE = 96.0  # room for the words of the rows


class SwapChart(QWidget):
    """Rows are what the champion does, columns what the challenger does."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._swap: Any = None  # local_models.modelling.comparison.SwapSet
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_swap(self, swap: Any) -> None:
        self._swap = swap
        self.setAccessibleName(tr("scores.swap.title"))
        self.setAccessibleDescription("; ".join(f"{tr(f'scores.swap.{name}')}: {self._words(name)}" for name in FIELDS))
        self.update()

    def _words(self, name: str) -> str:
        group = getattr(self._swap, name)
        rate = "–" if group.bad_rate is None else share(group.bad_rate)
        return tr("scores.swap.group", cases=f"{group.cases:,.0f}", rate=rate)

    def sizeHint(self) -> QSize:
        return QSize(420, 220)

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 170)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._swap is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._context.theme
        width, height = (self.width() - SIDE - 8) / 2, (self.height() - 26) / 2
        painter.setFont(theme.font(11, 600))
        painter.setPen(theme.colour("soft"))
        centre = int(Qt.AlignmentFlag.AlignCenter)
        for at, key in enumerate(("approves", "declines")):
            top = QRectF(SIDE + at * width, 0, width, 24)
            painter.drawText(top, centre, tr(f"scores.swap.challenger_{key}"))
            left = QRectF(0, 26 + at * height, SIDE - 6, height)
            words = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
            painter.drawText(left, words, tr(f"scores.swap.champion_{key}"))
        for name, (row, column) in FIELDS.items():
            box = QRectF(SIDE + column * width, 26 + row * height, width, height).adjusted(3, 3, -3, -3)
            self._paint_field(painter, box, name)
        painter.end()

    def _paint_field(self, painter: QPainter, box: QRectF, name: str) -> None:
        theme = self._context.theme
        ground = {"swapped_in": "favourable_wash", "swapped_out": "adverse_wash"}.get(name, "paper")
        painter.setPen(QPen(theme.colour("line"), 1))
        painter.setBrush(theme.colour(ground))
        painter.drawRoundedRect(box, 6, 6)
        group = getattr(self._swap, name)
        centre = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter)
        middle = box.center().y()
        lines = (
            (f"{group.cases:,.0f}", 18, 600, "ink", -20),
            ("–" if group.bad_rate is None else tr("scores.swap.bad", rate=share(group.bad_rate)), 12, 400, "ink", 4),
            (tr(f"scores.swap.{name}"), 11, 400, "soft", 22),
        )
        for text, px, weight, tone, at in lines:
            painter.setFont(theme.font(px, weight))
            painter.setPen(theme.colour(tone))
            painter.drawText(QRectF(box.left(), middle + at - 10, box.width(), 22), centre, text)


FIELDS = {"both_approve": (0, 0), "swapped_out": (0, 1), "swapped_in": (1, 0), "both_decline": (1, 1)}
"""Field -> row and column."""
