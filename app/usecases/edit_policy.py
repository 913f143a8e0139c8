"""Work on a new version of a policy: a draft is kept at every change, and added to the workspace when it is ready."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.domain.policy import Policy
from app.domain.policy_edit import set_version
from app.domain.policy_versions import PolicyDraft, PolicyVersion, next_label
from app.errors import InputError
from app.ports import Clock, Workspace
from app.usecases.activate_policy import AddPolicy, add_policy


@dataclass(frozen=True, slots=True)
class StartDraft:
    """A draft of the version after ``base``."""

    base: Policy
    person: str


@dataclass(frozen=True, slots=True)
class KeepDraft:
    """What a draft has become."""

    draft_id: str
    document: Mapping[str, Any]
    person: str


def start_draft(cmd: StartDraft, workspace: Workspace, *, clock: Clock) -> PolicyDraft:
    """Make a draft under the next version's name that no version and no draft of the policy has."""
    with workspace.transaction() as stores:
        drafts = stores.policy_drafts.all()
        labels = [each.version for each in stores.policy_versions.all() if each.policy == cmd.base.name]
        labels += [each.version for each in drafts if each.policy == cmd.base.name]
        number = max((int(each.id) for each in drafts), default=0) + 1
        document = set_version(cmd.base.document, next_label([*labels, cmd.base.version], cmd.base.version))
        if not document.get("name"):
            document = {**document, "name": cmd.base.name}
        at = clock.now().isoformat()
        draft = PolicyDraft(f"{number:06d}", cmd.base.name, document, cmd.base.sha256, cmd.person, at)
        stores.policy_drafts.put(draft)
    return draft


def keep_draft(cmd: KeepDraft, workspace: Workspace, *, clock: Clock) -> PolicyDraft:
    """Keep what a draft has become. Raises ``InputError`` where the draft is gone."""
    with workspace.transaction() as stores:
        draft = stores.policy_drafts.get(cmd.draft_id)
        if draft is None:
            raise _gone()
        kept = replace(draft, document=cmd.document, person=cmd.person, changed_at=clock.now().isoformat())
        stores.policy_drafts.put(kept)
    return kept


def drop_draft(draft_id: str, workspace: Workspace) -> None:
    """Throw a draft away."""
    with workspace.transaction() as stores:
        stores.policy_drafts.remove(draft_id)


def submit_draft(draft_id: str, cmd: AddPolicy, workspace: Workspace, *, clock: Clock) -> PolicyVersion:
    """Add the draft to the workspace as a version, which a second person may activate; the draft is gone then.

    Raises what ``add_policy`` raises.
    """
    with workspace.read() as stores:
        if stores.policy_drafts.get(draft_id) is None:
            raise _gone()
    added = add_policy(cmd, workspace, clock=clock)
    drop_draft(draft_id, workspace)
    return added


def _gone() -> InputError:
    return InputError(
        "draft", "This draft is no longer there.", remedy="It was added or thrown away; look at the list."
    )
