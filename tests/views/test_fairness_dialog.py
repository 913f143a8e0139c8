"""Fairness in the window: chosen by hand, measured in a child, told with its intervals and notes, never stored."""

from __future__ import annotations

import csv
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.errors import EnvironmentFault
from tests.usecases.test_measure_fairness import a_table, by
from views import fairness_jobs
from views.context import Context
from views.panels.fairness_dialog import FairnessDialog
from views.panels.scores_panel import ScoresPanel
from views.strings import tr, use_language

Settle = Callable[[], None]
CARD, OTHER = by("x", "1.5", "2.5", points=(10, 20, 30)), by("y", "0.5", points=(10, 30))


@pytest.fixture
def dialog(qtbot: QtBot, shell_context: Callable[..., Context], settle: Settle, tmp_path: Path) -> FairnessDialog:
    made = FairnessDialog(shell_context(0), CARD, [OTHER])
    qtbot.addWidget(made)
    made.open()
    made.open_table(a_table(tmp_path / "applications.csv"))
    settle()
    return made


def chosen(dialog: FairnessDialog) -> None:
    """The group against b, by the scorecard from 20 points on, with outcome and candidate."""
    dialog.target.setCurrentIndex(dialog.target.findData("out"))
    dialog.bad.setCurrentIndex(dialog.bad.findData("1"))
    dialog.cut_off.setText("20")
    dialog.protected.name("group", "b")
    dialog.candidates.item(0).setCheckState(Qt.CheckState.Checked)


def test_nothing_is_protected_until_the_analyst_says_so(dialog: FairnessDialog) -> None:
    assert dialog.look is not None
    assert dialog.look.rows == 400
    assert dialog.protected.chosen() == {}
    assert dialog.target.currentData() == "y", "an outcome is proposed by its name"
    assert not dialog.start.isEnabled()
    assert dialog.start.toolTip() == tr("scores.fair.missing.cut_off")
    dialog.cut_off.setText("20")
    assert dialog.start.toolTip() == tr("scores.fair.missing.protected")
    dialog.protected.name("group")
    assert dialog.start.isEnabled()
    assert dialog.protected.chosen() == {"group": "a"}, "the commonest group is offered as the reference"


def test_it_says_that_the_table_is_not_kept(dialog: FairnessDialog) -> None:
    said = [each.text() for each in dialog.findChildren(QLabel)]
    assert tr("scores.fair.privacy") in said
    assert "not stored" in tr("scores.fair.privacy")


def test_figures_have_intervals_and_small_groups_are_named(dialog: FairnessDialog, settle: Settle) -> None:
    chosen(dialog)
    dialog.start.click()
    settle()
    report = dialog.report
    assert report is not None
    lines = [[dialog.groups.item(at, c).text() for c in range(8)] for at in range(dialog.groups.rowCount())]  # type: ignore[union-attr]
    assert [line[0] for line in lines] == ["group: b", "group: a", "group: not known"]
    ratio = report.columns[0].groups[0].air
    assert ratio is not None
    assert lines[1][3] == f"{ratio.value:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"
    assert "group: not known – The group has fewer than 30 cases; nothing is said of it." in dialog.notes.text()
    candidates = [dialog.alternatives.item(at, 0).text() for at in range(dialog.alternatives.rowCount())]  # type: ignore[union-attr]
    assert candidates == [CARD.name, f"{OTHER.name} {OTHER.version}"]
    standing = dialog.alternatives.item(1, 6)
    assert standing is not None
    assert standing.text() == "on the front · best ratio"
    assert "within an AUC loss of 0.01" in standing.toolTip()


def test_the_table_leaves_no_trace_in_the_workspace(dialog: FairnessDialog, settle: Settle, tmp_path: Path) -> None:
    workspace: Any = dialog._context.desk.workspace
    before = workspace.transactions_committed
    chosen(dialog)
    dialog.measure()
    settle()
    assert dialog.report is not None
    assert workspace.transactions_committed == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["applications.csv"]


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_the_figures_go_to_a_file_and_the_rows_do_not(
    dialog: FairnessDialog, settle: Settle, tmp_path: Path, ending: str
) -> None:
    chosen(dialog)
    dialog.measure()
    settle()
    out = tmp_path / f"fair.{ending}"
    dialog.export_to(out)
    settle()
    assert dialog.error.text() == f"Written to fair.{ending}"
    if ending == "json":
        data = json.loads(out.read_text("utf-8"))
        assert data["asked"]["table"] == "applications.csv"
        assert data["asked"]["scorecard"]["sha256"] == CARD.sha256
        assert data["protected"] == dialog.report.to_json()["protected"]  # type: ignore[union-attr]
        return
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["column"], row["group"], row["reference"]) for row in rows] == [
        ("group", "b", "b"),
        ("group", "a", "b"),
        ("group", "", "b"),
    ]
    assert rows[0]["adverse_impact_ratio"] == ""
    assert float(rows[1]["adverse_impact_ratio_low"]) < float(rows[1]["adverse_impact_ratio"])
    assert "fewer than 30 cases" in rows[2]["notes"]


