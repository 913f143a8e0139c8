"""Challengers in the scores room: added, put in shadow, withdrawn, run on all, compared, fitted with a scorecard."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.bootstrap.challengers import Beside
from app.domain.challenger import KeptChallenger
from app.domain.changes import Changes
from app.errors import EnvironmentFault, InputError
from app.usecases.shadow_challenger import ShadowRun
from tests.fitted_card import a_card, a_table
from tests.views.shell_desk import ShellDesk
from views import fit_jobs, scores_jobs
from views.context import Context
from views.panels.challengers_dialog import ChallengersDialog
from views.panels.fit_dialog import FitDialog, beside_words
from views.panels.import_panel import ImportPanel
from views.panels.scores_panel import ScoresPanel
from views.strings import use_language

MakeContext = Callable[..., Context]
Settle = Callable[[], None]
DOCUMENT = {"features": [{"name": "request.amount"}], "training": {"rows": 1200, "good": 900, "bad": 300, "parts": []}}
OURS, THEIRS = (
    KeptChallenger(sign * 64, name, "Bo Ek", "2026-10-27T09:00:00+00:00")
    for sign, name in (("a", "ours"), ("b", "old"))
)


def keep(desk: ShellDesk, *challengers: KeptChallenger, damaged: str = "") -> None:
    """Put challengers into the workspace, their files taken as read."""
    with desk.workspace.transaction() as stores:
        for each in challengers:
            stores.challengers.keep(each, b"")
            desk.challengers._documents[each.sha256] = None if each.sha256 == damaged else DOCUMENT


@pytest.fixture
def context(shell_context: MakeContext) -> Context:
    return shell_context(3)


@pytest.fixture
def dialog(qtbot: QtBot, context: Context, settle: Settle) -> Callable[..., ChallengersDialog]:
    def make(*challengers: KeptChallenger, **options: Any) -> ChallengersDialog:
        keep(context.desk, *challengers, damaged=options.pop("damaged", ""))
        made = ChallengersDialog(context, context.desk.scorecard(), **options)
        qtbot.addWidget(made)
        made.open()
        settle()
        return made

    return make


def row(made: ChallengersDialog, name: str) -> list[str]:
    place = next(at for at, each in enumerate(made.listed) if each.kept.name == name)
    return [made.table.item(place, at).text() for at in range(made.table.columnCount())]  # type: ignore[union-attr]


Make = Callable[..., ChallengersDialog]


def test_without_one_it_says_how_to_get_one(dialog: Make) -> None:
    made = dialog()
    assert made.state.isVisible()
    assert made.state.title.text() == "No challenger yet"
    assert made.add.isEnabled()
    assert not any(each.isEnabled() for each in (made.use, made.withdraw, made.compare, made.run))


def test_each_is_listed_and_one_is_put_in_shadow_and_withdrawn(
    qtbot: QtBot, dialog: Make, context: Context, settle: Settle
) -> None:
    made = dialog(THEIRS, OURS)
    assert row(made, "ours") == ["ours", "a" * 12, "Bo Ek · 27 Oct 2026", "1,200 rows, 300 bad", "–"]
    made.choose("ours")
    with qtbot.waitSignal(made.changed):
        made.use.click()
    settle()
    assert row(made, "ours")[-1] == "since 28 Oct 2026, Vera Holm"
    assert made.told.text() == "ours runs in shadow beside credit-data 1.0.0 from now on."
    assert (made.use.isEnabled(), made.withdraw.isEnabled(), made.run.isEnabled()) == (False, True, True)
    running = context.desk.challengers.in_shadow()
    assert running is not None
    assert running[0].name == "ours"
    made.choose("old")
    assert (made.use.isEnabled(), made.withdraw.isEnabled()) == (True, False)
    made.choose("ours")
    made.withdraw.click()
    settle()
    assert context.desk.challengers.in_shadow() is None
    assert row(made, "ours")[-1] == "–"


def test_a_damaged_one_is_told_and_cannot_run(dialog: Make) -> None:
    made = dialog(OURS, damaged=OURS.sha256)
    assert row(made, "ours")[3] == "damaged: add its file again"
    assert not made.use.isEnabled()
    assert not made.compare.isEnabled()


def test_one_beside_another_scorecard_says_so(dialog: Make, context: Context, tmp_path: Path) -> None:
    keep(context.desk, OURS)
    context.desk.challengers.use("ours", a_card(*a_table(tmp_path)))
    made = dialog()
    assert row(made, "ours")[-1] == "beside wages 1.0.0"
    assert made.use.isEnabled()


def test_a_file_that_is_none_is_refused_and_told(dialog: Make, settle: Settle, tmp_path: Path) -> None:
    made = dialog(OURS)
    (tmp_path / "x.onnx").write_bytes(b"no")
    made.add_file(tmp_path / "x.onnx")
    settle()
    assert "SHA-256 is not known" in made.told.text()
    assert made.told.property("role") == "adverse"


def test_it_is_run_on_all_and_can_be_stopped(
    dialog: Make, context: Context, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(context.desk, OURS)
    context.desk.challengers.use("ours")
    made, endless = dialog(), [False]

    def shadow(ids: list[str], card: Any, progress: Any) -> ShadowRun:
        progress(1, len(ids), "challenger")
        while endless[0]:
            progress(1, len(ids), "challenger")
        return ShadowRun(2, 1, 1, Changes.FINDINGS)

    monkeypatch.setattr(context.desk.challengers, "shadow", shadow)
    made.run.click()
    settle()
    assert made.told.text() == "2 cases in shadow, 1 disagree, 1 left alone"
    endless[0] = True
    made.run.click()
    assert made.stop.isVisible()
    assert not made.use.isEnabled()
    made.stop.click()
    settle()
    assert made.told.text().startswith("Stopped.")
    assert not made.stop.isVisible()
    assert made.run.isEnabled()


def test_a_run_that_fails_says_why(
    dialog: Make, context: Context, settle: Settle, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(context.desk, OURS)
    context.desk.challengers.use("ours")
    made = dialog()

    def broken(*_: object) -> ShadowRun:
        raise EnvironmentFault("It needs onnxruntime.", remedy="Install it.")

    monkeypatch.setattr(context.desk.challengers, "shadow", broken)
    made.run.click()
    settle()
    assert made.told.text() == "It needs onnxruntime. Install it."


@pytest.mark.parametrize("running", [True, False])
def test_a_bulk_score_says_whether_it_was_left_out(
    qtbot: QtBot, context: Context, settle: Settle, monkeypatch: pytest.MonkeyPatch, running: bool
) -> None:
    keep(context.desk, OURS)
    if running:
        context.desk.challengers.use("ours")
    run = SimpleNamespace(scored=3, seconds=0.1)
    monkeypatch.setattr(ShellDesk, "score_all", lambda _, progress: run, raising=False)
    panel = ImportPanel(context)
    qtbot.addWidget(panel)
    panel._on_score()
    settle()
    assert panel.notice.message.text() == "3 cases scored in 0.1 s"
    assert panel.notice.remedy.text().startswith("Without the challenger ours") is running


# In the room


@pytest.fixture
def room(qtbot: QtBot, context: Context, settle: Settle) -> ScoresPanel:
    keep(context.desk, THEIRS, OURS)
    panel = ScoresPanel(context)
    qtbot.addWidget(panel)
    panel.resize(1300, 900)
    panel.show()
    settle()
    panel.show_tab("comparison")
    settle()
    return panel


def test_the_room_says_what_runs_and_opens_the_challengers(room: ScoresPanel, settle: Settle) -> None:
    assert room.comparison.shadow.text() == "No challenger in shadow"
    room.comparison.manage.click()
    settle()
    assert room.challengers.isVisible()
    room.challengers.choose("ours")
    room.challengers.use.click()
    settle()
    assert room.comparison.shadow.text() == "In shadow: ours"
    offered = [room.comparison.other.itemText(at) for at in range(room.comparison.other.count())]
    assert offered[:2] == [f"ours · {'a' * 8}", f"old · {'b' * 8}"]
    room.challengers.accept()


def test_what_was_fitted_is_kept_and_compared(
    room: ScoresPanel, settle: Settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, frame = a_table(tmp_path)
    card = a_card(table, frame)
    room.fitting = SimpleNamespace(beside=Beside(b"model", {}), look=SimpleNamespace(path=table))

    class Steps:
        name, names = "steps", ("income",)

        def log_odds(self, rows: Any) -> Any:
            return rows["income"].fillna(0.0).to_numpy() / 50

    monkeypatch.setattr(scores_jobs, "opened", lambda _: Steps())
    monkeypatch.setattr(room._context.desk.challengers, "keep_file", _refused)
    room._keep_fitted(card.document)
    settle()
    settle()
    assert room.card is not None
    assert room.card.name == "wages"
    assert room.notice.remedy.text() == "The challenger is not kept: It looks at income, of which cases have no facts."
    compared = room.comparison.compared
    assert compared is not None, room.comparison.notice.message.text()
    assert compared.names == ("wages 1.0.0", "steps")
    assert room.pages.currentWidget() is room.comparison


def _refused(_: bytes) -> Any:
    raise InputError("challenger", "It looks at income, of which cases have no facts.")


# Fitting


def test_the_dialog_asks_for_a_challenger_only_where_it_can_be_fitted(
    qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for missing in (True, False):
        monkeypatch.setattr(fit_jobs, "challenger_missing", lambda missing=missing: missing)
        made = FitDialog(context, {})
        qtbot.addWidget(made)
        assert made.also.isEnabled() is not missing
        assert ("pip install" in made.also.text()) is missing


def a_report(**changes: Any) -> dict[str, Any]:
    figure = {"value": "0.853065", "low": "0.831434", "high": "0.874695"}
    apart = {"value": "-0.007", "low": "-0.002", "high": "0.017", "p": "0.0004"}
    compared = {"challenger": {"performance": {"auc": figure}}, "difference": apart}
    return {"comparison": compared, "features": ["income"], **changes}


def test_what_came_of_the_challenger_is_told() -> None:
    use_language("en")
    told = beside_words(Beside(b"model", a_report()), ["income"])
    first, second, third = told.splitlines()
    assert first == "Challenger: AUC 0.8531 (0.8314 – 0.8747)"
    assert second == "Its AUC less the scorecard's: \u22120.0070 (\u22120.0020 to +0.0170), p < 0.001"
    assert third.startswith("It looks at columns that are no facts of the catalogue")
    assert third.endswith("not run on cases: income")
    assert beside_words(Beside(b"model", a_report(comparison=None)), []).startswith("Challenger fitted. Without")
    assert beside_words(Beside(problem="Too few bads."), []) == "No challenger came of it: Too few bads."


def test_its_file_is_written_with_its_digest(tmp_path: Path) -> None:
    out = fit_jobs.write_challenger(b"model", tmp_path / "ours.onnx")
    digest, name = out.with_name("ours.onnx.sha256").read_text().split()
    assert (name, len(digest)) == ("ours.onnx", 64)
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        fit_jobs.write_challenger(b"model", tmp_path / "no" / "ours.onnx")
