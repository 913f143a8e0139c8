"""Champion and challenger on the rows of the training table, off the UI thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.monitoring import Estimate
from app.domain.scorecard import Scorecard
from app.errors import InputError
from views.models.validation import Band, RocPoint

CURVE_POINTS = 240  # of a drawn ROC curve


@dataclass(frozen=True, slots=True)
class Compared:
    """Two named sides with everything that is drawn of them."""

    names: tuple[str, str]
    comparison: Any  # local_models.modelling.comparison.Comparison
    curves: tuple[list[RocPoint], list[RocPoint]]
    bands: tuple[list[Band], list[Band]]
    sample: str  # "holdout" | "development"
    rows: int


Other = Scorecard | Path | Callable[[], Any]
"""Another scorecard, the file of a challenger, or what opens a challenger that is kept."""


def compare_with(training: Any, other: Other) -> Compared:
    """Set a scorecard beside another one, or beside a challenger, on the hold-out of its table.

    Raises ``InputError`` when the table lacks a column the other one looks at, or the file is no challenger.
    """
    from local_models.modelling.comparison import compare

    judged = training.prepared.judged
    bad = training.prepared.bad[judged]
    champion = _of_card(training, training.card)[judged]
    if isinstance(other, Scorecard):
        name, challenger = f"{other.name} {other.version}", _of_card(training, other)[judged]
    else:
        name, challenger = _of_challenger(training, other, judged)
    found = compare(champion, challenger, bad)
    return Compared(
        (f"{training.card.name} {training.card.version}", name),
        found,
        (curve_of(champion, bad), curve_of(challenger, bad)),
        (_bands(found.champion), _bands(found.challenger)),
        "holdout" if training.prepared.held.any() else "development",
        len(bad),
    )


def _of_card(training: Any, card: Scorecard) -> Any:
    """ln(good:bad) of every row by a scorecard's calibration."""
    import numpy as np

    from local_models.modelling.columns import read_columns
    from local_models.modelling.rebinning import Prepared, totals_of

    _need(training, card.names, card.name)
    columns = read_columns(training.frame, list(card.names))
    prepared = Prepared(columns, training.prepared.bad, training.prepared.held)
    points = np.sum(list(totals_of(prepared, card).values()), axis=0)
    return float(card.calibration.intercept) + float(card.calibration.slope) * points


def _of_challenger(training: Any, other: Path | Callable[[], Any], judged: Any) -> tuple[str, Any]:
    from local_models.challenger.model import load_challenger

    challenger = load_challenger(other) if isinstance(other, Path) else other()
    _need(training, challenger.names, challenger.name)
    return challenger.name, challenger.log_odds(training.frame.loc[judged].reset_index(drop=True))


def _need(training: Any, names: tuple[str, ...], who: str) -> None:
    absent = [name for name in names if name not in training.frame.columns]
    if absent:
        raise InputError(
            "table",
            f"{who} looks at {absent[0]!r}, which the table does not have.",
            remedy="Compare it with one that was fitted on the same table.",
            file=training.table.name,
        )


def curve_of(log_odds: Any, bad: Any) -> list[RocPoint]:
    """The ROC curve, thinned to what can be seen."""
    import numpy as np

    order = np.argsort(log_odds, kind="stable")
    sorted_odds, sorted_bad = log_odds[order], bad[order]
    last = np.append(np.flatnonzero(np.diff(sorted_odds)), len(order) - 1)
    bads, goods = np.cumsum(sorted_bad)[last] / bad.sum(), np.cumsum(~sorted_bad)[last] / (~bad).sum()
    step = max(1, len(last) // CURVE_POINTS)
    kept = [*range(0, len(last), step), len(last) - 1]
    found = [RocPoint(float(sorted_odds[0]), 0.0, 0.0)]
    return found + [RocPoint(float(sorted_odds[last[at]]), float(goods[at]), float(bads[at])) for at in kept]


def _bands(side: Any) -> list[Band]:
    return [Band(band.cases, band.expected, Estimate(band.observed, band.low, band.high)) for band in side.calibration]
