"""The parts of a challenger: the additive fit, the scorecard's ways, the folds and the mixture."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("sklearn")
pytest.importorskip("scipy")

import pandas as pd
from scipy.optimize import minimize

from local_models.challenger.features import Feature, FeatureKind, encode_frame
from local_models.modelling.challenger.additive import (
    AdditiveProblem,
    additive_trees,
    bin_codes,
    bounded_minimum,
    learn_steps,
)
from local_models.modelling.challenger.encoding import kind_of, learn_feature
from local_models.modelling.challenger.tuning import log_loss, mix, plan_for, stratified
from tests.challengers import a_table


def a_problem(rows: int = 400, seed: int = 1, monotone: int = 0) -> tuple[AdditiveProblem, np.ndarray]:
    frame, bad = a_table(rows, seed)
    names = ["income", "burden", "months", "job", "owner"]
    features = [
        learn_feature(frame[name], ~bad, kind_of(frame[name]), monotone=monotone, special=(-9.0,))  # type: ignore[arg-type]
        for name in names
    ]
    encoded = encode_frame(features, frame[names])
    steps = learn_steps(features, encoded)
    return AdditiveProblem(steps, bin_codes(steps, encoded), ~bad), encoded


def test_the_fit_is_where_a_general_solver_ends_too() -> None:
    problem, _ = a_problem()
    penalty = np.full(len(problem.steps), 5.0)
    fitted = problem.fit(penalty)
    weights = np.zeros(len(fitted.x))
    at = 1
    for one in problem.steps:
        size = one.bins - one.ordered
        scale = np.full(size, 5.0)
        if one.ordered:
            scale[: len(one.edges)] *= max(1, len(one.edges)) / 4
        weights[at : at + size] = scale
        at += size
    answer = minimize(lambda x: problem._loss(x, weights)[0], np.zeros(len(fitted.x)), method="L-BFGS-B")
    assert problem._loss(fitted.x, weights)[0] <= answer.fun + 1e-4
    residual = 1 / (1 + np.exp(-fitted.raw(problem.codes))) - problem.good
    assert abs(residual.sum()) < 1e-2  # the intercept is not penalised, so the mean is met


def test_a_constrained_column_keeps_its_sign_and_a_free_one_need_not() -> None:
    for sign in (1, -1):
        problem, _ = a_problem(monotone=sign)
        fitted = problem.fit(np.full(len(problem.steps), 1.0))
        for one in problem.steps:
            if one.monotone:
                assert (np.diff(fitted.effects[one.own]) * sign >= -1e-12).all()
        assert sum(one.monotone != 0 for one in problem.steps) == 3
    free, _ = a_problem()
    fitted = free.fit(np.full(len(free.steps), 1.0))
    assert any((np.diff(fitted.effects[one.own]) < 0).any() for one in free.steps if one.ordered)


def test_a_heavier_penalty_makes_smoother_effects() -> None:
    problem, _ = a_problem()
    spreads = [problem.fit(np.full(len(problem.steps), weight)).spread(problem.codes).sum() for weight in (1, 30, 1e6)]
    assert spreads[0] > spreads[1] > spreads[2]
    assert spreads[2] < 0.02


def test_trees_say_what_the_effects_say_even_of_values_never_met() -> None:
    problem, encoded = a_problem(monotone=1)
    fitted = problem.fit(np.full(len(problem.steps), 3.0))
    trees = additive_trees(fitted, problem.codes)
    rng = np.random.default_rng(2)
    rows = np.vstack([encoded, rng.normal(size=encoded.shape) * 1e6, np.full((1, encoded.shape[1]), np.inf)])
    rows[rng.random(rows.shape) < 0.2] = np.nan
    assert np.allclose(trees.raw(rows) + fitted.intercept, fitted.raw(bin_codes(problem.steps, rows)), atol=1e-12)
    assert (trees.cover > 0).all()


def test_known_effects_are_recovered() -> None:
    rng = np.random.default_rng(7)
    x, z = rng.uniform(0, 10, 40_000), rng.choice(["a", "b", "c"], 40_000)
    truth = 0.5 + np.where(x < 4, -0.8, 0.6) + 0.7 * (z == "a") - 0.5 * (z == "c")
    good = rng.random(40_000) < 1 / (1 + np.exp(-truth))
    frame = pd.DataFrame({"x": x, "z": z})
    features = [learn_feature(frame[name], good, kind_of(frame[name])) for name in frame]  # type: ignore[arg-type]
    encoded = encode_frame(features, frame)
    steps = learn_steps(features, encoded)
    codes = bin_codes(steps, encoded)
    fitted = AdditiveProblem(steps, codes, good).fit(np.ones(2))
    away = np.abs(x - 4) > 1
    assert np.abs(fitted.raw(codes) - truth)[away].mean() < 0.06


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 8))
def test_the_bounded_minimum_is_one(seed: int, size: int) -> None:
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(size, size))
    hessian, gradient = root @ root.T + 0.1 * np.eye(size), rng.normal(size=size)
    low = np.where(rng.random(size) < 0.5, 0.0, -np.inf)
    high = np.where((rng.random(size) < 0.5) & np.isinf(low), 0.0, np.inf)
    at = np.zeros(size)
    found = bounded_minimum(hessian, gradient, at, low, high)
    slope = gradient + hessian @ found
    assert (found >= low).all()
    assert (found <= high).all()
    free = (found > low) & (found < high)
    assert np.abs(slope[free]).max(initial=0) < 1e-4
    assert (slope[found <= low] >= -1e-4).all()
    assert (slope[found >= high] <= 1e-4).all()


def test_categories_are_coded_in_the_order_of_their_rates_and_rare_ones_together() -> None:
    texts = ["good"] * 300 + ["poor"] * 300 + ["rare1", "rare2"] + [None] * 100
    good = np.array(
        [True] * 280 + [False] * 20 + [True] * 120 + [False] * 180 + [True, False] + [True] * 70 + [False] * 30
    )
    feature = learn_feature(pd.Series(texts, name="c", dtype=object), good, FeatureKind.CATEGORY)
    codes = feature.categories or {}
    assert codes["poor"] < feature.missing < codes["good"]
    assert codes["poor"] < feature.unseen < codes["good"]
    assert codes["rare1"] == codes["rare2"]
    assert len({codes["poor"], codes["good"], codes["rare1"], feature.unseen, feature.missing}) == 5


def test_a_number_without_gaps_gets_a_fill_and_one_with_gaps_a_branch() -> None:
    good = np.array([True, False] * 3)
    full = learn_feature(pd.Series([1.0, 2, 3, 4, 5, 60], name="x"), good, FeatureKind.NUMERIC)
    assert full == Feature("x", FeatureKind.NUMERIC, fill=3.5)
    gaps = learn_feature(pd.Series([1.0, 2, 3, 4, 5, None], name="x"), good, FeatureKind.NUMERIC, monotone=-1)
    assert gaps == Feature("x", FeatureKind.NUMERIC, -1)


@given(st.integers(10, 60), st.integers(10, 60), st.integers(2, 5), st.integers(0, 99))
def test_folds_share_out_both_outcomes(goods: int, bads: int, folds: int, seed: int) -> None:
    good = np.random.default_rng(seed).permutation(np.array([True] * goods + [False] * bads))
    labels = stratified(good, folds, np.random.default_rng(seed))
    for outcome, count in ((True, goods), (False, bads)):
        sizes = np.bincount(labels[good == outcome], minlength=folds)
        assert sizes.sum() == count
        assert sizes.max() - sizes.min() <= 1


def test_the_mixture_leans_on_what_tells_most_and_is_calibrated() -> None:
    rng = np.random.default_rng(3)
    truth = rng.normal(0.5, 1.2, (1, 30_000))
    good = rng.random(30_000) < 1 / (1 + np.exp(-truth[0]))
    noise = rng.normal(size=truth.shape)
    mixture = mix([2 * truth + 1, noise], good)
    assert mixture.weights[0] == pytest.approx(0.5, abs=0.05)
    assert mixture.weights[1] < 0.05
    assert mixture.intercept == pytest.approx(-0.5, abs=0.1)
    joined = mixture.intercept + mixture.weights[0] * (2 * truth + 1)
    assert log_loss(joined, good) < log_loss(2 * truth + 1, good)


def test_few_rows_keep_the_weights_near_each_other() -> None:
    rng = np.random.default_rng(3)
    good = rng.random(60) < 0.6
    one = np.where(good, 1.0, -0.5)[None] + rng.normal(size=(1, 60))
    weights = mix([one, one + 0.3 * rng.normal(size=(1, 60))], good).weights
    assert min(weights) > 0.3


def test_the_plan_follows_from_the_table_and_the_limit_alone() -> None:
    small, large = plan_for(700, 20, 60), plan_for(1_000_000, 30, 60)
    assert small.repeats > large.repeats == 1
    assert small.rows == 700
    assert 5_000 <= large.rows < 1_000_000
    assert plan_for(1_000_000, 30, 10).rows <= large.rows
