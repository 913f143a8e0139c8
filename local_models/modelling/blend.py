"""Three ways to step functions of the columns, and the mixture of them that cross-validation upholds.

- ``optimal``: optbinning's bins, regression on their WoE;
- ``smooth``: each column's own penalised step function, regression on those;
- ``additive``: all step functions at once (``additive.py``).

Each is an intercept and one effect in ln(good:bad) a cell, so any mixture is one too, and becomes one scorecard.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from app.domain.fitting import BinSpec, Trend
from local_models.modelling import woe
from local_models.modelling.additive import Additive, Term, fit_additive, sum_of
from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.cells import Cells, cells_of, unordered_codes
from local_models.modelling.columns import Column
from local_models.modelling.metrics import auc, auc_difference_error
from local_models.modelling.optimal import OptimalBins, optimal_bins
from local_models.modelling.regression import non_negative

WAYS = ("optimal", "smooth", "additive")
QUARTERS = 4  # mixtures are tried in quarters
NEAR = 0.5  # standard errors within which two mixtures are as good
FEWEST_CELLS, MOST_CELLS = 8, 20
MOST_COLUMNS = 60
LEAST_GAIN = 2.0  # deviance less twice the parameters that a column must explain alone to be looked at
CV_ROWS = 10_000
FEW_ROWS, FEW_TURNS = 3_000, 2  # small samples are cross-validated twice
ENOUGH = 50  # of the rarer outcome, for five folds
UNORDERED_GAIN = 3.0  # deviance less twice the parameters by which codes must fit better without their order
Tick = Callable[[str], None]
Part = tuple[float, list[Floats]]  # intercept, effects by column and cell


@dataclass(frozen=True)
class Grid:
    """Columns cut into cells, and what each of them tells alone.

    ``coarse`` are cells made without looking at the outcome; ``cells`` are those cut further at optbinning's splits.
    """

    columns: tuple[Column, ...]
    cells: tuple[Cells, ...]
    coarse: tuple[Cells, ...]
    parents: tuple[Codes, ...]  # coarse cell of each cell
    bins: tuple[OptimalBins, ...]
    alone: tuple[Additive, ...]  # one-column models over the coarse cells
    places: Codes  # cells of the rows, shape (n_rows, n_columns)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(cells.name for cells in self.cells)

    @property
    def coarse_places(self) -> Codes:
        return np.column_stack([parent[self.places[:, at]] for at, parent in enumerate(self.parents)])

    def chosen(self, kept: Sequence[int]) -> Grid:
        """The same with some of the columns."""

        def some(row: tuple[Any, ...]) -> tuple[Any, ...]:
            return tuple(row[place] for place in kept)

        return Grid(
            some(self.columns),
            some(self.cells),
            some(self.coarse),
            some(self.parents),
            some(self.bins),
            some(self.alone),
            self.places[:, list(kept)],
        )


@dataclass(frozen=True)
class Choice:
    """The mixture cross-validation chose, its AUC there, and ln(good:bad) of the rows it was judged by."""

    shares: tuple[float, ...]
    auc: float
    odds: Floats
    bad: Flags


@dataclass(frozen=True)
class Parts:
    """The three ways fitted to one grid."""

    optimal: Part
    smooth: Part
    additive: Part
    model: Additive  # of ``additive``, to set out from again

    def __getitem__(self, way: str) -> Part:
        part: Part = getattr(self, way)
        return part


@dataclass(frozen=True)
class Shape:
    """A mixture: the additive score in ln(good:bad)."""

    intercept: float
    effects: tuple[Floats, ...]
    mixture: Mapping[str, float]  # share of each way

    def log_odds(self, places: Codes) -> Floats:
        return self.intercept + sum_of(self.effects, places)


def make_grid(
    columns: Sequence[Column], bad: Flags, trends: Mapping[str, Trend], by_hand: Mapping[str, BinSpec], tick: Tick
) -> Grid:
    """Cut the columns; at most ``MOST_COLUMNS`` go on, those that tell most alone (gain in log-likelihood).

    A column whose bins a person set goes on in any case, cut where they say.
    """
    most = int(np.clip(round(float(np.sqrt(min(bad.sum(), (~bad).sum())))), FEWEST_CELLS, MOST_CELLS))
    first = [_alone(column, by_hand.get(column.name), most, bad, trends[column.name], tick) for column in columns]
    gains = [np.inf if column.name in by_hand else row[2] for column, row in zip(columns, first, strict=True)]
    order = sorted(range(len(first)), key=lambda place: -gains[place])[:MOST_COLUMNS]
    kept = [place for place in sorted(order) if gains[place] > LEAST_GAIN]
    taken = tuple(columns[place] for place in kept)
    coarse = tuple(first[place][0] for place in kept)
    bins = tuple(
        _bins(column, cells, by_hand.get(column.name), bad, trends[column.name], tick)
        for column, cells in zip(taken, coarse, strict=True)
    )
    cells = tuple(row.with_cuts(best.splits) for row, best in zip(coarse, bins, strict=True))
    parents = tuple(row.parents(finer) for row, finer in zip(coarse, cells, strict=True))
    return Grid(taken, cells, coarse, parents, bins, tuple(first[place][1] for place in kept), places_of(cells, taken))


def _bins(column: Column, cells: Cells, spec: BinSpec | None, bad: Flags, trend: Trend, tick: Tick) -> OptimalBins:
    tick("binning")
    if spec is not None and (spec.edges is not None or spec.groups is not None):
        return OptimalBins(splits=tuple(spec.edges or ()), groups=tuple(spec.groups or ()))
    wanted = {Trend.AUTO: "auto", Trend.NONE: None}.get(trend, trend.value)
    return optimal_bins(column, cells.special, bad, wanted)


def places_of(cells: Sequence[Cells], columns: Sequence[Column]) -> Codes:
    """Cells of each row, shape (n_rows, n_columns)."""
    if not cells:
        return np.zeros((0, 0), dtype=np.intp)
    return np.column_stack([cell.places(column) for cell, column in zip(cells, columns, strict=True)])


def _alone(
    column: Column, spec: BinSpec | None, most: int, bad: Flags, trend: Trend, tick: Tick
) -> tuple[Cells, Additive, float]:
    """The column's cells, its own model and what it gains in deviance less twice its parameters.

    Whole numbers that do so much better without their order are taken as codes.
    """
    tick("columns")
    cells = cells_of(column, most, spec)
    model = _model(cells.places(column), cells, bad)
    gain = _gain(model, cells.places(column), bad)
    codes = unordered_codes(cells, column) if spec is None and trend in {Trend.AUTO, Trend.NONE} else None
    if codes is None:
        return cells, model, gain
    other = _model(codes.places(column), codes, bad)
    gain_without = _gain(other, codes.places(column), bad)
    return (codes, other, gain_without) if gain_without > gain + UNORDERED_GAIN else (cells, model, gain)


def _model(places: Codes, cells: Cells, bad: Flags) -> Additive:
    return fit_additive(places[:, None], [Term(cells.size, cells.in_order)], ~bad)


def _gain(model: Additive, places: Codes, bad: Flags) -> float:
    odds = model.log_odds(places[:, None])
    rate = float(bad.mean())
    null = -(rate * np.log(rate) + (1 - rate) * np.log(1 - rate))
    loss = float(np.mean(np.logaddexp(0, np.where(bad, odds, -odds))))
    return 2 * len(bad) * (float(null) - loss) - 2 * float(model.freedom.sum())


def parts(grid: Grid, bad: Flags, tick: Tick, start: Additive | None = None) -> Parts:
    """The three ways, each fitted to all rows of the grid; the third sets out from ``start``."""
    optimal = [
        _spread_woe(bins.labels(cells), grid.places[:, place], bad)
        for place, (bins, cells) in enumerate(zip(grid.bins, grid.cells, strict=True))
    ]
    terms = [Term(cells.size, cells.in_order) for cells in grid.coarse]
    additive = fit_additive(grid.coarse_places, terms, ~bad, lambda: tick("regression"), start)
    smooth = [model.effects[0][parent] for model, parent in zip(grid.alone, grid.parents, strict=True)]
    whole = [effect[parent] for effect, parent in zip(additive.effects, grid.parents, strict=True)]
    return Parts(
        optimal=_weighted(optimal, grid.places, bad),
        smooth=_weighted(smooth, grid.places, bad),
        additive=(additive.intercept, whole),
        model=additive,
    )


def _spread_woe(labels: Codes, places: Codes, bad: Flags) -> Floats:
    """Each cell's WoE, which is that of its bin."""
    size = int(labels.max()) + 1
    return woe.weights_of_evidence(*woe.counts(labels[places], size, bad))[labels]


