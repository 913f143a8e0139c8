"""What the policy said of a case, the last time it was asked, and every policy that was ever asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from app.domain.policy import PolicyResult
from data.canonical import canonical_json
from data.repositories.cases import case_no_of
from data.transaction import Tx


class PolicyRepository:
    """``ports.PolicyStore`` over ``policy_results`` and ``policies``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._kept: set[str] = set()  # found in this transaction

    def keep_policy(self, sha256: str, document: Mapping[str, Any]) -> None:
        """Keep the document of a policy for good, whatever becomes of its file."""
        import rfc8785

        if not self._keeps(sha256):
            self._tx.insert("policies", [(sha256, rfc8785.dumps(document).decode())])
            self._kept.add(sha256)

    def policy(self, sha256: str) -> Mapping[str, Any] | None:
        """The document kept under that digest."""
        row = self._tx.row("SELECT body FROM policies WHERE sha256 = ?", [sha256], reads=("policies",))
        document: dict[str, Any] | None = None if row is None else json.loads(row[0])
        return document

    def _keeps(self, sha256: str) -> bool:
        if sha256 not in self._kept and self.policy(sha256) is not None:
            self._kept.add(sha256)
        return sha256 in self._kept

    def put(self, case_id: str, result: PolicyResult) -> None:
        """Keep the result; its policy must be kept before (``LookupError`` where it is not)."""
        if not self._keeps(result.sha256):
            raise LookupError(f"policy {result.policy} {result.version} ({result.sha256}) is not kept")
        case_no = case_no_of(case_id)
        body = canonical_json(result.to_json())
        row = (case_no, result.policy, result.version, result.outcome, body, result.sha256)
        self._tx.replace("policy_results", case_no, [row])

    def get(self, case_id: str) -> PolicyResult | None:
        rows = self._tx.case_rows("policy_results", case_no_of(case_id))
        return PolicyResult.from_json(json.loads(rows[-1][4])) if rows else None
