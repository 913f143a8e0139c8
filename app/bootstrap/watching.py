"""Watching scorecards: outcomes that arrive, the monitoring of a workspace, fairness of tables outside any."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.outcomes import OutcomeImport, OutcomeReading
from app.domain.scorecard_format import read_scorecard
from app.ports import Progress, no_progress
from app.usecases.measure_fairness import FairnessReport, MeasureFairness
from app.usecases.monitor_scorecard import MonitoringReport, MonitorScorecard

if TYPE_CHECKING:
    from app.bootstrap.desk import Desk
    from app.usecases.write_model_document import ModelDocument


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


def measure_fairness(
    command: MeasureFairness, missing: Sequence[str] | None = None, progress: Progress = no_progress
) -> FairnessReport:
    """Measure on a CSV or Parquet file; ``missing`` are its words for a missing value, None for the usual ones."""
    from app.usecases.measure_fairness import measure_fairness as measure
    from data.fairness_tables import FairnessFiles
    from data.table_files import MISSING_WORDS

    return measure(command, FairnessFiles(MISSING_WORDS if missing is None else ("", *missing)), progress)


def fairness_in_child(command: MeasureFairness, progress: Progress = no_progress) -> FairnessReport:
    """The same in a child process, which a cancel ends at once."""
    from app.bootstrap.fit_process import in_child

    report: FairnessReport = in_child(_fairness, (command,), progress, what="measurement")
    return report


def _fairness(command: MeasureFairness, progress: Progress) -> FairnessReport:
    return measure_fairness(command, progress=progress)


def write_document(desk: Desk, scorecard: str, out: Path, language: str) -> ModelDocument:
    """Write the model document of a version of the register or a file, with its monitoring where cases are scored."""
    from app.bootstrap.scoring import find_scorecard
    from app.usecases.write_model_document import WriteModelDocument, write_model_document

    entry: dict[str, Any] | None = None
    if scorecard.endswith(".json"):
        card = find_scorecard(scorecard)
    else:
        found = desk.register.find(scorecard)
        card, entry = read_scorecard(found.document), {"person": found.person}
        entry |= {"approval": found.approval.to_json() if found.approval else None}
    with desk.workspace.read() as stores:
        scored = any(one.sha256 == card.sha256 for one in stores.monitoring.scorecards())
    watched = monitor(desk, scorecard=card.sha256).to_json() if scored else None
    command = WriteModelDocument(card, out, language, entry, watched)
    return write_model_document(command, desk.signer, desk.renderer, desk.catalogue, clock=desk.clock)
