"""The policy's table of credentials: what each kind of document adds to the limit, with cap and repeat."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.domain import credential_edit as edit
from app.errors import InputError
from views.context import Context
from views.models.draft import Draft
from views.strings import has_text, tr
from views.widgets import button, choices, column, label, quietly, row, shortcut

COLUMNS = ("kind", "group", "amount", "per", "most", "needs")


class CredentialsPage(QWidget):
    """Edits a draft step by step; what the table cannot hold is told and not taken."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.draft: Draft | None = None
        self.whole = {name: QLineEdit() for name in edit.WHOLE}
        self._labels = {name: label("", "soft") for name in (*edit.WHOLE, "text")}
        self.kinds = QComboBox()
        self.add, self.remove = button("", self.add_kind), button("", self.remove_kind)
        self.problem = label("", "adverse")
        self.problem.setWordWrap(True)
        self.table = QTableWidget(0, len(COLUMNS))
        self._lay_out()
        self.table.itemChanged.connect(self._on_item)
        for name, field in self.whole.items():
            field.editingFinished.connect(partial(self._on_whole, name))
        for keys, by in (("Ctrl+Z", -1), ("Ctrl+Shift+Z", 1), ("Ctrl+Y", 1)):
            shortcut(keys, self, partial(self._step, by))
        shortcut("Del", self.table, self.remove_kind)

    def _lay_out(self) -> None:
        self.table.setProperty("role", "plain")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(34)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(len(COLUMNS) - 1, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._labels["text"].setWordWrap(True)
        for field in self.whole.values():
            field.setFixedWidth(90)
        tools = row(
            self._labels["cap"], self.whole["cap"], 8, self._labels["repeat"], self.whole["repeat"], 0,
            self.kinds, self.add, self.remove,
        )  # fmt: skip
        body = column(self._labels["text"], spacing=8, margins=(24, 12, 20, 14))
        body.addLayout(tools)
        body.addWidget(self.problem)
        body.addWidget(self.table, 1)
        self.setLayout(body)
        self.setFocusProxy(self.table)

    def show_draft(self, draft: Draft) -> None:
        """Show a version; it is followed as it changes."""
        if self.draft is not draft:
            if self.draft is not None:
                self.draft.changed.disconnect(self._on_changed)
            self.draft = draft
            draft.changed.connect(self._on_changed)
        self.dress()

    def _step(self, by: int) -> None:
        """A step back or forward."""
        if self.draft is not None:
            (self.draft.stack.undo if by < 0 else self.draft.stack.redo)()

    def _on_changed(self, _: str) -> None:
        self.fill()

    def dress(self) -> None:
        """Texts of the language in force."""
        for name, each in self._labels.items():
            each.setText(tr(f"credentials.{name}"))
        for name, field in self.whole.items():
            field.setAccessibleName(tr(f"credentials.{name}"))
        self.add.setText(tr("credentials.add"))
        self.remove.setText(tr("credentials.remove"))
        self.kinds.setAccessibleName(tr("credentials.column.kind"))
        self.table.setAccessibleName(tr("policy.table.credentials"))
        self.table.setHorizontalHeaderLabels([tr(f"credentials.column.{name}") for name in COLUMNS])
        self.fill()

    def fill(self) -> None:
        """Show the draft's table."""
        if self.draft is None:
            return
        found, editable = edit.table_of(self.draft.document), self.draft.editable
        self.problem.hide()
        with quietly(self.table, *self.whole.values()):
            chosen = self.table.currentRow(), self.table.currentColumn()
            self.table.setRowCount(len(found["steps"]))
            for at, step in enumerate(found["steps"]):
                for place, name in enumerate(COLUMNS):
                    self.table.setItem(at, place, self._item(name, step, editable=editable))
            self.table.setCurrentCell(*(max(0, each) for each in chosen))
            for name, field in self.whole.items():
                field.setText(str(found[name]))
                field.setReadOnly(not editable)
        counted = {step["kind"] for step in found["steps"]}
        papers = self._context.desk.catalogue.papers
        free = [kind for kind in (papers.kinds if papers else ()) if kind not in counted]
        choices(self.kinds, [(kind, _kind_words(kind)) for kind in free])
        for part in (self.kinds, self.add, self.remove):
            part.setVisible(editable)

    def _item(self, name: str, step: edit.Document, *, editable: bool) -> QTableWidgetItem:
        item = QTableWidgetItem(self._words(name, step))
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        item.setFlags(flags | Qt.ItemFlag.ItemIsEditable if editable and name in edit.CELLS else flags)
        if name in ("amount", "most"):
            item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setToolTip(item.text())
        return item

    def _words(self, name: str, step: edit.Document) -> str:
        """A cell; fields go by their labels."""
        if name == "kind":
            return _kind_words(step["kind"])
        if name not in ("needs", "per"):
            return str(step.get(name, ""))
        papers, language = self._context.desk.catalogue.papers, self._context.language
        kind = papers.kinds.get(step["kind"]) if papers else None
        labels = {spec.name: spec.label.get(language, spec.name) for spec in (kind.fields if kind else ())}
        given = step.get(name) or []
        fields = [given] if isinstance(given, str) else given
        return tr("limit.comma").join(labels.get(each, each) for each in fields)

    def _on_item(self, item: QTableWidgetItem) -> None:
        name = COLUMNS[item.column()]
        if name in edit.CELLS:
            self._put(lambda document: edit.set_cell(document, item.row(), name, item.text()))

    def _on_whole(self, name: str) -> None:
        self._put(lambda document: edit.set_whole(document, name, self.whole[name].text()))

    def add_kind(self) -> None:
        """Count the chosen kind, with the fields that make it one."""
        kind, papers = self.kinds.currentData(), self._context.desk.catalogue.papers
        if kind and papers is not None:
            needs = [spec.name for spec in papers.kinds[kind].fields if spec.required]
            self._put(lambda document: edit.add_kind(document, kind, needs))
            self.table.setCurrentCell(self.table.rowCount() - 1, COLUMNS.index("amount"))
            self.table.setFocus()

    def remove_kind(self) -> None:
        """Count the kind of the chosen row no longer."""
        at = self.table.currentRow()
        if at >= 0:
            self._put(lambda document: edit.remove_kind(document, at))

    def _put(self, change: Callable[[edit.Document], edit.Document]) -> None:
        if self.draft is None or not self.draft.editable:
            return
        try:
            changed = change(self.draft.document)
        except InputError as exc:
            self.fill()
            self.problem.setText(str(exc))
            self.problem.show()
            return
        self.draft.put(changed, "", tr("credentials.step"))
        self.fill()


def _kind_words(kind: str) -> str:
    key = f"case.kind.{kind}"
    return tr(key) if has_text(key) else kind
