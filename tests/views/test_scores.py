"""The scores room: the list with its states, points, validation, approval, use, import and export."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.domain.scorecard_format import read_scorecard
from app.errors import EnvironmentFault, InputError
from tests.fitted_card import a_card, a_table
from tests.views.shell_desk import ShellDesk
from views.context import Context
from views.panels.scores_panel import TABS, ScoresPanel
from views.strings import use_language

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


@pytest.fixture
def room(qtbot: QtBot, shell_context: MakeContext, settle: Settle, tmp_path: Path) -> ScoresPanel:
    """The room over the shipped scorecard and one on wages."""
    context = shell_context(3)
    table, frame = a_table(tmp_path)
    context.desk.register.add(a_card(table, frame).document)
    panel = ScoresPanel(context)
    qtbot.addWidget(panel)
    panel.resize(1300, 900)
    panel.show()
    settle()
    return panel


def choose(panel: ScoresPanel, name: str) -> None:
    panel.list.choose(next(entry.sha256 for entry in panel.entries if entry.name == name))


def test_every_scorecard_is_listed_with_its_state(room: ScoresPanel) -> None:
    assert [room.list.list.item(at).text() for at in range(2)] == [
        "Instalment loan, credit data, In use, not approved",
        "Small, Draft, not approved",
    ]
    assert room.entry().in_use, "the one in use is chosen first"
    assert room._text.text() == "cases are scored by credit-data 1.0.0"


def test_the_head_tells_what_it_was_fitted_on(room: ScoresPanel) -> None:
    values = {name: each.value.text() for name, each in room.head.values.items()}
    assert values["fitted"] == "4,454 rows · credit-data.csv"
    assert values["ranks"] == "AUC 0.848  Gini 0.696  KS 0.547"
    assert values["approval"] == "Draft, not approved"
    assert not room.head.use.isVisible(), "a draft is not offered for use"


def test_arrow_keys_walk_over_scorecards(room: ScoresPanel, settle: Settle) -> None:
    QTest.keyClick(room.list.list, Qt.Key.Key_Down)
    settle()
    assert room.card is not None
    assert room.card.name == "wages"
    assert room.head.title.text() == "Small  1.0.0"


def test_a_second_person_approves_and_it_is_put_in_use_or_refused(room: ScoresPanel, settle: Settle) -> None:
    choose(room, "credit-data")
    room.head.approve.click()
    dialog = room.dialog
    assert dialog is not None
    dialog.person.setText("Caseworth project")
    dialog.keep.click()
    settle()
    assert "is the author" in dialog.error.text()
    assert dialog.isVisible()
    dialog.person.setText("Bo Ek")
    dialog.note.setText("Checked")
    dialog.keep.click()
    settle()
    approval = room.entry().approval
    assert approval is not None
    assert (approval.person, approval.note) == ("Bo Ek", "Checked")
    assert not room.head.approve.isVisible()
    assert room.head.use.isEnabled()
    room.head.use.click()
    settle()
    assert room.head.chip.text() == "In use"
    desk: ShellDesk = room._context.desk
    in_use = desk.register.in_use()
    assert in_use is not None
    assert in_use.name == "credit-data"


def test_one_on_foreign_columns_cannot_score_cases(room: ScoresPanel, settle: Settle) -> None:
    choose(room, "wages")
    desk: ShellDesk = room._context.desk
    desk.register.approve(room.entry(), person="Bo Ek")
    room.reload()
    settle()
    room.head.use.click()
    settle()
    assert "income is no fact of the catalogue" in room.notice.message.text()
    assert not room.entry().in_use


@pytest.mark.parametrize("form", ["json", "pmml", "sql.duckdb", "sql.postgres", "sql.spark"])
def test_it_goes_out_in_every_form(room: ScoresPanel, settle: Settle, tmp_path: Path, form: str) -> None:
    choose(room, "wages")
    out = tmp_path / "out"
    room.export_to(out, form)
    settle()
    text = out.read_text(encoding="utf-8")
    assert room.notice.message.text() == "Written to out"
    assert ("income" in text, "job" in text) == (True, True)
    if form == "json":
        assert json.loads(text) == room.entry().document


def test_what_went_out_comes_in_again_as_a_draft(room: ScoresPanel, settle: Settle, tmp_path: Path) -> None:
    choose(room, "wages")
    document = dict(room.entry().document) | {"version": "1.1.0"}
    (tmp_path / "card.json").write_text(json.dumps(document), encoding="utf-8")
    room.import_file(tmp_path / "card.json")
    settle()
    assert [(entry.name, entry.version) for entry in room.entries[1:]] == [("wages", "1.0.0"), ("wages", "1.1.0")]
    assert room.entry().version == "1.1.0", "what was imported is chosen"
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    room.import_file(tmp_path / "broken.json")
    settle()
    assert "The scorecard is no JSON" in room.notice.message.text()
    assert len(room.entries) == 3


def test_a_register_that_cannot_be_read_says_so_and_can_be_tried_again(
    room: ScoresPanel, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk: Any = room._context.desk
    kept = desk.register.entries

    def broken() -> Any:
        raise InputError("scorecard", "It is damaged.", remedy="Mend it.", file="mine.json")

    monkeypatch.setattr(desk.register, "entries", broken)
    room.reload()
    settle()
    assert room.stack.currentWidget() is room.broken
    assert (room.broken.title.text(), room.broken.text.text()) == ("mine.json: It is damaged.", "Mend it.")
    monkeypatch.setattr(desk.register, "entries", kept)
    room.broken.action.click()
    settle()
    assert room.stack.currentWidget() is room.room


def test_no_scorecard_leads_to_a_fit(room: ScoresPanel, settle: Settle, monkeypatch: pytest.MonkeyPatch) -> None:
    desk: Any = room._context.desk
    monkeypatch.setattr(desk.register, "entries", list)
    room.reload()
    settle()
    assert room.stack.currentWidget() is room.empty


def test_a_failed_export_is_told(room: ScoresPanel, settle: Settle, tmp_path: Path) -> None:
    room.export_to(tmp_path / "no" / "card.json", "json")
    settle()
    assert "cannot be written" in room.notice.message.text()
    assert EnvironmentFault.__name__ not in room.notice.message.text()


# Points


def test_the_points_of_every_bin_are_told(room: ScoresPanel) -> None:
    choose(room, "wages")
    assert room.card is not None
    words = room.points.words(room.card.characteristics[1])
    assert words.startswith("job, neutral 60 · best ")
    assert "clerk / nurse" in words
    assert room.points.sizeHint().height() > 300


def test_enter_on_a_characteristic_opens_its_bins(room: ScoresPanel) -> None:
    choose(room, "wages")
    room.show_tab("points")
    room.points.setFocus()
    QTest.keyClick(room.points, Qt.Key.Key_Down)
    QTest.keyClick(room.points, Qt.Key.Key_Return)
    assert TABS[room.tabs.currentIndex()] == "bins"
    assert room.bins.name == "job"


# Validation


def test_the_cut_off_follows_mouse_and_keys(room: ScoresPanel) -> None:
    choose(room, "wages")
    room.show_tab("validation")
    chart = room.validation.distribution
    before = chart.points
    QTest.keyClick(chart, Qt.Key.Key_Right)
    assert chart.points == before + 1
    low = room.validation.cut["approval"].value.text()
    QTest.keyClick(chart, Qt.Key.Key_Home)
    assert room.validation.cut["approval"].value.text() == "100 %"
    assert low != "100 %"
    QTest.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(chart.width() - 30, 60))
    assert chart.points > before
    assert room.validation.cut["approval"].value.text() != "100 %"


def test_the_shipped_scorecard_shows_its_distribution(room: ScoresPanel) -> None:
    choose(room, "credit-data")
    room.show_tab("validation")
    assert room.validation.distribution.isVisible()
    assert not room.validation.state.isVisible()


def test_without_a_distribution_the_figures_stand_in_words(room: ScoresPanel) -> None:
    room.show_tab("validation")
    document = json.loads(json.dumps(room.card.document if room.card else {}))
    del document["fit"]["distribution"]
    room.validation.show_card(read_scorecard(document))
    assert not room.validation.distribution.isVisible()
    assert "Gini 0.696" in room.validation.state.detail.text()


def test_it_speaks_chinese_at_once(room: ScoresPanel, settle: Settle) -> None:
    use_language("zh")
    room._context.language = "zh"
    room._context.refresh.language_changed.emit("zh")
    settle()
    assert room.tabs.tabText(0) == "分数表"
    assert room.head.approve.text() == "批准…"
    assert room.list.list.item(1).text() == "小, 草稿，未批准"
