"""Joining cells: monotone where asked, few bins, little lost, none too small."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.fitting import Trend
from app.domain.scorecard import CharacteristicKind
from local_models.modelling.binning import MAX_BINS, joined, monotone, segments, with_trend
from local_models.modelling.cells import Cells

floats = st.lists(st.floats(-3, 3), min_size=1, max_size=20)


@given(floats, st.booleans(), st.randoms(use_true_random=False))
def test_pooling_is_monotone_keeps_the_mean_and_is_closest(values: list[float], rising: bool, rng: object) -> None:
    effect = np.array(values)
    weights = np.array([rng.uniform(0.5, 5) for _ in values])  # type: ignore[attr-defined]
    found = monotone(effect, weights, rising)
    steps = np.diff(found)
    assert np.all(steps >= -1e-9) if rising else np.all(steps <= 1e-9)
    assert float(weights @ found) == pytest.approx(float(weights @ effect), abs=1e-6)
    other = np.sort(effect) if rising else -np.sort(-effect)
    assert float(weights @ (effect - found) ** 2) <= float(weights @ (effect - other) ** 2) + 1e-6


def test_a_trend_is_of_the_bad_rate() -> None:
    effect, weights = np.array([1.0, 0.5, 0.7, -1.0]), np.full(4, 100.0)
    assert np.all(np.diff(with_trend(effect, weights, Trend.ASCENDING)) <= 0)
    assert np.all(np.diff(with_trend(effect, weights, Trend.DESCENDING)) >= 0)
    assert with_trend(effect, weights, Trend.NONE) is effect


def test_auto_is_monotone_only_where_the_data_allow_it() -> None:
    dip = np.array([1.0, 0.5, 0.55, -1.0])
    valley = np.array([1.0, -1.0, 1.0])
    assert np.all(np.diff(with_trend(dip, np.full(4, 50.0), Trend.AUTO)) <= 0)
    assert np.array_equal(with_trend(valley, np.full(3, 50.0), Trend.AUTO), valley)


@settings(max_examples=60)
@given(floats, st.integers(1, 6), st.integers(1, 60))
def test_segments_are_contiguous_few_and_large_enough(values: list[float], most: int, least: int) -> None:
    rows = np.full(len(values), 20.0)
    labels = segments(np.array(values), rows, rows / 5, most, least)
    assert labels[0] == 0
    assert set(np.diff(labels)) <= {0, 1}
    assert labels[-1] + 1 <= most
    if labels[-1] > 0:
        assert np.bincount(labels, weights=rows).min() >= least


def test_steps_are_found_where_they_are() -> None:
    values = np.repeat([0.0, 1.0, -0.5], [4, 3, 5])
    labels = segments(values, np.full(12, 50.0), np.full(12, 10.0), 9, 10)
    assert labels.tolist() == np.repeat([0, 1, 2], [4, 3, 5]).tolist()


def test_special_values_and_missing_stay_apart() -> None:
    cells = Cells("x", CharacteristicKind.NUMERIC, cuts=(1.0, 2.0), special=(-9.0,))
    effects = np.array([0.5, 0.5, -0.5, 0.5, 0.9])
    labels, after = joined(cells, effects, np.array([100, 100, 100, 30, 3]), np.full(5, 20.0))
    assert labels.tolist() == [0, 0, 1, 2, 3]
    assert after[4] == 0, "three cases are too few to tell"
    assert after[3] == pytest.approx(0.5)


def test_there_are_never_more_bins_than_a_person_reads() -> None:
    cells = Cells("x", CharacteristicKind.NUMERIC, cuts=tuple(range(1, 20)), special=(-9.0, -8.0))
    rng = np.random.Generator(np.random.PCG64(51))
    labels, _ = joined(cells, rng.normal(size=cells.size), np.full(cells.size, 100), np.full(cells.size, 90.0))
    assert labels.max() + 1 <= MAX_BINS


def test_categories_are_joined_by_likeness_not_by_place() -> None:
    cells = Cells("x", CharacteristicKind.CATEGORY, levels=("a", "b", "c", "d"), ordered=False)
    effects = np.array([0.5, -0.5, 0.5, -0.5, 0.0, 0.0])
    rows = np.array([99, 99, 99, 99, 0, 0])
    labels, _ = joined(cells, effects, rows, rows / 5)
    assert labels[0] == labels[2] != labels[1] == labels[3]
