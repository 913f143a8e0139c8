"""``outcomes import``, ``monitor`` and ``scorecard document``."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from app.bootstrap import watching
from app.cli.output import emit, table, terminal_progress
from app.cli.session import open_desk
from app.domain.outcomes import OutcomeImport, OutcomeReading
from app.domain.watching import Light
from app.errors import InputError
from app.usecases.import_outcomes import write_outcome_rejects
from app.usecases.monitor_scorecard import MonitoringReport


def import_outcomes(given: Namespace) -> None:
    """Take outcomes in; what does not go in is written beside the table."""
    if given.bad_from_days < 1:
        raise InputError(
            "bad-from-days", f"{given.bad_from_days} days past due cannot be bad.", remedy="Give 1 or more."
        )
    reading = OutcomeReading(
        case=given.case,
        outcome=given.outcome,
        days_past_due=given.days_past_due,
        observed_on=given.observed_on,
        good=tuple(given.good or (() if given.bad else ("good",))),
        bad=tuple(given.bad or ("bad",)),
        rest_is_good=bool(given.bad) and not given.good,
        bad_from_days=given.bad_from_days,
        date_format=given.date_format,
    )
    with open_desk(given) as desk:
        found = watching.import_outcomes(desk, given.path, reading, terminal_progress())
    rejects = _write_rejects(found, given) if found.rejects else None
    data = found.to_json() | {"rejects_file": None if rejects is None else str(rejects)}
    counts = f"{found.added:,} new, {found.unchanged:,} known, {found.replaced:,} replaced, {found.rejected:,} rejected"
    lines = [
        f"{found.rows:,} rows: {counts}",
        f"{found.cases:,} cases have an outcome: {found.good:,} good, {found.bad:,} bad",
    ]
    emit(given, data, lines + ([f"rejected rows: {rejects}"] if rejects else []))


def _write_rejects(found: OutcomeImport, given: Namespace) -> Path:
    if given.rejects:
        return write_outcome_rejects(given.rejects, found.rejects)
    name = f"{given.path.name}.rejects.csv"
    try:
        return write_outcome_rejects(given.path.with_name(name), found.rejects)
    except InputError:
        return write_outcome_rejects(Path.cwd() / name, found.rejects)


def document(given: Namespace) -> None:
    """The model document of a scorecard, signed by the person of the workspace."""
    with open_desk(given) as desk:
        found = watching.write_document(desk, given.scorecard, given.out, given.language)
    line = f"{found.path}: {found.scorecard.name} {found.scorecard.version}, signed by {found.signer.person}"
    emit(given, found.to_json(), [line])


def monitor(given: Namespace) -> None:
    """Measure a scorecard and raise alerts."""
    with open_desk(given) as desk:
        report = watching.monitor(
            desk,
            scorecard=given.scorecard,
            month=given.month,
            base_month=given.base_month,
            thresholds=given.thresholds,
        )
    emit(given, report.to_json(), _lines(report))


def _lines(report: MonitoringReport) -> Iterator[str]:
    card = report.scorecard
    yield f"{card.name} {card.version}: {card.cases:,} cases, {report.ranking.good + report.ranking.bad:,} outcomes"
    rows = [("month", "cases", "mean points", "PSI", "outcomes", "AUC", "light")]
    for row in report.months:
        ranked, stable = row.ranking, row.stability
        rows.append(
            (
                stable.month or "",
                f"{stable.cases:,}",
                _figure(stable.mean_points, 1),
                _figure(stable.psi, 3),
                f"{ranked.good + ranked.bad:,}",
                _figure(ranked.auc.value if ranked.auc else None, 3),
                row.light.value,
            )
        )
    yield from table(rows)
    beyond = [reading for reading in report.readings if reading.light in (Light.AMBER, Light.RED)]
    for reading in beyond:
        subject = f" of {reading.subject}" if reading.subject else ""
        when = f" in {reading.month}" if reading.month else ""
        yield f"{reading.light.value:5}  {reading.measure}{subject}{when}: {_figure(reading.value, 3)}"
    if not beyond:
        yield "No threshold is crossed."


def _figure(value: float | None, places: int) -> str:
    return "" if value is None else f"{value:.{places}f}"
