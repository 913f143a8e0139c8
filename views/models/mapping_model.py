"""The columns of a table of applications and the facts they become, as an editable Qt table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from app.domain.facts import Catalogue, FactDefinition, Kind
from app.domain.mapping import ColumnMapping, MappingProposal, TableMapping, recode_seen, recoding
from app.domain.values import ValueRefusedError, parse_value
from views import format as fmt
from views.strings import tr

Index = QModelIndex | QPersistentModelIndex
COLUMN, SAMPLES, FACT, FACTOR, MATCH, CHECK = range(6)
HEADINGS = ("column", "samples", "fact", "factor", "match", "check")
ROW_ROLE = Qt.ItemDataRole.UserRole + 1
NUMERIC = (Kind.MONEY, Kind.PERCENT, Kind.COUNT, Kind.MONTHS, Kind.YEARS, Kind.DAYS, Kind.NUMBER)
SAMPLES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class SampleCheck:
    """How the sampled values of a column fit its fact."""

    tried: int
    refused: int
    reason: str = ""  # of the first refusal
    value: str = ""  # that was refused first


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One column of the file, and what the person makes of it."""

    heading: str
    samples: tuple[str, ...]
    fact: str | None
    confidence: Decimal  # of the proposal; 0 where the person chose another
    why: str
    values: Mapping[str, str] = field(default_factory=dict)
    scale: Decimal | None = None
    date_format: str | None = None
    currency: str | None = None
    check: SampleCheck | None = None

    def mapping(self) -> ColumnMapping | None:
        if self.fact is None:
            return None
        return ColumnMapping(self.fact, self.heading, self.scale, self.values, self.date_format, self.currency)


def rows_of(proposal: MappingProposal, samples: Mapping[str, Sequence[str]] | None = None) -> list[MappingRow]:
    """The rows of a proposal, with a remembered mapping's factors and recodings."""
    made = []
    for each in proposal.columns:
        known = proposal.mapping.column(each.fact) if proposal.mapping and each.fact else None
        row = MappingRow(
            each.column, tuple((samples or {}).get(each.column, each.samples)), each.fact, each.confidence, each.why,
            dict(each.values),
        )  # fmt: skip
        if known is not None and known.source == each.column:
            row = replace(
                row, values=dict(known.values) or row.values, scale=known.scale, date_format=known.date_format,
                currency=known.currency,
            )  # fmt: skip
        made.append(row)
    return made


def check_samples(row: MappingRow, base: TableMapping, catalogue: Catalogue) -> SampleCheck | None:
    """Try the samples of a column as its fact; None for a column that is left out."""
    column = row.mapping()
    if column is None:
        return None
    definition = catalogue[column.fact]
    words = recoding(definition, column)
    tried, refused, first = 0, 0, ("", "")
    for text in (sample.strip() for sample in row.samples):
        if not text or text in base.missing:
            continue
        tried += 1
        reason = _refusal(definition, text, column, base, words)
        if reason:
            refused += 1
            first = first if first[0] else (reason, text)
    return SampleCheck(tried, refused, *first)


def _refusal(
    definition: FactDefinition, text: str, column: ColumnMapping, base: TableMapping, words: Mapping[str, str]
) -> str:
    if text.casefold() in words:
        return ""
    if definition.kind is Kind.CATEGORY and definition.categories:
        return tr("mapping.no_category", value=text)
    try:
        parse_value(
            definition,
            text,
            decimal=base.decimal,
            date_format=column.date_format or base.date_format,
            scale=column.scale,
            currency=column.currency or base.currency,
        )
    except ValueRefusedError as refusal:
        return refusal.reason
    return ""


