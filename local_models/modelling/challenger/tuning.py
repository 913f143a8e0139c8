"""Repeated cross-validation of every candidate part, and the weights that join them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from local_models.challenger.features import Feature, Matrix, encode_frame
from local_models.modelling.challenger.additive import AdditiveProblem, bin_codes, learn_steps
from local_models.modelling.challenger.boosting import RECIPES, Recipe, boost, constraints, dataset, staged
from local_models.modelling.challenger.card import OWN_WAYS, fit_card
from local_models.modelling.extra import need

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Learn = Callable[["pd.DataFrame", Flags], Sequence[Feature]]

ADDITIVE = "additive"
CARD_ROWS = 10_000
"""Rows below which the scorecard's own ways are a part; above, the additive part tells the same at less cost."""

LEAST_WEIGHT = 0.03
SECONDS_A_REPEAT = 20.0
WIDE = 50  # columns
_TOWARDS_EQUAL = 100.0
"""Ridge that draws the weights of the parts to equal ones; it matters below a few thousand rows."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried; it follows from the size of the table and the time limit alone, never from the clock."""

    folds: int
    repeats: int
    rows: int  # of the table that take part in tuning
    penalties: tuple[float, ...]  # descending
    recipes: tuple[Recipe, ...]
    bags: int  # boosters of each recipe in the final model
    card: bool  # whether the scorecard's own ways are a part


