"""AUC, KS, Brier and PSI against their definitions; DeLong against the bootstrap."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_models.modelling import metrics

totals = st.lists(st.integers(400, 420).map(float), min_size=1, max_size=25)
counts = st.lists(st.integers(0, 500), min_size=2, max_size=8)


def sample(goods: list[float], bads: list[float]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(goods + bads), np.array([False] * len(goods) + [True] * len(bads))


@given(goods=totals, bads=totals)
def test_auc_and_ks_are_those_of_their_definitions(goods: list[float], bads: list[float]) -> None:
    points, bad = sample(goods, bads)
    wins = sum((g > b) + (g == b) / 2 for g, b in itertools.product(goods, bads))
    assert math.isclose(metrics.auc(points, bad), wins / len(goods) / len(bads), abs_tol=1e-9)
    gaps = [
        abs(sum(b <= cut for b in bads) / len(bads) - sum(g <= cut for g in goods) / len(goods))
        for cut in {*goods, *bads}
    ]
    assert math.isclose(metrics.ks(points, bad), max(gaps), abs_tol=1e-9)


def test_delong_agrees_with_the_bootstrap() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    bad = rng.random(900) < 0.25
    points = np.round(rng.normal(500, 30, 900) - 30 * bad)
    goods, bads = points[~bad], points[bad]
    drawn = []
    for _ in range(600):
        row, label = sample(list(rng.choice(goods, len(goods))), list(rng.choice(bads, len(bads))))
        drawn.append(metrics.auc(row, label))
    assert metrics.auc_error(points, bad) == pytest.approx(float(np.std(drawn)), rel=0.12)


def test_the_error_of_a_difference_counts_that_the_cases_are_the_same() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    bad = rng.random(1000) < 0.3
    points = rng.normal(size=1000) - bad
    nearly = points + 0.01 * rng.normal(size=1000)
    assert metrics.auc_difference_error(points, points, bad) == 0
    assert metrics.auc_difference_error(points, nearly, bad) < metrics.auc_error(points, bad) / 5


def test_intervals_hold_the_figure_and_narrow_with_more_cases() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    widths = []
    for rows in (200, 5000):
        bad = rng.random(rows) < 0.3
        points = rng.normal(500, 30, rows).round() - 25 * bad
        found = metrics.measured(points, np.full(rows, 0.3), bad, seed=1)
        for figure in (found.auc, found.gini, found.ks, found.brier):
            assert figure is not None
            assert figure.low < figure.value < figure.high
        widths.append(found.auc.high - found.auc.low)
    assert widths[1] < widths[0] / 3


def test_gini_is_twice_the_auc_less_one() -> None:
    points, bad = sample([3.0, 4.0, 5.0, 9.0], [1.0, 4.0])
    found = metrics.measured(points, None, bad, seed=1)
    assert found.gini.value == pytest.approx(2 * found.auc.value - 1)
    assert found.brier is None


@given(counts)
def test_psi_is_zero_for_itself_and_never_below(before: list[int]) -> None:
    assert metrics.psi(before, before) == 0
    assert metrics.psi(before, [3 * count for count in before]) == pytest.approx(0, abs=1e-9)
    assert metrics.psi(before, list(reversed(before))) >= -1e-12


def test_psi_worked_example() -> None:
    """50/50 to 60/40: 0.1 ln(0.6/0.5) - 0.1 ln(0.4/0.5) = 0.040547."""
    assert metrics.psi([50, 50], [60, 40]) == pytest.approx(0.0405465, abs=1e-6)


def test_brier_worked_example() -> None:
    assert metrics.brier(np.array([0.2, 0.9]), np.array([False, True])) == pytest.approx((0.04 + 0.01) / 2)
