"""Fit a scorecard on a table whose outcomes are known."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.fitting import FitOptions, Fitted
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.ports import Progress, no_progress
from app.table_ports import Fitter, FrameReader


@dataclass(frozen=True, slots=True)
class FitScorecard:
    """The command."""

    table: Path
    options: FitOptions


@dataclass(frozen=True, slots=True)
class FitRun:
    """What ``scorecard fit`` reports; ``frame`` are the rows it read."""

    scorecard: Scorecard
    fitted: Fitted
    seconds: float
    frame: Any

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know and nothing was done about."""
        rows = [guard for guard in self.fitted.guards if not guard.excluded]
        return tuple(f"{guard.column}: {guard.why}" if guard.column else guard.why for guard in rows)

    def to_json(self) -> dict[str, Any]:
        report = self.fitted.report
        return {
            "scorecard": self.scorecard.name,
            "version": self.scorecard.version,
            "sha256": self.scorecard.sha256,
            "rows": report["rows"],
            "goods": report["good"],
            "bads": report["bad"],
            "characteristics": list(self.scorecard.names),
            **{key: report[key] for key in ("sample", "auc", "gini", "ks", "brier")},
            "seconds": round(self.seconds, 3),
            "guards": [guard.to_json() for guard in self.fitted.guards],
            "excluded": [{"name": entry.name, "why": entry.why} for entry in self.scorecard.excluded],
            "warnings": list(self.warnings),
        }


def fit_scorecard(
    command: FitScorecard, frames: FrameReader, fitter: Fitter, *, progress: Progress = no_progress
) -> FitRun:
    """Read the table, fit, and check the document as any scorecard's is.

    Raises ``InputError`` for a table, column or outcome nothing can be fitted on, ``EnvironmentFault`` without the
    extra ``modelling``, and ``Cancelled``.
    """
    started = time.perf_counter()
    frame = frames.read(command.table, progress=progress)
    fitted = fitter.fit(frame, command.options, progress)
    return FitRun(read_scorecard(fitted.document), fitted, time.perf_counter() - started, frame)
