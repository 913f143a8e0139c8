"""Confirming how the columns of a table become facts: proposed, checked on a sample, changed by the person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QPersistentModelIndex, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QFileDialog,
    QHeaderView,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.domain.mapping import TableMapping
from app.domain.values import CURRENCIES
from app.errors import InputError
from views.context import Context
from views.desk_words import products
from views.import_jobs import Table
from views.models.mapping_model import (
    CHECK,
    COLUMN,
    FACT,
    FACTOR,
    MATCH,
    ROW_ROLE,
    SAMPLES,
    MappingModel,
    MappingRow,
    SampleCheck,
    check_samples,
    rows_of,
)
from views.models.queue_model import product_name
from views.strings import tr
from views.widgets import ElidedLabel, button, choices, column, frame, label, quietly, row

AMOUNT = "request.amount"
WIDTHS = {COLUMN: 180, SAMPLES: 230, FACT: 250, FACTOR: 84, MATCH: 84}
ROW_HEIGHT = 38
Index = QModelIndex | QPersistentModelIndex


class MappingDelegate(QStyledItemDelegate):
    """Paints the mapping in the theme's colours; the fact is chosen in a box, the factor typed."""

    def __init__(self, context: Context, model: MappingModel) -> None:
        super().__init__()
        self._context = context
        self._model = model

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._context.theme
        mapped: MappingRow = index.data(ROW_ROLE)
        box = option.rect
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, theme.colour("selected"))
        painter.fillRect(box.left(), box.bottom(), box.width(), 1, theme.colour("line"))
        painter.setFont(theme.font(13, 600 if index.column() in (COLUMN, FACT) and mapped.fact else 400))
        painter.setPen(theme.colour(self._ink(mapped, index.column())))
        inner = box.adjusted(20 if index.column() == COLUMN else 12, 0, -10, 0)
        text = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)

    def _ink(self, mapped: MappingRow, column_number: int) -> str:
        if mapped.fact is None:
            return "soft"
        if column_number == CHECK and mapped.check is not None:
            return "adverse" if mapped.check.refused else "favourable"
        if column_number == MATCH and mapped.confidence and mapped.confidence < 1:
            return "amber" if not mapped.confidence >= 0.8 else "favourable"
        return "accent" if column_number == FACT else "soft" if column_number == SAMPLES else "ink"

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(WIDTHS.get(index.column(), 120), ROW_HEIGHT)

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        if index.column() == FACTOR:
            typed = QLineEdit(parent)
            typed.setAccessibleName(tr("mapping.heading.factor"))
            return typed
        box = QComboBox(parent)
        box.setAccessibleName(tr("mapping.heading.fact"))
        box.setMaxVisibleItems(18)
        box.addItem(tr("mapping.left_out"), "")
        for definition in self._model.facts():
            box.addItem(self._model.label(definition.name), definition.name)
        box.activated.connect(lambda _: self._on_chosen(box))
        QTimer.singleShot(0, box, box.showPopup)
        return box

    def _on_chosen(self, box: QComboBox) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        value = index.data(Qt.ItemDataRole.EditRole)
        if isinstance(editor, QComboBox):
            editor.setCurrentIndex(max(0, editor.findData(value or "")))
        elif isinstance(editor, QLineEdit):
            editor.setText(value)

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        value = editor.currentData() if isinstance(editor, QComboBox) else editor.text()  # type: ignore[attr-defined]
        model.setData(index, value or None if index.column() == FACT else value)


