"""Drafts of policies: begun under a free name, kept at every change, added once, gone then."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain.policy_edit import set_version
from app.domain.policy_versions import next_label
from app.errors import InputError
from app.usecases.activate_policy import AddPolicy
from app.usecases.edit_policy import KeepDraft, StartDraft, drop_draft, keep_draft, start_draft, submit_draft
from data.policy_files import load_policy
from tests.doubles import FixedClock, MemoryWorkspace
from tests.underwriting import CATALOGUE

CLOCK = FixedClock()
BASE = load_policy("instalment-loan", CATALOGUE)


@pytest.mark.parametrize(
    ("labels", "base", "wanted"),
    [
        ((), "2026.1", "2026.2"),
        (("2026.2", "2026.3"), "2026.1", "2026.4"),
        ((), "v9", "v10"),
        ((), "spring", "spring.2"),
        ((), "", "2"),
    ],
)
def test_the_next_name_counts_on(labels: tuple[str, ...], base: str, wanted: str) -> None:
    assert next_label(labels, base) == wanted


def test_a_draft_is_begun_kept_and_added_once() -> None:
    workspace = MemoryWorkspace()
    draft = start_draft(StartDraft(BASE, "Anna"), workspace, clock=CLOCK)
    assert (draft.version, draft.base, draft.person) == ("2026.2", BASE.sha256, "Anna")
    second = start_draft(StartDraft(BASE, "Bo"), workspace, clock=CLOCK)
    assert (second.id, second.version) == ("000002", "2026.3")
    kept = keep_draft(KeepDraft(draft.id, set_version(draft.document, "2027"), "Bo"), workspace, clock=CLOCK)
    with workspace.read() as stores:
        assert stores.policy_drafts.get(draft.id) == kept
        assert [each.version for each in stores.policy_drafts.all()] == ["2027", "2026.3"]
    made = replace(BASE, version="2027", sha256="1" * 64, document=kept.document)
    added = submit_draft(draft.id, AddPolicy(made, "Bo", "ready"), workspace, clock=CLOCK)
    assert (added.version, added.note) == ("2027", "ready")
    with pytest.raises(InputError, match="no longer there"):
        submit_draft(draft.id, AddPolicy(made, "Bo"), workspace, clock=CLOCK)
    with pytest.raises(InputError, match="no longer there"):
        keep_draft(KeepDraft(draft.id, kept.document, "Bo"), workspace, clock=CLOCK)
    drop_draft(second.id, workspace)
    with workspace.read() as stores:
        assert stores.policy_drafts.all() == []


def test_a_draft_that_is_refused_stays() -> None:
    workspace = MemoryWorkspace()
    draft = start_draft(StartDraft(BASE, "Anna"), workspace, clock=CLOCK)
    with pytest.raises(InputError, match="needs the name"):
        submit_draft(draft.id, AddPolicy(BASE, " "), workspace, clock=CLOCK)
    with workspace.read() as stores:
        assert stores.policy_drafts.get(draft.id) == draft
