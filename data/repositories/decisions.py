"""Decisions and first opinions of a case."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from app.domain.case import Decision, FirstOpinion, Outcome
from data.canonical import canonical_json
from data.repositories.cases import case_no_of
from data.transaction import Tx


class DecisionRepository:
    """``ports.DecisionStore`` over ``decisions`` and ``first_opinions``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, case_id: str, decision: Decision) -> None:
        """Record the decision; the one before it (a referral) stays in the history."""
        case_no = case_no_of(case_id)
        number = len(self._tx.case_rows("decisions", case_no)) + 1
        decided_at = decision.decided_at.astimezone(UTC).replace(tzinfo=None)
        body = canonical_json(decision.to_json())
        row = (case_no, number, decision.outcome.value, decision.person, decided_at, body)
        self._tx.insert("decisions", [row])

    def get(self, case_id: str) -> Decision | None:
        history = self.history(case_id)
        return history[-1] if history else None

    def history(self, case_id: str) -> list[Decision]:
        """Every decision of the case, the oldest first."""
        rows = sorted(self._tx.case_rows("decisions", case_no_of(case_id)), key=lambda row: row[1])
        return [Decision.from_json(json.loads(row[5])) for row in rows]

    def put_opinion(self, case_id: str, opinion: FirstOpinion) -> None:
        case_no = case_no_of(case_id)
        row = (case_no, opinion.outcome.value, opinion.person, opinion.at.isoformat())
        self._tx.replace("first_opinions", case_no, [row])

    def opinion(self, case_id: str) -> FirstOpinion | None:
        rows = self._tx.case_rows("first_opinions", case_no_of(case_id))
        if not rows:
            return None
        _, outcome, person, at = rows[-1]
        return FirstOpinion(Outcome(outcome), person, datetime.fromisoformat(at))
