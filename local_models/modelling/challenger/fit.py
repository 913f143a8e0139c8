"""Fits a challenger: an additive part and boosted trees under monotone constraints, joined by cross-validation."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.errors import InputError
from local_models.challenger.features import Feature, FeatureKind, Matrix, encode_frame
from local_models.challenger.trees import Trees, joined
from local_models.modelling.challenger.additive import Additive, AdditiveProblem, additive_trees, bin_codes, learn_steps
from local_models.modelling.challenger.boosting import Recipe, boost, booster_trees, constraints, dataset
from local_models.modelling.challenger.card import OWN_WAYS, fit_card
from local_models.modelling.challenger.encoding import directions, kind_of, learn_feature, specials_of, varies
from local_models.modelling.challenger.tuning import (
    ADDITIVE,
    Candidate,
    Mixture,
    Tuning,
    fit_path,
    make_folds,
    mix,
    plan_for,
    stratified,
)
from local_models.modelling.extra import need

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PATIENCE = 5
LEAST_OF_EACH = 10
"""Goods and bads without which nothing can be cross-validated."""


@dataclass(frozen=True, slots=True)
class ChallengerOptions:
    """What a person may choose."""

    name: str = "challenger"
    columns: tuple[str, ...] = ()  # to look at; empty: all of the frame
    exclude: tuple[str, ...] = ()
    monotone: Mapping[str, str] = field(default_factory=dict)  # column -> "ascending" | "descending" of the bad rate
    special: Mapping[str, Sequence[float]] = field(default_factory=dict)  # column -> its special values; else found
    seconds: float = 60.0  # of processor time; tuning stops at 60 % of it, and the final fit follows
    seed: int = 0


@dataclass(frozen=True)
class FittedChallenger:
    """The challenger as it is written to its file, and what its parts were fitted as."""

    features: tuple[Feature, ...]
    trees: Trees  # their sum is the calibrated ln(good:bad)
    report: Mapping[str, Any]
    parts: Mapping[str, Any]  # part -> fitted additive part, or LightGBM's boosters
    mixture: Mapping[str, float]  # part -> weight, "intercept" -> intercept
    options: ChallengerOptions

    def log_odds(self, frame: pd.DataFrame) -> Floats:
        """Calibrated ln(good:bad) of every row."""
        return self.trees.raw(encode_frame(self.features, frame))


def fit_challenger(
    frame: pd.DataFrame,
    bad: Flags,
    options: ChallengerOptions | None = None,
    progress: Callable[[str], None] | None = None,
) -> FittedChallenger:
    """Fit on all rows of the frame; ``bad`` is the outcome, True for bad, shape ``(n_rows,)``.

    The same rows, options and versions give the same model, unless the clock cuts the tuning short, which the report
    says (``out_of_time``). Raises ``InputError`` for too few goods or bads or no usable column.
    """
    with need("threadpoolctl").threadpool_limits(limits=1):
        return _fit(frame, bad, options or ChallengerOptions(), progress or (lambda _: None))


def _fit(frame: pd.DataFrame, bad: Flags, options: ChallengerOptions, say: Callable[[str], None]) -> FittedChallenger:
    started = time.monotonic()
    good = _outcome(frame, bad)
    usable, left_out = _usable(frame, options)
    run = _Run(frame[list(usable)], good, usable, options)
    plan = plan_for(len(frame), len(usable), options.seconds)
    chosen = _tuning_rows(good, plan.rows, options.seed)
    folds = make_folds(run.frame.iloc[chosen], good[chosen], run.learn, plan, options.seed)
    tuning = Tuning(folds, good[chosen], plan, options.seed, _limit(options.seconds))
    candidates = tuning.run(say)
    mixture = mix([candidate.scores[candidate.best] for candidate in candidates], good[chosen])
    say("final")
    model = run.final(candidates, mixture, plan.penalties, plan.recipes, plan.bags)
    report = _report(candidates, mixture, len(chosen), good, left_out) | {
        "fingerprint": fingerprint(frame[list(usable)], ~good),
        "out_of_time": tuning.out_of_time,
        "seconds": time.monotonic() - started,
    }
    return FittedChallenger(**model, report=report, options=options)


def _limit(seconds: float) -> Callable[[], bool]:
    """Whether tuning has had its share of the time: processor time, so that a busy machine gives the same model.

    The clock counts as well, at ``PATIENCE`` times the limit.
    """
    processor, clock = time.process_time(), time.monotonic()
    share = 0.6 * seconds
    return lambda: time.process_time() - processor > share or time.monotonic() - clock > PATIENCE * share


def fingerprint(frame: pd.DataFrame, bad: Flags) -> str:
    """Hex SHA-256 over the columns' names, pandas' 64-bit hash of every row (index left out), and the outcome."""
    import pandas as pd

    digest = hashlib.sha256("\x1f".join(map(str, frame.columns)).encode())
    digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().astype("<u8").tobytes())
    digest.update(np.packbits(bad).tobytes() + str(len(bad)).encode())
    return digest.hexdigest()


class _Run:
    """One fitting: the rows, and how their columns are learnt."""

    def __init__(
        self, frame: pd.DataFrame, good: Flags, kinds: Mapping[str, FeatureKind], options: ChallengerOptions
    ) -> None:
        self.frame = frame
        self.good = good
        self.kinds = kinds
        self.options = options
        self.signs = directions(options.monotone, list(kinds))
        self.special = {name: options.special.get(name, specials_of(frame[name], kinds[name])) for name in kinds}

    def learn(self, frame: pd.DataFrame, good: Flags) -> tuple[Feature, ...]:
        """The encoding as these rows show it."""
        return tuple(
            learn_feature(
                frame[name],
                good,
                kind,
                monotone=self.signs[name],
                special=self.special[name],
            )
            for name, kind in self.kinds.items()
        )

    def final(
        self,
        candidates: Sequence[Candidate],
        mixture: Mixture,
        penalties: Sequence[float],
        recipes: Sequence[Recipe],
        bags: int,
    ) -> dict[str, Any]:
        """Fit every part that has weight on all rows."""
        features = self.learn(self.frame, self.good)
        rows = encode_frame(features, self.frame)
        chosen = {one.name: (one, weight) for one, weight in zip(candidates, mixture.weights, strict=True) if weight}
        by_name = {recipe.name: recipe for recipe in recipes}
        parts: dict[str, Any] = {}
        trees: list[Trees] = []
        additive, codes, inner = self._additive(features, rows, candidates[0], penalties)
        base = mixture.intercept
        rests = {ADDITIVE} | {recipe.name for recipe in recipes if recipe.on_additive}
        shared = sum(weight for name, (_, weight) in chosen.items() if name in rests)
        if shared:
            parts[ADDITIVE] = additive
            trees.append(additive_trees(additive, codes).scaled(shared))
            base += shared * additive.intercept
        ways = fit_card(features, self.frame, self.good) if chosen.keys() & set(OWN_WAYS) else {}
        for way in (each for each in OWN_WAYS if each in chosen):
            parts[way] = ways[way]
            trees.append(additive_trees(ways[way], bin_codes(ways[way].steps, rows)).scaled(chosen[way][1]))
            base += chosen[way][1] * ways[way].intercept
        for name, (one, weight) in chosen.items():
            if name not in by_name:
                continue
            offset = inner if by_name[name].on_additive else None
            parts[name] = self._boosters(features, rows, by_name[name], one.levels[one.best], offset, bags)
            trees += [booster_trees(each).scaled(weight / bags) for each in parts[name]]
        whole = joined(trees)
        weights = {"intercept": mixture.intercept} | {name: weight for name, (_, weight) in chosen.items()}
        return {"features": features, "trees": whole.raised(base), "parts": parts, "mixture": weights}

    def _additive(
        self, features: Sequence[Feature], rows: Matrix, tuned: Candidate, penalties: Sequence[float]
    ) -> tuple[Additive, NDArray[np.int64], Floats]:
        steps = learn_steps(features, rows)
        codes = bin_codes(steps, rows)
        path = fit_path(AdditiveProblem(steps, codes, self.good), penalties)
        return path[tuned.best], codes, path[tuned.best].raw(codes)

    def _boosters(
        self, features: Sequence[Feature], rows: Matrix, recipe: Recipe, rounds: int, offset: Floats | None, bags: int
    ) -> list[Any]:
        data = dataset(rows, self.good, offset=offset)
        signs = constraints(features)
        return [boost(data, recipe, signs, rounds, self.options.seed + 7919 * (bag + 1)) for bag in range(bags)]


def _outcome(frame: pd.DataFrame, bad: Flags) -> Flags:
    bad = np.asarray(bad)
    if bad.dtype != np.bool_ or bad.shape != (len(frame),):
        raise ValueError("bad must be one boolean a row")
    few = [word for word, count in (("good", int((~bad).sum())), ("bad", int(bad.sum()))) if count < LEAST_OF_EACH]
    if few:
        raise InputError(
            "target",
            f"There are fewer than {LEAST_OF_EACH} {' and '.join(few)} outcomes: a challenger cannot be tuned.",
            remedy="Give more rows, or check which value means bad.",
        )
    return np.asarray(~bad, dtype=np.bool_)


def _usable(frame: pd.DataFrame, options: ChallengerOptions) -> tuple[dict[str, FeatureKind], dict[str, str]]:
    """Kinds of the columns that are looked at, and why any other is not."""
    wanted = options.columns or tuple(str(name) for name in frame.columns)
    absent = [name for name in wanted if name not in frame.columns]
    if absent:
        raise InputError("columns", f"The table has no column {', '.join(absent)}.", remedy="Check the names.")
    usable: dict[str, FeatureKind] = {}
    left_out: dict[str, str] = {}
    for name in wanted:
        kind = kind_of(frame[name])
        if name in options.exclude:
            left_out[name] = "excluded"
        elif not varies(frame[name]):
            left_out[name] = "one value only"
        elif kind is None:
            left_out[name] = "neither number nor category"
        else:
            usable[name] = kind
    if not usable:
        raise InputError("columns", "No column is left to look at.", remedy="Exclude fewer columns.")
    return usable, left_out


def _tuning_rows(good: Flags, rows: int, seed: int) -> NDArray[np.intp]:
    """Positions of the rows that tuning uses, in their order; all of them where there are few."""
    if rows >= len(good):
        return np.arange(len(good))
    parts = -(-len(good) // rows)
    return np.flatnonzero(stratified(good, parts, np.random.default_rng([seed, 12])) == 0)


def _report(
    candidates: Sequence[Candidate], mixture: Mixture, rows: int, good: Flags, left_out: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "rows": len(good),
        "good": int(good.sum()),
        "bad": int((~good).sum()),
        "tuning_rows": rows,
        "parts": [
            {"name": one.name, "setting": one.levels[one.best], "loss": float(one.losses[one.best]), "weight": weight}
            for one, weight in zip(candidates, mixture.weights, strict=True)
        ],
        "intercept": mixture.intercept,
        "left_out": dict(left_out),
    }
