"""Optimal bins: their splits are short numbers that part the rows as the solver did."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("optbinning")

from app.domain.scorecard import CharacteristicKind
from local_models.modelling.columns import Column
from local_models.modelling.extra import need, quiet
from local_models.modelling.optimal import OptimalBins, optimal_bins


def a_column(rows: int = 3000) -> tuple[Column, np.ndarray]:
    rng = np.random.Generator(np.random.PCG64(51))
    ratio = rng.uniform(5, 25, rows).round(2)
    bad = rng.random(rows) < np.select([ratio < 9.47, ratio < 15], [0.1, 0.3], 0.6)
    return Column("ratio", CharacteristicKind.NUMERIC, numbers=ratio), bad


def test_splits_are_short_and_change_no_count() -> None:
    column, bad = a_column()
    assert column.numbers is not None
    found = optimal_bins(column, (), bad)
    with quiet():
        solver = need("optbinning").OptimalBinning(dtype="numerical", monotonic_trend="auto")
        solver.fit(column.numbers, bad.astype(int))
    assert len(found.splits) == len(solver.splits) >= 2
    for split, own in zip(found.splits, solver.splits, strict=True):
        assert len(f"{split:.12g}") <= 6, "two decimals, and a half of the last"
        assert ((column.numbers < split) == (column.numbers < own)).all()


def test_nothing_is_cut_where_nothing_can_be_told() -> None:
    column = Column("same", CharacteristicKind.NUMERIC, numbers=np.ones(100))
    assert optimal_bins(column, (), np.arange(100) % 3 == 0) == OptimalBins()
