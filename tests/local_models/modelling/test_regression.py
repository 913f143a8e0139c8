"""Known coefficients come back; no coefficient turns negative."""

from __future__ import annotations

import numpy as np
import pytest

from local_models.modelling.regression import chance_of, inflation, logistic, non_negative, slope_of


def drawn(rows: int, truth: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.Generator(np.random.PCG64(seed))
    x = np.column_stack([np.ones(rows), rng.normal(size=(rows, len(truth) - 1))])
    return x, rng.random(rows) < chance_of(x @ truth)


def test_the_regression_recovers_known_coefficients() -> None:
    truth = np.array([0.9, 0.7, -0.4, 1.3])
    x, good = drawn(40_000, truth, 11)
    beta, errors = logistic(x, good)
    assert np.all(np.abs(beta - truth) < 4 * errors)
    assert np.all(errors < 0.03)


def test_a_line_is_recovered_far_from_zero() -> None:
    rng = np.random.Generator(np.random.PCG64(12))
    points = rng.integers(420, 640, 60_000).astype(float)
    good = rng.random(60_000) < chance_of(-18 + 0.035 * points)
    intercept, slope = slope_of(points, good)
    assert slope == pytest.approx(0.035, rel=0.05)
    assert intercept == pytest.approx(-18, rel=0.05)


def test_coefficients_are_near_the_truth_and_never_negative() -> None:
    x, good = drawn(20_000, np.array([0.5, 0.8, -0.6, 0.3]), 13)
    intercept, found = non_negative(x[:, 1:], good)
    assert found[1] == 0
    assert found[0] == pytest.approx(0.75, abs=0.1)
    assert found[2] == pytest.approx(0.28, abs=0.1)
    assert np.isfinite(intercept)


def test_many_copies_of_one_predictor_share_its_weight() -> None:
    x, good = drawn(5_000, np.array([0.2, 1.0]), 14)
    rng = np.random.Generator(np.random.PCG64(15))
    copies = x[:, [1]] + 0.05 * rng.normal(size=(5_000, 30))
    _, found = non_negative(copies, good)
    assert found.min() >= 0
    assert found.sum() == pytest.approx(1.0, abs=0.1)


def test_few_rows_draw_coefficients_together_as_far_as_the_likelihood_asks() -> None:
    """Eight predictors that count alike: the estimates scatter less than without the pull, about the same mean."""
    truth = np.array([0.3, *[0.4] * 8])
    apart, free = [], []
    for seed in range(20, 26):
        x, good = drawn(200, truth, seed)
        _, found = non_negative(x[:, 1:], good)
        plain, _ = logistic(x, good)
        apart.append(found.std())
        free.append(plain[1:].std())
        assert found.mean() == pytest.approx(0.4, abs=0.15)
    assert np.mean(apart) < 0.7 * np.mean(free)


def test_coefficients_that_differ_stay_apart() -> None:
    truth = np.array([0.3, 0.1, 0.1, 0.4, 0.9, 1.3])
    x, good = drawn(10_000, truth, 30)
    _, found = non_negative(x[:, 1:], good)
    assert found == pytest.approx(truth[1:], abs=0.1)


def test_one_predictor_and_none() -> None:
    x, good = drawn(4_000, np.array([0.3, 0.8]), 31)
    _, found = non_negative(x[:, 1:], good)
    assert found == pytest.approx([0.8], abs=0.1)
    intercept, nothing = non_negative(np.zeros((len(good), 0)), good)
    assert not len(nothing)
    assert intercept == pytest.approx(np.log(good.mean() / (1 - good.mean())))


def test_inflation_worked_example() -> None:
    """Two columns of correlation r: 1 / (1 - r²)."""
    rng = np.random.Generator(np.random.PCG64(16))
    first = rng.normal(size=50_000)
    second = 0.8 * first + 0.6 * rng.normal(size=50_000)
    found = inflation(np.column_stack([first, second]))
    assert found == pytest.approx([1 / 0.36, 1 / 0.36], rel=0.03)
    assert inflation(first[:, None]) == pytest.approx([1.0])


def test_chances_do_not_overflow() -> None:
    assert chance_of(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
