"""How the queue paints a cell: quiet figures, the status with its dot, grade and policy as coloured chips.

A screen of the queue has some three hundred cells and must be painted well within a frame: fonts, colours and
shortened texts are therefore made once a theme and kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.case import Case
from views.context import Context
from views.models.queue_model import COLUMNS, QueueModel
from views.theme import Theme

PADDING = 12
FIRST_PADDING = 20
CHIP_HEIGHT = 20
CHIP_PADDING = 7
TEXTS_KEPT = 20_000

STATUS_COLOURS = {"new": "struck", "scored": "amber", "drafted": "accent", "decided": "favourable", "signed": "person"}
OUTCOME_COLOURS = {
    "approve": ("favourable", "favourable_wash"),
    "refer": ("amber", "amber_wash"),
    "decline": ("adverse", "adverse_wash"),
}
SOFT_FIELDS = frozenset({"product", "term_months", "received_on"})
LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
FIELDS = tuple(column.field for column in COLUMNS)
ALIGNMENTS = tuple(RIGHT if column.right else LEFT for column in COLUMNS)
SELECTED = QStyle.StateFlag.State_Selected


@dataclass(slots=True)
class _Pens:
    """Fonts and colours of one theme, ready to use."""

    theme: Theme
    colours: dict[str, QColor]
    text: QFont
    bold: QFont
    chip: QFont

    @classmethod
    def of(cls, theme: Theme) -> _Pens:
        names = theme.colours.__slots__
        colours = {name: theme.colour(name) for name in names}
        return cls(theme, colours, theme.font(13), theme.font(13, 600), theme.font(12, 600))


class QueueDelegate(QStyledItemDelegate):
    """Paints every cell of the queue in the theme's colours, and a bar for a row still on its way."""

    def __init__(self, context: Context, model: QueueModel) -> None:
        super().__init__()
        self._context = context
        self._model = model
        self._pens = _Pens.of(context.theme)
        self._shortened: dict[tuple[str, int, bool], str] = {}

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        if self._pens.theme is not self._context.theme:
            self._pens = _Pens.of(self._context.theme)
            self._shortened.clear()
        box: QRect = option.rect
        column = index.column()
        self._paint_ground(painter, box, column, selected=bool(option.state & SELECTED))
        case = self._model.case_at(index.row())
        if case is None:
            self._paint_waiting(painter, box)
            return
        text = COLUMNS[column].text(case, self._context.language)
        match FIELDS[column]:
            case "status":
                self._paint_status(painter, box, case, text)
            case "policy_outcome" | "grade" as field:
                self._paint_chip(painter, box, getattr(case, field), text)
            case field:
                self._paint_text(painter, box, column, case, field, text)

    def _paint_ground(self, painter: QPainter, box: QRect, column: int, *, selected: bool) -> None:
        colours = self._pens.colours
        if selected:
            painter.fillRect(box, colours["selected"])
            if column == 0:
                painter.fillRect(box.left(), box.top(), 3, box.height(), colours["accent"])
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, colours["line"])

    def _paint_waiting(self, painter: QPainter, box: QRect) -> None:
        width = min(box.width() - 2 * PADDING, 60)
        painter.fillRect(box.left() + PADDING, box.center().y() - 2, width, 5, self._pens.colours["line"])

    def _paint_text(self, painter: QPainter, box: QRect, column: int, case: Case, field: str, text: str) -> None:
        bold = column == 0
        soft = field in SOFT_FIELDS or (field == "applicant" and not case.applicant)
        painter.setFont(self._pens.bold if bold else self._pens.text)
        painter.setPen(self._pens.colours["soft" if soft else "ink"])
        inner = box.adjusted(FIRST_PADDING if bold else PADDING, 0, -PADDING, 0)
        painter.drawText(inner, ALIGNMENTS[column], self._short(text, inner.width(), bold=bold))

    def _short(self, text: str, width: int, *, bold: bool = False) -> str:
        """The text shortened to a width, from memory where it was asked for before."""
        key = (text, width, bold)
        kept = self._shortened.get(key)
        if kept is None:
            if len(self._shortened) > TEXTS_KEPT:
                self._shortened.clear()
            metrics = QFontMetrics(self._pens.bold if bold else self._pens.text)
            kept = self._shortened[key] = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        return kept

    def _paint_status(self, painter: QPainter, box: QRect, case: Case, text: str) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._pens.colours[STATUS_COLOURS[case.status.value]])
        painter.drawEllipse(QRectF(box.left() + PADDING, box.center().y() - 3, 7, 7))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setFont(self._pens.text)
        painter.setPen(self._pens.colours["ink"])
        inner = box.adjusted(PADDING + 14, 0, -4, 0)
        painter.drawText(inner, LEFT, self._short(text, inner.width()))

    def _paint_chip(self, painter: QPainter, box: QRect, value: str | None, text: str) -> None:
        colours = self._pens.colours
        inner = box.adjusted(PADDING, 0, -4, 0)
        if value is None:
            painter.setFont(self._pens.text)
            painter.setPen(colours["soft"])
            painter.drawText(inner, LEFT, text)
            return
        ink, ground = OUTCOME_COLOURS.get(value, ("accent", "chip"))
        painter.setFont(self._pens.chip)
        width = painter.fontMetrics().horizontalAdvance(text) + 2 * CHIP_PADDING
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours[ground])
        top = box.center().y() - CHIP_HEIGHT // 2 + 1
        painter.drawRoundedRect(QRectF(inner.left(), top, width, CHIP_HEIGHT), 4, 4)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(colours[ink])
        painter.drawText(inner.adjusted(CHIP_PADDING, 0, 0, 0), LEFT, text)
