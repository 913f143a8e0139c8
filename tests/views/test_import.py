"""Import in the window: mapping confirmed, progress, cancel, result, and the way back of rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app.domain.changes import Changes
from app.domain.mapping import TableMapping, mapping_from_toml
from tests.doubles import load_catalogue
from views.context import Context
from views.models.mapping_model import CHECK, FACT, FACTOR, MappingModel, MappingRow, check_samples
from views.panels.import_panel import ImportPanel
from views.panels.rejects_panel import RejectsPanel
from views.strings import use_language

MakeContext = Callable[..., Context]
Settle = Callable[[], None]

HEADER = "Name,Income,Home,Amount,Term"
LINES = ("Ada,3100,rent,12000,36", "Bo,2450.50,owner,8000,24", "Cy,?,castle,5000,12")


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "applications.csv"
    file.write_text("\n".join((HEADER, *LINES)) + "\n", encoding="utf-8")
    return file


@pytest.fixture
def panel(qtbot: QtBot, shell_context: MakeContext) -> Iterator[ImportPanel]:
    context = shell_context(0)
    made = ImportPanel(context)
    qtbot.addWidget(made)
    made.resize(1400, 800)
    made.show()
    yield made
    context.desk.close()


def row_of(panel: ImportPanel, heading: str) -> int:
    return next(at for at, row in enumerate(panel.mapping.model.rows) if row.heading == heading)


def fact_at(panel: ImportPanel, heading: str) -> str | None:
    return panel.mapping.model.rows[row_of(panel, heading)].fact


# Mapping


def test_a_table_is_offered_with_a_proposal(panel: ImportPanel, table: Path, settle: Settle) -> None:
    panel.offer([table])
    settle()
    assert panel.stack.currentWidget() is panel.mapping
    found = {row.heading: row.fact for row in panel.mapping.model.rows}
    assert found == {
        "Name": "applicant.name",
        "Income": "income.net_monthly_stated",
        "Home": "applicant.housing",
        "Amount": "request.amount",
        "Term": "request.term_months",
    }


def test_each_column_says_how_many_of_its_values_fit(panel: ImportPanel, table: Path, settle: Settle) -> None:
    panel.offer([table])
    settle()
    model = panel.mapping.model
    amount, home = row_of(panel, "Amount"), row_of(panel, "Home")
    assert model.index(amount, CHECK).data() == "All 3 fit"
    assert model.index(home, CHECK).data().startswith("1 of 3 refused: “castle”")


def test_a_fact_taken_by_another_column_is_given_up(panel: ImportPanel, table: Path, settle: Settle) -> None:
    panel.offer([table])
    settle()
    model = panel.mapping.model
    assert model.setData(model.index(row_of(panel, "Term"), FACT), "request.amount")
    settle()
    assert fact_at(panel, "Term") == "request.amount"
    assert fact_at(panel, "Amount") is None


def test_without_an_amount_it_warns_and_without_any_fact_it_does_not_go_on(
    panel: ImportPanel, table: Path, settle: Settle
) -> None:
    panel.offer([table])
    settle()
    model, page = panel.mapping.model, panel.mapping
    assert page._warning.text() == ""
    model.setData(model.index(row_of(panel, "Amount"), FACT), None)
    settle()
    assert page._warning.text().startswith("No column becomes the requested amount")
    assert page.confirm.isEnabled()
    for row in range(model.rowCount()):
        model.setData(model.index(row, FACT), None)
    settle()
    assert not page.confirm.isEnabled()


def test_a_factor_is_checked_and_goes_into_the_mapping(panel: ImportPanel, table: Path, settle: Settle) -> None:
    panel.offer([table])
    settle()
    model = panel.mapping.model
    income = row_of(panel, "Income")
    assert not model.setData(model.index(income, FACTOR), "ten")
    assert not model.setData(model.index(income, FACTOR), "0")
    assert model.setData(model.index(income, FACTOR), "× 10")
    settle()
    made = panel.mapping.mapping().column("income.net_monthly_stated")
    assert made is not None
    assert made.scale == Decimal(10)
    assert not model.flags(model.index(row_of(panel, "Home"), FACTOR)) & Qt.ItemFlag.ItemIsEditable


def test_the_saved_toml_is_the_mapping(panel: ImportPanel, table: Path, tmp_path: Path, settle: Settle) -> None:
    panel.offer([table])
    settle()
    page = panel.mapping
    page.currency.setCurrentIndex(page.currency.findData("SEK"))
    page.missing.setText("?, NA")
    page.save_to(tmp_path / "out.toml")
    settle()
    read = mapping_from_toml((tmp_path / "out.toml").read_text(encoding="utf-8"), load_catalogue())
    assert read.to_json() == page.mapping().to_json()
    assert read.currency == "SEK"
    assert read.missing == ("", "?", "NA")


def test_a_place_that_cannot_be_written_is_told(
    qtbot: QtBot, panel: ImportPanel, table: Path, tmp_path: Path, settle: Settle
) -> None:
    panel.offer([table])
    settle()
    told: list[object] = []
    panel._context.tasks.errored.connect(told.append)
    panel.mapping.save_to(tmp_path / "no" / "such" / "folder.toml")
    settle()
    assert [str(error) for error in told] == [
        "folder.toml cannot be written: No such file or directory. Choose another folder."
    ]


def test_the_samples_are_checked_by_the_options(settle: Settle) -> None:
    catalogue = load_catalogue()
    row = MappingRow("Income", ("1.250,50", "900", "NA"), "income.net_monthly_stated", Decimal(1), "")
    english = check_samples(row, TableMapping((), missing=("", "NA")), catalogue)
    german = check_samples(row, TableMapping((), missing=("", "NA"), decimal=","), catalogue)
    assert english is not None
    assert german is not None
    assert (english.tried, english.refused) == (2, 1)
    assert (german.tried, german.refused) == (2, 0)


def test_a_column_left_out_is_not_checked() -> None:
    row = MappingRow("Status", ("good",), None, Decimal(0), "")
    assert check_samples(row, TableMapping(()), load_catalogue()) is None


def test_the_model_offers_only_facts_a_table_may_hold() -> None:
    model = MappingModel(load_catalogue(), lambda: "en")
    assert all(definition.table_column for definition in model.facts())
    assert "income.net_monthly_documented" not in {definition.name for definition in model.facts()}


# Running


def test_the_confirmed_mapping_goes_into_the_import(panel: ImportPanel, table: Path, settle: Settle) -> None:
    told: list[Changes] = []
    panel._context.refresh.changed.connect(lambda changes, _: told.append(changes))
    panel.offer([table])
    settle()
    panel.mapping.confirm.click()
    settle()
    (paths, mapping), *more = panel._context.desk.imports
    assert (paths, more) == ([table], [])
    assert isinstance(mapping, TableMapping)
    assert {column.fact for column in mapping.columns} >= {"applicant.name", "request.amount"}
    assert panel.stack.currentWidget() is panel.result
    assert panel._figures["cases"][0].text() == "2"
    assert panel._figures["rejected"][0].text() == "1"
    assert panel.see_rejects.isVisible()
    assert Changes.CASES in told[-1]
    assert Changes.REJECTS in told[-1]


def test_a_table_left_out_is_not_imported(panel: ImportPanel, table: Path, settle: Settle) -> None:
    panel.offer([table])
    settle()
    panel.mapping._skip.click()
    settle()
    assert panel._context.desk.imports == []
    assert panel.stack.currentWidget() is panel.start


def test_folders_go_in_without_a_question(qtbot: QtBot, panel: ImportPanel, tmp_path: Path, settle: Settle) -> None:
    folder = tmp_path / "Ada Lund"
    folder.mkdir()
    panel.offer([folder])
    settle()
    assert panel._context.desk.imports == [([folder], None)]
    assert panel.lead_on.text() == "Open the case"
    with qtbot.waitSignal(panel.case_wanted) as signal:
        panel.lead_on.click()
    assert signal.args == ["C-2026-000001"]


def test_a_file_that_is_no_table_goes_with_the_documents(panel: ImportPanel, tmp_path: Path, settle: Settle) -> None:
    call = tmp_path / "call.txt"
    call.write_text("Agent: Good morning.\nApplicant: I moved to part-time work in September.\n", encoding="utf-8")
    empty = tmp_path / "empty.csv"
    empty.touch()
    panel.offer([call, empty])
    settle()
    assert panel._context.desk.imports == [([call, empty], None)]


def test_an_import_can_be_cancelled(qtbot: QtBot, panel: ImportPanel, tmp_path: Path, settle: Settle) -> None:
    panel._context.desk.slow = 0.02
    file = tmp_path / "long.csv"
    file.write_text("\n".join([HEADER, *(LINES[0] for _ in range(2000))]), encoding="utf-8")
    panel.offer([file])
    settle()
    panel.mapping.confirm.click()
    qtbot.waitUntil(lambda: "of 2,000" in panel._step.text())
    assert panel.bar.maximum() == 1000
    panel.cancel.click()
    settle()
    assert panel.stack.currentWidget() is panel.start
    assert panel.notice.message.text() == "Cancelled. Nothing was left half-done."


def test_what_is_offered_meanwhile_waits_its_turn(panel: ImportPanel, tmp_path: Path, settle: Settle) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    panel.offer([one])
    panel.offer([two])
    settle()
    settle()
    assert panel._context.desk.imports == [([one], None), ([two], None)]


def test_it_speaks_chinese_in_the_middle_of_a_mapping(panel: ImportPanel, table: Path, settle: Settle) -> None:
    panel.offer([table])
    settle()
    panel.mapping.currency.setCurrentIndex(panel.mapping.currency.findData("CNY"))
    use_language("zh")
    panel._context.language = "zh"
    panel._context.refresh.language_changed.emit("zh")
    settle()
    model = panel.mapping.model
    assert panel.mapping.confirm.text() == "检查并导入"
    assert model.index(row_of(panel, "Amount"), FACT).data() == "申请金额"
    assert model.index(row_of(panel, "Amount"), CHECK).data() == "3 个全部符合"
    assert panel.mapping.currency.currentData() == "CNY"


def test_every_option_has_a_name_for_a_screen_reader(panel: ImportPanel) -> None:
    assert all(field.accessibleName() for field in panel.mapping._options.values())


# Rejects


@pytest.fixture
def rejects(qtbot: QtBot, panel: ImportPanel, table: Path, settle: Settle) -> RejectsPanel:
    panel.offer([table])
    settle()
    panel.mapping.confirm.click()
    settle()
    made = RejectsPanel(panel._context)
    qtbot.addWidget(made)
    made.show()
    settle()
    return made


def test_a_reject_shows_where_why_and_the_line(rejects: RejectsPanel) -> None:
    assert rejects.count.text() == "1 row or file did not go in"
    assert rejects._where.text() == "applications.csv · line 4 · column Amount"
    assert rejects._why.text() == "“?” is no number. Correct it."
    assert rejects.raw.toPlainText() == LINES[2]
    assert not rejects.again.isEnabled()


def test_a_corrected_line_goes_in(rejects: RejectsPanel, settle: Settle) -> None:
    rejects.raw.setPlainText("Cy,1900,rent,5000,12")
    assert rejects.again.isEnabled()
    rejects.again.click()
    settle()
    assert rejects.model.rowCount() == 0
    assert rejects.stack.currentWidget() is rejects.empty
    assert rejects.notice.message.text() == "Rows taken in: 1"
    with rejects._context.desk.workspace.read() as stores:
        assert stores.cases.count() == 3


def test_a_line_still_wrong_is_rejected_anew(rejects: RejectsPanel, settle: Settle) -> None:
    rejects.raw.setPlainText("Cy,?,rent,5000,12")
    rejects.again.click()
    settle()
    assert rejects.model.rowCount() == 1
    assert rejects.notice.remedy.text() == "Still rejected: 1"
    assert rejects.raw.toPlainText() == "Cy,?,rent,5000,12"


def test_a_correction_can_be_undone(rejects: RejectsPanel) -> None:
    rejects.raw.setPlainText("nonsense")
    assert rejects.undo.isVisible()
    rejects.undo.click()
    assert rejects.raw.toPlainText() == LINES[2]
    assert not rejects.again.isEnabled()


def test_a_discarded_reject_is_gone_and_recorded(rejects: RejectsPanel, settle: Settle) -> None:
    rejects.discard.click()
    settle()
    assert rejects.model.rowCount() == 0
    workspace = rejects._context.desk.workspace
    with workspace.read() as stores:
        assert stores.rejects.all() == []
    assert [event.what for event in workspace._state.events] == ["rejects.discarded"]


def test_rejects_are_exported(rejects: RejectsPanel, tmp_path: Path, settle: Settle) -> None:
    rejects.export_to(tmp_path / "rejects.csv")
    settle()
    assert LINES[2] in (tmp_path / "rejects.csv").read_text()
    assert rejects.notice.message.text() == "Written to rejects.csv"


def test_a_whole_file_cannot_be_corrected_line_by_line(rejects: RejectsPanel, settle: Settle) -> None:
    from app.ports import Reject

    with rejects._context.desk.workspace.transaction() as stores:
        stores.rejects.add([Reject(0, "x.zip", "x.zip", None, None, "The form is not read.", "Unpack it.", "")])
    rejects._context.refresh.broadcast(Changes.REJECTS)
    settle()
    rejects.table.selectRow(1)
    assert rejects._where.text() == "x.zip"
    assert rejects.raw.isReadOnly()
