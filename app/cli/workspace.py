"""``workspace backup``, ``workspace backups``, ``workspace restore``."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from app.bootstrap import backups
from app.cli.output import emit, table, terminal_progress
from app.cli.session import ask_passphrase, workspace_path

if TYPE_CHECKING:
    from data.backups import Backup

REASONS = {"upgrade": "before an upgrade", "restore": "before going back", "asked": "asked for"}


def backup(given: Namespace) -> None:
    """Copy the workspace's database and prove the copy."""
    made = backups.back_up(workspace_path(given), ask_passphrase, terminal_progress())
    emit(given, _as_json(made), [f"backup {made.path}", f"schema {made.schema}, {made.size:,} bytes"])


def listed(given: Namespace) -> None:
    """List the backups of a workspace."""
    found = backups.list_backups(workspace_path(given))
    lines = table([[one.path.name, f"{one.size:,} bytes", REASONS.get(one.reason, one.reason)] for one in found])
    emit(given, {"backups": [_as_json(one) for one in found]}, lines or ["no backups"])


def restore(given: Namespace) -> None:
    """Go back to a backup."""
    done = backups.restore(workspace_path(given), given.backup, ask_passphrase, terminal_progress())
    replaced = _as_json(done.replaced) if done.replaced else None
    lines = [f"The workspace is as it was on {done.backup.made_at:%Y-%m-%d %H:%M} UTC."]
    if done.replaced:
        lines.append(f"What it was until now is kept: {done.replaced.path}")
    emit(given, {"restored": _as_json(done.backup), "replaced": replaced}, lines)


def _as_json(one: Backup) -> dict[str, Any]:
    return {
        "name": one.path.name,
        "path": str(one.path),
        "schema": one.schema,
        "program": one.program,
        "made_at": one.made_at.isoformat(),
        "reason": one.reason,
        "size": one.size,
        "files": dict(one.files),
        "digest": one.digest,
    }
