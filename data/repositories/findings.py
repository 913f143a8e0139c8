"""Findings of a case; each run replaces those of the run before."""

from __future__ import annotations

import json
from collections.abc import Sequence

from app.domain.facts import Stance
from app.domain.findings import Finding, Materiality
from data.database import Row
from data.repositories.cases import case_no_of
from data.transaction import Tx


class FindingRepository:
    """``ports.FindingStore`` over ``findings``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def replace(self, case_id: str, findings: Sequence[Finding]) -> None:
        """Raises ``ValueError`` when two findings have one id."""
        if len({finding.id for finding in findings}) != len(findings):
            raise ValueError(f"two findings of {case_id} have the same id")
        case_no = case_no_of(case_id)
        self._tx.replace("findings", case_no, [_row(case_no, at, finding) for at, finding in enumerate(findings)])

    def of_case(self, case_id: str) -> list[Finding]:
        """The findings in the order they were given."""
        rows = self._tx.case_rows("findings", case_no_of(case_id))
        return [_finding(row) for row in sorted(rows, key=lambda row: row[1])]


def _row(case_no: int, position: int, finding: Finding) -> Row:
    return (
        case_no,
        position,
        finding.id,
        finding.code,
        finding.section,
        finding.stance.value,
        int(finding.materiality),
        json.dumps(finding.facts),
        finding.clause,
        finding.relation,
        finding.detail,
    )


def _finding(row: Row) -> Finding:
    _, _, finding_id, code, section, stance, materiality, facts, clause, relation, detail = row
    return Finding(
        id=finding_id,
        code=code,
        section=section,
        stance=Stance(stance),
        materiality=Materiality(materiality),
        facts=tuple(json.loads(facts)),
        clause=clause,
        relation=relation,
        detail=detail,
    )
