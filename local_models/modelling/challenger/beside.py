"""A challenger fitted beside a scorecard: on the same rows and columns, compared on the same hold-out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from app.domain.facts import Catalogue, Stance
from app.domain.fitting import FitOptions, Guard, Trend
from app.domain.scorecard import Scorecard
from local_models.modelling.challenger.fit import ChallengerOptions, FittedChallenger, fit_challenger
from local_models.modelling.challenger.onnx_writer import write_challenger
from local_models.modelling.comparison import CompareOptions, Comparison, compare
from local_models.modelling.fitting import held_out
from local_models.modelling.frame_scores import frame_points
from local_models.modelling.outcome import outcome_of

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Beside:
    """The challenger with its file's digest, and the comparison; None without a hold-out."""

    fitted: FittedChallenger
    sha256: str
    comparison: Comparison | None

    def to_json(self) -> dict[str, Any]:
        report = dict(self.fitted.report)
        return {
            "name": self.fitted.options.name,
            "sha256": self.sha256,
            "trees": len(self.fitted.trees),
            "features": [feature.name for feature in self.fitted.features],
            "monotone": {each.name: each.monotone for each in self.fitted.features if each.monotone},
            "rows": report["rows"],
            "seconds": f"{report['seconds']:.3f}",
            "parts": [{name: str(value) for name, value in part.items()} for part in report["parts"]],
            "left_out": report["left_out"],
            "out_of_time": report["out_of_time"],
            "comparison": None if self.comparison is None else self.comparison.to_json(),
        }


def fit_beside(
    frame: pd.DataFrame,
    options: FitOptions,
    scorecard: Scorecard,
    guards: Sequence[Guard],
    out: Path,
    *,
    catalogue: Catalogue,
    seconds: float = 60.0,
    compared: CompareOptions | None = None,
    progress: Callable[[str], None] | None = None,
) -> Beside:
    """Fit on the rows the scorecard was fitted on, write ``out`` and ``out``.sha256, compare on its hold-out.

    ``guards`` are those of the scorecard's fit: what they excluded is not looked at here either. Raises what
    ``fit_challenger`` and ``write_challenger`` raise.
    """
    bad, known = outcome_of(frame, options.target, options.bad_value)
    frame, bad = frame[known].reset_index(drop=True), bad[known]
    held = held_out(bad, options.holdout, options.seed)
    out_names = {options.target, *options.exclude, *(guard.column for guard in guards if guard.excluded)}
    columns = tuple(str(name) for name in frame.columns if name not in out_names)
    chosen = ChallengerOptions(
        name=options.name,
        columns=columns,
        monotone=directions_of(catalogue, columns, options),
        seconds=seconds,
        seed=options.seed,
    )
    fitted = fit_challenger(frame[~held].reset_index(drop=True), bad[~held], chosen, progress)
    digest = write_challenger(fitted, out)
    comparison = None
    if held.any():
        rows = frame[held].reset_index(drop=True)
        comparison = compare(champion_log_odds(scorecard, rows), fitted.log_odds(rows), bad[held], compared)
    return Beside(fitted, digest, comparison)


def directions_of(catalogue: Catalogue, columns: tuple[str, ...], options: FitOptions) -> Mapping[str, str]:
    """Trend of the bad rate by column: as a person set it, else as the catalogue says of the fact of that name."""
    by_name = {fact.name.casefold(): fact for fact in catalogue}
    by_name |= {alias.casefold(): fact for fact in catalogue for alias in fact.aliases}
    usual = {Stance.ADVERSE: "ascending", Stance.FAVOURABLE: "descending"}
    found: dict[str, str] = {}
    for name in columns:
        trend, fact = options.monotone.get(name), by_name.get(name.casefold())
        if trend is not None and trend is not Trend.AUTO:
            found[name] = trend.value
        elif options.trend is not Trend.NONE and fact is not None and fact.more_is in usual:
            found[name] = usual[fact.more_is]
    return found


def champion_log_odds(scorecard: Scorecard, frame: pd.DataFrame) -> Floats:
    """Calibrated ln(good:bad) of every row by the scorecard's points; columns by name, an absent one is missing."""
    points = frame_points(scorecard, frame)
    return np.asarray(float(scorecard.calibration.intercept) + float(scorecard.calibration.slope) * points)
