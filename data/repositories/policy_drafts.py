"""Drafts of policies: what somebody is at work on, kept at every change."""

from __future__ import annotations

import json
from typing import Any

from app.domain.policy_versions import PolicyDraft
from data.transaction import Tx


class PolicyDraftRepository:
    """``ports.PolicyDraftStore`` over ``policy_drafts``."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def put(self, draft: PolicyDraft) -> None:
        """Keep a draft in the place of the one of its id, or as a new one."""
        self.remove(draft.id)
        body = json.dumps(draft.document, ensure_ascii=False)
        row = (draft.id, draft.policy, body, draft.base, draft.person, draft.changed_at)
        self._tx.insert("policy_drafts", [row])

    def get(self, draft_id: str) -> PolicyDraft | None:
        row = self._tx.row("SELECT * FROM policy_drafts WHERE id = ?", [draft_id], reads=("policy_drafts",))
        return None if row is None else _draft(row)

    def all(self) -> list[PolicyDraft]:
        """Every draft, the oldest first."""
        return [
            _draft(row) for row in self._tx.rows("SELECT * FROM policy_drafts ORDER BY id", reads=("policy_drafts",))
        ]

    def remove(self, draft_id: str) -> None:
        self._tx.flush(("policy_drafts",))
        self._tx.run("DELETE FROM policy_drafts WHERE id = ?", [draft_id])


def _draft(row: tuple[Any, ...]) -> PolicyDraft:
    draft_id, policy, body, base, person, changed_at = row
    return PolicyDraft(draft_id, policy, json.loads(body), base, person, changed_at)
