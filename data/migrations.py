"""The numbered SQL files of ``data/schema``, applied once each, in order, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.errors import EnvironmentFault
from data.database import Database
from data.transaction import Tx

SCHEMA = Path(__file__).parent / "schema"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file ``NNN_name.sql``."""

    version: int
    sql: str


def migrations(folder: Path = SCHEMA) -> list[Migration]:
    """Read the migrations in ascending order; raises ``ValueError`` unless they are numbered 1, 2, 3, ..."""
    files = sorted(folder.glob("[0-9][0-9][0-9]_*.sql"))
    found = [Migration(int(file.name[:3]), file.read_text(encoding="utf-8")) for file in files]
    if not found or [migration.version for migration in found] != list(range(1, len(found) + 1)):
        raise ValueError(f"the migrations in {folder} are not numbered from 1 without gaps")
    return found


Checks = Callable[[Tx], None]
"""Looks at the upgraded tables in the same transaction; raises to undo everything."""


def migrate(database: Database, folder: Path = SCHEMA, checks: Checks | None = None) -> int:
    """Bring the schema up to this version of the program, all or nothing, and return its version.

    ``data.upgrade`` makes a backup before. Raises ``EnvironmentFault`` when a newer version of the program has written
    the workspace.
    """
    known = migrations(folder)
    with database.transaction() as tx:
        tx.run("CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)")
        current = schema_version(tx)
        if current > len(known):
            raise _too_new(current, len(known), database.path)
        for migration in known[current:]:
            tx.run(migration.sql)
            now = datetime.now(UTC).replace(tzinfo=None)
            tx.run("INSERT INTO schema_version VALUES (?, ?)", [migration.version, now])
        tx.columns = columns = _table_columns(tx)
        if checks is not None:
            checks(tx)
    database.columns = columns
    return len(known)


def schema_version(tx: Tx) -> int:
    """Version the workspace's tables have; 0 before the first migration."""
    return int(tx.fetch("SELECT coalesce(max(version), 0) FROM schema_version")[0][0])


def _table_columns(tx: Tx) -> dict[str, dict[str, str]]:
    rows = tx.fetch(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE database_name = 'ws' AND NOT internal ORDER BY table_name, column_index"
    )
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        columns.setdefault(table, {})[column] = kind
    return columns


def _too_new(found: int, known: int, path: Path) -> EnvironmentFault:
    return EnvironmentFault(
        f"The workspace {path.parent} was written by a newer version of Caseworth "
        f"(schema {found}; this version knows up to {known}).",
        remedy="Install that version or a later one. Nothing was changed.",
    )
