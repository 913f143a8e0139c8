"""The examples beside a policy's tables: cases with what the policy must say of them, and what it says instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QHeaderView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.domain.facts import Kind
from app.domain.policy import OUTCOMES
from app.domain.policy_edit import set_tests
from app.domain.policy_entry import OWN_KINDS
from app.domain.policy_examples import EXPECTED, ExampleResult, example_problems
from views import policy_words as words
from views.context import Context
from views.icons import icon_of
from views.models.draft import Draft
from views.strings import tr
from views.theme import set_role
from views.widgets import button, choices, column, label, quietly, row

NAME_ROLE = Qt.ItemDataRole.UserRole
LISTS = ("clauses", "not_clauses")
USUAL_CURRENCY = "EUR"
WHOLE = (Kind.COUNT, Kind.MONTHS, Kind.DAYS)
LIST_HIGH = 190


class ExamplesPanel(QFrame):
    """Edits the ``tests`` of the draft; each change is a step that can be undone with those of the tables."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.draft: Draft | None = None
        self.results: Mapping[str, ExampleResult] = {}
        self._refused = ""
        self._place = 0
        self.summary = label("", "soft")
        self.summary.setWordWrap(True)
        self.list = QListWidget()
        self.list.setProperty("role", "bare")
        self.list.setMaximumHeight(LIST_HIGH)
        self.new, self.drop = button("", self.add), button("", self.remove)
        self.came = label("", "adverse")
        self.came.setWordWrap(True)
        self.name, self.currency = QLineEdit(), QLineEdit()
        self.inputs = QTableWidget(0, 2)
        self.fact = QComboBox()
        self.fields: dict[str, QWidget] = {each: QLineEdit() for each in EXPECTED} | {"outcome": QComboBox()}
        self._labels = {each: label("", "soft") for each in ("name", "currency", *EXPECTED)}
        self._titles = {each: label("", "heading") for each in ("inputs", "expected")}
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        self.inputs.horizontalHeader().hide()
        self.inputs.verticalHeader().hide()
        self.inputs.verticalHeader().setDefaultSectionSize(30)
        self.inputs.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.inputs.setColumnWidth(1, 96)
        self.inputs.setShowGrid(False)
        self.inputs.setProperty("role", "plain")
        self.inputs.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.fact.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.fact.setMinimumContentsLength(12)
        head, wanted = QFormLayout(), QFormLayout()
        for form, names in ((head, ("name", "currency")), (wanted, EXPECTED)):
            form.setSpacing(6)
            form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
            for name in names:
                form.addRow(self._labels[name], self._field(name))
        body = column(self.came, spacing=8, margins=(0, 4, 8, 8))
        body.addLayout(head)
        body.addWidget(self._titles["inputs"])
        body.addWidget(self.inputs)
        body.addWidget(self.fact)
        body.addWidget(self._titles["expected"])
        body.addLayout(wanted)
        body.addStretch(1)
        inner = QWidget()
        inner.setLayout(body)
        area = QScrollArea(widgetResizable=True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inner)
        whole = column(self.summary, self.list, spacing=6, margins=(16, 12, 8, 8))
        whole.addLayout(row(self.new, self.drop, 0, spacing=6))
        whole.addWidget(area, 1)
        self.setLayout(whole)
        self.editor = area
        self.setFocusProxy(self.list)

    def _field(self, name: str) -> QWidget:
        return {"name": self.name, "currency": self.currency, **self.fields}[name]

    def _connect(self) -> None:
        self.list.currentRowChanged.connect(self._on_row)
        self.name.editingFinished.connect(lambda: self._set("name", self.name.text().strip()))
        self.currency.editingFinished.connect(lambda: self._set("currency", self.currency.text().strip().upper()))
        self.inputs.itemChanged.connect(self._on_input)
        self.fact.activated.connect(lambda _: self._add_input())
        for name, each in self.fields.items():
            if isinstance(each, QComboBox):
                each.activated.connect(lambda _=0, name=name: self._on_expected(name))
            elif isinstance(each, QLineEdit):
                each.editingFinished.connect(lambda name=name: self._on_expected(name))

    def dress(self) -> None:
        """Texts of the language in force."""
        self.new.setText(tr("policy.example.new"))
        self.drop.setText(tr("policy.example.remove"))
        self.list.setAccessibleName(tr("policy.examples"))
        self.inputs.setAccessibleName(tr("policy.example.inputs"))
        self.fact.setAccessibleName(tr("policy.example.add_input"))
        for name, each in self._labels.items():
            each.setText(tr(f"policy.example.{name}"))
            self._field(name).setAccessibleName(tr(f"policy.example.{name}"))
        for name, title in self._titles.items():
            title.setText(tr(f"policy.example.{name}").upper())
        for name in LISTS:
            field = self.fields[name]
            assert isinstance(field, QLineEdit)
            field.setPlaceholderText("affordability 4.2")
        if self.draft is not None:
            self._show()

    # Showing

    @property
    def tests(self) -> list[Mapping[str, Any]]:
        """The examples as they stand in the document."""
        listed = self.draft.document.get("tests", ()) if self.draft else ()
        return [each for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []

    def show_draft(self, draft: Draft, policy: str) -> None:
        """Show the examples of a version."""
        if self.draft is not draft:
            if self.draft is not None:
                self.draft.changed.disconnect(self._on_changed)
            self.draft, self._place, self.results = draft, 0, {}
            draft.changed.connect(self._on_changed)
        self._show()

    def _on_changed(self, table: str) -> None:
        if not table:
            self._show()

    def show_results(self, results: Sequence[ExampleResult], refused: str) -> None:
        """Show what the examples came to; ``refused`` says why they could not be run."""
        self.results, self._refused = {each.name: each for each in results}, refused
        self._show()

    def _show(self) -> None:
        tests, editable = self.tests, bool(self.draft and self.draft.editable)
        self._place = max(0, min(self._place, len(tests) - 1))
        passed = sum(each.passed for each in self.results.values())
        if self._refused:
            self.summary.setText(tr("policy.example.refused"))
            self.summary.setToolTip(self._refused)
        elif tests:
            self.summary.setText(tr("policy.example.summary", passed=passed, count=len(tests)))
        else:
            self.summary.setText(tr("policy.example.none"))
        with quietly(self.list):
            self.list.clear()
            for test in tests:
                self._add_item(str(test.get("name", "")))
            self.list.setCurrentRow(self._place)
        for each in (self.new, self.drop, self.fact):
            each.setVisible(editable)
        self.drop.setEnabled(bool(tests))
        self.editor.setVisible(bool(tests))
        if tests:
            self._show_test(tests[self._place], editable=editable)

    def _add_item(self, name: str) -> None:
        found = self.results.get(name)
        tone = "soft" if found is None else "favourable" if found.passed else "adverse"
        state = "untried" if found is None else "passes" if found.passed else "fails"
        item = QListWidgetItem(icon_of("dot" if tone == "soft" else "check" if tone == "favourable" else "close",
                                       getattr(self._context.theme.colours, tone), 14), name)  # fmt: skip
        item.setSizeHint(QSize(10, 26))
        item.setToolTip(tr(f"policy.example.{state}"))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {tr(f'policy.example.{state}')}")
        self.list.addItem(item)

    def _show_test(self, test: Mapping[str, Any], *, editable: bool) -> None:
        expected, inputs = test.get("expected") or {}, test.get("inputs") or {}
        self._show_came(str(test.get("name", "")))
        with quietly(self.inputs, self.name, self.currency, *self.fields.values()):
            self.name.setText(str(test.get("name", "")))
            self.currency.setText(str(test.get("currency") or USUAL_CURRENCY))
            self._show_inputs(inputs, editable=editable)
            none = [("", tr("policy.example.whatever"))]
            outcome = self.fields["outcome"]
            assert isinstance(outcome, QComboBox)
            told = [(each, tr(f"policy.outcome.{each}")) for each in OUTCOMES]
            choices(outcome, [*none, *told], str(expected.get("outcome", "")))
            for name, field in self.fields.items():
                if isinstance(field, QLineEdit):
                    field.setText(_written(expected.get(name)))
        for each in (self.name, self.currency, *self.fields.values()):
            each.setEnabled(editable)
        facts = [(each.name, words.input_words(each.name, self._catalogue)) for each in self._facts(inputs)]
        choices(self.fact, [("", tr("policy.example.add_input")), *facts], "")

    def _show_inputs(self, inputs: Mapping[str, Any], *, editable: bool) -> None:
        self.inputs.setRowCount(len(inputs))
        for at, (name, value) in enumerate(inputs.items()):
            told = QTableWidgetItem(words.input_words(name, self._catalogue))
            told.setFlags(Qt.ItemFlag.ItemIsEnabled)
            told.setToolTip(name)
            cell = QTableWidgetItem(_written(value))
            cell.setData(NAME_ROLE, name)
            cell.setFlags(cell.flags() if editable else Qt.ItemFlag.ItemIsEnabled)
            self.inputs.setItem(at, 0, told)
            self.inputs.setItem(at, 1, cell)
        self.inputs.setFixedHeight(30 * max(1, len(inputs)) + 2)

    def _show_came(self, name: str) -> None:
        """What came instead, or why the example cannot be read."""
        wrong = [] if self.draft is None else list(example_problems(self.draft.document, self._catalogue))
        mine = [each for each in wrong if each.startswith(f"Test {self._place + 1}: ")]
        found = self.results.get(name)
        if mine:
            text, tone = tr("policy.example.unreadable", message=mine[0].partition(": ")[2]), "adverse"
        elif found is None:
            text, tone = "", "soft"
        elif found.passed:
            text, tone = tr("policy.example.passes"), "favourable"
        else:
            text, tone = "\n".join(words.difference_words(each) for each in found.differences), "adverse"
        self.came.setText(text)
        self.came.setVisible(bool(text))
        set_role(self.came, tone)

    @property
    def _catalogue(self) -> Any:
        return self._context.desk.catalogue

    def _facts(self, inputs: Mapping[str, Any]) -> list[Any]:
        """The facts that an example may state and does not yet; none of a prohibited basis."""
        known = [each for each in self._catalogue if not self._catalogue.prohibited(each.name)]
        return [each for each in known if each.name not in inputs and each.kind is not Kind.DATE]

    def _on_row(self, place: int) -> None:
        if place >= 0:
            self._place = place
            self._show_test(self.tests[place], editable=bool(self.draft and self.draft.editable))

    # Changing

    def _put(self, tests: Sequence[Mapping[str, Any]], step: str) -> None:
        if self.draft is not None and self.draft.editable:
            self.draft.put(set_tests(self.draft.document, tests), "", tr(f"policy.step.{step}"))

    def _set(self, key: str, value: Any) -> None:
        tests = self.tests
        same = bool(tests) and tests[self._place].get(key) == value
        left = key == "currency" and bool(tests) and not tests[self._place].get(key) and value == USUAL_CURRENCY
        if tests and not same and not left and self.draft is not None and self.draft.editable:
            changed = {**tests[self._place], key: value}
            self._put([*tests[: self._place], changed, *tests[self._place + 1 :]], "example")

    def add(self) -> None:
        """A new example: a copy of the one that is shown, under a name of its own."""
        tests = self.tests
        model = tests[self._place] if tests else {"currency": "EUR", "inputs": {}, "expected": {"outcome": "approve"}}
        taken, number = {str(each.get("name")) for each in tests}, len(tests) + 1
        while tr("policy.example.named", number=number) in taken:
            number += 1
        self._place = len(tests)
        self._put([*tests, {**model, "name": tr("policy.example.named", number=number)}], "example_new")
        self.name.setFocus()
        self.name.selectAll()

    def remove(self) -> None:
        """Take the example that is shown away."""
        tests = self.tests
        if tests:
            self._put([*tests[: self._place], *tests[self._place + 1 :]], "example_remove")

    def _on_input(self, item: QTableWidgetItem) -> None:
        name = item.data(NAME_ROLE)
        if name is None:
            return
        inputs = dict(self.tests[self._place].get("inputs") or {})
        text = item.text().strip()
        if text:
            inputs[name] = self._typed(str(name), text)
        else:
            inputs.pop(name, None)
        self._set("inputs", inputs)

    def _typed(self, name: str, text: str) -> Any:
        """A value as it stands in the document: yes and no as such, whole numbers, else the text."""
        definition = self._catalogue.get(name)
        kind = definition.kind if definition else OWN_KINDS.get(name)
        plain = text.casefold()
        if kind is Kind.BOOLEAN and plain in ("yes", "true", "是", "no", "false", "否"):
            return plain in ("yes", "true", "是")
        return int(text) if kind in WHOLE and text.isdecimal() else text

    def _add_input(self) -> None:
        name = str(self.fact.currentData() or "")
        if not name:
            return
        inputs = dict(self.tests[self._place].get("inputs") or {})
        definition = self._catalogue.get(name)
        usual: dict[Kind, Any] = {Kind.BOOLEAN: False, Kind.CATEGORY: next(iter(definition.categories), "A")}
        self._set("inputs", {**inputs, name: usual.get(definition.kind, 0 if definition.kind in WHOLE else "0")})
        at = self.inputs.rowCount() - 1
        self.inputs.setCurrentCell(at, 1)
        self.inputs.edit(self.inputs.currentIndex())

    def _on_expected(self, name: str) -> None:
        field = self.fields[name]
        text = str(field.currentData() or "") if isinstance(field, QComboBox) else field.text().strip()  # type: ignore[attr-defined]
        expected = dict(self.tests[self._place].get("expected") or {})
        if text == _written(expected.get(name)):
            return  # it was only looked at
        if text and name in LISTS:
            expected[name] = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
        elif text:
            expected[name] = text
        else:
            expected.pop(name, None)
        self._set("expected", expected)


def _written(value: Any) -> str:
    """A value as a person writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return tr("policy.yes" if value else "policy.no")
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
