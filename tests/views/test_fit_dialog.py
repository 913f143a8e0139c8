"""The fit dialog: the outcome proposed, suspects named first, reasons asked, the fit in a child process."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pytestqt.qtbot import QtBot

from app.domain.fitting import FitOptions, Fitted, Guard
from app.errors import Cancelled, EnvironmentFault, InputError
from tests.fitted_card import a_frame
from views import fit_jobs
from views.context import Context
from views.fit_jobs import ColumnLook, look_at, proposed_bad, proposed_target
from views.panels.fit_dialog import FitDialog

MakeContext = Callable[..., Context]
Settle = Callable[[], None]


def quiet(*_: object) -> None:
    """A progress nobody looks at."""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    frame = a_frame(400)
    frame["sex"] = ["f", "m"] * 200
    frame.to_csv(tmp_path / "loans.csv", index=False)
    return tmp_path / "loans.csv"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """In place of the child processes: what the guards say, what the fit is asked for and answers."""
    found: dict[str, Any] = {"guards": {"sex": [Guard("prohibited.basis", "sex", "A prohibited basis (sex).", True)]}}

    def fit(path: Path, options: FitOptions, trend: str, progress: Any) -> Fitted:
        found["asked"] = (path, options, trend)
        if "fault" in found:
            raise found["fault"]
        while found.get("endless"):
            progress(0, None, "binning")
            time.sleep(0.01)
        figure = {"value": 0.8, "low": 0.7, "high": 0.9}
        report = {"auc": figure, "gini": figure, "ks": figure, "brier": None, "seconds": 1.5}
        return Fitted({"name": options.name, "characteristics": [1, 2]}, tuple(found["guards"]["sex"]), report)

    monkeypatch.setattr(fit_jobs, "extra_missing", lambda: False)
    monkeypatch.setattr(fit_jobs, "suspects", lambda *_: found["guards"])
    monkeypatch.setattr(fit_jobs, "fit", fit)
    return found


@pytest.fixture
def dialog(qtbot: QtBot, shell_context: MakeContext, settle: Settle, table: Path, told: dict[str, Any]) -> FitDialog:
    made = FitDialog(shell_context(0), {"loans": ["1.0.0"]})
    qtbot.addWidget(made)
    made.open()
    made.open_table(table)
    settle()
    return made


def test_outcome_name_and_version_are_proposed(dialog: FitDialog) -> None:
    assert (dialog.target.currentData(), dialog.bad.currentData()) == ("outcome", "bad")
    assert dialog.name.text() == "loans"
    options = dialog.options()
    assert (options.version, options.holdout, options.author) == ("1.1.0", 0.3, "Vera Holm")


def test_suspects_are_named_and_left_out_before_anything_is_fitted(dialog: FitDialog) -> None:
    assert not dialog.use("sex").isChecked()
    assert dialog.use("income").isChecked()
    item = dialog.table.item(dialog._names().index("sex"), 2)
    assert item is not None
    assert item.text() == "A prohibited basis (sex)."
    assert dialog._looking.text() == "Suspect columns: 1"
    assert dialog.options().exclude == (), "what a guard leaves out, the fit leaves out by itself"


def test_a_suspect_is_kept_only_for_a_reason(dialog: FitDialog, settle: Settle, told: dict[str, Any]) -> None:
    dialog.use("sex").setChecked(True)
    assert dialog.reason("sex").isVisible()
    assert not dialog.start.isEnabled()
    dialog.reason("sex").setText("  A test of the law's own example  ")
    assert dialog.start.isEnabled()
    dialog.use("noise").setChecked(False)
    dialog.start.click()
    settle()
    _, options, trend = told["asked"]
    assert options.reasons == {"sex": "A test of the law's own example"}
    assert (options.exclude, trend) == (("noise",), "auto")


def test_what_was_fitted_is_shown_and_kept(qtbot: QtBot, dialog: FitDialog, settle: Settle) -> None:
    dialog.start.click()
    settle()
    assert dialog._verdict.text() == "loans: 2 characteristics  ·  1.5 s"
    assert "Gini 0.8000 (0.7000 – 0.9000)" in dialog._figures.text()
    assert "sex: A prohibited basis (sex)." in dialog._found.text()
    with qtbot.waitSignal(dialog.kept) as kept:
        dialog.keep.click()
    assert kept.args[0]["name"] == "loans"


def test_a_fit_is_cancelled_and_the_choices_stand(dialog: FitDialog, settle: Settle, told: dict[str, Any]) -> None:
    told["endless"] = True
    dialog.start.click()
    assert dialog.pages.currentIndex() == 1
    dialog.stop.click()
    settle()
    assert dialog.pages.currentIndex() == 0
    assert not dialog.error.isVisible()
    assert not dialog.use("sex").isChecked()


def test_a_failed_fit_says_why(dialog: FitDialog, settle: Settle, told: dict[str, Any]) -> None:
    told["fault"] = InputError("target", "There are 3 bads.", remedy="Give more rows.")
    dialog.start.click()
    settle()
    assert dialog.error.text() == "There are 3 bads. Give more rows."


def test_without_the_extra_it_says_how_to_get_it(
    qtbot: QtBot, shell_context: MakeContext, settle: Settle, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_jobs, "extra_missing", lambda: True)
    made = FitDialog(shell_context(0), {})
    qtbot.addWidget(made)
    made.open()
    made.open_table(table)
    settle()
    assert not made.start.isEnabled()


def test_a_file_that_is_no_table_is_refused(dialog: FitDialog, settle: Settle, tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_bytes(b"PAR1no")
    dialog.open_table(tmp_path / "x.parquet")
    settle()
    assert "x.parquet" in dialog.error.text()


# Looking at a table


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("sex", "Status"), "Status"),
        (("loan_status", "sex"), "loan_status"),
        (("a", "b"), "b"),
        ((), ""),
    ],
)
def test_the_outcome_is_told_by_its_name_else_the_last_of_two_values(names: tuple[str, ...], found: str) -> None:
    columns = [ColumnLook(name, 2, 0, (("x", 3), ("y", 1))) for name in names] + [ColumnLook("many", 300, 0, ())]
    target = proposed_target(columns)
    assert (target.name if target else "") == found


@pytest.mark.parametrize(
    ("values", "bad"),
    [((("good", 3), ("bad", 9)), "bad"), ((("0", 70), ("1", 30)), "1"), ((("paid", 70), ("lost", 30)), "lost")],
)
def test_the_bad_value_is_told_by_its_word_else_it_is_the_rarer(values: tuple[tuple[str, int], ...], bad: str) -> None:
    assert proposed_bad(ColumnLook("y", 2, 0, values)) == bad


def test_values_are_written_as_people_write_them(tmp_path: Path) -> None:
    pd.DataFrame({"TARGET": [0.0, 1.0, 0.0], "flag": [True, False, None]}).to_csv(tmp_path / "t.csv", index=False)
    look = look_at(tmp_path / "t.csv", quiet)
    assert dict(look.column("TARGET").values) == {"0": 2, "1": 1}
    assert look.column("flag").missing == 1
    assert (look.target, look.bad_value) == ("TARGET", "1")


# The child process


def test_the_child_answers_with_the_guards(table: Path) -> None:
    pytest.importorskip("optbinning")
    found = fit_jobs.suspects(table, "outcome", "bad", quiet)
    assert [guard.code for guard in found["sex"]] == ["prohibited.basis"]


def test_a_cancel_ends_the_child_at_once(table: Path) -> None:
    pytest.importorskip("optbinning")
    started, cancelled = time.monotonic(), [0.0]

    def progress(*_: object) -> None:
        if time.monotonic() - started > 0.5:
            cancelled[0] = time.monotonic()
            raise Cancelled

    with pytest.raises(Cancelled):
        fit_jobs.fit(table, FitOptions("x", target="outcome", bad_value="bad"), "auto", progress)
    assert time.monotonic() - cancelled[0] < 5  # the fit itself takes longer


def test_errors_of_the_child_come_home_whole(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        fit_jobs.suspects(tmp_path / "none.csv", "y", "1", quiet)


def test_a_child_that_dies_is_told(table: Path) -> None:
    from app.bootstrap import fit_process

    with pytest.raises(EnvironmentFault, match="ended before it was done"):
        fit_process.in_child(_die, (), quiet)


def _die(progress: object) -> None:
    import os

    os._exit(3)
