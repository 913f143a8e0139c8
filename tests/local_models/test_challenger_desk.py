"""From a table to a challenger that runs in shadow on a stored case."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

pytest.importorskip("lightgbm")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("optbinning")

from app.bootstrap import challengers, fitting
from app.bootstrap.challengers import bring_challenger, fit_both_in_child, fit_challenger, kept_challenger, opened
from app.domain.changes import Changes
from app.domain.fitting import FitOptions
from app.domain.scorecard_format import read_scorecard
from app.errors import EnvironmentFault, InputError
from app.usecases.score_case import score_case
from app.usecases.shadow_challenger import shadow_case
from local_models.modelling.outcome import ScorecardFitter
from tests.challengers import a_table
from tests.doubles import FixedClock, MemoryWorkspace
from tests.usecases.test_shadow_challenger import CARD, a_workspace

NAMES = {"income": "income.net_monthly", "burden": "debt.outstanding", "months": "employment.seniority_years"}
OPTIONS = FitOptions(name="ours", target="status", bad_value="bad", seed=1)


@pytest.fixture(scope="module")
def run() -> Any:
    frame, bad = a_table(700, seed=6)
    frame = frame[list(NAMES)].rename(columns=NAMES).assign(status=np.where(bad, "bad", "good"))
    fitted = ScorecardFitter().fit(frame, OPTIONS)
    return SimpleNamespace(scorecard=read_scorecard(fitted.document), fitted=fitted, frame=frame)


@pytest.fixture(scope="module")
def file(run: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("desk") / "second.onnx"
    return out, fit_challenger(out, run, OPTIONS, seconds=15)


def test_the_report_names_file_digest_and_comparison(file: tuple[Path, dict[str, Any]]) -> None:
    out, said = file
    assert said["out"] == str(out)
    assert out.with_name("second.onnx.sha256").read_text().split()[0] == said["sha256"]
    assert said["monotone"] == {
        "income.net_monthly": 1,
        "debt.outstanding": -1,
        "employment.seniority_years": 1,
    }
    assert float(said["comparison"]["challenger"]["performance"]["auc"]["value"]) > 0.6
    assert float(said["comparison"]["difference"]["p"]) <= 1


def test_a_kept_challenger_comes_back_and_runs_in_shadow(file: tuple[Path, dict[str, Any]]) -> None:
    out, said = file
    workspace, (case_id,) = a_workspace(9)
    assert bring_challenger(out, "ann", workspace, clock=FixedClock()) == Changes.SETTINGS
    assert bring_challenger(out, "ann", workspace, clock=FixedClock()) == Changes.NOTHING
    model = kept_challenger("ours", workspace)
    assert model.sha256 == said["sha256"] == kept_challenger(said["sha256"], workspace).sha256
    assert shadow_case(case_id, workspace, model, scorecard=CARD) & Changes.SCORE
    with workspace.read() as stores:
        before = stores.scores.get(case_id)
        shadow = stores.challengers.get(case_id)
    assert shadow is not None
    assert shadow.score.challenger == "ours"
    total = shadow.score.average + sum(each.log_odds for each in shadow.score.contributions)
    assert total == pytest.approx(shadow.score.log_odds, abs=1e-9)
    with workspace.transaction() as stores:
        assert score_case(stores, case_id, CARD) == before


def test_what_is_not_kept_is_named(file: tuple[Path, dict[str, Any]]) -> None:
    workspace = MemoryWorkspace()
    with pytest.raises(InputError, match="keeps no challenger 'ours'"):
        kept_challenger("ours", workspace)
    bring_challenger(file[0], "ann", workspace, clock=FixedClock())
    with pytest.raises(InputError, match="It keeps: ours"):
        kept_challenger("theirs", workspace)


def test_both_are_fitted_in_a_child_and_the_file_comes_home(tmp_path: Path) -> None:
    frame, bad = a_table(500, seed=4)
    frame = frame[list(NAMES)].rename(columns=NAMES).assign(status=np.where(bad, "bad", "good"))
    frame.to_csv(tmp_path / "loans.csv", index=False)
    told: list[str] = []
    fitted, beside = fit_both_in_child(
        tmp_path / "loans.csv", OPTIONS, seconds=4, progress=lambda _, __, what: told.append(what)
    )
    assert fitted.document["name"] == "ours"
    assert opened(beside.data).names == tuple(beside.report["features"])
    assert beside.report["comparison"]["challenger"]
    assert any(each.startswith("challenger: ") for each in told)


def test_a_scorecard_is_not_lost_for_want_of_a_challenger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_run = SimpleNamespace(fitted="the scorecard")
    monkeypatch.setattr(fitting, "fit_scorecard", lambda *_, **__: a_run)

    def missing(*_: object, **__: object) -> None:
        raise EnvironmentFault("Fitting needs lightgbm.", remedy="Install it.")

    monkeypatch.setattr(challengers, "fit_challenger", missing)
    out = tmp_path / "x.onnx"
    found: Any = challengers._fit_both(tmp_path / "t.csv", OPTIONS, "auto", 5.0, out, lambda *_: None)
    assert found == ("the scorecard", challengers.Beside(problem="Fitting needs lightgbm. Install it."))


def test_bytes_that_are_no_challenger_are_refused() -> None:
    with pytest.raises(InputError, match="cannot be used"):
        opened(b"no")


def test_a_file_that_cannot_be_written_is_a_fault_of_the_machine(run: Any, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be written"):
        fit_challenger(tmp_path / "no" / "such" / "folder.onnx", run, OPTIONS, seconds=5)
