"""How the cells and headings of a decision table are painted and edited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QCompleter,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.domain.facts import Kind
from app.domain.policy_edit import INPUT
from app.domain.policy_entry import RESULTS, CellType, Use, cell_problem, entered
from views import policy_words as words
from views.context import Context
from views.models.table_grid import HEAD_ROLE, LIT_ROLE, MARK_ROLE, PROBLEM_ROLE, TYPE_ROLE
from views.strings import tr

Index = QModelIndex | QPersistentModelIndex
HIGH, PAD, HEAD_HIGH = 34, 10, 50
_WASH = {"changed": "amber_wash", "added": "favourable_wash"}


class CellDelegate(QStyledItemDelegate):
    """Paints a cell with what is wrong with it beneath, and gives each type its editor."""

    def __init__(self, context: Context, reasons: Mapping[str, Any], parent: QAbstractItemView) -> None:
        super().__init__(parent)
        self._context, self._reasons = context, reasons
        self.show_marks = True

    def _small(self) -> QFontMetrics:
        return QFontMetrics(self._context.theme.font(11))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        problem = index.data(PROBLEM_ROLE)
        text = QFontMetrics(self._context.theme.font(13)).horizontalAdvance(index.data() or tr("policy.any"))
        wide = min(text + 2 * PAD + 4, 300)
        if not problem:
            return QSize(wide, HIGH)
        view = self.parent()
        across = view.columnWidth(index.column()) if isinstance(view, QTableView) else 200
        box = self._small().boundingRect(QRect(0, 0, across - 2 * PAD, 400), Qt.TextFlag.TextWordWrap, problem)
        above = HIGH + 2 if index.data() else 14
        return QSize(wide, max(HIGH, above + box.height()))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme, box = self._context.theme, QRectF(option.rect)
        problem = index.data(PROBLEM_ROLE)
        painter.save()
        self._ground(painter, box, option.state, index, bool(problem))
        inner = box.adjusted(PAD, 0, -PAD, -1)
        top = QRectF(inner.left(), inner.top(), inner.width(), HIGH) if problem else inner
        kind: CellType = index.data(TYPE_ROLE)
        text = index.data() or ""
        always = not text and kind.use is Use.CONDITION
        weight = 600 if kind.use in (Use.CLAUSE, Use.OUTCOME) else 400
        painter.setFont(theme.font(13, weight))
        painter.setPen(theme.colour(self._ink(kind, index, always=always)))
        shown = tr("policy.any") if always and not problem else text
        across = int(inner.width())
        painter.drawText(top, Qt.AlignmentFlag.AlignVCenter, painter.fontMetrics().elidedText(shown, _END, across))
        if problem:
            painter.setFont(theme.font(11))
            painter.setPen(theme.colour("adverse"))
            below = inner.adjusted(0, HIGH - 6, 0, 0) if text else inner
            side = Qt.AlignmentFlag.AlignTop if text else Qt.AlignmentFlag.AlignVCenter
            painter.drawText(below, int(Qt.TextFlag.TextWordWrap | side), problem)
        painter.restore()

    def _ink(self, kind: CellType, index: Index, *, always: bool) -> str:
        if always:
            return "struck"
        if kind.use is Use.OUTCOME:
            said = str(index.data(Qt.ItemDataRole.EditRole))
            return {"decline": "adverse", "refer": "amber", "pass": "favourable"}.get(said, "ink")
        return "ink"

    def _ground(self, painter: QPainter, box: QRectF, state: Any, index: Index, wrong: bool) -> None:
        theme, mark = self._context.theme, index.data(MARK_ROLE) if self.show_marks else ""
        colour = "adverse_wash" if wrong else _WASH.get(mark, "")
        if state & QStyle.StateFlag.State_Selected:
            colour = "selected"
        if colour:
            painter.fillRect(box.adjusted(0, 0, -1, -1), theme.colour(colour))
        if mark == "changed":
            painter.fillRect(QRectF(box.left(), box.top(), 3, box.height() - 1), theme.colour("amber"))
        if index.data(LIT_ROLE):
            painter.setPen(QPen(theme.colour("amber"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -2, -2))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(1, 1, -2, -2))

    # Editing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        kind: CellType = index.data(TYPE_ROLE)
        listed = self._choices(kind)
        if listed:
            box = QComboBox(parent)
            for data, text in listed:
                box.addItem(text, data)
            box.setMinimumWidth(180)
            return box
        line = _CellLine(self._context, kind, self._reasons, parent)
        line.setAccessibleName(str(index.data(Qt.ItemDataRole.AccessibleTextRole)))
        return line

    def _choices(self, kind: CellType) -> list[tuple[str, str]]:
        if kind.use is Use.OUTCOME:
            return [(each, tr(f"policy.outcome.{each}")) for each in RESULTS]
        if kind.use is Use.REASON:
            told = [(code, words.cell_words(kind, f'"{code}"', None, self._reasons)) for code in self._reasons]  # type: ignore[arg-type]
            return [("", tr("policy.no_reason")), *told]
        if kind.use is Use.CONDITION and kind.kind is Kind.BOOLEAN:
            return [
                ("any", tr("policy.any")),
                ("true", tr("policy.yes")),
                ("false", tr("policy.no")),
                ("null", tr("policy.missing")),
            ]
        return []

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        text = str(index.data(Qt.ItemDataRole.EditRole) or "")
        if isinstance(editor, QComboBox):
            place = editor.findData(text or ("any" if editor.findData("any") >= 0 else ""))
            if place < 0:
                editor.insertItem(0, text, text)
                place = 0
            editor.setCurrentIndex(place)
        elif isinstance(editor, QLineEdit):
            editor.setText(text)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: Any, index: Index) -> None:
        text = str(editor.currentData()) if isinstance(editor, QComboBox) else editor.text()  # type: ignore[attr-defined]
        model.setData(index, text)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        box = QRect(option.rect)
        box.setHeight(HIGH)
        kind: CellType = index.data(TYPE_ROLE)
        box.setWidth(max(box.width(), 320 if kind.use is Use.TEXT else 190))
        view = editor.parentWidget()
        if view is not None and box.right() > view.width():
            box.moveRight(max(box.width() - 1, view.width() - 1))
        editor.setGeometry(box)


_END = Qt.TextElideMode.ElideRight


class _CellLine(QLineEdit):
    """The line a cell is written in; what is wrong shows as one writes, in the frame and the tool tip."""

    def __init__(self, context: Context, kind: CellType, reasons: Mapping[str, Any], parent: QWidget) -> None:
        super().__init__(parent)
        self._context, self._kind, self._reasons = context, kind, reasons
        self.setStyleSheet("padding: 2px 8px; border-radius: 0;")
        self.setPlaceholderText(tr(f"policy.hint.{kind.use.value}") if not kind.numeric else tr("policy.hint.range"))
        if kind.categories:
            finder = QCompleter(list(kind.categories), self)
            finder.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
            self.setCompleter(finder)
        self.textChanged.connect(self._on_text)

    def _on_text(self, text: str) -> None:
        catalogue = self._context.desk.catalogue
        found = cell_problem(self._kind, entered(self._kind, text), catalogue, self._reasons)
        self.setProperty("role", "invalid" if found else "")
        self.style().polish(self)
        self.setToolTip(words.problem_words(found) if found else "")


class TableHeader(QHeaderView):
    """The headings of a decision table in two lines: what the column is, and of which type and unit."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._context = context
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(76)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), HEAD_HIGH)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        told = self.model().headerData(section, Qt.Orientation.Horizontal, HEAD_ROLE)
        if told is None or not rect.isValid():
            return
        heading, kind, side = told
        theme, box = self._context.theme, QRectF(rect)
        painter.save()
        painter.fillRect(box, theme.colour("paper"))
        painter.fillRect(
            QRectF(box.left(), box.top(), box.width() - 1, 3), theme.colour("accent" if side == INPUT else "person")
        )
        inner = box.adjusted(PAD, 5, -PAD, -3)
        painter.setFont(theme.font(12, 600))
        painter.setPen(theme.colour("ink"))
        half = inner.height() / 2
        for top, text, tone, px in ((0.0, heading, "ink", 12), (half, kind, "soft", 11)):
            painter.setFont(theme.font(px, 600 if tone == "ink" else 400))
            painter.setPen(theme.colour(tone))
            line = QRectF(inner.left(), inner.top() + top, inner.width(), half)
            shown = painter.fontMetrics().elidedText(text, _END, int(line.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.setPen(theme.colour("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        painter.drawLine(rect.topRight(), rect.bottomRight())
        painter.restore()
