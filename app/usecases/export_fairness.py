"""A measurement of fairness as a file: what was asked and what was found, JSON or CSV."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from app.domain.fairness import Comparison, Group
from app.domain.monitoring import Estimate, rounded
from app.errors import EnvironmentFault, InputError
from app.usecases.measure_fairness import ColumnFairness, FairnessReport, MeasureFairness

FIGURES = {
    "adverse_impact_ratio": "air",
    "standardised_mean_difference": "smd",
    "equal_opportunity_difference": "equal_opportunity",
    "average_odds_difference": "average_odds",
}
HEADER = (
    *("column", "group", "reference", "cases", "approved", "good", "bad"),
    *(name + end for name in ("approval_rate", *FIGURES) for end in ("", "_low", "_high")),
    *("four_fifths", "notes"),
)


def write_fairness(report: FairnessReport, command: MeasureFairness, out: Path) -> Path:
    """Write the report by the ending of ``out``, .json or .csv. Raises ``InputError`` or ``EnvironmentFault``."""
    ending = out.suffix.lower()
    if ending not in (".json", ".csv"):
        raise InputError("out", f"{out.name} is neither .csv nor .json.", remedy="Give the file such an ending.")
    if out.exists() and command.table.exists() and out.samefile(command.table):
        raise InputError("out", "The figures would overwrite the table.", remedy="Give another file.")
    try:
        text = fairness_json(report, command) if ending == ".json" else fairness_csv(report)
        out.write_text(text, encoding="utf-8", newline="")
    except OSError as exc:
        message = f"{out.name} cannot be written: {exc.strerror or exc}."
        raise EnvironmentFault(message, remedy="Choose another folder.") from exc
    return out


def fairness_json(report: FairnessReport, command: MeasureFairness) -> str:
    """The object of ``caseworth fairness --json`` after ``asked``."""
    data = {"asked": asked(command)} | report.to_json()
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def asked(command: MeasureFairness) -> dict[str, Any]:
    """What was measured, on what, by which cut-off; of the table only its name."""
    card = command.scorecard
    return {
        "table": command.table.name,
        "protected": list(command.protected),
        "reference": list(command.reference),
        "scorecard": card and {"name": card.name, "version": card.version, "sha256": card.sha256},
        "score": command.score,
        "decision": command.decision,
        "approved": command.approved,
        "approve_above": command.approve_above,
        "approve_below": command.approve_below,
        "target": command.target,
        "bad": command.bad,
        "candidates": [name for name, _ in command.candidates],
        "auc_loss": command.auc_loss,
        "least": command.least,
    }


def fairness_csv(report: FairnessReport) -> str:
    """A row a group, that of the reference first in each column; an interval in three columns."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for column in report.columns:
        writer.writerow(_row(column, column.reference, None))
        writer.writerows(_row(column, one.group, one) for one in column.groups)
    return out.getvalue()


def _row(column: ColumnFairness, group: Group, compared: Comparison | None) -> list[Any]:
    figures = [group.approval, *(getattr(compared, part, None) for part in FIGURES.values())]
    counts = (group.cases, group.approved, group.good, group.bad)
    spread = [part for figure in figures for part in _spread(figure)]
    told = [compared.four_fifths or "", " ".join(compared.notes)] if compared else ["", ""]
    value = "" if group.value is None else group.value
    return [column.column, value, column.reference.value, *counts, *spread, *told]


def _spread(figure: Estimate | None) -> list[float | str | None]:
    return ["", "", ""] if figure is None else [rounded(each) for each in (figure.value, figure.low, figure.high)]
