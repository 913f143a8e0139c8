"""Watching scorecards: outcomes that arrive, the monitoring of a workspace, fairness of tables outside any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.outcomes import OutcomeImport, OutcomeReading
from app.ports import Progress, no_progress
from app.usecases.measure_fairness import FairnessReport, MeasureFairness
from app.usecases.monitor_scorecard import MonitoringReport, MonitorScorecard

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk


def import_outcomes(desk: Desk, path: Path, reading: OutcomeReading, progress: Progress = no_progress) -> OutcomeImport:
    """Take a table of outcomes into the workspace of the desk."""
    from app.usecases.import_outcomes import ImportOutcomes
    from app.usecases.import_outcomes import import_outcomes as take

    command = ImportOutcomes(path, desk.person, reading)
    return take(command, desk.workspace, desk.readers, clock=desk.clock, progress=progress)


def monitor(
    desk: Desk,
    *,
    scorecard: str | None = None,
    month: str | None = None,
    base_month: str | None = None,
    thresholds: Path | None = None,
) -> MonitoringReport:
    """Measure a scorecard over the cases of the desk's workspace and keep new alerts."""
    from app.usecases.monitor_scorecard import monitor_scorecard
    from data.monitoring_limits import load_limits

    command = MonitorScorecard(_scorecard(scorecard), month, base_month, desk.person)
    return monitor_scorecard(command, desk.workspace, load_limits(thresholds), clock=desk.clock)


def _scorecard(wanted: str | None) -> str | None:
    """A file is known by its SHA-256."""
    if wanted is None or not wanted.endswith(".json"):
        return wanted
    from app.bootstrap.scoring import find_scorecard

    return find_scorecard(wanted).sha256


def measure_fairness(command: MeasureFairness, missing: Sequence[str] | None = None) -> FairnessReport:
    """Measure on a CSV or Parquet file; ``missing`` are its words for a missing value, None for the usual ones."""
    from app.usecases.measure_fairness import measure_fairness as measure
    from data.fairness_tables import FairnessFiles
    from data.table_files import MISSING_WORDS

    return measure(command, FairnessFiles(MISSING_WORDS if missing is None else ("", *missing)))
