"""A small table with known outcomes and a scorecard on it, made without the extra that fitting needs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from app.domain.bin_plan import BinPlan
from app.domain.fitting import BinSpec
from app.domain.monitoring import histogram
from app.domain.scorecard import CharacteristicKind, Scorecard, plain
from app.domain.scorecard_format import read_scorecard
from local_models.modelling.columns import read_columns
from local_models.modelling.rebinning import Prepared, rebinned, totals_of
from tests.scorecards import a_characteristic, a_document

ROWS = 3000
EDGES = (20.0, 40.0, 60.0, 80.0)
GROUPS = (("clerk", "nurse"), ("cook",), ("smith",))


def a_frame(rows: int = ROWS) -> pd.DataFrame:
    """Income tells most (more is better, -9 a special value, some missing), then the job; noise tells nothing."""
    rng = np.random.Generator(np.random.PCG64(11))
    income = rng.uniform(0, 100, rows).round(1)
    job = rng.choice(["clerk", "nurse", "cook", "smith"], rows)
    odds = 0.2 + income / 25 + np.where(job == "cook", -1.2, 0.3)
    bad = rng.uniform(size=rows) > 1 / (1 + np.exp(-odds))
    income[rng.uniform(size=rows) < 0.04] = np.nan
    income[rng.uniform(size=rows) < 0.03] = -9
    noise = rng.normal(size=rows).round(3)
    outcome = np.where(bad, "bad", "good")
    return pd.DataFrame({"income": income, "job": job, "noise": noise, "outcome": outcome})


def prepared_of(frame: pd.DataFrame, held: Sequence[bool] | None = None) -> Prepared:
    bad = (frame["outcome"] == "bad").to_numpy()
    flags = np.zeros(len(frame), dtype=bool) if held is None else np.array(held)
    return Prepared(read_columns(frame, ["income", "job"]), bad, flags)


def a_card(table: Path, frame: pd.DataFrame, **changes: Any) -> Scorecard:
    """A scorecard on income and job whose document says it was fitted on the table, without a hold-out."""
    prepared = prepared_of(frame)
    rows = [_numeric(prepared), _category(prepared)]
    document = a_document(rows, name="wages", target=_target(), grades=_GRADES)
    data = {"file": table.name, "sha256": hashlib.sha256(table.read_bytes()).hexdigest(), "rows": len(frame)}
    document["fit"]["data"] = data
    document["fit"]["split"] = {"method": "none", "holdout_pct": 0, "seed": 1}
    card = read_scorecard(document)
    totals = np.sum(list(totals_of(prepared, card).values()), axis=0)
    counts = histogram((int(p), int(not b), int(b)) for p, b in zip(totals, prepared.bad, strict=True))
    document["fit"]["distribution"] = {
        "development": [{"points": int(row.points), "good": row.good, "bad": row.bad} for row in counts]
    }
    return read_scorecard(document | changes)


_GRADES = [
    {"name": "A", "minimum_points": 140},
    {"name": "B", "minimum_points": 100},
    {"name": "C", "minimum_points": None},
]


def _target() -> dict[str, str]:
    return {"good": "outcome is not bad", "bad": "outcome is bad", "source": "outcome"}


def a_table(folder: Path) -> tuple[Path, pd.DataFrame]:
    """The frame as a CSV file."""
    frame, path = a_frame(), folder / "wages.csv"
    frame.to_csv(path, index=False)
    return path, frame


def _numeric(prepared: Prepared) -> dict[str, Any]:
    stats = rebinned(prepared, "income", BinSpec(edges=EDGES, special=(-9.0,)))
    ends = [None, *(plain(edge) for edge in EDGES), None]
    specs: list[dict[str, Any]] = [{"from": ends[at], "to": ends[at + 1]} for at in range(len(EDGES) + 1)]
    return _row("income", "numeric", [*specs, {"special": ["-9"]}, {"missing": True}], stats)


def _category(prepared: Prepared) -> dict[str, Any]:
    stats = rebinned(prepared, "job", BinSpec(groups=GROUPS))
    specs: list[dict[str, Any]] = [{"categories": list(group)} for group in GROUPS]
    return _row("job", "category", [*specs, {"missing": True, "unseen": True}], stats)


def _row(name: str, kind: str, specs: list[dict[str, Any]], stats: Any) -> dict[str, Any]:
    bins = [
        spec
        | {
            "points": round(60 + 20 * stats.woe[at]),
            "woe": f"{stats.woe[at]:.6f}",
            "good": stats.good[at],
            "bad": stats.bad[at],
        }
        for at, spec in enumerate(specs)
    ]
    return a_characteristic(name, kind, bins, neutral=60)


def income_plan(**changes: Any) -> BinPlan:
    plain_plan = {"edges": EDGES, "special": (-9.0,), "fixed": (None,) * 7}
    return BinPlan("income", CharacteristicKind.NUMERIC, **(plain_plan | changes))


def job_plan() -> BinPlan:
    return BinPlan("job", CharacteristicKind.CATEGORY, groups=GROUPS, fixed=(None,) * 4)
