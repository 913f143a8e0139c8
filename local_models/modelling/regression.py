"""Logistic regression of ln(good:bad): plain with standard errors, and with coefficients that cannot turn negative."""

from __future__ import annotations

import numpy as np

from local_models.modelling.arrays import Flags, Floats

SMALLNESS = 1.0  # pull of the coefficients towards zero
EVENNESS = (1.0, 20.0)  # pull towards their mean: the least, and the most the restricted likelihood may ask for
STEPS, CLOSE, SETTLED = 50, 1e-9, 1e-4


def chance_of(odds: Floats) -> Floats:
    """1 / (1 + exp(-odds)) without overflow."""
    return 0.5 * (1 + np.tanh(odds / 2))


def logistic(x: Floats, good: Flags) -> tuple[Floats, Floats]:
    """Coefficients of ln(good:bad) and their standard errors, by Newton's method; ``x`` has shape (n_rows, n_columns).

    Raises ``numpy.linalg.LinAlgError`` where the columns are linearly dependent.
    """
    beta = np.zeros(x.shape[1])
    for _ in range(STEPS):
        chance = chance_of(x @ beta)
        information = (x * (chance * (1 - chance))[:, None]).T @ x
        step = np.linalg.solve(information, x.T @ (good - chance))
        step *= min(1.0, 10 / max(float(np.abs(step).max()), 1e-12))
        beta = beta + step
        if float(np.abs(step).max()) < CLOSE:
            break
    return beta, np.sqrt(np.diag(np.linalg.inv(information)))


def slope_of(odds: Floats, good: Flags) -> tuple[float, float]:
    """Intercept and slope of ln(good:bad) on one predictor, which is centred and scaled for the computation."""
    centre, scale = float(odds.mean()), float(odds.std()) or 1.0
    beta, _ = logistic(np.column_stack([np.ones(len(odds)), (odds - centre) / scale]), good)
    return float(beta[0] - beta[1] * centre / scale), float(beta[1] / scale)


def non_negative(x: Floats, good: Flags) -> tuple[float, Floats]:
    """Intercept and coefficients, none below zero, drawn towards their common mean and a little towards zero.

    How strongly towards the mean the restricted likelihood says (Fellner-Schall, as in ``additive.py``). A predictor
    in ln(good:bad) such as WoE should count for its own sign; one that would turn is left out (zero), the worst first,
    and the rest is fitted again.
    """
    count = x.shape[1]
    coefficients, kept = np.zeros(count), [place for place in range(count) if float(x[:, place].std()) > 1e-6]
    while True:
        intercept, found = _ridge(x[:, kept], good)
        if not kept or float(found.min()) >= 0:
            coefficients[kept] = found
            return intercept, coefficients
        del kept[int(np.argmin(found))]


def _ridge(x: Floats, good: Flags) -> tuple[float, Floats]:
    rows, count = x.shape
    rate = float(good.mean())
    beta = np.concatenate([[np.log(rate / (1 - rate))], np.full(count, 0.5)])
    full, pull = np.column_stack([np.ones(rows), x]), np.zeros((count + 1, count + 1))
    apart = np.eye(count) - 1 / max(count, 1)  # squares of the distances from the mean
    evenness, settled = EVENNESS[0], False
    for _ in range(STEPS):
        pull[1:, 1:] = SMALLNESS * np.eye(count) + evenness * apart
        chance = chance_of(full @ beta)
        weights = np.maximum(chance * (1 - chance), 1e-6)
        cover = np.linalg.inv((full * weights[:, None]).T @ full + pull)
        step = cover @ (full.T @ (good - chance) - pull @ beta)
        step *= min(1.0, 2 / max(float(np.abs(step).max()), 1e-12))
        beta = beta + step
        if settled and float(np.abs(step).max()) < CLOSE:
            break
        before, evenness = evenness, _evenness(beta[1:], cover[1:, 1:], apart, evenness)
        settled = abs(evenness / before - 1) < SETTLED
    return float(beta[0]), beta[1:]


def _evenness(coefficients: Floats, cover: Floats, apart: Floats, before: float) -> float:
    """The next strength of the pull towards the mean; ``cover`` is the coefficients' covariance."""
    count = len(coefficients)
    if count < 2:
        return before
    free = (count - 1) / (before + SMALLNESS) - float(np.trace(cover @ apart))
    ratio = max(free, 1e-12) / max(float(coefficients @ apart @ coefficients), 1e-12)
    return float(np.clip(before * np.clip(ratio, 0.2, 5.0), *EVENNESS))


def inflation(x: Floats) -> Floats:
    """Variance inflation factor of each column: 1 / (1 - R²) against all others; at most 1e6."""
    if x.shape[1] < 2:
        return np.ones(x.shape[1])
    spread = x.std(axis=0)
    scaled = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    correlation = scaled.T @ scaled / len(x) + 1e-6 * np.eye(x.shape[1])
    found: Floats = np.clip(np.diag(np.linalg.inv(correlation)), 1, 1e6)
    return found
