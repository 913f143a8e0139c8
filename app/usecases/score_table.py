"""Score a table of any columns by their names, without a workspace."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.domain.scorecard import ReasonsMethod, Scorecard
from app.domain.scorecard_format import with_reasons
from app.ports import Progress, no_progress
from app.table_ports import TableScorer


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """The command: what is scored, and what the answer looks like."""

    table: Path
    out: Path  # .csv or .parquet
    reasons: ReasonsMethod | None = None  # None: the scorecard's own
    identifier: str | None = ""  # a column, None for none, "" to find one
    reason_points: bool = False  # four columns more, at the end


@dataclass(frozen=True, slots=True)
class TableRun:
    """What ``scorecard score`` reports."""

    scored: int
    seconds: float
    out: Path
    identifier: str | None
    scorecard: Scorecard

    def to_json(self) -> dict[str, Any]:
        return {
            "scored": self.scored,
            "seconds": round(self.seconds, 3),
            "out": str(self.out),
            "identifier": self.identifier,
            "scorecard": self.scorecard.name,
            "version": self.scorecard.version,
            "sha256": self.scorecard.sha256,
            "reasons_method": self.scorecard.reasons_method.value,
        }


def score_table(
    command: ScoreTable, scorecard: Scorecard, tables: TableScorer, *, progress: Progress = no_progress
) -> TableRun:
    """Score every row in the table's order. Raises ``InputError`` for a table or cell that does not suit."""
    started = time.perf_counter()
    card = with_reasons(scorecard, command.reasons)
    made = tables.score(
        card,
        command.table,
        command.out,
        identifier=command.identifier,
        reason_points=command.reason_points,
        progress=progress,
    )
    return TableRun(made.rows, time.perf_counter() - started, command.out, made.identifier, card)
