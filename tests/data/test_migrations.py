"""Migrations go in whole, in order, once; a newer workspace is left alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from app.errors import EnvironmentFault
from data.database import Database
from data.migrations import SCHEMA, migrate, migrations, schema_version


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    for name in ("incoming", "tmp"):
        (tmp_path / name).mkdir()
    made = Database(
        tmp_path / "workspace.duckdb", bytes(32), incoming=tmp_path / "incoming", temporary=tmp_path / "tmp", threads=2
    )
    yield made
    made.close()


def folder_of(tmp_path: Path, *files: tuple[str, str]) -> Path:
    folder = tmp_path / "schema"
    folder.mkdir(exist_ok=True)
    for name, sql in files:
        (folder / name).write_text(sql)
    return folder


def versions(database: Database) -> list[int]:
    with database.read() as tx:
        return [version for (version,) in tx.rows("SELECT version FROM schema_version ORDER BY version")]


def test_the_shipped_ones_make_every_table_and_are_recorded_once(database: Database) -> None:
    latest = migrate(database)
    assert latest == len(list(SCHEMA.glob("*.sql")))
    assert migrate(database) == latest
    assert versions(database) == list(range(1, latest + 1))
    named = "opened_cases application_tables application_rows documents case_documents facts fact_marks findings"
    named += " transactions scores policy_results reports decisions first_opinions events rejects mappings settings"
    assert set(named.split()) <= set(database.columns)


def test_only_what_is_missing_is_applied(database: Database, tmp_path: Path) -> None:
    first = ("001_a.sql", "CREATE TABLE application_rows (case_no BIGINT); CREATE TABLE a (n INTEGER);")
    migrate(database, folder_of(tmp_path, first))
    with database.transaction() as tx:
        tx.run("INSERT INTO a VALUES (7)")
    assert migrate(database, folder_of(tmp_path, ("002_b.sql", "ALTER TABLE a ADD COLUMN m INTEGER;"))) == 2
    with database.read() as tx:
        assert tx.rows("SELECT * FROM a") == [(7, None)]
    assert versions(database) == [1, 2]


def test_a_failing_one_undoes_those_before_it(database: Database, tmp_path: Path) -> None:
    folder = folder_of(
        tmp_path, ("001_a.sql", "CREATE TABLE a (n INTEGER);"), ("002_b.sql", "CREATE TABLE a (n INTEGER);")
    )
    with pytest.raises(duckdb.CatalogException):
        migrate(database, folder)
    with database.read() as tx:
        assert tx.rows("SELECT table_name FROM duckdb_tables() WHERE database_name = 'ws'") == []


def test_a_newer_workspace_is_refused_and_not_changed(database: Database, tmp_path: Path) -> None:
    migrate(database)
    with database.transaction() as tx:
        tx.run("INSERT INTO schema_version VALUES (99, TIMESTAMP '2030-01-01')")
    with pytest.raises(EnvironmentFault, match="newer version of Caseworth") as caught:
        migrate(database)
    assert "99" in caught.value.message
    assert "Install" in caught.value.remedy
    with database.read() as tx:
        assert schema_version(tx) == 99
        assert len(tx.rows("SELECT * FROM schema_version")) == len(migrations()) + 1


def test_files_out_of_number_are_our_own_fault(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without gaps"):
        migrations(folder_of(tmp_path, ("002_b.sql", "")))
