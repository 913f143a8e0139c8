"""Boosted trees by LightGBM under monotone constraints, and their conversion to ``Trees``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from local_models.challenger.features import Feature, FeatureKind, Matrix
from local_models.challenger.trees import TreeBuilder, Trees
from local_models.modelling.extra import need

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Recipe:
    """One way to boost; the number of trees is chosen among ``rounds`` by cross-validation."""

    name: str
    leaves: int
    depth: int  # -1: no limit
    rate: float
    rounds: tuple[int, ...]  # ascending
    least_rows: int  # in a leaf
    column_share: float
    row_share: float
    ridge: float
    on_additive: bool = False  # boost what the additive part leaves over


RECIPES: tuple[Recipe, ...] = (
    Recipe("wide", 31, -1, 0.05, (20, 40, 80, 160, 240), 20, 0.6, 0.8, 0.0),
    Recipe("on-additive", 6, 3, 0.03, (0, 40, 80, 160, 320), 20, 0.5, 0.7, 5.0, on_additive=True),
    Recipe("small", 8, 5, 0.05, (30, 60, 120, 240, 360), 20, 0.5, 0.7, 1.0),
    Recipe("pairs", 4, 2, 0.05, (40, 80, 160, 320, 480), 20, 0.5, 0.7, 1.0),
)


def constraints(features: Sequence[Feature]) -> list[int]:
    """Direction of each column: the value of a constrained number; states and codes are free."""
    return [
        feature.monotone if feature.kind is FeatureKind.NUMERIC and place == 0 else 0
        for feature in features
        for place in range(feature.columns)
    ]


def parameters(recipe: Recipe, directions: Sequence[int], seed: int) -> dict[str, Any]:
    """LightGBM's parameters: one thread and fixed seeds, so that the same rows give the same trees."""
    out: dict[str, Any] = {
        "objective": "binary",
        "num_leaves": recipe.leaves,
        "max_depth": recipe.depth,
        "learning_rate": recipe.rate,
        "min_data_in_leaf": recipe.least_rows,
        "feature_fraction": recipe.column_share,
        "bagging_fraction": recipe.row_share,
        "bagging_freq": 1 if recipe.row_share < 1 else 0,
        "lambda_l2": recipe.ridge,
        "max_bin": 255,
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
        "seed": seed,
    }
    if any(directions):
        out |= {"monotone_constraints": list(directions), "monotone_constraints_method": "intermediate"}
    return out


def dataset(rows: Matrix, good: Flags, *, offset: Floats | None = None) -> Any:
    """LightGBM's own form of the rows; usable for every recipe."""
    return need("lightgbm").Dataset(
        rows,
        good.astype(np.float64),
        init_score=offset,
        params={"feature_pre_filter": False, "max_bin": 255, "verbosity": -1},
        free_raw_data=False,
    )


def boost(data: Any, recipe: Recipe, directions: Sequence[int], rounds: int, seed: int) -> Any:
    """Train ``rounds`` trees; returns LightGBM's booster, whose raw score is ln(good:bad) without any offset."""
    return need("lightgbm").train(parameters(recipe, directions, seed), data, num_boost_round=rounds)


def staged(booster: Any, rows: Matrix, rounds: Sequence[int]) -> Floats:
    """Raw scores after each number of trees, shape ``(len(rounds), n_rows)``; zero trees score zero."""
    out = np.zeros((len(rounds), len(rows)))
    total, done = np.zeros(len(rows)), 0
    for at, until in enumerate(rounds):
        if until > done:
            total = total + booster.predict(
                rows, raw_score=True, start_iteration=done, num_iteration=until - done, num_threads=1
            )
            done = until
        out[at] = total
    return out


def booster_trees(booster: Any) -> Trees:
    """The booster's trees; their sum is its raw score, missing values and infinities included."""
    builder = TreeBuilder()
    for tree in booster.dump_model()["tree_info"]:
        builder.start()
        _add_node(builder, tree["tree_structure"])
    return builder.trees()


def _add_node(builder: TreeBuilder, node: Mapping[str, Any]) -> int:
    if "split_feature" not in node:
        return builder.leaf(float(node["leaf_value"]), float(node.get("leaf_count", 1)))
    threshold = float(node["threshold"])
    # LightGBM reads NaN as zero where its split knows no missing values.
    missing_left = bool(node["default_left"]) if node["missing_type"] == "NaN" else threshold >= 0
    at = builder.split(
        int(node["split_feature"]), threshold, missing_left=missing_left, cover=float(node["internal_count"])
    )
    left = _add_node(builder, node["left_child"])
    builder.join(at, left, _add_node(builder, node["right_child"]))
    return at
