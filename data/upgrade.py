"""Bringing a workspace of an older version to this version's schema: a proven backup first, then all or nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.errors import EnvironmentFault, WorkbenchError
from app.ports import Clock, Progress
from data.backups import Backup, list_backups, make_backup, mark, put_back, unmark
from data.database import Database, quoted
from data.migrations import SCHEMA, Checks, migrate, migrations

if TYPE_CHECKING:
    from data.transaction import Tx


@dataclass(frozen=True, slots=True)
class Upgrade:
    """A workspace was brought from one schema to a later one; ``backup`` holds it as it was."""

    before: int
    after: int
    backup: Path


class NewerWorkspace(EnvironmentFault):
    """The workspace was written by a newer version; ``backup`` is the newest one this version can read, if any."""

    def __init__(self, folder: Path, found: int | None, known: int) -> None:
        fits = [one for one in list_backups(folder) if one.schema is not None and one.schema <= known]
        self.folder = folder
        self.backup = fits[0] if fits else None
        schema = "" if found is None else f" (schema {found}; this version knows up to {known})"
        remedy = "Install that version or a later one."
        if self.backup is not None:
            remedy += (
                f" Or go back to the state of {self.backup.made_at:%Y-%m-%d %H:%M} UTC, before its upgrade: "
                f"caseworth --workspace '{folder}' workspace restore {self.backup.path.name} "
                "(what was done since is kept in a backup of its own)."
            )
        super().__init__(
            f"The workspace {folder} was written by a newer version of Caseworth{schema}.",
            remedy=f"{remedy} Nothing was changed.",
        )


@dataclass(frozen=True, slots=True)
class Contents:
    """What must be the same before and after: rows of each table, and where the audit chain breaks, if it does."""

    rows: dict[str, int]
    broken_link: int | None


def read_whole(tx: Tx, clock: Clock) -> Contents:
    """Read every value of the database, which checks every page's tag. Raises ``EnvironmentFault`` for damage."""
    from data.repositories.events import EventRepository

    sql = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'ws' AND NOT internal ORDER BY ALL"
    tables = [name for (name,) in tx.rows(sql)]
    rows = {}
    for table in tables:
        rows[table] = int(tx.rows(f"SELECT count(*), bit_xor(hash(t)) FROM {quoted(table)} t")[0][0])  # noqa: S608
    return Contents(rows, EventRepository(tx, clock).verify() if "events" in tables else None)


def read_copy(file: Path, key: bytes, scratch: Path, clock: Clock) -> Contents:
    """Open a copy of a database read-only and read it whole."""
    database = Database(file, key, incoming=scratch, temporary=scratch, threads=2, read_only=True)
    try:
        with database.read() as tx:
            return read_whole(tx, clock)
    finally:
        database.close()


def opened(
    folder: Path,
    found: int,
    open_database: Callable[[], Database],
    *,
    read: Callable[[Path], Contents],
    clock: Clock,
    progress: Progress,
    schema: Path = SCHEMA,
) -> tuple[Database, Upgrade | None]:
    """Open the database of the workspace in ``folder``, upgraded if it is old; ``found`` is its schema, 0 a new one's.

    Raises ``EnvironmentFault`` when it cannot be upgraded; then it is byte by byte as it was before.
    """
    latest = len(migrations(schema))
    if found in (0, latest):
        return _migrated(open_database, schema), None
    before: list[Contents] = []
    backup = make_backup(
        folder,
        schema=found,
        reason="upgrade",
        now=clock.now(),
        prove=lambda copy: before.append(read(copy)),
        progress=progress,
        growth=True,
    )
    progress(0, None, "upgrade")
    mark(folder, backup)
    try:
        database = _migrated(open_database, schema, _Within(backup, before[-1], found, latest, clock))
    except BaseException as exc:
        put_back(folder, backup)
        if not isinstance(exc, Exception):
            raise
        raise _failed(folder, backup, exc) from exc
    unmark(folder)
    return database, Upgrade(found, latest, backup.path)


def _migrated(open_database: Callable[[], Database], schema: Path, checks: Checks | None = None) -> Database:
    database = open_database()
    try:
        migrate(database, schema, checks)
        if checks is not None:
            database.checkpoint()
    except BaseException:
        database.close()
        raise
    return database


@dataclass(frozen=True, slots=True)
class _Within:
    """What is checked and noted in the transaction of an upgrade, before it is committed."""

    backup: Backup
    before: Contents
    found: int
    latest: int
    clock: Clock

    def __call__(self, tx: Tx) -> None:
        from data.repositories.events import EventRepository

        after = read_whole(tx, self.clock)
        kept = self.before.rows.keys() & after.rows.keys() - {"schema_version"}
        lost = sorted(table for table in kept if after.rows[table] < self.before.rows[table])
        if lost or after.broken_link != self.before.broken_link:
            what = f"rows of {', '.join(lost)}" if lost else "the audit chain"
            raise EnvironmentFault(f"The upgrade would not have kept {what}.")
        detail = {"from": self.found, "to": self.latest, "backup": self.backup.digest}
        EventRepository(tx, self.clock).append("caseworth", None, "workspace.upgraded", detail)


def _failed(folder: Path, backup: Backup, exc: Exception) -> EnvironmentFault:
    why = exc.message if isinstance(exc, WorkbenchError) else f"{type(exc).__name__}: {str(exc).splitlines()[0]}"
    remedy = exc.remedy if isinstance(exc, WorkbenchError) else "Please pass this message on."
    return EnvironmentFault(
        f"The workspace {folder} could not be upgraded, and is as it was before: {why}",
        remedy=f"{remedy} The version before this one opens it. A copy is in {backup.path}.".strip(),
    )
