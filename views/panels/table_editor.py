"""The tables of a policy, one tab each, and beside the grid what the checks found and what the examples came to."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QSplitter, QStackedWidget, QTabBar, QWidget

from app.domain.policy_edit import INPUT, OUTPUT, table_names
from app.domain.policy_findings import PolicyFinding
from app.domain.policy_tables import COLLECT, FIRST, TABLES, hit_policies
from app.domain.policy_versions import Change
from views import policy_jobs as jobs
from views import policy_words as words
from views.context import Context
from views.models.draft import Draft
from views.models.table_grid import TableGrid, marks_of
from views.panels.checks_list import ChecksList
from views.panels.examples_panel import ExamplesPanel
from views.parts.table_view import TableGridView
from views.strings import tr
from views.widgets import button, choices, column, frame, label, quietly, row, shortcut

CHECK_MILLISECONDS = 250  # without an edit before the tables are checked
SIDE = ("checks", "examples")
COMBO_MARGIN = 46  # around the text of a box: its padding and its arrow
SIDE_WIDE, SIDE_NARROW, NARROW = 380, 284, 1150


class TableEditor(QWidget):
    """Edits the draft it is given; of another version it only shows the tables. ``checked`` after every check."""

    checked = Signal(object)  # jobs.Checked

    def __init__(self, context: Context) -> None:
        super().__init__()
        from data.catalogue import load_reason_codes

        self._context = context
        self.reasons = load_reason_codes()
        self.grid = TableGrid(context.desk.catalogue, self.reasons, self)
        self.view = TableGridView(context, self.grid)
        self.draft: Draft | None = None
        self.result: jobs.Checked | None = None
        self._changes: Sequence[Change] = ()
        self._policy = ""
        self._shared = False
        self._grades: tuple[str, ...] = ()
        self._later = QTimer(self, singleShot=True, interval=CHECK_MILLISECONDS)
        self._later.timeout.connect(self.check)
        self._make_tools()
        self._make_side()
        self._lay_out()
        self._connect()

    def _make_tools(self) -> None:
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self._hit_label = label("", "soft")
        self.hit = QComboBox()
        self.hit.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.hit_problem = label("", "adverse")
        self.undo, self.redo = button("", self.step_back), button("", self.step_forward)
        self.add_row = button("", lambda: self.view.act("insert"))
        self.add_column = button("", self.choose_column)
        self.more = button("", self._on_more)
        self.marks = QCheckBox()
        self.marks.setChecked(True)

    def _make_side(self) -> None:
        self.side_tabs = QTabBar()
        self.side_tabs.setDrawBase(False)
        self.side_tabs.setExpanding(False)
        self.side_tabs.setUsesScrollButtons(False)
        for _ in SIDE:
            self.side_tabs.addTab("")
        self.checks = ChecksList(self._context)
        self.examples = ExamplesPanel(self._context)
        self.side = QStackedWidget()
        self.side.addWidget(self.checks)
        self.side.addWidget(self.examples)

    def _lay_out(self) -> None:
        tools = row(
            self._hit_label, self.hit, self.hit_problem, 0, self.marks, 8, self.undo, self.redo, self.add_row,
            self.add_column, self.more, spacing=6, margins=(24, 8, 12, 8),
        )  # fmt: skip
        left = QWidget()
        body = column(spacing=0)
        body.addWidget(frame(row(self.tabs, 0, margins=(24, 0, 8, 0)), "panel"))
        body.addLayout(tools)
        body.addWidget(self.view, 1)
        left.setLayout(body)
        right = column(spacing=0)
        right.addWidget(frame(row(self.side_tabs, 0, margins=(16, 0, 8, 0)), "bar"))
        right.addWidget(self.side, 1)
        beside = frame(right, "panel")
        beside.setMinimumWidth(270)
        split = self.split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(beside)
        split.setStretchFactor(0, 1)
        split.setStretchFactor(1, 0)
        whole = column(spacing=0)
        whole.addWidget(split)
        self.setLayout(whole)
        self.setFocusProxy(self.view)

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab)
        self.side_tabs.currentChanged.connect(self.side.setCurrentIndex)
        self.hit.activated.connect(lambda _: self._on_hit())
        self.marks.toggled.connect(self._on_marks)
        self.view.column_wanted.connect(self.choose_column)
        self.checks.chosen.connect(self.show_finding)
        for keys, act in (
            ("Ctrl+Z", self.step_back),
            ("Ctrl+Shift+Z", self.step_forward),
            ("Ctrl+Y", self.step_forward),
        ):
            shortcut(keys, self, act)
        shortcut("F6", self, self._cross)
        shortcut("Ctrl+PgDown", self, lambda: self._turn(1))
        shortcut("Ctrl+PgUp", self, lambda: self._turn(-1))

    def showEvent(self, event: QShowEvent) -> None:
        """Give the side its width when there is one to share."""
        super().showEvent(event)
        if not self._shared:
            self._shared = True
            side = SIDE_WIDE if self.width() > NARROW else SIDE_NARROW
            self.split.setSizes([self.width() - side, side])

    def dress(self) -> None:
        """Texts of the language in force."""
        self._hit_label.setText(tr("policy.hit"))
        self.hit.setAccessibleName(tr("policy.hit"))
        self.marks.setText(tr("policy.show_changes"))
        for name, each, keys in (
            ("undo", self.undo, "Ctrl+Z"),
            ("redo", self.redo, "Ctrl+Shift+Z"),
            ("add_row", self.add_row, "Ctrl+Enter"),
            ("add_column", self.add_column, "Ctrl+Shift+Enter"),
            ("more", self.more, ""),
        ):
            each.setText(tr(f"policy.tool.{name}"))
            each.setToolTip(keys)
        self.tabs.setAccessibleName(tr("policy.tables"))
        self.view.setAccessibleName(tr("policy.tables"))
        self.view.dress()
        self.examples.dress()
        if self.draft is not None:
            self._name_tabs()
            self._show_table()
            self._show_result()

    # Showing

    def show_draft(self, draft: Draft, policy: str, grades: tuple[str, ...], changes: Sequence[Change]) -> None:
        """Show a version; ``changes`` are those against the version it is compared with."""
        if self.draft is not draft:
            if self.draft is not None:
                self.draft.changed.disconnect(self._on_changed)
                self.draft.stack.indexChanged.disconnect(self._on_step)
            self.draft, self.result = draft, None
            draft.changed.connect(self._on_changed)
            draft.stack.indexChanged.connect(self._on_step)
        self._policy, self._grades, self._changes = policy, grades, changes
        known = table_names(draft.document)
        names = [name for name in TABLES if name in known] + [name for name in known if name not in TABLES]
        with quietly(self.tabs):
            chosen = self.table
            while self.tabs.count():
                self.tabs.removeTab(0)
            for name in names:
                self.tabs.setTabData(self.tabs.addTab(""), name)
            self.tabs.setCurrentIndex(names.index(chosen) if chosen in names else 0)
        self.examples.show_draft(draft, policy)
        self.dress()
        self.check()

    def set_changes(self, changes: Sequence[Change]) -> None:
        """Mark what differs from the version compared with."""
        self._changes = changes
        self.grid.set_marks(marks_of(changes, self.grid.table))

    @property
    def table(self) -> str:
        """Name of the table that is shown."""
        return str(self.tabs.tabData(self.tabs.currentIndex()) or "")

    def _name_tabs(self) -> None:
        findings = self.result.report.findings if self.result else ()
        for at in range(self.tabs.count()):
            name = str(self.tabs.tabData(at))
            wrong = sum(each.table == name and each.level != "note" for each in findings)
            self.tabs.setTabText(at, words.table_words(name) + (f"  ⚠ {wrong}" if wrong else ""))

    def _on_tab(self, _: int) -> None:
        if self.draft is not None:
            self._show_table()

    def _turn(self, by: int) -> None:
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % max(1, self.tabs.count()))

    def _cross(self) -> None:
        """Give the keyboard to the side, or back to the grid."""
        beside = self.checks if self.side.currentIndex() == 0 else self.examples
        (beside if self.view.hasFocus() else self.view).setFocus()

    def show_table(self, name: str) -> None:
        """Bring a table to the front."""
        for at in range(self.tabs.count()):
            if self.tabs.tabData(at) == name:
                self.tabs.setCurrentIndex(at)

    def _show_table(self) -> None:
        assert self.draft is not None
        self.grid.show_table(self.draft, self.table, self._grades)
        self.grid.set_marks(marks_of(self._changes, self.table))
        if self.result is not None:
            self.grid.set_findings(self.result.report.findings)
        self.view.fit_columns()
        if self.grid.rowCount():
            self.view.go(0, 0)
        self._show_tools()

    def _show_tools(self) -> None:
        assert self.draft is not None
        editable, stack = self.draft.editable, self.draft.stack
        allowed = hit_policies(self.table) if self.table in TABLES else (FIRST, COLLECT)
        listed = dict.fromkeys((*allowed, self.grid.grid.hit_policy))
        choices(self.hit, [(name, _hit_words(name)) for name in listed], self.grid.grid.hit_policy)
        wide = max(self.hit.fontMetrics().horizontalAdvance(self.hit.itemText(at)) for at in range(self.hit.count()))
        self.hit.setMinimumWidth(wide + COMBO_MARGIN)
        self.hit.setEnabled(editable and len(listed) > 1)
        self.hit.setToolTip("" if len(allowed) > 1 else tr(f"policy.hit_only.{allowed[0]}"))
        wrong = self.grid.grid.hit_policy not in allowed
        self.hit_problem.setText(tr("policy.hit_wrong") if wrong else "")
        for each in (self.add_row, self.add_column):
            each.setVisible(editable)
        self.undo.setVisible(editable)
        self.redo.setVisible(editable)
        self.undo.setEnabled(stack.canUndo())
        self.redo.setEnabled(stack.canRedo())
        self.marks.setVisible(bool(self._changes))

    # Changing

    def _on_changed(self, table: str) -> None:
        if table and table != self.table:
            self.show_table(table)
        place, chosen = self.view.currentIndex(), (self.view.currentIndex().row(), self.view.currentIndex().column())
        if self.grid.refresh():
            self.view.fit_columns()
            self.view.go(min(chosen[0], self.grid.rowCount() - 1), min(chosen[1], self.grid.columnCount() - 1))
        elif place.isValid():
            self.view.fit_rows()
        self._show_tools()
        self._later.start()

    def _on_step(self, _: int) -> None:
        self._show_tools()

    def step_back(self) -> None:
        """Undo the last edit, in whichever table it was."""
        if self.draft is not None:
            self.draft.stack.undo()

    def step_forward(self) -> None:
        if self.draft is not None:
            self.draft.stack.redo()

    def _on_hit(self) -> None:
        if self.draft is not None and self.draft.editable:
            self.grid.set_hit_policy(str(self.hit.currentData()))

    def _on_marks(self, on: bool) -> None:
        self.view.cells.show_marks = on
        self.view.viewport().update()

    def _on_more(self) -> None:
        self.view.menu().popup(self.more.mapToGlobal(self.more.rect().bottomLeft()))

    def choose_column(self) -> None:
        """Ask which fact, or which result, the new column holds; prohibited bases are not among them."""
        if self.draft is None or not self.draft.editable:
            return
        from views.panels.column_dialog import ColumnDialog

        taken = {(each.side, each.field) for each in self.grid.columns}
        dialog = self.column_dialog = ColumnDialog(self._context, self.table, taken, self)
        dialog.chosen.connect(self._on_column)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_column(self, side: str, name: str) -> None:
        assert side in (INPUT, OUTPUT)
        row_at = max(0, self.view.currentIndex().row())
        self.grid.add_column(side, name)
        self.view.go(row_at, self.grid.column_at(name))

    # Checking

    def check(self) -> None:
        """Check the tables and run the examples, off the UI thread; an older answer never takes a newer one's place."""
        if self.draft is None:
            return
        self._later.stop()
        desk, document, policy, draft = self._context.desk, self.draft.document, self._policy, self.draft
        self.checks.show_busy()

        def done(found: jobs.Checked) -> None:
            if self.draft is draft and draft.document is document:
                self.result = found
                self._show_result()
                self.checked.emit(found)

        self._context.tasks.run(
            lambda progress: jobs.check(desk, document, policy, progress),
            done,
            self,
            "read",
            key="check",
            failed=self.checks.show_error,
        )

    def _show_result(self) -> None:
        found = self.result
        if found is None:
            return
        self.grid.set_findings(found.report.findings)
        self.view.fit_rows()
        self.checks.show_findings(found.report.findings)
        self.examples.show_results(found.results, found.refused)
        self._name_tabs()
        passed = sum(each.passed for each in found.results)
        self.side_tabs.setTabText(0, tr("policy.side_checks", count=len(found.report.findings)))
        self.side_tabs.setTabText(1, tr("policy.side_examples", passed=passed, count=len(self.examples.tests)))

    def show_finding(self, finding: PolicyFinding) -> None:
        """Bring the rows and cells that a finding is about to the front, lit up."""
        if finding.table:
            self.show_table(finding.table)
        lit = [(at, "") for at in finding.rows]
        if finding.row is not None:
            lit.append((finding.row, finding.column or ""))
        self.grid.light(lit)
        rows = [*finding.rows, *([finding.row] if finding.row is not None else [])]
        if rows:
            at = self.grid.column_at(finding.column) if finding.column else 0
            self.view.go((finding.row or rows[0]) - 1, max(0, at))
            self.view.clearSelection()

    def show_side(self, name: str) -> None:
        self.side_tabs.setCurrentIndex(SIDE.index(name))


def _hit_words(name: str) -> str:
    return tr(f"policy.hit_policy.{name}") if name in (FIRST, COLLECT) else name
