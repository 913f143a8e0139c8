"""One decision table as an editable Qt table: the clause first, then the conditions, then the results."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.domain import policy_edit as edit
from app.domain.policy_edit import INPUT, Column, Grid
from app.domain.policy_entry import CellType, Use, cell_problem, cell_type, entered, shown
from app.domain.policy_findings import PolicyFinding
from app.domain.policy_versions import Change
from views import policy_words as words
from views.models.draft import Draft
from views.strings import tr

Index = QModelIndex | QPersistentModelIndex
TYPE_ROLE = Qt.ItemDataRole.UserRole + 1  # CellType
PROBLEM_ROLE = Qt.ItemDataRole.UserRole + 2  # words, empty where nothing is wrong
MARK_ROLE = Qt.ItemDataRole.UserRole + 3  # "changed" | "added" | ""
LIT_ROLE = Qt.ItemDataRole.UserRole + 4  # whether a finding is about it
HEAD_ROLE = Qt.ItemDataRole.UserRole + 5  # heading, type, side
SURE = ("cell", "type", "range", "result", "format")  # kinds of finding that stand at their cell


@dataclass(frozen=True, slots=True)
class Marks:
    """What differs from the version compared with: rows from 1."""

    added: frozenset[int] = frozenset()
    cells: Mapping[tuple[int, str], str] = field(default_factory=dict)  # (row, field) -> as it was


def marks_of(changes: Iterable[Change], table: str) -> Marks:
    """The marks of one table."""
    mine = [each for each in changes if each.table == table and each.row is not None]
    added = frozenset(each.row for each in mine if each.what == "row" and each.before is None and each.row)
    cells = {
        (each.row, each.column): each.before or "" for each in mine if each.what == "cell" and each.row and each.column
    }
    return Marks(added, cells)


class TableGrid(QAbstractTableModel):
    """Reads and writes the table of that name in a draft."""

    def __init__(self, catalogue: Any, reasons: Mapping[str, Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.catalogue, self.reasons = catalogue, reasons
        self.draft: Draft | None = None
        self.table = ""
        self.grades: tuple[str, ...] = ()
        self.grid = Grid("", "first", (), ())
        self.columns: tuple[Column, ...] = ()
        self.types: tuple[CellType, ...] = ()
        self._marks = Marks()
        self._lit: frozenset[tuple[int, str]] = frozenset()  # (row from 1, field; empty for the whole row)
        self._found: Mapping[tuple[int, str], str] = {}
        self._judged: dict[tuple[int, str, bool], str] = {}  # what is wrong with a cell by itself
        self._told: dict[tuple[int, str], str] = {}
        self._readers: dict[int, Callable[[Index], Any]] = {
            int(Qt.ItemDataRole.DisplayRole): self._text,
            int(Qt.ItemDataRole.EditRole): self._edited,
            int(Qt.ItemDataRole.ToolTipRole): self._tip,
            int(Qt.ItemDataRole.AccessibleTextRole): self._spoken,
            TYPE_ROLE: self._kind,
            PROBLEM_ROLE: self.problem,
            MARK_ROLE: self._mark,
            LIT_ROLE: self._is_lit,
        }

    # Showing

    def show_table(self, draft: Draft, table: str, grades: tuple[str, ...]) -> None:
        """Show a table of a draft."""
        self.beginResetModel()
        self.draft, self.table, self.grades = draft, table, grades
        self._read()
        self._lit, self._found, self._judged, self._told = frozenset(), {}, {}, {}
        self.endResetModel()

    def refresh(self) -> bool:
        """Show the table as the draft now has it; whether its rows or columns are others than before."""
        before = self.columns, len(self.grid.rows)
        now = edit.grid_of(self._document, self.table)
        same = _ordered(now.columns) == before[0] and len(now.rows) == before[1]
        if not same:
            self.beginResetModel()
            self._judged, self._told = {}, {}
        self._read()
        self._lit, self._found = frozenset(), {}
        if not same:
            self.endResetModel()
        self._touch()
        return not same

    def _read(self) -> None:
        self.grid = edit.grid_of(self._document, self.table)
        self.columns = _ordered(self.grid.columns)
        self.types = tuple(cell_type(each, self.catalogue, self.grades) for each in self.columns)

    def set_marks(self, marks: Marks) -> None:
        """Mark what differs from another version."""
        self._marks = marks
        self._touch()

    def set_findings(self, findings: Iterable[PolicyFinding]) -> None:
        """Tell what a check found at the cells it is about."""
        self._found = {
            (each.row, each.column): words.finding_words(each, self.catalogue)
            for each in findings
            if each.table == self.table and each.level == "error" and each.kind in SURE and each.row and each.column
        }
        self._touch()

    def light(self, cells: Iterable[tuple[int, str]]) -> None:
        """Light up rows (from 1) and cells that a finding is about."""
        self._lit = frozenset(cells)
        self._touch()

    def _touch(self) -> None:
        if self.rowCount() and self.columnCount():
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))

    def column_at(self, field_name: str) -> int:
        """Where the column of a field stands; -1 where there is none."""
        return next((at for at, each in enumerate(self.columns) if each.field == field_name), -1)

    # Qt

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.grid.rows)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.draft is not None and self.draft.editable else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is Qt.Orientation.Vertical:
            return self._row_words(section) if role == Qt.ItemDataRole.DisplayRole else None
        column, kind = self.columns[section], self.types[section]
        heading = words.column_words(column, self.catalogue)
        if role == Qt.ItemDataRole.DisplayRole:
            return heading
        if role == HEAD_ROLE:
            return heading, words.type_words(kind), column.side
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            side = tr("policy.side.input" if column.side == INPUT else "policy.side.output")
            return f"{heading}\n{side} · {words.type_words(kind)}\n{column.field}"
        return None

    def _row_words(self, row: int) -> str:
        """The row's number, and its clause, which stays in sight that way."""
        at = self.column_at("clause")
        clause = "" if at < 0 else shown(self.types[at], self.grid.rows[row].get(self.columns[at].id, ""))
        return f"{row + 1} · {clause}" if clause else str(row + 1)

    def cell(self, index: Index) -> str:
        """The expression in the document."""
        return self.grid.rows[index.row()].get(self.columns[index.column()].id, "")

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        read = self._readers.get(role)
        return read(index) if read is not None and index.isValid() else None

    def _text(self, index: Index) -> str:
        """The cell as it is shown; worked out once for every text."""
        key = index.column(), self.cell(index)
        if key not in self._told:
            self._told[key] = words.cell_words(self.types[key[0]], key[1], self.catalogue, self.reasons)
        return self._told[key]

    def _kind(self, index: Index) -> CellType:
        return self.types[index.column()]

    def _edited(self, index: Index) -> str:
        return shown(self.types[index.column()], self.cell(index))

    def problem(self, index: Index) -> str:
        """What is wrong with a cell, in words; by itself at once, by the check a moment later."""
        return self.problem_at(index.row(), index.column())

    def problem_at(self, row: int, at: int) -> str:
        """``problem`` of the cell in that row and column."""
        column = self.columns[at]
        needed = column.field == "rate_pct" and self._outcome(row) == "pass"
        key = at, self.grid.rows[row].get(column.id, ""), needed
        if key not in self._judged:
            found = cell_problem(self.types[at], key[1], self.catalogue, self.reasons, needed=needed)
            self._judged[key] = "" if found is None else words.problem_words(found)
        return self._judged[key] or self._found.get((row + 1, column.field), "")

    def _outcome(self, row: int) -> str:
        at = self.column_at("outcome")
        return "" if at < 0 else shown(self.types[at], self.grid.rows[row].get(self.columns[at].id, ""))

    def _mark(self, index: Index) -> str:
        row = index.row() + 1
        if row in self._marks.added:
            return "added"
        return "changed" if (row, self.columns[index.column()].field) in self._marks.cells else ""

    def _is_lit(self, index: Index) -> bool:
        row = index.row() + 1
        return (row, "") in self._lit or (row, self.columns[index.column()].field) in self._lit

    def _tip(self, index: Index) -> str:
        parts = [self.problem(index)]
        was = self._marks.cells.get((index.row() + 1, self.columns[index.column()].field))
        if was is not None:
            parts.append(tr("policy.was", text=was or tr("policy.change.empty")))
        if index.row() + 1 in self._marks.added:
            parts.append(tr("policy.row_added"))
        parts.append(
            self.data(index) or (tr("policy.any_why") if self.types[index.column()].use is Use.CONDITION else "")
        )
        return "\n".join(filter(None, parts))

    def _spoken(self, index: Index) -> str:
        column = words.column_words(self.columns[index.column()], self.catalogue)
        text = self.data(index) or (tr("policy.any") if self.types[index.column()].use is Use.CONDITION else "")
        return ", ".join(filter(None, (column, text, self.problem(index))))

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        self.write({(index.row(), index.column()): str(value)}, tr("policy.step.cell"))
        return True

    # Changing: each is one step that can be undone

    def write(self, texts: Mapping[tuple[int, int], str], step: str) -> None:
        """Put what a person wrote into cells."""
        cells = {(row, self.columns[at].id): entered(self.types[at], text) for (row, at), text in texts.items()}
        self._put(edit.set_cells(self._document, self.table, cells), step)

    def insert(self, at: int, rows: Sequence[Mapping[str, str]] = ({},)) -> None:
        self._put(edit.insert_rows(self._document, self.table, at, rows), tr("policy.step.insert"))

    def copies(self, rows: Iterable[int]) -> list[Mapping[str, str]]:
        """The rows as they stand, to be put in again."""
        return [self.grid.rows[row] for row in sorted(rows)]

    def remove(self, rows: Iterable[int]) -> None:
        self._put(edit.remove_rows(self._document, self.table, rows), tr("policy.step.remove"))

    def move(self, first: int, last: int, by: int) -> None:
        self._put(edit.move_rows(self._document, self.table, first, last, by), tr("policy.step.move"))

    def add_column(self, side: str, name: str) -> None:
        heading = words.input_words(name, self.catalogue) if side == INPUT else words.result_words(name, self.catalogue)
        self._put(edit.add_column(self._document, self.table, side, name, heading), tr("policy.step.add_column"))

    def remove_column(self, at: int) -> None:
        self._put(edit.remove_column(self._document, self.table, self.columns[at].id), tr("policy.step.remove_column"))

    def move_column(self, at: int, by: int) -> None:
        self._put(edit.move_column(self._document, self.table, self.columns[at].id, by), tr("policy.step.move_column"))

    def set_hit_policy(self, hit_policy: str) -> None:
        self._put(edit.set_hit_policy(self._document, self.table, hit_policy), tr("policy.step.hit"))

    @property
    def _document(self) -> edit.Document:
        assert self.draft is not None
        return self.draft.document

    def _put(self, document: edit.Document, step: str) -> None:
        assert self.draft is not None
        self.draft.put(document, self.table, step)

    # Spreadsheets

    def copied(self, indexes: Iterable[Index]) -> str:
        """The cells as a spreadsheet takes them: rows by line, columns by tab; what lies between is empty."""
        chosen = {(each.row(), each.column()): str(each.data(Qt.ItemDataRole.EditRole) or "") for each in indexes}
        if not chosen:
            return ""
        rows = range(min(row for row, _ in chosen), max(row for row, _ in chosen) + 1)
        columns = range(min(at for _, at in chosen), max(at for _, at in chosen) + 1)
        out = io.StringIO()
        lines = csv.writer(out, delimiter="\t", lineterminator="\n")
        lines.writerows([chosen.get((row, at), "") for at in columns] for row in rows)
        return out.getvalue()

    def paste(self, text: str, row: int, column: int) -> int:
        """Put a spreadsheet's cells in from that cell on, adding rows at the end; returns how many cells went in."""
        lines = list(csv.reader(io.StringIO(text), delimiter="\t"))
        missing = max(0, row + len(lines) - self.rowCount())
        document = self._document
        if missing:
            document = edit.insert_rows(document, self.table, self.rowCount(), [{}] * missing)
        cells = {
            (row + down, self.columns[column + right].id): entered(self.types[column + right], part)
            for down, line in enumerate(lines)
            for right, part in enumerate(line)
            if column + right < len(self.columns)
        }
        if cells:
            self._put(edit.set_cells(document, self.table, cells), tr("policy.step.paste"))
        return len(cells)


def _ordered(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The clause first."""
    clause = [each for each in columns if each.field == "clause" and each.side != INPUT]
    return (*clause, *(each for each in columns if each not in clause))