class MappingModel(QAbstractTableModel):
    """Rows of ``MappingRow``; the fact and the factor may be edited.

    ``edited(row)`` after a change by the person. A fact chosen twice is taken from the column that had it.
    """

    edited = Signal(int)

    def __init__(self, catalogue: Catalogue, language: Callable[[], str]) -> None:
        super().__init__()
        self._catalogue = catalogue
        self._language = language
        self.rows: list[MappingRow] = []
        self._reference = ""  # heading of the lender's own number

    def set_reference(self, heading: str) -> None:
        """Say which column is the lender's own number, so that it does not read as left out."""
        self._reference = heading
        if self.rows:
            self.dataChanged.emit(self.index(0, FACT), self.index(len(self.rows) - 1, FACT))

    def set_rows(self, rows: Sequence[MappingRow]) -> None:
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def facts(self) -> list[FactDefinition]:
        """The facts a column may become."""
        return [definition for definition in self._catalogue if definition.table_column]

    def columns(self) -> tuple[ColumnMapping, ...]:
        """What the mapping reads."""
        return tuple(made for row in self.rows if (made := row.mapping()) is not None)

    def set_check(self, number: int, heading: str, check: SampleCheck | None) -> None:
        """Keep the check of a row, if the row is still that column's."""
        if number < len(self.rows) and self.rows[number].heading == heading:
            self.rows[number] = replace(self.rows[number], check=check)
            self.dataChanged.emit(self.index(number, CHECK), self.index(number, CHECK))

    def texts_changed(self) -> None:
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(HEADINGS) - 1)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(HEADINGS) - 1))

    # What Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:
        return 0 if parent.isValid() else len(HEADINGS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return tr(f"mapping.heading.{HEADINGS[section]}")
        if role == Qt.ItemDataRole.TextAlignmentRole and orientation == Qt.Orientation.Horizontal:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        usual = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        row = self.rows[index.row()]
        editable = index.column() == FACT or (index.column() == FACTOR and self._numeric(row))
        return usual | Qt.ItemFlag.ItemIsEditable if editable else usual

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.EditRole:
            return row.fact if index.column() == FACT else "" if row.scale is None else fmt.number(row.scale)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(row, index.column())
        return self._text(row, index.column()) if role == Qt.ItemDataRole.DisplayRole else None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole:
            return False
        done = self._set_fact(index.row(), value) if index.column() == FACT else self._set_scale(index.row(), value)
        if done:
            self.dataChanged.emit(self.index(index.row(), 0), self.index(index.row(), len(HEADINGS) - 1))
            self.edited.emit(index.row())
        return done

    # Words

    def _text(self, row: MappingRow, column: int) -> str:
        match column:
            case _ if column == COLUMN:
                return row.heading
            case _ if column == SAMPLES:
                return " · ".join(list(dict.fromkeys(text for text in row.samples if text))[:SAMPLES_SHOWN])
            case _ if column == FACT:
                return self.label(row.fact) if row.fact else self._no_fact(row)
            case _ if column == FACTOR:
                return "" if row.scale is None else f"× {fmt.number(row.scale)}"
            case _ if column == MATCH:
                return "" if row.fact is None else self._match(row)
        return self._check(row)

    def _no_fact(self, row: MappingRow) -> str:
        return tr("mapping.reference") if row.heading == self._reference else tr("mapping.left_out")

    def _match(self, row: MappingRow) -> str:
        return fmt.percent(row.confidence * 100) if row.confidence else tr("mapping.yours")

    def _check(self, row: MappingRow) -> str:
        check = row.check
        if check is None:
            return ""
        if check.refused:
            return tr("mapping.refused", refused=check.refused, tried=check.tried, reason=check.reason)
        return tr("mapping.fits", tried=check.tried) if check.tried else tr("mapping.no_sample")

    def _tool_tip(self, row: MappingRow, column: int) -> str:
        if column == CHECK and row.check is not None and row.check.refused:
            return f"{row.check.value}: {row.check.reason}"
        return row.why if column == MATCH else self._text(row, column)

    def label(self, fact: str) -> str:
        return fmt.fact_label(fact, self._catalogue, self._language())

    # Edits

    def _numeric(self, row: MappingRow) -> bool:
        return row.fact is not None and self._catalogue[row.fact].kind in NUMERIC

    def _set_fact(self, number: int, fact: str | None) -> bool:
        row = self.rows[number]
        if (fact or None) == row.fact:
            return False
        if fact:
            self._take_from_others(number, fact)
            words = tuple(dict.fromkeys(text for text in row.samples if text))
            values = recode_seen(self._catalogue[fact], words)
            self.rows[number] = replace(
                row, fact=fact, confidence=Decimal(0), values=values, scale=None, date_format=None, check=None
            )
        else:
            self.rows[number] = replace(row, fact=None, values={}, scale=None, check=None)
        return True

    def _take_from_others(self, number: int, fact: str) -> None:
        for other, row in enumerate(self.rows):
            if other != number and row.fact == fact:
                self.rows[other] = replace(row, fact=None, values={}, scale=None, check=None)
                self.dataChanged.emit(self.index(other, 0), self.index(other, len(HEADINGS) - 1))
                self.edited.emit(other)

    def _set_scale(self, number: int, text: str) -> bool:
        row = self.rows[number]
        bare = str(text).replace("×", "").replace(",", "").strip()
        try:
            scale = Decimal(bare) if bare else None
        except InvalidOperation:
            return False
        if scale is not None and (not scale.is_finite() or scale == 0):
            return False
        self.rows[number] = replace(row, scale=None if scale == 1 else scale, check=None)
        return True
