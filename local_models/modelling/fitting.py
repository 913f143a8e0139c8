"""Fits a scorecard on any table: guards, bins, regression, points, calibration, grades, figures, document."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from app.domain.fitting import BinSpec, FitOptions, Fitted, Trend
from app.domain.scorecard import Calibration, Scaling
from app.errors import InputError
from app.ports import Progress, no_progress
from local_models.modelling import guards, woe
from local_models.modelling.arrays import Codes, Flags
from local_models.modelling.binning import joined
from local_models.modelling.blend import WAYS, Choice, Grid, Parts, choose_mixture, make_grid, mixed, parts
from local_models.modelling.calibration import calibrated, pds, shrinkage
from local_models.modelling.characteristics import Binned, binned
from local_models.modelling.columns import Column, read_columns
from local_models.modelling.document import Measured, Written, document_of
from local_models.modelling.extra import need
from local_models.modelling.metrics import Interval, measured, psi
from local_models.modelling.points import whole_points
from local_models.modelling.regression import chance_of, inflation

if TYPE_CHECKING:
    import pandas as pd

LEAST_OF_EACH = 10  # goods and bads without which nothing can be cross-validated
LEAST_POINTS = 1.0  # distance between best and worst bin below which a column is not worth a place


@dataclass(frozen=True)
class Model:
    """The fitted scorecard before it is written down."""

    rows: tuple[Binned, ...]
    intercept: float
    points: tuple[Codes, ...]  # by bin
    line: Calibration
    choice: Choice
    dropped: Mapping[str, str]  # column -> why
    offered: Mapping[str, float]  # column -> information value of its bins

    def totals(self, columns: Mapping[str, Column]) -> Codes:
        """Points of each row of a table."""
        total = np.zeros(next(iter(columns.values())).rows, dtype=np.intp)
        for row, points in zip(self.rows, self.points, strict=True):
            total += points[row.labels[row.cells.places(columns[row.name])]]
        return total


def fit_scorecard(frame: pd.DataFrame, bad: Flags, options: FitOptions, progress: Progress = no_progress) -> Fitted:
    """Fit on the rows of the frame; ``bad`` is True for a bad outcome, shape (n_rows,).

    The same rows, options and versions of the extra give the same document. Raises ``InputError`` for outcomes or
    columns nothing can be fitted on, ``EnvironmentFault`` without the extra, and what ``progress`` raises.
    """
    started = time.monotonic()
    _check(bad)
    with need("threadpoolctl").threadpool_limits(limits=1):
        return _fitted(frame, bad, options, _ticker(progress), started)


def _ticker(progress: Progress) -> Any:
    done = [0]

    def tick(what: str) -> None:
        done[0] += 1
        progress(done[0], None, what)

    return tick


def _check(bad: Flags) -> None:
    for count, what in ((int(bad.sum()), "bads"), (int((~bad).sum()), "goods")):
        if count < LEAST_OF_EACH:
            raise InputError(
                "target",
                f"There are {count} {what}; a scorecard needs at least {LEAST_OF_EACH} of each.",
                remedy="Check the target column and the value that means bad, or give more rows.",
            )


def _fitted(frame: pd.DataFrame, bad: Flags, options: FitOptions, tick: Any, started: float) -> Fitted:
    held = held_out(bad, options.holdout, options.seed)
    found = guards.before_fitting(frame, bad, options, tick)
    out = {guard.column for guard in found if guard.excluded} | set(options.exclude)
    offered = [str(name) for name in frame.columns if name not in out]
    everything = read_columns(frame, offered)
    development = {name: column.part(~held) for name, column in everything.items()}
    model = fit_model(list(development.values()), bad[~held], options, tick)
    if not model.rows:
        raise InputError("table", "No column tells good from bad.", remedy="Check the target, or give other columns.")
    found += guards.after_fitting(model.rows, frame[~held], bad[~held], options)
    figures = _figures(model, everything, bad, held, options)
    document = document_of(_written(model), options, figures, found)
    return Fitted(document, tuple(found), _report(figures, bad, started))


def held_out(bad: Flags, share: float, seed: int) -> Flags:
    """The stratified hold-out: scikit-learn's ``train_test_split`` of the rows under this share and seed."""
    held = np.zeros(len(bad), dtype=bool)
    if share > 0:
        split = need("sklearn.model_selection").train_test_split
        _, chosen = split(np.arange(len(bad)), test_size=share, stratify=bad.astype(int), random_state=seed)
        held[chosen] = True
        _check(bad[~held])
    return held