def _weighted(effects: list[Floats], places: Codes, bad: Flags) -> Part:
    values = np.column_stack([effect[places[:, place]] for place, effect in enumerate(effects)])
    intercept, coefficients = non_negative(values, ~bad)
    return intercept, [float(factor) * effect for factor, effect in zip(coefficients, effects, strict=True)]


def mixtures() -> list[tuple[float, ...]]:
    """Shares of the three ways, in quarters, the simplest (all ``optimal``) first."""
    found = [row for row in product(range(QUARTERS + 1), repeat=len(WAYS)) if sum(row) == QUARTERS]
    return [tuple(share / QUARTERS for share in row) for row in sorted(found, reverse=True)]


def mixed(pieces: Parts, shares: Sequence[float], grid: Grid) -> Shape:
    """The mixture in those shares, each effect's mean over the sample being zero."""
    intercept = sum(share * pieces[way][0] for way, share in zip(WAYS, shares, strict=True))
    effects = []
    for place, cells in enumerate(grid.cells):
        total = np.zeros(cells.size)
        for way, share in zip(WAYS, shares, strict=True):
            total += share * pieces[way][1][place]
        mean = float(total[grid.places[:, place]].mean())
        intercept += mean
        effects.append(total - mean)
    return Shape(intercept, tuple(effects), dict(zip(WAYS, shares, strict=True)))


