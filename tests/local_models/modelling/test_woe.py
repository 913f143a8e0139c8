"""WoE and information value."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_models.modelling import woe

counts = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400)), min_size=1, max_size=8)


def test_woe_worked_example() -> None:
    """30 of 90 goods and 5 of 50 bads: ln((30/90) / (5/50)) = 1.203973."""
    found = woe.weights_of_evidence(np.array([30, 60]), np.array([5, 45]))
    assert found[0] == pytest.approx(1.203973, abs=1e-6)


@given(counts)
def test_the_shares_by_which_woe_is_weighed_give_back_the_counts(bins: list[tuple[int, int]]) -> None:
    good, bad = (np.array([row[side] for row in bins]) for side in (0, 1))
    weights = woe.weights_of_evidence(good, bad)
    assert np.exp(weights) @ (bad / bad.sum()) == pytest.approx(1)
    assert woe.information_value(good, bad) == pytest.approx(
        float(((good / good.sum() - bad / bad.sum()) * weights).sum()), abs=1e-9
    )


@given(counts, st.integers(1, 6))
def test_information_never_rises_by_merging(bins: list[tuple[int, int]], at: int) -> None:
    good, bad = (np.array([row[side] for row in bins]) for side in (0, 1))
    at = min(at, len(bins) - 1)
    if at < 1:
        return
    merged = [np.concatenate([row[: at - 1], [row[at - 1] + row[at]], row[at + 1 :]]) for row in (good, bad)]
    assert woe.information_value(*merged) <= woe.information_value(good, bad) + 1e-9


def test_an_empty_bin_is_average_and_an_empty_side_finite() -> None:
    found = woe.weights_of_evidence(np.array([100, 0, 0]), np.array([50, 20, 0]))
    assert found[2] == 0
    assert math.isfinite(found[1])
    assert found[1] < -3
