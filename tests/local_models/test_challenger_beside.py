"""A challenger beside a scorecard: the same rows, the same hold-out, the catalogue's directions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lightgbm")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")
pytest.importorskip("optbinning")

import pandas as pd

from app.domain.facts import Catalogue, FactDefinition, Kind, Stance
from app.domain.fitting import FitOptions, Guard, Trend
from app.domain.score import score_inputs
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from local_models.challenger.features import encode_frame
from local_models.challenger.model import load_challenger
from local_models.modelling.blend import WAYS, make_grid, mixed, parts
from local_models.modelling.challenger.additive import bin_codes
from local_models.modelling.challenger.beside import Beside, champion_log_odds, directions_of, fit_beside
from local_models.modelling.challenger.card import OWN_WAYS, fit_card
from local_models.modelling.challenger.encoding import kind_of, learn_feature, specials_of
from local_models.modelling.columns import read_columns
from local_models.modelling.outcome import ScorecardFitter
from tests.challengers import a_table

CATALOGUE = Catalogue(
    [
        FactDefinition("income.net_monthly", Kind.MONEY, {}, Stance.FAVOURABLE, aliases=("income",)),
        FactDefinition("burden", Kind.PERCENT, {}, Stance.ADVERSE),
        FactDefinition("job", Kind.CATEGORY, {}),
    ]
)


def a_labelled_table() -> pd.DataFrame:
    frame, bad = a_table(900, seed=2)
    return frame.drop(columns="same").assign(status=np.where(bad, "bad", "good"))


OPTIONS = FitOptions(name="beside", target="status", bad_value="bad", seed=4, exclude=("age",))


@pytest.fixture(scope="module")
def scorecard() -> Scorecard:
    return read_scorecard(ScorecardFitter().fit(a_labelled_table(), OPTIONS).document)


GUARDS = (Guard("leakage.separates", "owner", "It was excluded.", excluded=True), Guard("bins.tiny", "job", "Small."))


@pytest.fixture(scope="module")
def beside(scorecard: Scorecard, tmp_path_factory: pytest.TempPathFactory) -> tuple[Beside, Path]:
    out = tmp_path_factory.mktemp("beside") / "second.onnx"
    return fit_beside(a_labelled_table(), OPTIONS, scorecard, GUARDS, out, catalogue=CATALOGUE, seconds=20), out


def test_the_file_is_the_model_and_the_sidecar_its_digest(beside: tuple[Beside, Path]) -> None:
    made, out = beside
    assert made.sha256 == hashlib.sha256(out.read_bytes()).hexdigest() == load_challenger(out).sha256
    frame = a_labelled_table()
    assert np.abs(load_challenger(out).log_odds(frame) - made.fitted.log_odds(frame)).max() < 1e-12


def test_target_and_exclusions_are_not_looked_at_and_directions_are_the_catalogues(beside: tuple[Beside, Path]) -> None:
    said = beside[0].to_json()
    assert set(said["features"]) == {"income", "burden", "months", "job"}
    assert said["monotone"] == {"income": 1, "burden": -1}
    assert said["rows"] == 630
    assert beside[0].comparison is not None
    performance = beside[0].comparison.challenger.performance
    assert performance.good + performance.bad == 270
    assert performance.auc.value > 0.7


def test_the_champion_is_scored_as_its_cases_are(scorecard: Scorecard) -> None:
    frame = a_labelled_table().head(60)
    found = champion_log_odds(scorecard, frame)
    for at, record in enumerate(frame.to_dict("records")):
        values = {name: _fact(value) for name, value in record.items()}
        points = score_inputs(scorecard, values).points  # type: ignore[arg-type]
        expected = float(scorecard.calibration.intercept) + float(scorecard.calibration.slope) * points
        assert found[at] == pytest.approx(expected, abs=1e-12)


def _fact(value: object) -> object:
    from decimal import Decimal

    if isinstance(value, float):
        return None if np.isnan(value) else Decimal(repr(value))
    return value


def test_a_person_overrules_the_catalogue() -> None:
    columns = ("Income", "burden", "job", "other")
    assert directions_of(CATALOGUE, columns, FitOptions("x")) == {"Income": "descending", "burden": "ascending"}
    by_hand = FitOptions("x", monotone={"Income": Trend.NONE, "other": Trend.ASCENDING})
    assert directions_of(CATALOGUE, columns, by_hand) == {"Income": "none", "burden": "ascending", "other": "ascending"}
    assert directions_of(CATALOGUE, columns, FitOptions("x", trend=Trend.NONE)) == {}


def test_without_a_holdout_nothing_is_compared(scorecard: Scorecard, tmp_path: Path) -> None:
    options = FitOptions(name="all", target="status", bad_value="bad", holdout=0.0)
    table, out = a_labelled_table().head(300), tmp_path / "a.onnx"
    made = fit_beside(table, options, scorecard, (), out, catalogue=CATALOGUE, seconds=10)
    assert made.comparison is None
    assert made.to_json()["rows"] == 300


def test_the_scorecards_ways_are_steps_that_hold_a_forced_order() -> None:
    frame, bad = a_table(800, seed=3)
    names = ["income", "burden", "months", "job", "owner"]
    features = [
        learn_feature(
            frame[name],
            ~bad,
            kind_of(frame[name]),  # type: ignore[arg-type]
            monotone={"income": 1, "burden": -1}.get(name, 0),
            special=specials_of(frame[name], kind_of(frame[name])),  # type: ignore[arg-type]
        )
        for name in names
    ]
    rows = encode_frame(features, frame)
    for way, fitted in fit_card(features, frame, ~bad).items():
        raw = fitted.raw(bin_codes(fitted.steps, rows))
        order = np.argsort(raw)
        assert bad[order[:200]].mean() > bad[order[-200:]].mean() + 0.3, way
        income, burden = fitted.steps[0], fitted.steps[1]
        assert (np.diff(fitted.effects[income.own]) >= 0).all()
        assert (np.diff(fitted.effects[burden.own]) <= 0).all()
        assert np.ptp(fitted.effects[income.own]) > 0.2


def test_without_constraints_the_ways_are_exactly_the_scorecards() -> None:
    frame, bad = a_table(800, seed=3)
    names = ["income", "burden", "months", "job", "owner"]
    features = [
        learn_feature(frame[name], ~bad, kind_of(frame[name]), special=specials_of(frame[name], kind_of(frame[name])))  # type: ignore[arg-type]
        for name in names
    ]
    columns = list(read_columns(frame, names).values())
    grid = make_grid(columns, bad, dict.fromkeys(names, Trend.AUTO), {}, lambda _: None)
    pieces = parts(grid, bad, lambda _: None)
    rows = encode_frame(features, frame)
    for way, fitted in fit_card(features, frame, ~bad).items():
        shape = mixed(pieces, [float(each == OWN_WAYS[way]) for each in WAYS], grid)
        assert np.allclose(fitted.raw(bin_codes(fitted.steps, rows)), shape.log_odds(grid.places), atol=1e-9), way
