"""What the policy said of a case, the last time it was asked."""

from __future__ import annotations

import json

from app.domain.policy import PolicyResult
from data.canonical import canonical_json
from data.repositories.cases import case_no_of
from data.transaction import Tx


class PolicyRepository:
    """``ports.PolicyStore`` over ``policy_results``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, case_id: str, result: PolicyResult) -> None:
        case_no = case_no_of(case_id)
        row = (case_no, result.policy, result.version, result.outcome, canonical_json(result.to_json()))
        self._tx.replace("policy_results", case_no, [row])

    def get(self, case_id: str) -> PolicyResult | None:
        rows = self._tx.case_rows("policy_results", case_no_of(case_id))
        return PolicyResult.from_json(json.loads(rows[-1][4])) if rows else None
