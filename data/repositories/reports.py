"""Reports of a case; the last one stands, those before it are its history."""

from __future__ import annotations

import json

from app.domain.report import Report
from data.canonical import canonical_json
from data.repositories.cases import case_no_of
from data.transaction import Tx


class ReportRepository:
    """``ports.ReportStore`` over ``reports``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, case_id: str, report: Report) -> None:
        """Keep the report; the one before it stays in the history."""
        case_no = case_no_of(case_id)
        number = len(self._tx.case_rows("reports", case_no)) + 1
        self._tx.insert("reports", [(case_no, number, canonical_json(report.to_json()))])

    def get(self, case_id: str) -> Report | None:
        history = self.history(case_id)
        return history[-1] if history else None

    def history(self, case_id: str) -> list[Report]:
        """Every report of the case, the oldest first."""
        rows = sorted(self._tx.case_rows("reports", case_no_of(case_id)), key=lambda row: row[1])
        return [Report.from_json(case_id, json.loads(body)) for _, _, body in rows]
