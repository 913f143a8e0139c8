"""The bin editor: mouse and keys change the bins, the figures follow, undo and redo, the table's fingerprint."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.bootstrap.training import load_training, refit_options
from app.domain.bin_plan import BinPlan
from app.domain.fitting import Fitted, Trend
from app.errors import Cancelled, EnvironmentFault, InputError
from tests.fitted_card import EDGES, a_card, a_frame, a_table
from views import bin_jobs
from views.context import Context
from views.panels.bins_panel import BinsPanel

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return a_table(tmp_path)[0]


@pytest.fixture
def editor(qtbot: QtBot, shell_context: MakeContext, settle: Settle, table: Path) -> BinsPanel:
    """The editor with its table open, on the income."""
    panel = BinsPanel(shell_context(0))
    qtbot.addWidget(panel)
    panel.resize(1200, 700)
    panel.show_card(a_card(table, a_frame()), next_version="1.1.0")
    panel.show()
    panel.open_table(table)
    settle()
    return panel


def edges(editor: BinsPanel) -> tuple[float, ...]:
    return editor.plan.edges


def bar_middle(editor: BinsPanel, place: int) -> QPoint:
    box = editor.chart._box(editor.chart._plot(), place)
    return QPoint(round(box.center().x()), round(box.center().y()))


def press_edge(editor: BinsPanel, edge: int) -> QPoint:
    plot = editor.chart._plot()
    return QPoint(round(plot.x(edge + 1)), round(plot.area.center().y()))


def test_without_the_table_bins_are_shown_and_not_changed(
    qtbot: QtBot, shell_context: MakeContext, settle: Settle, table: Path
) -> None:
    panel = BinsPanel(shell_context(0))
    qtbot.addWidget(panel)
    card = a_card(table, a_frame())
    panel.show_card(card, next_version="1.1.0")
    panel.show()
    settle()
    assert "wages.csv" in panel._why.text()
    assert panel.banner.isVisible()
    assert [bar.cases for bar in panel.chart.bars] == [entry.good + entry.bad for entry in card.characteristics[0].bins]
    assert [each.isEnabled() for each in (panel.merge, panel.split, panel.refit)] == [False] * 3
    QTest.keyClick(panel.chart, Qt.Key.Key_M)
    settle()
    assert panel.plan.edges == EDGES


def test_another_table_is_refused_by_its_fingerprint(
    editor: BinsPanel, settle: Settle, table: Path, tmp_path: Path
) -> None:
    editor.training = None
    editor._trainings.clear()
    other = tmp_path / "other.csv"
    other.write_bytes(table.read_bytes() + b"1,cook,0,good\n")
    editor.open_table(other)
    settle()
    assert "not the table wages was fitted on" in editor.notice.message.text()
    assert editor.training is None
    assert editor.choose.isEnabled()


def test_the_table_counts_as_the_document_does(editor: BinsPanel) -> None:
    assert editor.figures is not None
    card = editor.card
    assert card is not None
    assert [bar.points for bar in editor.chart.bars] == [entry.points for entry in card.characteristics[0].bins]
    assert [bar.cases for bar in editor.chart.bars] == [
        entry.good + entry.bad for entry in card.characteristics[0].bins
    ]
    assert editor.values["card"].value.text().count(".") == 1, "a figure, and no change yet"


def test_m_merges_with_the_right_neighbour_and_the_figures_follow(editor: BinsPanel, settle: Settle) -> None:
    before = editor.figures
    assert before is not None
    editor.chart.select(1)
    QTest.keyClick(editor.chart, Qt.Key.Key_M)
    settle()
    assert edges(editor) == (20.0, 60.0, 80.0)
    assert editor.figures is not None
    assert editor.figures.information_value < before.information_value
    assert "\u2212" in editor.values["iv"].value.text(), "what it lost is told"
    assert editor.refit.isEnabled()


def test_selected_neighbours_merge_at_once(editor: BinsPanel, settle: Settle) -> None:
    editor.chart.setFocus()
    editor.chart.select(1)
    for _ in range(2):
        QTest.keyClick(editor.chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    editor.merge.click()
    settle()
    assert edges(editor) == (20.0, 80.0)


def test_a_bar_dragged_onto_another_merges_them(editor: BinsPanel, settle: Settle) -> None:
    chart = editor.chart
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=bar_middle(editor, 0))
    QTest.mouseMove(chart, bar_middle(editor, 2))
    assert chart._target == 2
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=bar_middle(editor, 2))
    settle()
    assert edges(editor) == (60.0, 80.0)


def test_special_values_and_missing_take_no_merge(editor: BinsPanel, settle: Settle) -> None:
    editor.chart.select(4)
    assert not editor.merge.isEnabled()
    editor.chart.select(5)
    assert not editor.split.isEnabled()
    QTest.mousePress(editor.chart, Qt.MouseButton.LeftButton, pos=bar_middle(editor, 4))
    QTest.mouseMove(editor.chart, bar_middle(editor, 5))
    QTest.mouseRelease(editor.chart, Qt.MouseButton.LeftButton, pos=bar_middle(editor, 5))
    settle()
    assert edges(editor) == EDGES


def test_an_edge_dragged_moves_with_its_figures_before_it_is_let_go(editor: BinsPanel, settle: Settle) -> None:
    chart, start = editor.chart, press_edge(editor, 1)
    aside = start + QPoint(round(chart._box(chart._plot(), 2).width() * 0.5), 0)
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(chart, aside)
    settle()
    assert editor.figures is not None
    assert editor.figures.plan.edges[1] == pytest.approx(50, abs=3), "the figures are those of the edge in the hand"
    assert edges(editor) == EDGES, "and nothing is changed yet"
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, pos=aside)
    settle()
    assert edges(editor)[1] == pytest.approx(50, abs=3)


def test_alt_and_arrows_move_the_lower_edge(editor: BinsPanel, settle: Settle) -> None:
    editor.chart.select(2)
    QTest.keyClick(editor.chart, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    settle()
    assert 40 < edges(editor)[1] < 43
    QTest.keyClick(editor.chart, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    settle()
    assert edges(editor)[1] < 41


def test_s_splits_and_a_double_click_splits_there(editor: BinsPanel, settle: Settle) -> None:
    editor.chart.select(2)
    QTest.keyClick(editor.chart, Qt.Key.Key_S)
    settle()
    assert len(edges(editor)) == 5
    box = editor.chart._box(editor.chart._plot(), 0)
    QTest.mouseDClick(editor.chart, Qt.MouseButton.LeftButton, pos=QPoint(round(box.left() + box.width() / 2), 200))
    settle()
    assert edges(editor)[0] == pytest.approx(10, abs=1.5)


def test_undo_and_redo_walk_through_everything(editor: BinsPanel, settle: Settle) -> None:
    editor.chart.select(0)
    editor.merge_chosen()
    settle()
    editor.show_characteristic("job")
    settle()
    editor.chart.select(0)
    editor.merge_chosen()
    settle()
    assert editor.plan.groups == (("clerk", "nurse", "cook"), ("smith",))
    QTest.keyClick(editor.chart, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert len(editor.plan.groups) == 3
    QTest.keyClick(editor.chart, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settle()
    assert (editor.name, edges(editor)) == ("income", EDGES), "it goes to the characteristic that changed"
    assert not editor.undo.isEnabled()
    for _ in range(2):
        QTest.keyClick(
            editor.chart, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
        )
        settle()
    assert editor.plan.groups == (("clerk", "nurse", "cook"), ("smith",))
    assert not editor.redo.isEnabled()


def test_a_category_is_taken_out_of_its_group(editor: BinsPanel, settle: Settle) -> None:
    editor.show_characteristic("job")
    settle()
    editor.chart.select(0)
    assert editor.split.isEnabled()
    editor.take_out("nurse")
    settle()
    assert editor.plan.groups == (("clerk",), ("nurse",), ("cook",), ("smith",))
    editor.chart.select(1)
    assert not editor.split.isEnabled(), "one category cannot be split"
    assert not editor.trend.isEnabled(), "categories have no order"


def test_groups_that_are_no_neighbours_join_by_dragging(editor: BinsPanel, settle: Settle) -> None:
    editor.show_characteristic("job")
    settle()
    QTest.mousePress(editor.chart, Qt.MouseButton.LeftButton, pos=bar_middle(editor, 0))
    QTest.mouseMove(editor.chart, bar_middle(editor, 2))
    QTest.mouseRelease(editor.chart, Qt.MouseButton.LeftButton, pos=bar_middle(editor, 2))
    settle()
    assert editor.plan.groups == (("clerk", "nurse", "smith"), ("cook",))


def test_a_forced_trend_holds_and_is_told_to_the_fit(editor: BinsPanel, settle: Settle) -> None:
    editor.trend.setCurrentIndex(editor.trend.findData(Trend.ASCENDING.value))
    settle()
    assert edges(editor) == (), "the bad rate falls with income, so nothing is left of a rising one"
    assert editor.history is not None
    options = refit_options(editor.training, editor.history.plans, version="1.1.0", author="Ada")
    assert options.monotone == {"income": Trend.ASCENDING}


def test_fixed_points_count_at_once(editor: BinsPanel, settle: Settle) -> None:
    editor.chart.select(0)
    gini = editor.figures.card_gini if editor.figures else None
    QTest.keyClick(editor.chart, Qt.Key.Key_P)
    editor.points.setValue(200)
    settle()
    assert editor.chart.bars[0].points == 200
    assert editor.chart.bars[0].fixed
    assert editor.figures is not None
    assert editor.figures.card_gini is not None
    assert gini is not None
    assert editor.figures.card_gini < gini, "the poorest are given the most points"
    editor.points.setValue(editor.points.minimum())
    settle()
    assert not editor.chart.bars[0].fixed


def test_an_answer_never_takes_the_place_of_a_newer_one(editor: BinsPanel, settle: Settle, monkeypatch: Any) -> None:
    real, waits = bin_jobs.figures_of, iter((0.3, 0.0))

    def slow(training: Any, plans: Any, name: str) -> Any:
        time.sleep(next(waits, 0.0))
        return real(training, plans, name)

    monkeypatch.setattr(bin_jobs, "figures_of", slow)
    editor.put(editor.plan.merged(0, 1))
    editor.put(editor.plan.merged(0, 1))
    settle()
    assert editor.figures is not None
    assert editor.figures.plan.edges == edges(editor) == (60.0, 80.0)


# Fitting anew


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """In place of the child process: what it was asked for, and what it answers."""
    told: dict[str, Any] = {"wait": 0.0}

    def refit(training: Any, plans: Any, version: str, author: str, progress: Any) -> Fitted:
        told["asked"] = (plans, version, author)
        ends = time.monotonic() + told["wait"]
        while time.monotonic() < ends:
            progress(0, None, "columns")
            time.sleep(0.01)
        if "fault" in told:
            raise told["fault"]
        document = dict(training.card.document) | {"version": version, "author": author}
        return Fitted(document, (), {"gini": {"value": 0.5123, "low": 0.4, "high": 0.6}})

    monkeypatch.setattr(bin_jobs, "refit", refit)
    return told


def test_the_card_is_fitted_anew_and_kept_as_a_version(
    qtbot: QtBot, editor: BinsPanel, settle: Settle, fits: dict[str, Any]
) -> None:
    editor.chart.select(0)
    editor.merge_chosen()
    settle()
    assert not editor.save.isEnabled()
    QTest.keyClick(editor.chart, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    settle()
    plans, version, author = fits["asked"]
    assert (plans["income"].edges, version, author) == ((40.0, 60.0, 80.0), "1.1.0", "Vera Holm")
    assert editor._result.text() == "Fitted again: Gini 0.5123 (+0.5123)"
    with qtbot.waitSignal(editor.saved) as kept:
        QTest.keyClick(editor.chart, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert kept.args[0]["version"] == "1.1.0"
    editor.put(editor.plan.merged(0, 1))
    settle()
    assert not editor.save.isEnabled(), "what was fitted is not what is planned any more"


def test_a_running_fit_locks_the_bins_and_is_cancelled_quickly(
    editor: BinsPanel, settle: Settle, fits: dict[str, Any]
) -> None:
    fits["wait"] = 20.0
    editor.put(editor.plan.merged(0, 1))
    settle()
    editor.fit_anew()
    assert editor.bar.isVisible()
    assert not editor.merge.isEnabled()
    assert not editor.chart.editable
    started = time.monotonic()
    editor.stop.click()
    settle()
    assert time.monotonic() - started < 2
    assert not editor.bar.isVisible()
    assert not editor.notice.isVisible(), "a cancel is no error"
    assert edges(editor) == (40.0, 60.0, 80.0), "the bins are as they were"


def test_a_failed_fit_is_told(editor: BinsPanel, settle: Settle, fits: dict[str, Any]) -> None:
    fits["fault"] = EnvironmentFault("Fitting needs optbinning.", remedy="pip install 'caseworth[modelling]'")
    editor.put(editor.plan.merged(0, 1))
    settle()
    editor.fit_anew()
    settle()
    assert editor.notice.message.text() == "Fitting needs optbinning."
    assert "modelling" in editor.notice.remedy.text()


def test_a_scorecard_that_does_not_name_its_outcome_is_not_edited(table: Path) -> None:
    card = a_card(table, a_frame(), target={"good": "repaid", "bad": "not repaid"})
    with pytest.raises(InputError, match="does not say which column"):
        load_training(table, card)


def test_refitting_keeps_every_choice_of_the_first_fit(table: Path) -> None:
    card = a_card(table, a_frame())
    training = load_training(table, card)
    plans = {row.name: BinPlan.of(row) for row in card.characteristics}
    options = refit_options(training, plans, version="2.0.0", author="Ada")
    assert (options.target, options.bad_value, options.exclude) == ("outcome", "bad", ("noise",))
    assert options.bins["income"].edges == EDGES
    assert (options.holdout, options.base_points, options.pdo) == (0, 600, 20)
    assert not issubclass(InputError, Cancelled)


def test_a_table_is_chosen_once_and_serves_its_own_scorecard_alone(
    editor: BinsPanel, settle: Settle, table: Path
) -> None:
    first = editor.card
    assert first is not None
    other = a_card(table, a_frame(), version="2.0.0")
    editor.show_card(other, next_version="2.1.0")
    settle()
    assert editor.training is None
    assert editor.banner.isVisible()
    editor.show_card(first, next_version="1.1.0")
    settle()
    assert editor.training is not None
    assert editor.training.card.sha256 == first.sha256
    assert not editor.banner.isVisible()
