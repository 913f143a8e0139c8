"""The scorecard's own ways as a part: what a scorecard of these rows would say, before it becomes points.

The ways of ``blend.py``; each column's effects are a step function, and so a tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from app.domain.fitting import Trend
from app.domain.scorecard import CharacteristicKind
from local_models.challenger.features import Feature, FeatureKind
from local_models.modelling.binning import monotone
from local_models.modelling.blend import WAYS, Grid, Shape, make_grid, mixed, parts
from local_models.modelling.cells import Cells
from local_models.modelling.challenger.additive import Additive, Steps
from local_models.modelling.columns import Column, read_columns

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

OWN_WAYS = {f"scorecard-{way}": way for way in WAYS}
"""Part of the challenger -> way of the scorecard."""


def fit_card(features: Sequence[Feature], frame: pd.DataFrame, good: Flags) -> dict[str, Additive]:
    """Fit ``OWN_WAYS`` on the rows of the frame; the steps are those of the features' columns."""
    columns = read_columns(frame, [feature.name for feature in features])
    trends = {feature.name: Trend.AUTO for feature in features}
    grid = make_grid(list(columns.values()), ~good, trends, {}, lambda _: None)
    if not grid.cells:
        rate = float(np.log(good.sum() / (~good).sum()))
        return dict.fromkeys(OWN_WAYS, _steps(features, grid, Shape(rate, (), {})))
    pieces = parts(grid, ~good, lambda _: None)
    alone = {part: [float(way == each) for each in WAYS] for part, way in OWN_WAYS.items()}
    return {part: _steps(features, grid, mixed(pieces, shares, grid)) for part, shares in alone.items()}


def _steps(features: Sequence[Feature], grid: Grid, shape: Shape) -> Additive:
    """The mixture as step functions of the encoded columns."""
    told: dict[str, tuple[Cells, Floats, NDArray[np.intp]]] = {}
    for place, cells in enumerate(grid.cells):
        counts = np.bincount(grid.places[:, place], minlength=cells.size)
        told[cells.name] = (cells, shape.effects[place], counts)
    builder = _Builder()
    for feature in features:
        builder.add(feature, told.get(feature.name))
    return builder.done(shape.intercept)


class _Builder:
    """Collects the steps of the encoded columns."""

    def __init__(self) -> None:
        self._steps: list[Steps] = []
        self._effects: list[Floats] = []
        self._first = 0

    def add(self, feature: Feature, told: tuple[Cells, Floats, NDArray[np.intp]] | None) -> None:
        """The steps of one feature; none where the scorecard does not look at it."""
        if told is None:
            for _ in range(feature.columns):
                self._put(np.empty(0), np.zeros(2))
        elif feature.kind is FeatureKind.NUMERIC:
            self._number(feature, *told)
        else:
            self._codes(feature, told[0], told[1])

    def done(self, intercept: float) -> Additive:
        return Additive(tuple(self._steps), intercept, np.concatenate(self._effects), np.empty(0))

    def _number(self, feature: Feature, cells: Cells, effects: Floats, counts: NDArray[np.intp]) -> None:
        """The value's intervals and missing; with special values, these and missing stand in the state column."""
        main, absent = effects[: cells.main], float(effects[-1])
        if feature.monotone:
            main = monotone(main, counts[: cells.main].astype(np.float64), rising=feature.monotone > 0)
        edges = np.nextafter(np.array(cells.cuts), -np.inf)  # an interval begins at its cut, a step ends at its edge
        if not feature.special:
            self._put(edges, np.append(main, absent))
            return
        self._put(edges, np.append(main, 0.0))
        values = np.array([*feature.special, np.nan])
        places = cells.places(Column(cells.name, CharacteristicKind.NUMERIC, numbers=values))
        states = np.concatenate([[0.0], effects[places]])
        self._put(np.arange(0.5, len(states) - 1), np.append(states, 0.0))

    def _codes(self, feature: Feature, cells: Cells, effects: Floats) -> None:
        known = dict(feature.categories or {})
        size = 1 + max([*known.values(), feature.unseen, feature.missing])
        by_code = np.zeros(size)
        column = Column(cells.name, cells.kind, codes=np.arange(len(known)), levels=tuple(known))
        for code, place in zip(known.values(), cells.places(column), strict=True):
            by_code[code] = effects[place]
        absent = Column(cells.name, cells.kind, codes=np.array([-1]), levels=())
        by_code[feature.missing] = effects[cells.places(absent)[0]]
        self._put(np.arange(0.5, size - 1), np.append(by_code, 0.0))

    def _put(self, edges: Floats, effects: Floats) -> None:
        """Add one column's steps; the last effect is that of NaN."""
        share = np.full(len(edges) + 1, 1 / (len(edges) + 1))
        self._steps.append(Steps(len(self._steps), edges, False, 0, True, self._first, share))
        self._effects.append(effects)
        self._first += len(effects)