def test_the_figures_never_overwrite_the_table(dialog: FairnessDialog, settle: Settle, tmp_path: Path) -> None:
    chosen(dialog)
    dialog.measure()
    settle()
    before = (tmp_path / "applications.csv").read_bytes()
    dialog.export_to(tmp_path / "applications.csv")
    settle()
    assert "overwrite the table" in dialog.error.text()
    assert (tmp_path / "applications.csv").read_bytes() == before


def test_a_decision_column_needs_no_scorecard(dialog: FairnessDialog, settle: Settle) -> None:
    dialog.way.setCurrentIndex(dialog.way.findData("decision"))
    assert dialog.cut_off.isHidden()
    assert not dialog.candidates.isEnabled()
    dialog.source.setCurrentIndex(dialog.source.findData("out"))
    dialog.target.setCurrentIndex(dialog.target.findData("out"))
    dialog.protected.name("sex", "f")
    assert dialog.start.toolTip() == tr("scores.fair.missing.outcome")
    dialog.target.setCurrentIndex(dialog.target.findData(""))
    dialog.approved.setCurrentIndex(dialog.approved.findData("0"))
    command = dialog.command()
    assert command is not None
    assert (command.decision, command.approved, command.scorecard, command.target) == ("out", "0", None, None)
    dialog.measure()
    settle()
    assert dialog.report is not None
    assert dialog.report.approved == 320
    assert "Without an outcome" in dialog.notes.text()


def test_a_measurement_is_cancelled_and_the_choices_stand(
    qtbot: QtBot, dialog: FairnessDialog, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(_: object, progress: Any) -> None:
        while True:
            progress(0, 2, "candidate")
            time.sleep(0.01)

    monkeypatch.setattr(fairness_jobs, "measure", endless)
    chosen(dialog)
    dialog.measure()
    qtbot.waitUntil(lambda: dialog._step.text() == "Scorecard 1 of 2", timeout=5000)
    assert dialog.pages.currentIndex() == 1
    dialog.stop.click()
    settle()
    assert dialog.pages.currentIndex() == 0
    assert dialog.error.isHidden()
    assert dialog.protected.chosen() == {"group": "b"}


def test_what_goes_wrong_is_told(dialog: FairnessDialog, settle: Settle, tmp_path: Path, monkeypatch: Any) -> None:
    def ended(*_: object) -> None:
        raise EnvironmentFault("The measurement ended before it was done.", remedy="Close other programs.")

    monkeypatch.setattr(fairness_jobs, "measure", ended)
    chosen(dialog)
    dialog.measure()
    settle()
    assert dialog.error.text() == "The measurement ended before it was done. Close other programs."
    (tmp_path / "empty.csv").write_text("a,b\n", "utf-8")
    dialog.open_table(tmp_path / "empty.csv")
    settle()
    assert "The table has no rows." in dialog.error.text()


def test_notes_are_told_in_chinese(dialog: FairnessDialog) -> None:
    use_language("zh")
    assert fairness_jobs.note_words("The group has fewer than 30 cases; nothing is said of it.").startswith(
        "该组不足 30"
    )
    assert fairness_jobs.note_words("Nobody of the reference was approved.") == "参照组无人获批。"


def test_the_scores_room_opens_it_for_the_chosen_scorecard(
    qtbot: QtBot, shell_context: Callable[..., Context], settle: Settle
) -> None:
    room = ScoresPanel(shell_context(0))
    qtbot.addWidget(room)
    room.show()
    settle()
    room.show_tab("watch")
    room.watch.fairness.click()
    assert room.card is not None
    assert room.measuring.windowTitle() == "Fairness of approvals"
    assert f"{room.card.name} {room.card.version}" in [
        each.text().partition(" · ")[2] for each in room.measuring.findChildren(QLabel)
    ]
    room.measuring.reject()