def folds_of(bad: Flags, count: int, seed: int) -> Codes:
    """Number of the fold each row is in, the same share of bads in each."""
    rng = np.random.Generator(np.random.PCG64(seed))
    found = np.zeros(len(bad), dtype=np.intp)
    for label in (True, False):
        members = rng.permutation(np.flatnonzero(bad == label))
        found[members] = np.arange(len(members)) % count
    return found


def choose_mixture(
    columns: Sequence[Column],
    bad: Flags,
    trends: Mapping[str, Trend],
    by_hand: Mapping[str, BinSpec],
    seed: int,
    tick: Tick,
) -> Choice:
    """The mean of the mixtures that cross-validation cannot tell from the best by their AUC.

    The error is that of the difference from the best, over the same rows. Every step, binning included, is done anew
    without the fold that is predicted.
    """
    columns, bad = _sampled(columns, bad, seed)
    turns = FEW_TURNS if len(bad) <= FEW_ROWS else 1
    odds = [_predicted(columns, bad, trends, by_hand, seed + turn, tick) for turn in range(turns)]
    return _averaged(odds, bad)


def _predicted(
    columns: Sequence[Column],
    bad: Flags,
    trends: Mapping[str, Trend],
    by_hand: Mapping[str, BinSpec],
    seed: int,
    tick: Tick,
) -> Floats:
    """ln(good:bad) of each row by each way, fitted without the row's fold; shape (n_ways, n_rows)."""
    count = 5 if min(bad.sum(), (~bad).sum()) >= ENOUGH else 3
    folds = folds_of(bad, count, seed)
    odds = np.zeros((len(WAYS), len(bad)))
    for fold in range(count):
        out = folds == fold
        grid = make_grid([column.part(~out) for column in columns], bad[~out], trends, by_hand, tick)
        if not grid.cells:
            continue
        held = {column.name: column.part(out) for column in columns}
        places = places_of(grid.cells, [held[name] for name in grid.names])
        pieces = parts(grid, bad[~out], tick)
        for way in WAYS:
            intercept, effects = pieces[way]
            odds[WAYS.index(way), out] = intercept + sum_of(effects, places)
    return odds


def _averaged(turns: Sequence[Floats], bad: Flags) -> Choice:
    """The mean of the mixtures whose AUC is within ``NEAR`` standard errors of the best one's."""
    offered = mixtures()
    points = [[np.asarray(shares) @ odds for shares in offered] for odds in turns]
    areas = np.mean([[auc(row, bad) for row in rows] for rows in points], axis=0)
    best = int(np.argmax(areas))
    errors = [
        np.mean([auc_difference_error(rows[best], rows[place], bad) for rows in points])
        for place in range(len(offered))
    ]
    near = [shares for place, shares in enumerate(offered) if areas[best] - areas[place] <= NEAR * errors[place]]
    shares = tuple(float(share) for share in np.mean(near, axis=0))
    odds = [np.asarray(shares) @ row for row in turns]
    return Choice(shares, float(np.mean([auc(row, bad) for row in odds])), odds[0], bad)


def _sampled(columns: Sequence[Column], bad: Flags, seed: int) -> tuple[list[Column], Flags]:
    """At most ``CV_ROWS`` rows, with the same share of bads."""
    if len(bad) <= CV_ROWS:
        return list(columns), bad
    chosen = folds_of(bad, -(-len(bad) // CV_ROWS), seed + 1) == 0
    return [column.part(chosen) for column in columns], bad[chosen]
