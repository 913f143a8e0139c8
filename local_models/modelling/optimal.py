"""Bins of the greatest information value, by optbinning (constraint programming)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.domain.scorecard import CharacteristicKind
from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.cells import Cells, shortest_between
from local_models.modelling.columns import Column
from local_models.modelling.extra import need, quiet

LEAST_ROWS = 20  # fewer known values are not worth a solver


@dataclass(frozen=True)
class OptimalBins:
    """Where one column is to be cut, or which of its categories belong together."""

    splits: tuple[float, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()

    def labels(self, cells: Cells) -> Codes:
        """The bin of each cell; special values and missing have their own. The cells must be cut at every split."""
        if cells.kind is CharacteristicKind.NUMERIC:
            starts = np.array([-np.inf, *cells.cuts])
            main = np.searchsorted(np.array(self.splits), starts, side="right")
        else:
            of_level = {level: place for place, group in enumerate(self.groups) for level in group}
            rare = [of_level.get(cells.rare[0], len(self.groups))] if cells.rare else [len(self.groups)]
            main = np.array([of_level.get(level, len(self.groups)) for level in cells.levels] + rare)[: cells.main]
        rest = 1 + (int(main.max()) if len(main) else 0) + np.arange(cells.size - cells.main)
        return np.concatenate([main, rest]).astype(np.intp)


def optimal_bins(column: Column, special: tuple[float, ...], bad: Flags, trend: str | None = "auto") -> OptimalBins:
    """Fit the bins; ``trend`` is optbinning's ``monotonic_trend``, of the bad rate. No split where none separates."""
    if column.numbers is None:
        return _grouped(column, bad)
    chosen = ~np.isnan(column.numbers) & ~np.isin(column.numbers, special) & np.isfinite(column.numbers)
    numbers, outcome = column.numbers[chosen], bad[chosen].astype(int)
    if len(numbers) < LEAST_ROWS or not 0 < outcome.sum() < len(outcome) or len(np.unique(numbers)) < 2:
        return OptimalBins()
    with quiet():
        solver = need("optbinning").OptimalBinning(dtype="numerical", monotonic_trend=trend)
        solver.fit(numbers, outcome)
    return OptimalBins(splits=_readable(np.asarray(solver.splits, dtype=np.float64), np.unique(numbers)))


def _readable(splits: Floats, values: Floats) -> tuple[float, ...]:
    """Each split as the shortest number that parts the same values; the solver's own are halves in single precision."""
    above = np.unique(np.searchsorted(values, splits, side="left"))
    inside = above[(above > 0) & (above < len(values))]
    return tuple(shortest_between(float(values[at - 1]), float(values[at])) for at in inside)


def _grouped(column: Column, bad: Flags) -> OptimalBins:
    known = ~column.missing
    outcome = bad[known].astype(int)
    if known.sum() < LEAST_ROWS or not 0 < outcome.sum() < len(outcome):
        return OptimalBins()
    texts = np.array(column.levels, dtype=object)[column.text_codes[known]]
    if len(set(texts)) < 2:
        return OptimalBins()
    with quiet():
        solver = need("optbinning").OptimalBinning(dtype="categorical", cat_cutoff=None)
        solver.fit(texts, outcome)
    groups = (tuple(str(level) for level in sorted(group)) for group in solver.splits)
    return OptimalBins(groups=tuple(groups))
