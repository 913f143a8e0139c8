"""The table a scorecard was fitted on, opened again to change its bins, to compare it, and to fit it anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from app.bootstrap.fitting import fingerprint
from app.domain.bin_plan import BinPlan
from app.domain.fitting import FitOptions, Trend
from app.domain.scorecard import Scorecard
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress


@dataclass(frozen=True)
class Training:
    """A scorecard with the rows of its table whose outcome is known."""

    card: Scorecard
    table: Path
    target: str
    bad_value: str
    frame: Any  # pandas DataFrame without the target
    prepared: Any  # local_models.modelling.rebinning.Prepared


def load_training(table: Path, card: Scorecard, progress: Progress = no_progress) -> Training:
    """Read the table and check that it is the one the scorecard was fitted on, to the byte.

    Raises ``InputError`` when it is another, or the scorecard does not tell how its outcome is written.
    """
    from data.table_frames import read_frame
    from local_models.modelling.columns import read_columns
    from local_models.modelling.outcome import outcome_of
    from local_models.modelling.rebinning import Prepared

    _check_fingerprint(table, card)
    target, bad_value = outcome_named(card)
    frame = read_frame(table, progress=progress)
    bad, known = outcome_of(frame, target, bad_value)
    rows = frame.loc[known].drop(columns=[target]).reset_index(drop=True)
    absent = [name for name in card.names if name not in rows.columns]
    if absent:
        raise InputError(
            "table",
            f"The table has no column {absent[0]!r}: the scorecard was fitted on facts made from it.",
            remedy="Choose a table whose columns are named as the scorecard's characteristics.",
            file=table.name,
        )
    progress(1, None, "prepare")
    columns = read_columns(rows, list(card.names))
    flags = bad[known]
    return Training(card, table, target, bad_value, rows, Prepared(columns, flags, _held(card, flags)))


def _check_fingerprint(table: Path, card: Scorecard) -> None:
    wanted = card.document["fit"]["data"]
    found = fingerprint(table)["sha256"]
    if found != wanted["sha256"]:
        raise InputError(
            "table",
            f"This is not the table {card.name} was fitted on: its SHA-256 begins {found[:12]}, not "
            f"{wanted['sha256'][:12]}.",
            remedy=f"Choose {wanted['file']} as it was then, or fit a new scorecard on this table.",
            file=table.name,
        )


def outcome_named(card: Scorecard) -> tuple[str, str]:
    """Target column and bad value, as a fit writes them into the document. Raises ``InputError`` where it did not."""
    told = card.document["target"]
    source = told.get("source")
    if not source or not told["bad"].startswith(f"{source} is "):
        raise InputError(
            "target",
            f"{card.name} does not say which column and value of its table mean a bad outcome.",
            remedy="Fit a scorecard on the table here; that one can be edited.",
        )
    return str(source), str(told["bad"].removeprefix(f"{source} is "))


def _held(card: Scorecard, bad: Any) -> Any:
    """The rows held out by the fit; none where its split cannot be made again."""
    from local_models.modelling.fitting import held_out

    split = card.document["fit"]["split"]
    none = np.zeros(len(bad), dtype=np.bool_)
    if not split["holdout_pct"] or "train_test_split" not in split["method"]:
        return none
    try:
        held = held_out(bad, split["holdout_pct"] / 100, split["seed"])
    except EnvironmentFault:
        return none
    told = split.get("holdout")
    same = told is None or (int((held & bad).sum()), int((held & ~bad).sum())) == (told["bad"], told["good"])
    return held if same else none


def refit_options(training: Training, plans: Mapping[str, BinPlan], *, version: str, author: str) -> FitOptions:
    """How the scorecard is fitted again on its own characteristics with the bins as they are now planned."""
    card = training.card
    split, guards = card.document["fit"]["split"], card.document["fit"].get("guards", ())
    kept = {guard["column"]: guard["reason"] for guard in guards if guard.get("reason") and guard.get("column")}
    trends = {name: plan.trend for name, plan in plans.items() if plan.trend is not Trend.AUTO}
    return FitOptions(
        name=card.name,
        author=author,
        version=version,
        target=training.target,
        bad_value=training.bad_value,
        exclude=tuple(str(name) for name in training.frame.columns if name not in card.names),
        reasons={name: reason for name, reason in kept.items() if name in card.names},
        holdout=split["holdout_pct"] / 100,
        seed=split["seed"],
        monotone=trends,
        bins={name: plan.spec() for name, plan in plans.items()},
        base_points=round(card.scaling.base_points),
        base_odds=card.scaling.base_odds,
        pdo=card.scaling.pdo,
    )
