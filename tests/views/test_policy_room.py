"""The policy room: versions, the table editor, checks, examples, differences, simulation, prices, activation."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from app.domain.policy_edit import grid_of
from data.catalogue import load_catalogue
from tests.doubles import MemoryWorkspace
from tests.views.case_desk import CaseDesk
from tests.views.shell_desk import filled_workspace
from views.context import Context
from views.models.table_grid import LIT_ROLE, MARK_ROLE, PROBLEM_ROLE
from views.panels.column_dialog import CHOICE
from views.panels.policy_panel import TABS, PolicyPanel
from views.refresh import Refresh
from views.settings import Settings
from views.strings import use_language
from views.tasks import Tasks
from views.theme import theme_named

Settle = Callable[[], None]
OTHER = "Bo Ek"


@pytest.fixture
def workspace() -> MemoryWorkspace:
    return filled_workspace(8)


@pytest.fixture
def room(qtbot: QtBot, tasks: Tasks, settle: Settle, workspace: MemoryWorkspace) -> PolicyPanel:
    """The room over the policy that ships and eight invented cases."""
    use_language("en")
    desk = CaseDesk(workspace, person="Vera Holm")
    settings = Settings(workspace, tasks, keep=desk.keep_setting)  # type: ignore[arg-type]
    panel = PolicyPanel(Context(desk, tasks, Refresh(), settings, "en", theme_named("light")))
    qtbot.addWidget(panel)
    panel.resize(1300, 900)
    panel.show()
    settle()
    return panel


@pytest.fixture
def draft(room: PolicyPanel, settle: Settle) -> PolicyPanel:
    """The room on a new draft."""
    room.start_draft()
    settle()
    assert room.entry().editable
    return room


def write(panel: PolicyPanel, table: str, row: int, field: str, text: str) -> None:
    panel.tables.show_table(table)
    grid = panel.tables.grid
    grid.setData(grid.index(row - 1, grid.column_at(field)), text)


def read(panel: PolicyPanel, table: str, field: str) -> list[str]:
    grid = grid_of(panel.tables.draft.document, table)  # type: ignore[union-attr]
    column = grid.column(field)
    assert column is not None
    return [row[column.id] for row in grid.rows]


def checked(panel: PolicyPanel, settle: Settle) -> Any:
    panel.tables.check()
    settle()
    return panel.tables.result


def test_the_policy_that_ships_is_in_force_and_only_read(room: PolicyPanel) -> None:
    assert [(each.version, each.state) for each in room.entries] == [("2026.1", "active")]
    assert room.head.values["checks"].value.text() == "Tables in order · Examples 10/10"
    grid = room.tables.grid
    assert not grid.flags(grid.index(0, 0)) & Qt.ItemFlag.ItemIsEditable
    room.tables.view.act("insert")
    assert grid.rowCount() == 5
    assert not room.head.actions_by_name["activate"].isVisible()


def test_a_draft_is_kept_at_every_change(draft: PolicyPanel, settle: Settle, workspace: MemoryWorkspace) -> None:
    assert (draft.entry().version, draft.entry().person) == ("2026.2", "Vera Holm")
    write(draft, "pricing", 2, "rate_pct", "7.9")
    draft.keep()
    settle()
    with workspace.read() as stores:
        [kept] = stores.policy_drafts.all()
    assert "7.9" in json.dumps(kept.document)
    draft.tables.step_back()
    assert read(draft, "pricing", "rate_pct")[1] == "6.9"
    draft.tables.step_forward()
    assert read(draft, "pricing", "rate_pct")[1] == "7.9"
    assert draft.tables.undo.isEnabled()
    assert not draft.tables.redo.isEnabled()


def test_what_is_wrong_stands_at_its_cell_at_once(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 3, "request.term_months", "84-6")
    write(draft, "pricing", 5, "score.grade", "Q")
    grid = draft.tables.grid
    at = grid.index(2, grid.column_at("request.term_months"))
    assert (at.data(), at.data(PROBLEM_ROLE)) == ("[84..6]", "From 84 to 6 holds for no value")
    assert draft.tables.view.rowHeight(2) > draft.tables.view.rowHeight(1), "there is room for the words"
    wrong = grid.index(4, grid.column_at("score.grade")).data(PROBLEM_ROLE)
    assert wrong == "It is never Q; it is one of A, B, C, D, E"


def test_checks_find_a_gap_and_a_click_lights_it(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 3, "request.term_months", "60-84")
    found = checked(draft, settle)
    [gap] = [each for each in found.report.findings if each.kind == "gap"]
    assert gap.table == "pricing"
    words = [draft.tables.checks.list.item(at).text() for at in range(draft.tables.checks.list.count())]
    assert any("Requested term 49 to 59" in each for each in words), words
    draft.tables.show_table("limits")
    draft.tables.show_finding(gap)
    assert draft.tables.table == "pricing"
    grid = draft.tables.grid
    row, column = gap.row, grid.column_at(gap.column)
    assert row is not None
    assert grid.index(row - 1, column).data(LIT_ROLE)
    assert "⚠ 1" in draft.tables.tabs.tabText(draft.tables.tabs.currentIndex())


def test_an_older_check_never_takes_a_newer_documents_place(draft: PolicyPanel, settle: Settle) -> None:
    draft.tables.check()
    write(draft, "pricing", 1, "rate_pct", "much")
    found = checked(draft, settle).report
    assert [(each.level, each.column) for each in found.findings] == [("error", "rate_pct")]
    write(draft, "pricing", 1, "rate_pct", "6.4")
    assert checked(draft, settle).report.ok


def test_rows_are_added_moved_copied_and_removed_by_keys(draft: PolicyPanel) -> None:
    draft.tables.show_table("referral")
    view, grid = draft.tables.view, draft.tables.grid
    clauses = read(draft, "referral", "clause")
    view.setFocus()
    view.go(1, 0)
    QTest.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert read(draft, "referral", "clause")[1:3] == [clauses[2], clauses[1]]
    assert view.currentIndex().row() == 2
    QTest.keyClick(view, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert read(draft, "referral", "clause")[2:4] == [clauses[1], clauses[1]]
    QTest.keyClick(view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert grid.rowCount() == len(clauses) + 1
    for _ in range(4):
        QTest.keyClick(view, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert read(draft, "referral", "clause") == clauses


def test_a_column_is_chosen_of_the_catalogue_without_prohibited_bases(draft: PolicyPanel) -> None:
    catalogue = draft._context.desk.catalogue
    draft.tables.show_table("referral")
    draft.tables.choose_column()
    dialog = draft.tables.column_dialog
    offered = {dialog.list.item(at).data(CHOICE)[1] for at in range(dialog.list.count())}
    assert "employment.seniority_years" in offered
    assert "history.accounts" not in offered, "it is a column already"
    assert not [name for name in offered if catalogue.prohibited(name)]
    dialog.search.setText("time in employment")
    assert dialog.list.count() == 1
    dialog.submit()
    grid, view = draft.tables.grid, draft.tables.view
    at = grid.column_at("employment.seniority_years")
    assert at > 0
    assert view.currentIndex().column() == at
    view.act("column_left")
    assert grid.column_at("employment.seniority_years") == at - 1
    view.act("column_remove")
    assert grid.column_at("employment.seniority_years") == -1


def test_cells_go_to_a_spreadsheet_and_come_back(draft: PolicyPanel) -> None:
    draft.tables.show_table("pricing")
    view, grid = draft.tables.view, draft.tables.grid
    view.selectAll()
    view.act("copy")
    text = QGuiApplication.clipboard().text()
    lines = list(csv.reader(io.StringIO(text), delimiter="\t"))
    assert len(lines) == 13
    assert lines[0][:4] == ["6.1", "A", "<= 24", "pass"]
    before = draft.tables.draft.document  # type: ignore[union-attr]
    view.go(0, 0)
    view.act("paste")
    assert draft.tables.draft.document == before  # type: ignore[union-attr]
    QGuiApplication.clipboard().setText("9.1\tA, B\t6-12\n9.2\tany\t≥ 600\n")
    view.go(12, 0)
    view.act("paste")
    assert grid.rowCount() == 14
    assert read(draft, "pricing", "clause")[12:] == ['"9.1"', '"9.2"']
    assert read(draft, "pricing", "score.grade")[12:] == ["'A','B'", ""]
    assert read(draft, "pricing", "request.term_months")[12:] == ["[6..12]", ">= 600"]
    draft.tables.step_back()
    assert draft.tables.draft.document == before, "it was one step"  # type: ignore[union-attr]


def test_cells_are_edited_by_type(draft: PolicyPanel) -> None:
    draft.tables.show_table("eligibility")
    view, grid = draft.tables.view, draft.tables.grid
    for field, kind in (("outcome", QComboBox), ("history.adverse_records", QComboBox), ("request.amount", QLineEdit)):
        index = grid.index(0, grid.column_at(field))
        view.setCurrentIndex(index)
        view.edit(index)
        editor = view.indexWidget(index)
        assert isinstance(editor, kind)
        view.commitData(editor)
        view.closeEditor(editor, view.itemDelegate().EndEditHint.NoHint)
    assert read(draft, "eligibility", "outcome")[0] == '"decline"', "opening an editor changes nothing"


def test_the_hit_policy_is_shown_and_changed_where_there_is_a_choice(draft: PolicyPanel, settle: Settle) -> None:
    draft.tables.show_table("pricing")
    assert draft.tables.hit.currentText() == "First match"
    assert not draft.tables.hit.isEnabled()
    draft.tables.show_table("referral")
    assert draft.tables.hit.isEnabled()
    draft.tables.hit.setCurrentIndex(draft.tables.hit.findData("first"))
    draft.tables.hit.activated.emit(0)
    assert draft.tables.grid.grid.hit_policy == "first"
    assert checked(draft, settle).report.ok


def test_changes_are_told_in_words_and_marked(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 2, "rate_pct", "7.9")
    grid = draft.tables.grid
    assert grid.index(1, grid.column_at("rate_pct")).data(MARK_ROLE) == "changed"
    assert "Was: 6.9" in grid.index(1, grid.column_at("rate_pct")).data(Qt.ItemDataRole.ToolTipRole)
    draft.show_tab("changes")
    rows = [[draft.diff.list.item(at, place).text() for place in range(3)] for at in range(draft.diff.list.rowCount())]
    assert rows == [
        ["Changed", "Policy, version", "2026.1  →  2026.2"],
        ["Changed", "Pricing, row 2, Rate", "6.9  →  7.9"],
    ]
    draft.tables.show_table("terms")
    draft.diff.opened.emit(draft.diff.changes[1])
    assert (draft.tabs.currentIndex(), draft.tables.table) == (TABS.index("tables"), "pricing")
    index = draft.tables.view.currentIndex()
    assert (index.row(), index.column()) == (1, grid.column_at("rate_pct"))


def test_examples_run_beside_the_tables_and_say_what_came(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 5, "rate_pct", "9.9")
    checked(draft, settle)
    panel = draft.tables.examples
    assert panel.came.text() == "The rate is 9.90 %, expected 8.40 %."
    assert draft.head.values["checks"].value.text() == "Tables in order · Examples 9/10"
    rate = panel.fields["rate_pct"]
    assert isinstance(rate, QLineEdit)
    rate.setText("9.9")
    rate.editingFinished.emit()
    assert all(each.passed for each in checked(draft, settle).results)
    assert panel.came.text() == "Passes"
    panel.inputs.item(0, 1).setText("E")
    checked(draft, settle)
    assert "Came:" in panel.came.text()
    draft.tables.step_back()
    assert panel.tests[0]["inputs"]["score.grade"] == "B"
    panel.add()
    assert panel.tests[-1]["name"] == "Example 11"
    panel.remove()
    assert len(panel.tests) == 10


def test_looking_at_an_example_changes_nothing(draft: PolicyPanel) -> None:
    panel = draft.tables.examples
    assert panel.draft is not None
    plain = [{key: part for key, part in panel.tests[0].items() if key != "currency"}]
    plain[0]["expected"] = {"rate_pct": 8.4}
    panel._put(plain, "example")
    before = panel.draft.document
    for field in (panel.name, panel.currency, *panel.fields.values()):
        if isinstance(field, QLineEdit):
            field.editingFinished.emit()
    assert panel.draft.document is before


def test_an_example_that_cannot_be_read_says_so(draft: PolicyPanel, settle: Settle) -> None:
    panel = draft.tables.examples
    panel.inputs.item(2, 1).setText("plenty")
    checked(draft, settle)
    assert "income.net_monthly is a money, 'plenty' is not" in panel.came.text()
    assert draft.tables.result is not None
    assert draft.tables.result.refused


def test_a_second_person_puts_a_version_in_force(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 2, "rate_pct", "7.9")
    draft.open_dialog()
    dialog = draft.dialog
    assert dialog is not None
    dialog.version.setText("2027.1")
    dialog.note.setText("dearer")
    dialog.submit()
    settle()
    assert [(each.version, each.state) for each in draft.entries] == [("2026.1", "active"), ("2027.1", "waiting")]
    assert draft.entry().note == "dearer"
    draft.open_dialog()
    dialog = draft.dialog
    assert dialog is not None
    assert dialog.person.text() == "", "who added it is not offered as the one who activates it"
    dialog.submit()
    settle()
    assert "needs the name of the person" in dialog.error.text()
    dialog.person.setText("vera holm")
    dialog.submit()
    settle()
    assert "added this version" in dialog.error.text()
    dialog.person.setText(OTHER)
    dialog.submit()
    settle()
    states = {each.version: each.state for each in draft.entries}
    assert states == {"2027.1": "active", "2026.1": "retired"}
    assert draft._context.desk.policy.version == "2027.1"
    assert draft.entry().activations[-1].person == OTHER


def test_a_version_is_put_beside_the_retired_one_that_ships(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 2, "rate_pct", "7.9")
    draft.open_dialog()
    assert draft.dialog is not None
    draft.dialog.submit()
    settle()
    draft._context.desk.policies.activate(draft.entry().key, person=OTHER)
    draft.reload()
    settle()
    draft.show_tab("simulation")
    assert draft.simulation.against.currentText() == "2026.1 · Retired"
    draft.simulation.run()
    settle()
    found = draft.simulation.found
    assert found is not None
    assert (found.active_version, found.version) == ("2026.1", "2026.2")
    draft.list.choose(next(each.key for each in draft.entries if each.state == "retired"))
    assert draft.head.actions_by_name["add"].isVisible()
    draft.take_version_in()
    settle()
    assert draft.entry().added
    assert draft.head.actions_by_name["activate"].isVisible()


def test_failing_examples_keep_a_version_from_being_put_in_force(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 5, "rate_pct", "9.9")
    draft.open_dialog()
    assert draft.dialog is not None
    draft.dialog.submit()
    settle()
    checked(draft, settle)
    assert draft.entry().state == "waiting"
    assert not draft.head.actions_by_name["activate"].isEnabled()
    assert "examples" in draft.head.actions_by_name["activate"].toolTip()


def test_a_draft_that_cannot_be_used_is_not_added(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 5, "clause", "four")
    draft.open_dialog()
    dialog = draft.dialog
    assert dialog is not None
    dialog.submit()
    settle()
    assert "is no number" in dialog.error.text()
    assert dialog.isVisible()
    dialog.reject()
    draft.drop(draft.entry())
    settle()
    assert [each.state for each in draft.entries] == ["active"]


def test_a_version_is_simulated_and_its_cases_open(draft: PolicyPanel, settle: Settle, qtbot: QtBot) -> None:
    for row in range(1, 6):
        write(draft, "limits", row, "dsr_pct", "80")
    draft.show_tab("simulation")
    panel = draft.simulation
    assert panel.found is None
    panel.run()
    settle()
    found = panel.found
    assert found is not None
    assert found.cases == 6, "those with a score"
    assert panel.figures.horizontalHeaderItem(2).text() == "2026.2"
    assert panel.figures.item(0, 0).text() == "Approvals"
    found.moved[("refer", "approve")] = ["C-2026-000002"]
    panel._show()
    settle()
    assert [panel.cases.item(0, at).text() for at in range(3)] == ["C-2026-000002", "Bo Ek", "Refer → Approve"]
    with qtbot.waitSignal(draft.case_wanted) as opened:
        panel.cases.itemActivated.emit(panel.cases.item(0, 0))
    assert opened.args == ["C-2026-000002"]


def test_a_simulation_is_cancelled_and_gone_after_an_edit(draft: PolicyPanel, settle: Settle) -> None:
    draft.show_tab("simulation")
    panel = draft.simulation
    panel.run()
    panel.cancel()
    settle()
    assert panel.found is None
    assert panel.run_button.isEnabled()
    panel.run()
    settle()
    assert panel.found is not None
    draft.show_tab("tables")
    write(draft, "pricing", 1, "rate_pct", "6.5")
    draft.show_tab("simulation")
    assert panel.found is None, "it was of the tables before"


def test_prices_are_told_in_words_and_by_grade(draft: PolicyPanel, settle: Settle) -> None:
    draft.show_tab("prices")
    settle()
    panel = draft.prices
    assert panel.found is not None
    assert panel.found.at("B", 36).rate_pct is not None
    assert "The rule pack in use states no cap." in panel.rules.text()
    assert "A default loses 45 % of the exposure" in panel.rules.text()
    assert panel.table.item(1, 4).text() == "8.4 %"
    panel.amount.setText("nothing")
    panel.reload()
    assert panel.amount.property("role") == "invalid"


def test_the_room_speaks_chinese(draft: PolicyPanel, settle: Settle) -> None:
    write(draft, "pricing", 3, "request.term_months", "60-84")
    checked(draft, settle)
    use_language("zh")
    draft._context.language = "zh"
    draft.dress()
    settle()
    assert draft.head.chip.text() == "草稿"
    grid = draft.tables.grid
    assert grid.headerData(grid.column_at("outcome"), Qt.Orientation.Horizontal) == "结果"
    assert grid.index(0, grid.column_at("outcome")).data() == "通过"
    assert "没有任何行作答" in draft.tables.checks.list.item(0).text()


def test_files_come_in_and_go_out(room: PolicyPanel, settle: Settle, tmp_path: Path) -> None:
    path = tmp_path / "out.json"
    room.export_to(path)
    settle()
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document == room.entry().document
    path.write_text(json.dumps(document | {"version": "2030.1"}), encoding="utf-8")
    room.import_file(path)
    settle()
    assert (room.entry().version, room.entry().state) == ("2030.1", "waiting")
    path.write_text("{", encoding="utf-8")
    room.import_file(path)
    settle()
    assert "no JSON" in room.notice.message.text()


def test_credentials_are_edited_step_by_step(draft: PolicyPanel, settle: Settle) -> None:
    draft.credentials._context.desk.workspace.catalogue = load_catalogue()  # with the kinds of documents
    draft.show_tab("credentials")
    page = draft.credentials
    before = dict(page.draft.document)  # type: ignore[union-attr]

    def table() -> dict[str, Any]:
        return dict(page.draft.document["credentials"])  # type: ignore[union-attr]

    page.table.item(1, 2).setText("900")
    page.whole["cap"].setText("4000")
    page.whole["cap"].editingFinished.emit()
    assert (table()["steps"][1]["amount"], table()["cap"]) == ("900", "4000")
    page.table.item(1, 2).setText("much")
    assert page.problem.isVisibleTo(page)
    assert (table()["steps"][1]["amount"], page.table.item(1, 2).text()) == ("900", "900")
    page.kinds.setCurrentIndex(page.kinds.findData("driving_licence"))
    page.add.click()
    assert table()["steps"][-1]["kind"] == "driving_licence"
    assert table()["steps"][-1]["amount"] == "0"
    page.table.setCurrentCell(0, 0)
    page.remove.click()
    assert [step["kind"] for step in table()["steps"]][:2] == ["diploma", "award_certificate"]
    draft.show_tab("changes")
    told = [draft.diff.list.item(at, 1).text() for at in range(draft.diff.list.rowCount())]
    assert any(each.startswith("Credentials, Degree diploma") for each in told)
    assert any("most of all documents" in each for each in told)
    draft.show_change(next(each for each in draft.diff.changes if each.what == "credential"))
    assert draft.tabs.currentIndex() == TABS.index("credentials")
    for _ in range(4):
        page.draft.stack.undo()  # type: ignore[union-attr]
    assert page.draft.document == before  # type: ignore[union-attr]


def test_the_credentials_of_a_version_in_force_are_only_read(room: PolicyPanel) -> None:
    room.show_tab("credentials")
    page = room.credentials
    assert page.table.rowCount() == 9
    assert not page.table.item(0, 2).flags() & Qt.ItemFlag.ItemIsEditable
    assert not page.add.isVisibleTo(page)
    page.remove_kind()
    assert page.table.rowCount() == 9
