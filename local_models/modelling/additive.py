"""An additive logistic model: ln(good:bad) = intercept + one step function a column.

Each step function is penalised by the squared steps between neighbouring cells and, where they have an order, by their
changes of slope; cells without an order (categories, special values, missing) by their squares. Each column has its own
strengths, found by the generalised Fellner-Schall iteration for the restricted likelihood (Wood and Fasiolo, Biometrics
73, 2017); a column that tells nothing beside the others is shrunk to zero and leaves the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from local_models.modelling.arrays import Codes, Flags, Floats
from local_models.modelling.regression import chance_of

ROUNDS = 40
START, WEAKEST, STRONGEST = 5.0, 0.05, 1e6
SETTLED = 0.02  # effective parameters by which a column may still change when the search ends
LEAST_FOR_SLOPES = 4  # cells in order from which changes of slope are penalised too


@dataclass(frozen=True, slots=True)
class Term:
    """The cells of one column: how many, and how many of the leading ones follow one another."""

    size: int
    in_order: int

    def penalties(self) -> list[Floats]:
        """Penalty matrices, shape (size, size) each."""
        steps = np.eye(self.size)
        ends = np.eye(self.in_order)
        if self.in_order < 2:
            return [steps]
        first, second = np.diff(ends, axis=0), np.diff(ends, 2, axis=0)
        steps[: self.in_order, : self.in_order] = first.T @ first
        if self.in_order < LEAST_FOR_SLOPES:
            return [steps]
        slopes = np.zeros_like(steps)
        slopes[: self.in_order, : self.in_order] = second.T @ second
        return [steps, slopes]


@dataclass(frozen=True)
class Additive:
    """A fitted model: effects in ln(good:bad) by column and cell, their mean over the sample being zero."""

    intercept: float
    effects: tuple[Floats, ...]
    freedom: Floats  # effective parameters of each column
    strengths: tuple[tuple[float, ...], ...]  # of each column's penalties

    def log_odds(self, places: Codes) -> Floats:
        """ln(good:bad) of each row; ``places`` has shape (n_rows, n_columns)."""
        return self.intercept + sum_of(self.effects, places)

    def chosen(self, kept: Sequence[int]) -> Additive:
        """The same of some of the columns."""
        effects = tuple(self.effects[place] for place in kept)
        strengths = tuple(self.strengths[place] for place in kept)
        return Additive(self.intercept, effects, self.freedom[list(kept)], strengths)


def sum_of(effects: Sequence[Floats], places: Codes) -> Floats:
    """Sum over the columns of each row's effect."""
    total = np.zeros(len(places))
    for column, effect in enumerate(effects):
        total += effect[places[:, column]]
    return total


@dataclass
class _Search:
    """Where the iteration stands."""

    places: Codes
    good: Floats
    terms: Sequence[Term]
    penalties: list[list[Floats]]
    strengths: list[list[float]]
    effects: list[Floats]
    shares: list[Floats]
    intercept: float
    active: list[int]
    freedom: Floats
    ranks: list[int] = field(default_factory=list)

    def penalty(self, column: int) -> Floats:
        pairs = zip(self.strengths[column], self.penalties[column], strict=True)
        total: Floats = np.sum([strength * matrix for strength, matrix in pairs], axis=0)
        return total

    def blocks(self) -> list[slice]:
        """Where each active column's parameters lie behind the intercept."""
        ends = np.cumsum([1, *(self.terms[column].size for column in self.active)])
        return [slice(int(a), int(b)) for a, b in pairwise(ends)]


def fit_additive(
    places: Codes,
    terms: Sequence[Term],
    good: Flags,
    tick: Callable[[], None] = lambda: None,
    start: Additive | None = None,
) -> Additive:
    """Fit to the rows' cells, shape (n_rows, n_columns). ``tick`` is called every round and may raise ``Cancelled``.

    ``start`` is a model of the same terms from which the search sets out.
    """
    search = _start(places, terms, good)
    if start is not None:
        search.intercept, search.effects = start.intercept, list(start.effects)
        search.strengths = [list(row) for row in start.strengths]
    for turn in range(ROUNDS):
        tick()
        before = search.freedom.copy()
        for _ in range(2 if turn < 3 and start is None else 1):
            inverse = _newton_step(search)
        _strengthen(search, inverse)
        if not search.active or (turn > 2 and float(np.abs(search.freedom - before).max()) < SETTLED):
            break
    strengths = tuple(tuple(row) for row in search.strengths)
    return Additive(search.intercept, tuple(search.effects), search.freedom, strengths)