class MappingPage(QWidget):
    """One table to confirm. ``confirmed(TableMapping)`` or ``left_out()``."""

    confirmed = Signal(object)
    left_out = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._table: Table | None = None
        self.model = MappingModel(context.desk.catalogue, lambda: context.language)
        self._base = TableMapping(())
        self._make_table()
        self._make_options()
        self._lay_out()
        self._connect()
        self.set_texts()

    def show_table(self, table: Table) -> None:
        """Offer the proposal of a table for confirmation."""
        self._table = table
        product = self._context.settings.value("import.product")
        usual = TableMapping((), currency=self._context.settings.value("currency"))
        self._base = replace(table.proposal.mapping or usual, product=product)
        with quietly(self.currency):
            self.currency.clear()
        self.model.set_rows(rows_of(table.proposal, table.samples))
        self._show_head(table)
        self._check_all()
        self.table.setFocus()

    def mapping(self) -> TableMapping:
        """The mapping as it stands."""
        return TableMapping(
            columns=self.model.columns(),
            currency=self.currency.currentData(),
            product=self.product.currentData(),
            reference=self.reference.currentData() or None,
            missing=_words(self.missing.text()),
            date_format=self.date_format.text().strip() or None,
            decimal=self.decimal.currentData(),
        )

    # Making

    def _make_table(self) -> None:
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setItemDelegate(MappingDelegate(self._context, self.model))
        self.table.setShowGrid(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        triggers = QAbstractItemView.EditTrigger
        self.table.setEditTriggers(
            triggers.SelectedClicked | triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed
        )
        self.table.clicked.connect(self._on_clicked)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setSectionResizeMode(CHECK, QHeaderView.ResizeMode.Stretch)
        for number, width in WIDTHS.items():
            self.table.setColumnWidth(number, width)

    def _make_options(self) -> None:
        self.currency, self.product, self.reference, self.decimal = (QComboBox() for _ in range(4))
        self.date_format, self.missing = QLineEdit(), QLineEdit()
        self.date_format.setPlaceholderText("2026-10-28")
        self.reference.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.reference.setMinimumContentsLength(14)
        self.currency.setMaxVisibleItems(16)
        self._options = {
            "currency": self.currency,
            "product": self.product,
            "reference": self.reference,
            "decimal": self.decimal,
            "date_format": self.date_format,
            "missing": self.missing,
        }
        self._captions = {name: label(role="caption") for name in self._options}

    def _lay_out(self) -> None:
        self._title = label(role="title")
        self._file = ElidedLabel(role="soft", mode=Qt.TextElideMode.ElideMiddle)
        self._save = button("", self._on_save)
        self._skip = button("", self.left_out.emit)
        self.confirm = button("", self._on_confirm, "primary")
        options = row(spacing=14)
        for name, field in self._options.items():
            options.addLayout(column(self._captions[name], field, spacing=4), 1)
        head = row(self._title, 6, self._file, spacing=8)
        head.setStretchFactor(self._file, 1)
        top = column(spacing=12, margins=(20, 14, 20, 14))
        top.addLayout(head)
        top.addLayout(options)
        self._warning = label(role="amber")
        foot = row(self._warning, 0, self._skip, self._save, self.confirm, margins=(20, 12, 20, 12))
        layout = column(frame(top, "bar"), spacing=0)
        layout.addWidget(self.table, 1)
        layout.addWidget(frame(foot, "footer"))
        self.setLayout(layout)

    def _connect(self) -> None:
        self.model.edited.connect(self._on_edited)
        for box in (self.currency, self.decimal):
            box.currentIndexChanged.connect(lambda _: self._check_all())
        self.reference.currentIndexChanged.connect(lambda _: self.model.set_reference(self.reference.currentData()))
        for typed in (self.date_format, self.missing):
            typed.editingFinished.connect(self._check_all)

    def set_texts(self) -> None:
        """Texts of the language in force."""
        self._title.setText(tr("mapping.title"))
        self._save.setText(tr("mapping.save"))
        self._skip.setText(tr("mapping.skip"))
        self.confirm.setText(tr("mapping.confirm"))
        self.table.setAccessibleName(tr("mapping.title"))
        for name, field in self._options.items():
            self._captions[name].setText(tr(f"mapping.{name}"))
            field.setAccessibleName(tr(f"mapping.{name}"))
        self.model.texts_changed()
        if self._table is not None:
            self._show_head(self._table)
            self._check_all()

    # Showing

    def _show_head(self, table: Table) -> None:
        self._file.setText(tr("mapping.file", file=table.path.name, count=self.model.rowCount()))
        self._fill_options([each.column for each in table.proposal.columns])

    def _fill_options(self, headings: Sequence[str]) -> None:
        base = self._options_now()
        with quietly(self.date_format, self.missing):
            self.date_format.setText(base.date_format or "")
            self.missing.setText(", ".join(word for word in base.missing if word))
        choices(self.currency, [(each, each) for each in sorted(CURRENCIES)], base.currency)
        choices(self.product, [(each, product_name(each)) for each in products(base.product)], base.product)
        none = [("", tr("mapping.no_reference"))]
        choices(self.reference, none + [(each, each) for each in headings], base.reference or "")
        choices(self.decimal, [(".", "1,250.50"), (",", "1.250,50")], base.decimal)
        self.model.set_reference(self.reference.currentData())

    def _options_now(self) -> TableMapping:
        """What the boxes say once they are filled, before that the proposal."""
        return self.mapping() if self.currency.count() else self._base

    def _check_all(self) -> None:
        self._check(range(self.model.rowCount()))

    def _check(self, numbers: Sequence[int]) -> None:
        """Try the samples of some rows on the read lane."""
        catalogue, base = self._context.desk.catalogue, self.mapping()
        wanted = [(number, self.model.rows[number]) for number in numbers]
        self._context.tasks.run(
            lambda _: [(number, one.heading, check_samples(one, base, catalogue)) for number, one in wanted],
            self._on_checked,
            self,
            "read",
        )
        self._show_warning()

    def _on_checked(self, checks: list[tuple[int, str, SampleCheck | None]]) -> None:
        for number, heading, check in checks:
            self.model.set_check(number, heading, check)

    def _show_warning(self) -> None:
        facts = {one.fact for one in self.model.columns()}
        self.confirm.setEnabled(bool(facts))
        self._warning.setText("" if AMOUNT in facts else tr("mapping.no_amount"))

    # Slots

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() in (FACT, FACTOR):
            self.table.edit(index)

    def _on_edited(self, number: int) -> None:
        self._check([number])

    def _on_confirm(self) -> None:
        self.confirmed.emit(self.mapping())

    def _on_save(self) -> None:
        suggested = self._table.path.with_suffix(".toml") if self._table else Path("mapping.toml")
        name, _ = QFileDialog.getSaveFileName(self, tr("mapping.save"), str(suggested), "TOML (*.toml)")
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write the mapping as TOML, for the command line and for other machines."""
        text = self.mapping().to_toml()
        self._context.tasks.run(lambda _: _write(path, text), None, self, "documents")


def _words(text: str) -> tuple[str, ...]:
    """The words that mean missing; an empty cell always does."""
    return tuple(dict.fromkeys(["", *(word.strip() for word in text.split(","))]))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as exc:
        raise InputError(
            "file", f"{path.name} cannot be written: {exc.strerror}.", remedy="Choose another folder."
        ) from exc
