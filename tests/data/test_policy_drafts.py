"""Drafts of policies in the encrypted workspace: replaced in place, removed, in order."""

from __future__ import annotations

from dataclasses import replace

from app.domain.policy_versions import PolicyDraft
from data.workspace import StoredWorkspace

DRAFT = PolicyDraft(
    "000001", "p", {"name": "p", "nodes": [], "text": "至"}, "0" * 64, "Anna", "2026-11-22T10:00:00+00:00"
)


def test_a_draft_is_replaced_in_place_and_removed(workspace: StoredWorkspace) -> None:
    with workspace.transaction() as stores:
        stores.policy_drafts.put(replace(DRAFT, id="000002"))
        stores.policy_drafts.put(DRAFT)
        stores.policy_drafts.put(replace(DRAFT, person="Bo"))
        assert stores.policy_drafts.get("000001") == replace(DRAFT, person="Bo")
    with workspace.transaction() as stores:
        assert [each.id for each in stores.policy_drafts.all()] == ["000001", "000002"]
        stores.policy_drafts.remove("000002")
    with workspace.read() as stores:
        assert stores.policy_drafts.all() == [replace(DRAFT, person="Bo")]
        assert stores.policy_drafts.get("000002") is None
