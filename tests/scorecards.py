"""Scorecard documents for tests: a small one, and any that Hypothesis can think of."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

NUMERIC = (
    "employment.seniority_years",
    "request.term_months",
    "request.amount",
    "income.net_monthly",
    "income.net_monthly_stated",
    "ratio.financed_pct",
    "ratio.free_income_cover",
    "ratio.assets_to_amount",
)
CODES = ("C1-05", "C1-07", "C1-08", "CW-02")
_ZERO = {"value": "0", "low": "0", "high": "0"}


def a_bin(points: int, **spec: Any) -> dict[str, Any]:
    return spec | {"points": points, "woe": "0", "good": 10, "bad": 5}


def a_characteristic(
    name: str, kind: str, bins: Sequence[dict[str, Any]], *, neutral: int | None = None, code: str = "C1-08"
) -> dict[str, Any]:
    points = [entry["points"] for entry in bins]
    neutral = min(points) if neutral is None else neutral
    return {
        "name": name,
        "kind": kind,
        "reason_code": code,
        "neutral_points": neutral,
        "coefficient": "1",
        "bins": list(bins),
    }


def a_document(characteristics: Sequence[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A valid document around the characteristics."""
    document = {
        "format": "caseworth-scorecard/1",
        "name": "small",
        "version": "1.0.0",
        "title": {"en": "Small", "zh": "小"},
        "author": "Test",
        "target": {"good": "repaid", "bad": "not repaid"},
        "scaling": {"base_points": 600, "base_odds_good_bad": "30", "pdo": "20"},
        "intercept": "1",
        "characteristics": list(characteristics),
        "calibration": {"intercept": "-17.3", "slope": "0.0345"},
        "grades": [{"name": "A", "minimum_points": 100}, {"name": "B", "minimum_points": None}],
        "excluded": [{"name": "applicant.age", "why": "Prohibited basis."}],
        "proxies": [],
        "fit": {
            "data": {"file": "data.csv", "sha256": "0" * 64, "rows": 15},
            "split": {"method": "stratified", "holdout_pct": 30, "seed": 1},
            "performance": {
                "sample": "hold-out",
                "good": 10,
                "bad": 5,
                "auc": _ZERO,
                "gini": _ZERO,
                "ks": _ZERO,
                "confidence_pct": 95,
                "resamples": 100,
                "seed": 1,
            },
        },
    }
    return copy.deepcopy(document | changes)


def small_document() -> dict[str, Any]:
    """Three characteristics: seniority with a special value, employment, adverse records."""
    return a_document(
        [
            a_characteristic(
                "employment.seniority_years",
                "numeric",
                [
                    a_bin(10, **{"from": None, "to": "2"}),
                    a_bin(30, **{"from": "2", "to": "10.5"}),
                    a_bin(50, **{"from": "10.5", "to": None}),
                    a_bin(5, special=["-1", "99"]),
                    a_bin(20, missing=True),
                ],
                neutral=30,
                code="C1-07",
            ),
            a_characteristic(
                "employment.type",
                "category",
                [
                    a_bin(40, categories=["fixed"]),
                    a_bin(12, categories=["parttime", "others"]),
                    a_bin(25, missing=True, unseen=True),
                ],
                neutral=32,
                code="C1-05",
            ),
            a_characteristic(
                "history.adverse_records",
                "boolean",
                [a_bin(0, categories=["true"]), a_bin(45, categories=["false"]), a_bin(30, missing=True)],
                neutral=40,
                code="C1-17",
            ),
        ]
    )


_points = st.integers(-40, 60)
_cuts = (
    st.decimals(-500, 500, places=2).map(float)
    | st.integers(-3, 60).map(float)
    | st.floats(allow_nan=False, allow_infinity=False)
)


@st.composite
def numeric_characteristics(draw: st.DrawFn, name: str) -> dict[str, Any]:
    cuts = sorted(draw(st.sets(_cuts, max_size=5)))
    special = sorted(draw(st.sets(_cuts, max_size=2)))
    ends = [None, *map(repr, cuts), None]
    bins = [a_bin(draw(_points), **{"from": low, "to": high}) for low, high in pairwise(ends)]
    if special:
        bins.append(a_bin(draw(_points), special=[repr(value) for value in special]))
    if draw(st.booleans()):
        bins.append(a_bin(draw(_points), missing=True))
    else:
        draw(st.sampled_from(bins))["missing"] = True
    return _with_neutral(draw, name, "numeric", bins)


@st.composite
def other_characteristics(draw: st.DrawFn, name: str) -> dict[str, Any]:
    if name == "history.adverse_records":
        bins = [a_bin(draw(_points), categories=["true"]), a_bin(draw(_points), categories=["false"])]
        bins.append(a_bin(draw(_points), missing=True))
        return _with_neutral(draw, name, "boolean", bins)
    bins = [a_bin(draw(_points), categories=["fixed", "others"]), a_bin(draw(_points), categories=["parttime"])]
    bins.append(a_bin(draw(_points), unseen=True))
    draw(st.sampled_from(bins))["missing"] = True
    return _with_neutral(draw, name, "category", bins)


def _with_neutral(draw: st.DrawFn, name: str, kind: str, bins: list[dict[str, Any]]) -> dict[str, Any]:
    points = [entry["points"] for entry in bins]
    neutral = draw(st.integers(min(points), max(points)))
    return a_characteristic(name, kind, bins, neutral=neutral, code=draw(st.sampled_from(CODES)))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Any scorecard document over a handful of facts, with shared reason codes, specials and odd points."""
    names = draw(
        st.lists(st.sampled_from((*NUMERIC, "employment.type", "history.adverse_records")), min_size=1, unique=True)
    )
    rows = [draw(numeric_characteristics(name) if name in NUMERIC else other_characteristics(name)) for name in names]
    return a_document(rows)
