"""Facts and findings of a case as Qt list models, with group headings as rows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain.facts import Fact, SourceKind, Stance
from app.domain.findings import Finding
from app.usecases.show_case import CaseView
from views import format as fmt
from views.context import Context
from views.models.case_reading import SourceWords, figure_stance, grouped, needs_confirmation
from views.stored_words import clause_words, sign_words
from views.strings import has_text, tr

Index = QModelIndex | QPersistentModelIndex


class Mark(IntEnum):
    """The mark beside a fact."""

    NONE = 0
    CONFIRMED = 1
    ASKS = 2  # to be confirmed by a person


@dataclass(frozen=True, slots=True)
class Row:
    """One row as the delegate draws it; ``key`` is empty for a heading."""

    key: str
    title: str
    value: str = ""
    detail: str = ""
    stance: Stance = Stance.NEUTRAL
    mark: Mark = Mark.NONE

    @property
    def heading(self) -> bool:
        return not self.key


ROW_ROLE = Qt.ItemDataRole.UserRole


class RowsModel(QAbstractListModel):
    """Rows ready to be drawn; headings can be neither chosen nor reached by the arrow keys."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[Row] = []

    def show_rows(self, rows: list[Row]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def row_at(self, index: Index) -> Row | None:
        return self._rows[index.row()] if index.isValid() and index.row() < len(self._rows) else None

    def index_of(self, key: str) -> QModelIndex:
        """Index of the row of a fact or finding; invalid when it is not shown."""
        found = next((at for at, row in enumerate(self._rows) if row.key == key), None)
        return QModelIndex() if found is None else self.index(found)

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.row_at(index)
        if row is None:
            return None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.ToolTipRole:
                return row.detail
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken(row)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        row = self.row_at(index)
        if row is None or row.heading:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


def spoken(row: Row) -> str:
    """A row in words, for the screen reader."""
    if row.heading:
        return row.title
    mark = {Mark.CONFIRMED: tr("case.fact.confirmed"), Mark.ASKS: tr("case.fact.asks"), Mark.NONE: ""}[row.mark]
    return ", ".join(part for part in (row.title, row.value, row.detail, tr(f"case.stance.{row.stance}"), mark) if part)


def fact_rows(view: CaseView, context: Context) -> list[Row]:
    """All current facts under their groups' headings."""
    catalogue, language = context.desk.workspace.catalogue, context.language
    words = SourceWords(view, catalogue, language)
    rows: list[Row] = []
    for group, facts in grouped(view.facts, catalogue):
        rows.append(Row("", tr(f"case.group.{group}")))
        for fact in facts:
            title = fmt.fact_label(fact.name, catalogue, language)
            value = fmt.fact_text(fact, catalogue, language)
            rows.append(Row(fact.id, title, value, words.line(fact), figure_stance(view, fact.id), _mark(fact)))
    return rows


def _mark(fact: Fact) -> Mark:
    if fact.confirmed_by is not None or fact.source.kind is SourceKind.PERSON:
        return Mark.CONFIRMED
    return Mark.ASKS if needs_confirmation(fact) else Mark.NONE


def finding_rows(view: CaseView, context: Context) -> list[Row]:
    """Findings by section, the weightiest first."""
    rows: list[Row] = []
    sections = dict.fromkeys(finding.section for finding in view.findings)
    for section in sections:
        rows.append(Row("", tr(f"case.section.{section}") if has_text(f"case.section.{section}") else section))
        inside = [finding for finding in view.findings if finding.section == section]
        for finding in sorted(inside, key=lambda each: -each.materiality):
            rows.append(_finding_row(view, finding, context))
    return rows


def _finding_row(view: CaseView, finding: Finding, context: Context) -> Row:
    catalogue, language = context.desk.workspace.catalogue, context.language
    facts = [fact for fact in map(view.fact, finding.facts) if fact is not None]
    value = fmt.fact_text(facts[0], catalogue, language) if facts else ""
    told = f"case.finding_detail.{finding.code}.{finding.detail}"
    detail = [tr(told)] if has_text(told) else []
    detail += [clause_words(finding.clause)] if finding.clause else []
    detail += [
        f"{fmt.fact_label(fact.name, catalogue, language)} {fmt.fact_text(fact, catalogue, language)}"
        for fact in facts[1:]
    ]
    detail += [sign_words(finding.detail)] if finding.detail and not has_text(told) else []
    return Row(finding.id, finding_title(finding, facts, context), value, " · ".join(detail), finding.stance)


def finding_title(finding: Finding, facts: Sequence[Fact], context: Context) -> str:
    """What a finding says, in a few words; a code without text of its own is told by its first fact."""
    key = f"case.finding.{finding.code.partition(':')[0]}"
    for each in (f"{key}.{finding.stance}", key):
        if has_text(each):
            return tr(each)
    if facts:
        label = fmt.fact_label(facts[0].name, context.desk.workspace.catalogue, context.language)
        relation = f"case.relation.{finding.relation}"
        return f"{label}: {tr(relation)}" if has_text(relation) else label
    return finding.code
