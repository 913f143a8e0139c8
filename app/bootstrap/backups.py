"""Backups of a workspace that a person asks for: making one, listing them, going back to one."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.bootstrap.desk import SystemClock
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.bootstrap import Passphrase
    from data.backups import Backup


@dataclass(frozen=True, slots=True)
class Restored:
    """What going back did: the state that stands now, and the one it took the place of; None: there was no database."""

    backup: Backup
    replaced: Backup | None


def list_backups(path: Path) -> list[Backup]:
    """The backups of a workspace, newest first; needs no key. Raises ``EnvironmentFault`` where there is none."""
    from data import backups

    return backups.list_backups(_workspace(path))


def back_up(path: Path, passphrase: Passphrase | None = None, progress: Progress = no_progress) -> Backup:
    """Copy the database of a closed workspace and prove the copy."""
    from data import backups

    with _held(path, passphrase) as (folder, key, prove):
        if not (folder / backups.FILES[0]).exists():
            raise EnvironmentFault(f"The workspace {folder} has no database yet.", remedy="Open it once.")
        return _copied(folder, key, "asked", prove, progress)


def restore(path: Path, named: str, passphrase: Passphrase | None = None, progress: Progress = no_progress) -> Restored:
    """Make a backup, given by name or folder, the state of the workspace; the state now is kept as a backup before.

    Raises ``InputError`` for what is no backup of this workspace, ``EnvironmentFault`` where the backup is of a newer
    version, is not whole or cannot be read with this workspace's key, or the disk is full: then nothing was changed.
    """
    from app.bootstrap import open_desk
    from data import backups
    from data.migrations import migrations

    passphrase = _once(passphrase)
    with _held(path, passphrase) as (folder, key, prove):
        backup = backups.find_backup(folder, named)
        if not backups.belongs_to(folder, backup):
            raise InputError("backup", f"{backup.path} is a backup of another workspace than {folder}.")
        if backup.schema is None or backup.schema > len(migrations()):
            raise EnvironmentFault(
                f"The backup {backup.path} is of a newer version of Caseworth.",
                remedy="Install that version or a later one. Nothing was changed.",
            )
        if not backups.is_whole(backup):
            raise EnvironmentFault(
                f"The backup {backup.path} is not whole: its files are not those it was made of.",
                remedy="Nothing was changed. Choose another one of those 'caseworth workspace backups' lists.",
            )
        prove(backup.path / backups.FILES[0])
        there = (folder / backups.FILES[0]).exists()
        replaced = _copied(folder, key, "restore", prove, progress) if there else None
        backup = backups.bring_in(folder, backup)
        backups.put_back(folder, backup)
    with open_desk(path, passphrase=passphrase, progress=progress) as desk, desk.workspace.transaction() as stores:
        detail = {"backup": backup.digest, "replaced": replaced.digest if replaced else None}
        stores.events.append(desk.person, None, "workspace.restored", detail)
    return Restored(backup, replaced)


def _workspace(path: Path) -> Path:
    folder = path.resolve()
    if not (folder / "workspace.json").exists():
        raise EnvironmentFault(f"There is no workspace {folder}.", remedy="Name one with --workspace.")
    return folder


@contextmanager
def _held(path: Path, passphrase: Passphrase | None) -> Iterator[tuple[Path, bytes, Callable[[Path], object]]]:
    """The workspace's folder, its key, and what proves that a copy can be read; nobody else opens it meanwhile."""
    from app.adapters.keys import unlock_key
    from data.lock import WorkspaceLock
    from data.upgrade import read_copy
    from data.workspace import emptied

    folder = _workspace(path)
    lock = WorkspaceLock(folder)
    try:
        key = unlock_key(folder / "workspace.json", passphrase)
        yield folder, key, partial(read_copy, key=key, scratch=emptied(folder / "tmp"), clock=SystemClock())
    finally:
        lock.release()


def _once(passphrase: Passphrase | None) -> Passphrase | None:
    """Ask the person once, however often it is needed."""
    return cache(passphrase) if passphrase else None


def _copied(folder: Path, key: bytes, reason: str, prove: Callable[[Path], object], progress: Progress) -> Backup:
    """A backup of the database as it is; one of a newer version, or damaged, is kept by its bytes alone."""
    from data import backups
    from data.database import EngineAhead

    engine = EngineAhead()
    try:
        schema = engine.schema_of(folder / backups.FILES[0], key)
    except EnvironmentFault:
        if reason == "asked":
            raise
        schema = None
    finally:
        engine.drop()
    readable = schema is not None
    return backups.make_backup(
        folder,
        schema=schema,
        reason=reason,
        now=SystemClock().now(),
        prove=prove if readable else lambda _: None,
        progress=progress,
    )
