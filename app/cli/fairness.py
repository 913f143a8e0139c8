"""``fairness``: approvals of groups on a table outside every workspace."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

from app.bootstrap import scoring, watching
from app.cli.output import emit, table
from app.domain.monitoring import Estimate
from app.domain.scorecard import Scorecard
from app.usecases.measure_fairness import FairnessReport, MeasureFairness


def fairness(given: Namespace) -> None:
    """Measure, print, keep nothing."""
    command = MeasureFairness(
        table=given.table,
        protected=tuple(given.protected),
        reference=tuple(given.reference),
        score=given.score,
        scorecard=scoring.find_scorecard(given.scorecard) if given.scorecard else None,
        decision=given.decision,
        approved=given.approved,
        approve_above=given.approve_above,
        approve_below=given.approve_below,
        target=given.target,
        bad=given.bad,
        candidates=tuple(_candidate(name) for name in given.candidate),
        auc_loss=given.auc_loss,
        least=given.least,
    )
    report = watching.measure_fairness(command, given.missing)
    emit(given, report.to_json(), _lines(report))


def _candidate(name: str) -> tuple[str, Scorecard]:
    """Named as its file, for candidates often share the name of the scorecard they vary."""
    return (Path(name).stem if name.endswith(".json") else name), scoring.find_scorecard(name)


def _lines(report: FairnessReport) -> Iterator[str]:
    left_out = f", {report.left_out:,} without a score left out" if report.left_out else ""
    yield f"{report.rows:,} rows, {report.approved:,} approved{left_out}"
    for column in report.columns:
        reference = column.reference
        usual = f"{_share(reference.approval)} of {reference.cases:,} approved"
        yield f"{column.column}, against {reference.value}: {usual}"
        rows: list[tuple[str, ...]] = [
            ("group", "cases", "approved", "impact ratio", "mean difference", "equal opportunity", "average odds")
        ]
        rows += [
            (
                "(missing)" if one.group.value is None else one.group.value,
                f"{one.group.cases:,}",
                _share(one.group.approval),
                *map(_interval, (one.air, one.smd, one.equal_opportunity, one.average_odds)),
            )
            for one in column.groups
        ]
        yield from table(rows)
        yield from (f"  {one.group.value}: {note}" for one in column.groups for note in one.notes)
    for one in report.alternatives:
        ratio = "" if one.air is None else f", impact ratio {one.air:.3f} ({one.worst})"
        on_front = ", on the front" if one in report.front else ""
        yield f"candidate {one.name}: AUC {_interval(one.auc)}{ratio}{on_front}"
    if report.best:
        yield f"best ratio within an AUC loss of {report.auc_loss:g}: {report.best.name}"
    yield from report.notes


def _share(rate: Estimate | None) -> str:
    return "" if rate is None else f"{rate.value:.1%}"


def _interval(figure: Estimate | None) -> str:
    return "" if figure is None else f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"
