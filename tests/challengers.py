"""Tables with a known outcome and small challengers fitted on them, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from math import exp
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.domain.challenger import ChallengerScore, Contribution
from local_models.challenger.trees import TreeBuilder, Trees

if TYPE_CHECKING:
    import pandas as pd

    from local_models.modelling.challenger.fit import FittedChallenger

MONOTONE = {"income": "descending", "burden": "ascending"}  # of the bad rate


def a_table(rows: int, seed: int = 1) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Applications with numbers, missing and special values, a category, a boolean; the outcome follows a formula."""
    import pandas as pd

    rng = np.random.default_rng(seed)
    income, burden = rng.lognormal(7.5, 0.5, rows).round(2), rng.uniform(0, 80, rows).round(1)
    age, job = rng.integers(18, 80, rows).astype(float), rng.choice(["fixed", "part", "none", "rare"], rows)
    months = rng.integers(0, 120, rows).astype(float)
    owner = rng.random(rows) < 0.4
    log_odds = (
        1.2 + 1.1 * (np.log(income) - 7.5) - 0.03 * (burden - 40) + 0.8 * (job == "fixed") - 0.5 * (job == "none")
    )
    log_odds += 0.9 * ((months > 40) == owner)
    bad = rng.random(rows) > 1 / (1 + np.exp(-log_odds))
    months[rng.random(rows) < 0.1] = -9.0
    income[rng.random(rows) < 0.05] = np.nan
    frame = pd.DataFrame(
        {"income": income, "burden": burden, "age": age, "months": months, "job": job, "owner": owner, "same": 1}
    )
    frame.loc[rng.random(rows) < 0.03, "job"] = None
    return frame, bad


def a_challenger(rows: int = 600, seed: int = 1, **options: object) -> FittedChallenger:
    """Fitted on ``a_table``; needs the extra ``modelling``."""
    from local_models.modelling.challenger.fit import ChallengerOptions, fit_challenger

    frame, bad = a_table(rows, seed)
    return fit_challenger(frame, bad, ChallengerOptions(**({"monotone": MONOTONE, "seed": 3, "seconds": 39} | options)))  # type: ignore[arg-type]


def random_trees(rng: np.random.Generator, n_trees: int, n_columns: int, depth: int = 4) -> Trees:
    """Trees of random shape whose covers add up."""
    builder = TreeBuilder()
    for _ in range(n_trees):
        builder.start()
        _grow(builder, rng, n_columns, depth, float(rng.integers(50, 500)))
    return builder.trees()


def _grow(builder: TreeBuilder, rng: np.random.Generator, n_columns: int, depth: int, cover: float) -> int:
    if depth == 0 or rng.random() < 0.2:
        return builder.leaf(float(rng.normal()), cover)
    node = builder.split(
        int(rng.integers(n_columns)),
        float(rng.integers(-2, 3)),
        missing_left=bool(rng.random() < 0.5),
        cover=cover,
    )
    share = float(rng.uniform(0.1, 0.9))
    left = _grow(builder, rng, n_columns, depth - 1, cover * share)
    builder.join(node, left, _grow(builder, rng, n_columns, depth - 1, cover * (1 - share)))
    return node


class SteadyChallenger:
    """A challenger that gives every case the same log-odds, whatever it is asked."""

    name, sha256 = "steady", "5" * 64

    def __init__(self, log_odds: float, *names: str) -> None:
        self.names = names or ("employment.seniority_years", "employment.type")
        self.log_odds = log_odds
        self.asked: list[Mapping[str, Any]] = []

    def score(self, values: Mapping[str, Any]) -> ChallengerScore:
        self.asked.append(dict(values))
        pd = Decimal(1 / (1 + exp(self.log_odds))).quantize(Decimal("0.000001"))
        parts = tuple(Contribution(name, 0.25) for name in self.names)
        return ChallengerScore(self.name, self.sha256, pd, self.log_odds, self.log_odds - 0.5, parts)


def write_small(path: Path, best: float = 4.0, worst: float = -2.0, name: str = "second") -> str:
    """Write a challenger that splits seniority at five years, and return its SHA-256; needs ``onnx``."""
    from local_models.challenger.features import Feature, FeatureKind
    from local_models.modelling.challenger.fit import ChallengerOptions, FittedChallenger
    from local_models.modelling.challenger.onnx_writer import write_challenger

    builder = TreeBuilder()
    builder.start()
    node = builder.split(0, 5.0, missing_left=True, cover=100.0)
    builder.join(node, builder.leaf(worst, 40.0), builder.leaf(best, 60.0))
    report = {"rows": 100, "good": 70, "bad": 30, "fingerprint": "0" * 64, "tuning_rows": 100}
    parts = [{"name": "additive", "weight": 1.0, "loss": 0.4}]
    features = (Feature("employment.seniority_years", FeatureKind.NUMERIC, 1),)
    fitted = FittedChallenger(
        features,
        builder.trees(),
        report | {"out_of_time": [], "left_out": {}, "parts": parts},
        {},
        {"intercept": 0.0, "additive": 1.0},
        ChallengerOptions(name=name),
    )
    return write_challenger(fitted, path)
