"""A challenger fitted, written, loaded and run: the same figures everywhere, monotone, deterministic."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("lightgbm")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import pandas as pd

from app.errors import InputError
from local_models.challenger.features import encode_frame
from local_models.challenger.model import Challenger, challenger_from
from local_models.challenger.shapley import Explainer
from local_models.challenger.trees import LEAF
from local_models.modelling.challenger.additive import bin_codes
from local_models.modelling.challenger.boosting import booster_trees
from local_models.modelling.challenger.card import OWN_WAYS
from local_models.modelling.challenger.fit import ChallengerOptions, FittedChallenger, fit_challenger
from local_models.modelling.challenger.onnx_writer import challenger_bytes
from local_models.modelling.metrics import auc
from tests.challengers import MONOTONE, a_challenger, a_table

ROWS = 10_000
STEPS = ("additive", *OWN_WAYS)


@pytest.fixture(scope="module")
def fitted() -> FittedChallenger:
    return a_challenger()


@pytest.fixture(scope="module")
def challenger(fitted: FittedChallenger) -> Challenger:
    return challenger_from(challenger_bytes(fitted))


def hard_rows(fitted: FittedChallenger, count: int = ROWS) -> np.ndarray:
    """Encoded rows with missing and extreme values, and many values exactly on a threshold or one double beside."""
    rng = np.random.default_rng(11)
    trees = fitted.trees
    n_columns = sum(feature.columns for feature in fitted.features)
    out = rng.normal(size=(count, n_columns)) * 10.0 ** rng.integers(-3, 7, size=(count, n_columns))
    for column in range(n_columns):
        edges = trees.threshold[(trees.column == column) & np.isfinite(trees.threshold)]
        if len(edges):
            chosen = rng.choice(edges, count)
            beside = rng.integers(0, 4, count)
            chosen = np.where(beside == 1, np.nextafter(chosen, np.inf), chosen)
            chosen = np.where(beside == 2, np.nextafter(chosen, -np.inf), chosen)
            out[:, column] = np.where(rng.random(count) < 0.7, chosen, out[:, column])
    extremes = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1e308, -1e308, 5e-324])
    spread = rng.random(out.shape) < 0.1
    out[spread] = rng.choice(extremes, spread.sum())
    return out


def by_parts(fitted: FittedChallenger, rows: np.ndarray) -> np.ndarray:
    """ln(good:bad) from LightGBM's own raw scores and the additive part's own table, joined by the weights."""
    total = np.full(len(rows), fitted.mixture["intercept"])
    for name, weight in fitted.mixture.items():
        if name == "intercept":
            continue
        if name in OWN_WAYS:
            way = fitted.parts[name]
            total += weight * way.raw(bin_codes(way.steps, rows))
        if name in ("additive", "on-additive"):
            additive = fitted.parts["additive"]
            total += weight * additive.raw(bin_codes(additive.steps, rows))
        for booster in fitted.parts.get(name, []) if name not in STEPS else []:
            total += weight / len(fitted.parts[name]) * booster.predict(rows, raw_score=True)
    return total


def test_onnxruntime_says_what_lightgbm_says_on_hard_rows(fitted: FittedChallenger, challenger: Challenger) -> None:
    rows = hard_rows(fitted)
    assert sum(name not in (*STEPS, "intercept") for name in fitted.mixture) >= 2
    assert np.abs(challenger._run(rows) - by_parts(fitted, rows)).max() < 1e-9


def test_single_precision_would_send_rows_the_wrong_way(fitted: FittedChallenger) -> None:
    """The rows are hard enough: with thresholds rounded to single precision, many come out otherwise."""
    rows, trees = hard_rows(fitted, 2_000), fitted.trees
    threshold = trees.threshold.copy()
    try:
        exact = trees.raw(rows)
        trees.threshold[:] = threshold.astype(np.float32)
        assert np.mean(np.abs(trees.raw(rows) - exact) > 1e-6) > 0.2
    finally:
        trees.threshold[:] = threshold


def test_each_booster_is_explained_as_lightgbm_explains_it(fitted: FittedChallenger) -> None:
    frame, _ = a_table(100, seed=5)
    rows = encode_frame(fitted.features, frame)
    for name, boosters in fitted.parts.items():
        if name in STEPS:
            continue
        explainer = Explainer(booster_trees(boosters[0]), rows.shape[1])
        own = np.column_stack([explainer.table(rows), np.full(len(rows), explainer.average)])
        assert np.abs(own - boosters[0].predict(rows, pred_contrib=True)).max() < 1e-9


def test_contributions_add_up_to_the_log_odds(challenger: Challenger) -> None:
    frame, _ = a_table(50, seed=6)
    for record in frame.to_dict("records"):
        score = challenger.score(record)
        total = score.average + sum(each.log_odds for each in score.contributions)
        assert total == pytest.approx(score.log_odds, rel=0, abs=1e-9)
        assert [each.name for each in score.contributions] == list(challenger.names)
    table = challenger.contributions(frame)
    assert np.abs(table.sum(axis=1) + challenger.average - challenger.log_odds(frame)).max() < 1e-9


def test_a_case_scores_as_its_row_in_a_table(challenger: Challenger) -> None:
    frame, _ = a_table(50, seed=7)
    single = [challenger.score(record).log_odds for record in frame.to_dict("records")]
    assert single == challenger.log_odds(frame).tolist()


@pytest.mark.parametrize("name", MONOTONE)
def test_the_score_is_monotone_along_every_constrained_feature(challenger: Challenger, name: str) -> None:
    frame, _ = a_table(150, seed=8)
    trees, column = challenger._trees, list(challenger.names).index(name)
    edges = np.unique(trees.threshold[(trees.column == column) & np.isfinite(trees.threshold)])
    values = np.concatenate([[-1e12], edges, np.nextafter(edges, np.inf), [1e12]])
    sign = 1 if MONOTONE[name] == "descending" else -1
    for record in frame.to_dict("records"):
        moved = pd.DataFrame([record] * len(values)).assign(**{name: np.sort(values)})
        assert (np.diff(sign * challenger.log_odds(moved)) >= -1e-12).all()


def test_the_test_of_monotony_can_fail() -> None:
    frame, bad = a_table(600)
    wrong = fit_challenger(frame, bad, ChallengerOptions(seed=3, seconds=39))
    trees, column = wrong.trees, [feature.name for feature in wrong.features].index("burden")
    edges = np.unique(trees.threshold[(trees.column == column) & np.isfinite(trees.threshold)])
    row = encode_frame(wrong.features, frame.head(1)).repeat(len(edges), axis=0)
    row[:, column] = edges
    assert (np.diff(-trees.raw(row)) < -1e-9).any()


def test_the_same_table_gives_the_same_bytes(fitted: FittedChallenger) -> None:
    again = a_challenger()
    assert again.report["out_of_time"] == fitted.report["out_of_time"] == []
    assert challenger_bytes(again) == challenger_bytes(fitted)
    assert challenger_bytes(a_challenger(seed=2)) != challenger_bytes(fitted)


def test_it_finds_most_of_what_can_be_known(challenger: Challenger) -> None:
    frame, bad = a_table(4_000, seed=99)
    assert auc(challenger.log_odds(frame), bad) > 0.74
    expected = 1 / (1 + np.exp(challenger.log_odds(frame)))
    assert expected.mean() == pytest.approx(bad.mean(), abs=0.03)


def test_unseen_categories_and_missing_values_are_told_apart(challenger: Challenger) -> None:
    frame, _ = a_table(1, seed=4)
    record = frame.to_dict("records")[0]
    unseen = challenger.score(record | {"job": "astronaut"})
    assert unseen.unseen == ("job",)
    assert challenger.score(record | {"job": None}).unseen == ()
    assert challenger.score({}).pd > 0


def test_special_values_are_not_numbers_of_the_scale(fitted: FittedChallenger) -> None:
    months = next(feature for feature in fitted.features if feature.name == "months")
    assert months.special == (-9.0,)
    assert months.encode([-9, 12, None]).tolist()[1] == [12.0, 0.0]
    assert "same" in fitted.report["left_out"]


def test_no_split_at_all_is_a_model_too() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"noise": rng.integers(0, 2, 200)})
    bad = np.tile([True, False, False, False], 50)
    challenger = challenger_from(challenger_bytes(fit_challenger(frame, bad, ChallengerOptions(seconds=10))))
    assert challenger.score({"noise": 1}).log_odds == pytest.approx(np.log(3), abs=0.35)
    assert challenger._trees.column.min() == LEAF


def test_too_few_outcomes_and_no_columns_are_refused() -> None:
    frame, bad = a_table(200)
    with pytest.raises(InputError, match="fewer than 10 bad"):
        fit_challenger(frame, np.zeros(200, dtype=bool))
    with pytest.raises(InputError, match="No column is left"):
        fit_challenger(frame[["same"]], bad)
    with pytest.raises(InputError, match="no column nowhere"):
        fit_challenger(frame, bad, ChallengerOptions(columns=("nowhere",)))


def test_infinities_and_wild_numbers_are_fitted_and_scored() -> None:
    frame, bad = a_table(300, seed=9)
    rng = np.random.default_rng(1)
    wild = frame["burden"].where(rng.random(300) > 0.1, np.inf).where(rng.random(300) > 0.1, -np.inf)
    frame = frame.assign(burden=wild, age=frame["age"] * 1e300, months=frame["months"].astype("Int64"))
    fitted = fit_challenger(frame, bad, ChallengerOptions(seconds=10, monotone=MONOTONE))
    challenger = challenger_from(challenger_bytes(fitted))
    scores = challenger.log_odds(frame)
    assert np.isfinite(scores).all()
    assert np.abs(scores - fitted.log_odds(frame)).max() < 1e-9
    order = [challenger.score({"burden": value}).log_odds for value in (-np.inf, -1e9, 20.0, 60.0, np.inf)]
    assert order == sorted(order, reverse=True)


def test_columns_of_no_use_are_named_with_the_reason() -> None:
    frame, bad = a_table(200, seed=3)
    frame = frame.assign(day=pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(200), "D"))
    fitted = fit_challenger(frame, bad, ChallengerOptions(seconds=10, exclude=("age",)))
    assert fitted.report["left_out"] == {
        "age": "excluded",
        "same": "one value only",
        "day": "neither number nor category",
    }