def fit_model(columns: Sequence[Column], bad: Flags, options: FitOptions, tick: Any) -> Model:
    """Choose the mixture by cross-validation, fit it to all rows, join cells to bins, drop wrong signs, give points."""
    trends = {column.name: options.monotone.get(column.name, options.trend) for column in columns}
    choice = choose_mixture(columns, bad, trends, options.bins, options.seed, tick)
    grid = make_grid(columns, bad, trends, options.bins, tick)
    dropped = {column.name: "It tells nothing by itself." for column in columns if column.name not in grid.names}
    if not grid.cells:
        return Model((), 0.0, (), Calibration(Decimal(0), Decimal(1)), choice, dropped, {})
    offered = _information_values(grid, bad)
    grid, rows = _right_signs(grid, choice, bad, trends, options.bins, dropped, tick)
    scaling = Scaling(pdo=options.pdo, base_points=options.base_points, base_odds=options.base_odds)
    factor = shrinkage(choice.odds, choice.bad)
    scaled = [replace(row, effects=row.effects * factor) for row in rows]
    kept = [row for row in scaled if row.reach * scaling.factor >= LEAST_POINTS or row.name in options.bins]
    dropped |= {row.name: "It tells nothing beside the others." for row in scaled if row not in kept}
    return _pointed(kept, grid, bad, scaling, options, choice, dropped, offered)


def _information_values(grid: Grid, bad: Flags) -> dict[str, float]:
    """Information value of each column by optbinning's bins."""
    found = {}
    for place, (cells, bins) in enumerate(zip(grid.cells, grid.bins, strict=True)):
        labels = bins.labels(cells)
        found[cells.name] = woe.information_value(
            *woe.counts(labels[grid.places[:, place]], int(labels.max()) + 1, bad)
        )
    return found


def _right_signs(
    grid: Grid,
    choice: Choice,
    bad: Flags,
    trends: Mapping[str, Trend],
    by_hand: Mapping[str, BinSpec],
    dropped: dict[str, str],
    tick: Any,
) -> tuple[Grid, list[Binned]]:
    """Fit, and leave out the column that turns most against its own WoE, until none does."""
    pieces: Parts | None = None
    while True:
        pieces = parts(grid, bad, tick, None if pieces is None else pieces.model)
        rows = _joined(grid, pieces, choice, bad, trends, by_hand)
        turned = {place: row.slope * float(np.std(row.woe)) for place, row in enumerate(rows) if row.slope < 0}
        if not turned:
            return grid, rows
        worst = min(turned, key=lambda place: turned[place])
        dropped[rows[worst].name] = "Beside the others its sign turns."
        kept = [place for place in range(len(rows)) if place != worst]
        grid = grid.chosen(kept)
        pieces = replace(pieces, model=pieces.model.chosen(kept))


def _joined(
    grid: Grid,
    pieces: Parts,
    choice: Choice,
    bad: Flags,
    trends: Mapping[str, Trend],
    by_hand: Mapping[str, BinSpec],
) -> list[Binned]:
    shape = mixed(pieces, choice.shares, grid)
    chance = chance_of(shape.log_odds(grid.places))
    rows = []
    for place, cells in enumerate(grid.cells):
        at = grid.places[:, place]
        counts = np.bincount(at, minlength=cells.size)
        weights = np.bincount(at, weights=chance * (1 - chance), minlength=cells.size).astype(np.float64)
        spec = by_hand.get(cells.name)
        fixed = grid.bins[place].labels(cells) if spec and (spec.edges is not None or spec.groups is not None) else None
        labels, effects = joined(cells, shape.effects[place], counts, weights, trends[cells.name], fixed)
        rows.append(binned(cells, labels, effects, at, bad))
    return rows