def _start(places: Codes, terms: Sequence[Term], good: Flags) -> _Search:
    penalties = [term.penalties() for term in terms]
    counts = [np.bincount(places[:, column], minlength=term.size) for column, term in enumerate(terms)]
    rate = float(good.mean())
    return _Search(
        places=places,
        good=good.astype(np.float64),
        terms=terms,
        penalties=penalties,
        strengths=[[START] * len(matrices) for matrices in penalties],
        effects=[np.zeros(term.size) for term in terms],
        shares=[count / len(good) for count in counts],
        intercept=float(np.log(rate / (1 - rate))),
        active=[column for column, count in enumerate(counts) if (count > 0).sum() > 1],
        freedom=np.zeros(len(terms)),
        ranks=[int(np.linalg.matrix_rank(matrices[0])) for matrices in penalties],
    )


def _newton_step(search: _Search) -> Floats:
    """One step towards the penalised maximum; returns the inverse of the penalised information."""
    odds = search.intercept + sum_of(search.effects, search.places)
    chance = chance_of(odds)
    weights, gap = np.maximum(chance * (1 - chance), 1e-6), search.good - chance
    information, blocks = _information(search, weights), search.blocks()
    slope = np.zeros(len(information))
    slope[0] = gap.sum()
    for column, block in zip(search.active, blocks, strict=True):
        shares = search.shares[column]
        pull = search.penalty(column) + len(gap) * np.outer(shares, shares) + 1e-8 * np.eye(len(shares))
        information[block, block] += pull
        sums = np.bincount(search.places[:, column], weights=gap, minlength=len(shares))
        slope[block] = sums - pull @ search.effects[column]
    inverse = np.asarray(np.linalg.inv(information), dtype=np.float64)
    step = np.asarray(inverse @ slope, dtype=np.float64)
    step = step * min(1.0, 4 / max(float(np.abs(step).max()), 1e-12))
    search.intercept += float(step[0])
    for column, block in zip(search.active, blocks, strict=True):
        search.effects[column] = search.effects[column] + step[block]
    return inverse


def _information(search: _Search, weights: Floats) -> Floats:
    """Fisher information of intercept and cells, by cross-tabulation of each pair of columns."""
    blocks = search.blocks()
    size = blocks[-1].stop if blocks else 1
    table = np.zeros((size, size))
    table[0, 0] = weights.sum()
    for position, (column, block) in enumerate(zip(search.active, blocks, strict=True)):
        own = search.places[:, column]
        sums = np.bincount(own, weights=weights, minlength=search.terms[column].size)
        table[0, block] = table[block, 0] = sums
        table[block, block] = np.diag(sums)
        for other, across in list(zip(search.active, blocks, strict=True))[position + 1 :]:
            width = search.terms[other].size
            cross = np.bincount(
                own * width + search.places[:, other], weights=weights, minlength=len(sums) * width
            ).reshape(-1, width)
            table[block, across] = cross
            table[across, block] = cross.T
    return table


def _strengthen(search: _Search, inverse: Floats) -> None:
    """Move each column's strengths towards the restricted likelihood's; let a column go that is shrunk to nothing."""
    for column, block in zip(list(search.active), search.blocks(), strict=True):
        cover, effect, penalty = inverse[block, block], search.effects[column], search.penalty(column)
        search.freedom[column] = len(effect) - 1 - float(np.trace(cover @ penalty))
        back = np.linalg.pinv(penalty, hermitian=True) if len(search.strengths[column]) > 1 else None
        for place, matrix in enumerate(search.penalties[column]):
            old = search.strengths[column][place]
            share = search.ranks[column] / old if back is None else float(np.trace(back @ matrix))
            spare = max(share - float(np.trace(cover @ matrix)), 1e-12)
            ratio = spare / max(float(effect @ matrix @ effect), 1e-12)
            search.strengths[column][place] = float(np.clip(old * np.clip(ratio, 0.2, 8.0), WEAKEST, STRONGEST))
        if search.strengths[column][0] >= 0.99 * STRONGEST:
            search.effects[column] = np.zeros(len(effect))
            search.freedom[column] = 0.0
            search.active.remove(column)