def plan_for(rows: int, columns: int, seconds: float) -> Plan:
    """Repeats for small tables as far as the time allows, a part of the rows for large ones."""
    repeats = next((count for limit, count in ((1_500, 3), (5_000, 2)) if rows < limit), 1)
    repeats = 1 if columns > WIDE else max(1, min(repeats, int(seconds / SECONDS_A_REPEAT)))
    folds = 5 if rows < 20_000 else 4
    cells = max(1, int(seconds * 15_000))
    return Plan(
        folds=folds,
        repeats=repeats,
        rows=min(rows, max(5_000, cells // max(1, columns))),
        penalties=_penalties(rows, columns),
        recipes=RECIPES,
        bags=next((bags for limit, bags in ((60_000, 3), (200_000, 2)) if rows < limit), 1),
        card=rows < CARD_ROWS,
    )


def _penalties(rows: int, columns: int) -> tuple[float, ...]:
    """Descending; many columns need heavy ones, and many rows little choice."""
    if columns > WIDE:
        return (300.0, 100.0, 30.0)
    return (300.0, 100.0, 30.0, 10.0, 3.0) if rows < CARD_ROWS else (100.0, 10.0)


@dataclass(frozen=True)
class Fold:
    """One split of the rows: encoded by what the fitting part alone shows."""

    features: Sequence[Feature]
    fit_frame: pd.DataFrame
    fit_rows: Matrix
    fit_good: Flags
    test_rows: Matrix
    test: NDArray[np.intp]  # positions of the test rows


@dataclass
class Candidate:
    """One part at every level of its own setting, with its out-of-fold raw scores."""

    name: str
    levels: tuple[Any, ...]
    scores: Floats  # (n_levels, n_repeats, n_rows)
    losses: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def best(self) -> int:
        """Level of the smallest out-of-fold loss; the first of equals."""
        return int(np.argmin(self.losses))


def make_folds(frame: pd.DataFrame, good: Flags, learn: Learn, plan: Plan, seed: int) -> list[list[Fold]]:
    """Folds by repeat; stratified by outcome."""
    out = []
    for repeat in range(plan.repeats):
        labels = stratified(good, plan.folds, np.random.default_rng([seed, repeat]))
        out.append([_fold(frame, good, learn, labels == number) for number in range(plan.folds)])
    return out


def stratified(good: Flags, folds: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Fold number of each row; every fold has its share of good and bad."""
    labels = np.empty(len(good), dtype=np.intp)
    for outcome in (False, True):
        own = np.flatnonzero(good == outcome)
        labels[rng.permutation(own)] = np.arange(len(own)) % folds
    return labels


def _fold(frame: pd.DataFrame, good: Flags, learn: Learn, test: Flags) -> Fold:
    fit_frame, fit_good = frame[~test], good[~test]
    features = learn(fit_frame, fit_good)
    return Fold(
        features,
        fit_frame,
        encode_frame(features, fit_frame),
        fit_good,
        encode_frame(features, frame[test]),
        np.flatnonzero(test),
    )


class Tuning:
    """Out-of-fold scores of all candidates, as far as the time allows."""

    def __init__(self, folds: list[list[Fold]], good: Flags, plan: Plan, seed: int, over: Callable[[], bool]) -> None:
        self.folds = folds
        self.good = good
        self.plan = plan
        self.seed = seed
        self.over = over
        self.out_of_time: list[str] = []
        self._offsets: list[list[tuple[Floats, Floats]]] = []

    def run(self, progress: Callable[[str], None]) -> list[Candidate]:
        """The parts that matter most first; one the clock cut short is left out and named in ``out_of_time``."""
        progress(ADDITIVE)
        found = [self._additive()]
        first, *others = self.plan.recipes
        found += self._boosting((first,), found[0], progress)
        if self.plan.card:
            progress("scorecard")
            found += self._card()
        return found + self._boosting(others, found[0], progress)

    def _boosting(
        self, recipes: Sequence[Recipe], additive: Candidate, progress: Callable[[str], None]
    ) -> list[Candidate]:
        found = []
        for recipe in recipes:
            progress(recipe.name)
            candidate = self._boosted(recipe, additive)
            if candidate is None:
                self.out_of_time.append(recipe.name)
            elif candidate.levels[candidate.best]:  # no trees on top of the additive part are that part once more
                found.append(candidate)
        return found

    def _additive(self) -> Candidate:
        levels = tuple((penalty, adaptive) for adaptive in (False, True) for penalty in self.plan.penalties)
        scores = np.zeros((len(levels), self.plan.repeats, len(self.good)))
        fits = []
        for repeat, folds in enumerate(self.folds):
            row = []
            for fold in folds:
                problem, test, path = additive_path(fold, self.plan.penalties)
                for level, fitted in enumerate(path):
                    scores[level, repeat, fold.test] = fitted.raw(test)
                row.append([(fitted.raw(problem.codes), fitted.raw(test)) for fitted in path])
            fits.append(row)
        candidate = self._judged(ADDITIVE, levels, scores)
        self._offsets = [[fold[candidate.best] for fold in row] for row in fits]
        return candidate

    def _card(self) -> list[Candidate]:
        scores = {way: np.zeros((1, self.plan.repeats, len(self.good))) for way in OWN_WAYS}
        for repeat, folds in enumerate(self.folds):
            for fold in folds:
                for way, fitted in fit_card(fold.features, fold.fit_frame, fold.fit_good).items():
                    scores[way][0, repeat, fold.test] = fitted.raw(bin_codes(fitted.steps, fold.test_rows))
        return [self._judged(way, (True,), scores[way]) for way in OWN_WAYS]

    def _boosted(self, recipe: Recipe, additive: Candidate) -> Candidate | None:
        scores = np.zeros((len(recipe.rounds), self.plan.repeats, len(self.good)))
        for repeat, folds in enumerate(self.folds):
            for number, fold in enumerate(folds):
                if self.over():
                    return None
                inside, outside = self._offsets[repeat][number] if recipe.on_additive else (None, 0.0)
                data = dataset(fold.fit_rows, fold.fit_good, offset=inside)
                seed = self.seed + 1000 * repeat + number
                booster = boost(data, recipe, constraints(fold.features), recipe.rounds[-1], seed)
                scores[:, repeat, fold.test] = staged(booster, fold.test_rows, recipe.rounds) + outside
        return self._judged(recipe.name, recipe.rounds, scores)

    def _judged(self, name: str, levels: tuple[Any, ...], scores: Floats) -> Candidate:
        return Candidate(name, levels, scores, np.array([log_loss(level, self.good) for level in scores]))


def additive_path(fold: Fold, penalties: Sequence[float]) -> tuple[AdditiveProblem, NDArray[np.int64], list[Any]]:
    """Fits of the fold at all penalties, plain then adaptive, each started from its neighbour."""
    steps = learn_steps(fold.features, fold.fit_rows)
    problem = AdditiveProblem(steps, bin_codes(steps, fold.fit_rows), fold.fit_good)
    path = fit_path(problem, penalties)
    return problem, bin_codes(steps, fold.test_rows), path


def fit_path(problem: AdditiveProblem, penalties: Sequence[float]) -> list[Any]:
    """Plain fits at every penalty, then adaptive ones."""
    plain: list[Any] = []
    for penalty in penalties:
        plain.append(problem.fit(np.full(len(problem.steps), penalty), plain[-1].x if plain else None))
    first = plain[len(plain) // 2]
    adaptive = [problem.fit(problem.adapted(first, penalty), plain[at].x) for at, penalty in enumerate(penalties)]
    return plain + adaptive


def log_loss(raw: Floats, good: Flags) -> float:
    """Mean logistic loss of raw scores over the rows of all repeats."""
    return float(np.mean(np.logaddexp(0.0, raw) - raw * good))


@dataclass(frozen=True, slots=True)
class Mixture:
    """Weights of the parts and the intercept: ln(good:bad) = intercept + sum of weight times raw score."""

    intercept: float
    weights: tuple[float, ...]  # not negative


def mix(parts: Sequence[Floats], good: Flags) -> Mixture:
    """Weights that make the out-of-fold scores most likely, none negative; parts of little weight go.

    Being fitted on out-of-fold scores, the mixture is calibrated as well.
    """
    kept = list(range(len(parts)))
    while True:
        intercept, found = _mixed([parts[at] for at in kept], good)
        weak = [at for at, weight in zip(kept, found, strict=True) if weight < LEAST_WEIGHT * max(1e-9, sum(found))]
        if not weak or len(weak) == len(kept):
            break
        kept = [at for at in kept if at not in weak]
    weights = dict(zip(kept, found, strict=True))
    return Mixture(intercept, tuple(weights.get(at, 0.0) for at in range(len(parts))))


def _mixed(parts: Sequence[Floats], good: Flags) -> tuple[float, list[float]]:
    scores = np.stack(parts)  # (n_parts, n_repeats, n_rows)
    repeats, even = scores.shape[1], 1 / len(parts)
    outcome = good.astype(np.float64)

    def loss(x: Floats) -> tuple[float, Floats]:
        raw = x[0] + np.tensordot(x[1:], scores, axes=1)
        apart = x[1:] - even
        value = (np.logaddexp(0.0, raw) - raw * outcome).sum() / repeats + 0.5 * _TOWARDS_EQUAL * apart @ apart
        residual = (1 / (1 + np.exp(-raw)) - outcome) / repeats
        slopes = np.tensordot(scores, residual, axes=((1, 2), (0, 1))) + _TOWARDS_EQUAL * apart
        return float(value), np.concatenate([[residual.sum()], slopes])

    start = np.concatenate([[0.0], np.full(len(parts), even)])
    bounds = [(None, None), *[(0.0, None)] * len(parts)]
    minimize = need("scipy.optimize").minimize
    answer = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-12, "gtol": 1e-8})
    return float(answer.x[0]), [float(weight) for weight in answer.x[1:]]