def _pointed(
    rows: Sequence[Binned],
    grid: Grid,
    bad: Flags,
    scaling: Scaling,
    options: FitOptions,
    choice: Choice,
    dropped: Mapping[str, str],
    offered: Mapping[str, float],
) -> Model:
    intercept = float(np.log((~bad).sum() / bad.sum()))
    points = whole_points([row.effects for row in rows], intercept, scaling)
    for row, given in zip(rows, points, strict=True):
        for place, fixed in (options.bins[row.name].points if row.name in options.bins else {}).items():
            given[place] = fixed
    at = [grid.names.index(row.name) for row in rows]
    total = np.zeros(len(bad), dtype=np.intp)
    for row, place, given in zip(rows, at, points, strict=True):
        total += given[row.labels[grid.places[:, place]]]
    return Model(tuple(rows), intercept, tuple(points), calibrated(total, bad, scaling), choice, dropped, offered)


def _figures(model: Model, columns: Mapping[str, Column], bad: Flags, held: Flags, options: FitOptions) -> Measured:
    """Measure on the hold-out, or without one by cross-validation."""
    points = model.totals(columns)
    pd = pds(points, model.line)
    development = measured(points[~held].astype(np.float64), pd[~held], bad[~held], options.seed)
    split: dict[str, Any] = {"holdout_pct": round(100 * options.holdout), "seed": options.seed}
    if held.any():
        split |= {"method": "stratified by outcome (train_test_split of scikit-learn)"}
        sample, figures = "hold-out", measured(points[held].astype(np.float64), pd[held], bad[held], options.seed)
    else:
        split |= {"method": "none; measured by cross-validation on the development sample"}
        chance = chance_of(-model.choice.odds)
        sample, figures = "cross-validation", measured(model.choice.odds, chance, model.choice.bad, options.seed)
    at = held if held.any() else ~held
    split |= {"development": _counts(bad[~held])} | ({"holdout": _counts(bad[held])} if held.any() else {})
    return Measured(
        sample=sample,
        performance=figures,
        development=development,
        points=points[at],
        pd=pd[at],
        bad=bad[at],
        split=split,
        stability=_stability(model, columns, points, held) if held.any() else {},
        inflation=_inflation(model, columns, ~held),
        rows=len(bad),
    )


def _counts(bad: Flags) -> dict[str, int]:
    return {"good": int((~bad).sum()), "bad": int(bad.sum())}


def _stability(model: Model, columns: Mapping[str, Column], points: Codes, held: Flags) -> dict[str, float]:
    """PSI of the hold-out against the development sample: the score in tenths, and each characteristic's bins."""
    ends = np.unique(np.quantile(points[~held], np.arange(1, 10) / 10))
    tenth = np.searchsorted(ends, points, side="right")
    found = {"score": _psi(tenth, held)}
    for row in model.rows:
        found[row.name] = _psi(row.labels[row.cells.places(columns[row.name])], held)
    return found


def _psi(places: Codes, held: Flags) -> float:
    size = int(places.max()) + 1
    return psi(np.bincount(places[~held], minlength=size), np.bincount(places[held], minlength=size))


def _inflation(model: Model, columns: Mapping[str, Column], chosen: Flags) -> dict[str, float]:
    """Variance inflation factor of each characteristic's WoE."""
    matrix = [row.woe[row.labels[row.cells.places(columns[row.name])]][chosen] for row in model.rows]
    return dict(zip([row.name for row in model.rows], inflation(np.column_stack(matrix)).tolist(), strict=True))


def _written(model: Model) -> Written:
    return Written(
        rows=model.rows,
        points=model.points,
        line=model.line,
        intercept=model.intercept,
        mixture=dict(zip(WAYS, model.choice.shares, strict=True)),
        cross_validated_auc=model.choice.auc,
        dropped=model.dropped,
        offered=model.offered,
    )


def _report(figures: Measured, bad: Flags, started: float) -> dict[str, Any]:
    """Figures for the caller, as plain numbers."""
    found = figures.performance
    return {
        "rows": len(bad),
        "good": int((~bad).sum()),
        "bad": int(bad.sum()),
        "sample": figures.sample,
        "auc": _numbers(found.auc),
        "gini": _numbers(found.gini),
        "ks": _numbers(found.ks),
        "brier": _numbers(found.brier) if found.brier is not None else None,
        "seconds": round(time.monotonic() - started, 3),
    }


def _numbers(found: Interval) -> dict[str, float]:
    return {"value": round(found.value, 6), "low": round(found.low, 6), "high": round(found.high, 6)}
