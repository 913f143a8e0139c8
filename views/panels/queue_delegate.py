"""How the queue paints a cell: quiet figures, the status with its dot, grade and policy as coloured chips."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from app.domain.case import Case
from views.context import Context
from views.models.queue_model import CASE_ROLE, COLUMNS

PADDING = 12
FIRST_PADDING = 20
CHIP_HEIGHT = 20

STATUS_COLOURS = {"new": "struck", "scored": "amber", "drafted": "accent", "decided": "favourable", "signed": "person"}
OUTCOME_COLOURS = {
    "approve": ("favourable", "favourable_wash"),
    "refer": ("amber", "amber_wash"),
    "decline": ("adverse", "adverse_wash"),
}
SOFT_FIELDS = frozenset({"product", "term_months", "received_on"})


class QueueDelegate(QStyledItemDelegate):
    """Paints every cell of the queue in the theme's colours, and a bar for a row still on its way."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter, option, index)
        case = index.data(CASE_ROLE)
        field = COLUMNS[index.column()].field
        if case is None:
            self._paint_waiting(painter, option)
        elif field == "status":
            self._paint_status(painter, option, case, index.data())
        elif field in ("policy_outcome", "grade"):
            self._paint_chip(painter, option, case, field, index.data())
        else:
            self._paint_text(painter, option, index, case, field)
        painter.restore()

    def _colour(self, token: str) -> QColor:
        return self._context.theme.colour(token)

    def _paint_ground(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        box = QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, self._colour("selected"))
            if index.column() == 0:
                painter.fillRect(QRectF(box.left(), box.top(), 3, box.height()), self._colour("accent"))
        painter.setPen(QPen(self._colour("line"), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def _paint_waiting(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        box = QRectF(option.rect).adjusted(PADDING, 0, -PADDING, 0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour("line"))
        width = min(box.width(), 60)
        painter.drawRoundedRect(QRectF(box.left(), box.center().y() - 3, width, 6), 3, 3)

    def _paint_text(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
        case: Case,
        field: str,
    ) -> None:
        soft = field in SOFT_FIELDS or (field == "applicant" and not case.applicant)
        theme = self._context.theme
        painter.setFont(theme.font(13, 600 if field == "id" else 400))
        painter.setPen(self._colour("soft" if soft else "ink"))
        self._draw(painter, option, str(index.data()), index.data(Qt.ItemDataRole.TextAlignmentRole))

    def _draw(
        self, painter: QPainter, option: QStyleOptionViewItem, text: str, alignment: Qt.AlignmentFlag, left: int = 0
    ) -> None:
        box = option.rect.adjusted((PADDING if option.rect.left() > 0 else FIRST_PADDING) + left, 0, -PADDING, 0)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, box.width())
        painter.drawText(box, int(alignment), shown)

    def _paint_status(self, painter: QPainter, option: QStyleOptionViewItem, case: Case, text: str) -> None:
        box = QRectF(option.rect)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colour(STATUS_COLOURS[case.status.value]))
        painter.drawEllipse(QRectF(box.left() + PADDING, box.center().y() - 3, 7, 7))
        painter.setFont(self._context.theme.font(13))
        painter.setPen(self._colour("ink"))
        self._draw(painter, option, text, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, left=14)

    def _paint_chip(self, painter: QPainter, option: QStyleOptionViewItem, case: Case, field: str, text: str) -> None:
        key = case.policy_outcome if field == "policy_outcome" else None
        ink, ground = OUTCOME_COLOURS.get(key or "", ("accent", "chip"))
        if (case.policy_outcome if field == "policy_outcome" else case.grade) is None:
            ink, ground = "soft", ""
        painter.setFont(self._context.theme.font(12, 600 if ground else 400))
        width = painter.fontMetrics().horizontalAdvance(text) + 14
        box = QRectF(option.rect.left() + PADDING, option.rect.center().y() - CHIP_HEIGHT / 2 + 0.5, width, CHIP_HEIGHT)
        if ground:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour(ground))
            painter.drawRoundedRect(box, 4, 4)
        painter.setPen(self._colour(ink))
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(box.adjusted(7 if ground else 0, 0, 0, 0), int(left), text)
