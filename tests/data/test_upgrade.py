"""Workspaces of every released schema are upgraded with a proven backup, or stay as they are to the byte."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from app.adapters.cipher import AesGcmCipher
from app.bootstrap import open_desk
from app.errors import EnvironmentFault, InputError
from app.ports import QueueQuery
from data import backups, upgrade
from data import workspace as workspaces
from data.backups import find_backup, is_whole, list_backups
from data.database import Database, encryption_key_text, extension_file
from data.migrations import SCHEMA, migrations
from data.upgrade import NewerWorkspace
from data.workspace import StoredWorkspace, open_workspace
from tests.data.old_workspaces import PASSPHRASE, SCHEMAS, expected, put_together
from tests.doubles import FixedClock

LATEST = len(migrations())
OLD = LATEST - 1
DATABASE = ("workspace.duckdb", "workspace.duckdb.wal")


def opened(folder: Path, key: bytes, **more: Any) -> StoredWorkspace:
    return open_workspace(folder, lambda _: key, AesGcmCipher, clock=FixedClock(), threads=2, **more)


def contents(file: Path, key: bytes) -> dict[str, tuple[list[str], list[str]]]:
    """Columns and sorted rows of every table, by a door of their own."""
    with duckdb.connect() as db:
        db.execute(f"LOAD '{extension_file()}'")
        secret = encryption_key_text(key)
        db.execute(f"ATTACH '{file}' AS ws (READ_ONLY, ENCRYPTION_KEY '{secret}', ENCRYPTION_CIPHER 'GCM')")
        tables = db.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = 'ws'").fetchall()
        found = {}
        for (table,) in tables:
            columns = [row[0] for row in db.execute(f'DESCRIBE ws."{table}"').fetchall()]
            found[table] = (columns, sorted(map(repr, db.execute(f'SELECT * FROM ws."{table}"').fetchall())))
    return found


def columns_of(file: Path, key: bytes) -> dict[str, list[tuple[str, str]]]:
    with duckdb.connect() as db:
        db.execute(f"LOAD '{extension_file()}'")
        secret = encryption_key_text(key)
        db.execute(f"ATTACH '{file}' AS ws (READ_ONLY, ENCRYPTION_KEY '{secret}', ENCRYPTION_CIPHER 'GCM')")
        rows = db.execute(
            "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
            "WHERE database_name = 'ws' AND NOT internal ORDER BY ALL"
        ).fetchall()
    found: dict[str, list[tuple[str, str]]] = {}
    for table, *column in rows:
        found.setdefault(table, []).append(tuple(column))
    return found


def digests(folder: Path) -> dict[str, str]:
    """The database's files and the plain ones, but for the lock and the folders that are emptied."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.is_file() and path.name != "lock"
    }


@pytest.fixture
def old(tmp_path: Path) -> tuple[Path, bytes]:
    folder = tmp_path / "old"
    key = put_together(OLD, folder)
    expected(folder)
    return folder, key


def test_there_is_a_fixture_of_every_released_schema() -> None:
    assert list(range(1, LATEST)) == [schema for schema in SCHEMAS if schema < LATEST]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_workspace_of_every_released_schema_keeps_everything(tmp_path: Path, schema: int) -> None:
    folder = tmp_path / "old"
    key = put_together(schema, folder)
    shown = expected(folder)
    before = contents(folder / DATABASE[0], key)
    empty = [table for table, (_, rows) in before.items() if not rows]
    assert not empty, "a table without rows proves nothing"
    with open_desk(folder, passphrase=lambda new: PASSPHRASE) as desk:
        done = desk.upgrade
        if schema == LATEST:
            assert done is None
        else:
            assert (done.before, done.after) == (schema, LATEST)
        with desk.workspace.read() as stores:
            assert stores.events.verify() is None
            assert stores.settings.get("person.name") == "Erika Beispiel"
            case_id = stores.cases.find_by_reference("mateo").id
            case, report, decision = (
                stores.cases.get(case_id),
                stores.reports.get(case_id),
                stores.decisions.get(case_id),
            )
            facts = {fact.id for fact in stores.facts.current(case_id)}
            documents = stores.documents.of_case(case_id)
            for document in documents:
                stores.documents.content(document.sha256)
        queue = desk.workspace.queue(QueueQuery())
        cases = [one.id for one in queue.page(0, 100)]
        queue.close()
        package = desk.export(case_id, tmp_path / "again.cwz")
    assert cases == [one["id"] for one in shown["cases"]["cases"]]
    assert case.status.value == "signed"
    assert facts == {fact["id"] for fact in shown["mateo"]["facts"]}
    assert {document.sha256 for document in documents} == {one["sha256"] for one in shown["mateo"]["documents"]}
    assert [sentence.text for sentence in report.sentences] == [
        sentence["text"] for sentence in shown["mateo"]["report"]["sentences"]
    ]
    assert decision.outcome.value == shown["mateo"]["decision"]["outcome"]
    assert package.path.exists()


@pytest.mark.parametrize("schema", [schema for schema in SCHEMAS if schema < LATEST])
def test_every_row_is_there_afterwards_in_a_schema_like_a_new_one(tmp_path: Path, schema: int) -> None:
    folder = tmp_path / "old"
    key = put_together(schema, folder)
    before = contents(folder / DATABASE[0], key)
    opened(folder, key).close()
    after = contents(folder / DATABASE[0], key)
    for table in before.keys() - {"events", "schema_version"}:
        width = len(before[table][0])
        assert after[table][0][:width] == before[table][0]
        if len(after[table][0]) == width:
            assert after[table][1] == before[table][1], table
        else:
            assert len(after[table][1]) == len(before[table][1]), table
    assert set(before["events"][1]) < set(after["events"][1])
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    opened(fresh, key).close()
    new = columns_of(fresh / DATABASE[0], key)
    grown = columns_of(folder / DATABASE[0], key)
    came_with_tables = {"application_rows"}  # it has a column for each fact that a table brought
    assert {table: new[table] for table in new.keys() - came_with_tables} == {
        table: grown[table] for table in grown.keys() - came_with_tables
    }
    assert set(new["application_rows"]) <= set(grown["application_rows"])


def test_the_backup_is_the_old_workspace_and_its_digest_is_in_the_audit_chain(old: tuple[Path, bytes]) -> None:
    folder, key = old
    before, rows = digests(folder), contents(folder / DATABASE[0], key)
    with opened(folder, key) as workspace:
        assert workspace.upgrade is not None
        with workspace.read() as stores:
            event = stores.events._tx.rows("SELECT person, what, detail FROM events ORDER BY seq DESC LIMIT 1")[0]
    (backup,) = list_backups(folder)
    assert backup.path == workspace.upgrade.backup
    assert (backup.schema, backup.reason, is_whole(backup)) == (OLD, "upgrade", True)
    assert backup.files == {name: before[name] for name in DATABASE if name in before}
    assert contents(backup.path / DATABASE[0], key) == rows
    detail = {"from": OLD, "to": LATEST, "backup": backup.digest}
    assert (event[0], event[1], json.loads(event[2])) == ("caseworth", "workspace.upgraded", detail)
    assert not (folder / backups.MARKER).exists()


def test_a_second_start_upgrades_nothing_and_makes_no_backup(old: tuple[Path, bytes]) -> None:
    folder, key = old
    opened(folder, key).close()
    with opened(folder, key) as workspace:
        assert workspace.upgrade is None
    assert len(list_backups(folder)) == 1


def test_progress_goes_through_the_backup_to_the_upgrade(old: tuple[Path, bytes]) -> None:
    folder, key = old
    told: list[tuple[int, int | None, str]] = []
    opened(folder, key, progress=lambda *step: told.append(step)).close()
    copied = [done for done, _, what in told if what == "backup"]
    assert copied == sorted(copied)
    assert copied[-1] == 3 * list_backups(folder)[0].size, "read, written, read back"
    assert told[-1][2] == "upgrade"


def test_a_log_that_a_kill_left_belongs_to_the_backup(old: tuple[Path, bytes], tmp_path: Path) -> None:
    folder, key = old
    live = tmp_path / "live"
    shutil.copytree(folder, live)
    for name in ("incoming", "tmp"):
        (live / name).mkdir()
    database = Database(live / DATABASE[0], key, incoming=live / "incoming", temporary=live / "tmp", threads=2)
    with database.transaction() as tx:
        tx.run("INSERT INTO settings VALUES ('kept.by', 'the log')")
    for name in DATABASE:
        shutil.copy(live / name, folder / name)
    database.close()
    with opened(folder, key) as workspace, workspace.read() as stores:
        assert stores.settings.get("kept.by") == "the log"
    assert set(list_backups(folder)[0].files) == set(DATABASE)


# -- failures


def failing_schema(tmp_path: Path, *files: tuple[str, str]) -> Path:
    folder = tmp_path / "schema"
    shutil.copytree(SCHEMA, folder)
    for name, sql in files:
        (folder / name).write_text(sql)
    return folder


def use_schema(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    real = upgrade.opened
    monkeypatch.setattr(workspaces, "opened", lambda *args, **more: real(*args, **more, schema=folder))
    monkeypatch.setattr(workspaces, "migrations", lambda: migrations(folder))


@pytest.mark.parametrize(
    ("sql", "words"),
    [
        ("CREATE TABLE settings (n INTEGER);", "already exists"),
        ("DELETE FROM facts;", "rows of facts"),
        ("UPDATE events SET detail = '{}' WHERE seq = 1;", "audit chain"),
    ],
)
def test_an_upgrade_that_fails_leaves_the_old_workspace_to_the_byte(
    old: tuple[Path, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str, words: str
) -> None:
    folder, key = old
    before = digests(folder)
    use_schema(monkeypatch, failing_schema(tmp_path, (f"{LATEST + 1:03}_wrong.sql", sql)))
    with pytest.raises(EnvironmentFault, match="could not be upgraded, and is as it was before") as caught:
        opened(folder, key)
    assert words in caught.value.message
    (backup,) = list_backups(folder)
    assert str(backup.path) in caught.value.remedy
    assert digests(folder) == before
    with pytest.raises(EnvironmentFault):
        opened(folder, key)
    assert list_backups(folder) == [backup], "trying again makes no further copy"


def test_a_failure_after_the_commit_is_put_back_too(old: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, key = old
    before = digests(folder)

    def no_checkpoint(self: Database) -> None:
        raise EnvironmentFault("The disk went away.", remedy="Plug it in.")

    monkeypatch.setattr(Database, "checkpoint", no_checkpoint)
    with pytest.raises(EnvironmentFault, match="The disk went away") as caught:
        opened(folder, key)
    assert "Plug it in." in caught.value.remedy
    assert digests(folder) == before


def test_a_damaged_workspace_is_not_upgraded(old: tuple[Path, bytes]) -> None:
    folder, key = old
    content = bytearray((folder / DATABASE[0]).read_bytes())
    for at in range(len(content) // 3, len(content), 50_000):
        content[at] ^= 0xFF
    (folder / DATABASE[0]).write_bytes(content)
    before = digests(folder)
    with pytest.raises(EnvironmentFault):
        opened(folder, key)
    assert digests(folder) == before
    assert list_backups(folder) == []


def test_a_copy_that_reads_back_otherwise_is_no_backup(
    old: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = old
    before = digests(folder)
    real = backups._digest

    def flaky(path: Path, *more: Any) -> str:
        return "0" * 64 if path.parent.name.endswith(".part") else real(path, *more)

    monkeypatch.setattr(backups, "_digest", flaky)
    with pytest.raises(EnvironmentFault, match="does not read back"):
        opened(folder, key)
    assert digests(folder) == before
    assert not list((folder / backups.FOLDER).iterdir())


def test_a_disk_too_small_for_the_copy_is_told_before_anything_is_written(
    old: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = old
    before = digests(folder)
    size = (folder / DATABASE[0]).stat().st_size
    usage = shutil.disk_usage(folder)._replace(free=size)
    monkeypatch.setattr(backups.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(EnvironmentFault, match="too little room") as caught:
        opened(folder, key)
    assert "MB are missing" in caught.value.message
    assert "Free that much" in caught.value.remedy
    assert digests(folder) == before
    assert list_backups(folder) == []


def test_a_disk_that_fills_up_while_copying_leaves_no_half_backup(
    old: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, key = old
    before = digests(folder)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.os, "fsync", full)
    with pytest.raises(EnvironmentFault, match="the disk is full") as caught:
        opened(folder, key)
    assert "Free some space" in caught.value.remedy
    assert digests(folder) == before
    assert not list((folder / backups.FOLDER).iterdir())


# -- newer workspaces


def test_a_newer_workspace_is_refused_to_the_byte_and_told_the_way_back(old: tuple[Path, bytes]) -> None:
    folder, key = old
    opened(folder, key).close()
    _age(folder, key, 99)
    before = digests(folder)
    with pytest.raises(NewerWorkspace, match="newer version of Caseworth") as caught:
        opened(folder, key)
    (backup,) = list_backups(folder)
    assert "schema 99" in caught.value.message
    assert f"workspace restore {backup.path.name}" in caught.value.remedy
    assert "Nothing was changed" in caught.value.remedy
    assert digests(folder) == before


def test_a_newer_workspace_without_backup_names_the_newer_version_only(tmp_path: Path) -> None:
    opened(_made(tmp_path), bytes(32)).close()
    _age(tmp_path / "new", bytes(32), 99)
    with pytest.raises(NewerWorkspace) as caught:
        opened(tmp_path / "new", bytes(32))
    assert caught.value.backup is None
    assert "Install that version" in caught.value.remedy


def test_a_file_of_a_later_database_engine_is_a_newer_workspace(tmp_path: Path) -> None:
    folder = _made(tmp_path)
    opened(folder, bytes(32)).close()
    content = bytearray((folder / DATABASE[0]).read_bytes())
    assert content[8:12] == b"DUCK"
    content[12] += 40  # the storage version behind the magic
    content[:8] = struct.pack("<Q", _checksum(content[8:4096]))
    (folder / DATABASE[0]).write_bytes(content)
    with pytest.raises(NewerWorkspace, match="newer version of Caseworth"):
        opened(folder, bytes(32))


def _checksum(block: bytes) -> int:
    """DuckDB's checksum of a header, which stands before it."""
    found = 5381
    for (word,) in struct.iter_unpack("<Q", block):
        found ^= word * 0xBF58476D1CE4E5B9 % 2**64
    return found


def _made(tmp_path: Path) -> Path:
    (tmp_path / "new").mkdir()
    return tmp_path / "new"


def _age(folder: Path, key: bytes, version: int) -> None:
    with opened(folder, key) as workspace, workspace._database.transaction() as tx:
        tx.run(f"INSERT INTO schema_version VALUES ({version}, TIMESTAMP '2030-01-01')")


# -- kills

KILLED = """
import os, signal, sys
from pathlib import Path
from app.adapters.cipher import AesGcmCipher
from data.database import Session
from data.workspace import open_workspace
from tests.doubles import FixedClock

folder, key, last = sys.argv[1], bytes.fromhex(sys.argv[2]), int(sys.argv[3])
steps = 0

def step(*_):
    global steps
    steps += 1
    if steps == last:
        os.kill(os.getpid(), signal.SIGKILL)

def on_file(event, args):
    writes = event == "open" and isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR)
    if (writes or event in ("os.rename", "os.remove", "os.mkdir")) and folder in str(args[0]):
        step()

real = Session.run
def run(self, sql, params=(), *, shown=None):
    step()
    result = real(self, sql, params, shown=shown)
    if sql.startswith(("COMMIT", "CHECKPOINT")):
        step()
    return result

Session.run = run
sys.addaudithook(on_file)
open_workspace(Path(folder), lambda _: key, AesGcmCipher, clock=FixedClock(), threads=1).close()
print(steps)
"""


def upgraded_until(step: int, folder: Path, key: bytes, root: Path) -> int | None:
    """Upgrade in a process that is killed at that step: None; or how many steps it took to the end."""
    arguments = [sys.executable, "-c", KILLED, str(folder), key.hex(), str(step)]
    done = subprocess.run(arguments, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return int(done.stdout.split()[-1]) if done.returncode == 0 else None


@pytest.mark.slow
@pytest.mark.timeout(900)  # each kill takes a process of its own
@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_kill_at_any_step_leaves_the_old_or_the_new(old: tuple[Path, bytes], tmp_path: Path, root: Path) -> None:
    source, key = old
    before = contents(source / DATABASE[0], key)
    whole = tmp_path / "whole"
    shutil.copytree(source, whole)
    steps = upgraded_until(0, whole, key, root)
    after = contents(whole / DATABASE[0], key)
    assert steps is not None
    assert steps > 40
    seen = set()
    for step in range(1, steps + 1, steps // 12):
        folder = tmp_path / f"killed-{step}"
        shutil.copytree(source, folder)
        assert upgraded_until(step, folder, key, root) is None, f"step {step} was not reached"
        if not (folder / backups.MARKER).exists():
            found = contents(folder / DATABASE[0], key)
            seen.add("old" if found == before else "new")
            assert found in (before, after) or found["events"][0] == after["events"][0]
        else:
            seen.add("between")
        with opened(folder, key) as workspace, workspace.read() as stores:
            assert stores.events.verify() is None
            assert stores.settings.get("person.name") == "Erika Beispiel"
        assert not (folder / backups.MARKER).exists()
        assert not list((folder / backups.FOLDER).glob(".*"))
        assert len(list_backups(folder)) == 1
        assert all(is_whole(backup) for backup in list_backups(folder))
        rows = contents(folder / DATABASE[0], key)
        assert {name: rows[name] for name in rows.keys() - {"events", "schema_version"}} == {
            name: after[name] for name in after.keys() - {"events", "schema_version"}
        }
        shutil.rmtree(folder)
    assert seen >= {"old", "between"}


def test_a_backup_lost_in_the_middle_is_told(old: tuple[Path, bytes]) -> None:
    folder, key = old
    opened(folder, key).close()
    (backup,) = list_backups(folder)
    backups.mark(folder, backup)
    (backup.path / DATABASE[0]).write_bytes(b"damaged")
    with pytest.raises(EnvironmentFault, match="not whole"):
        opened(folder, key)


def test_a_backup_that_is_gone_in_the_middle_is_told_with_the_way_out(old: tuple[Path, bytes]) -> None:
    folder, key = old
    opened(folder, key).close()
    (backup,) = list_backups(folder)
    backups.mark(folder, backup)
    shutil.rmtree(backup.path)
    with pytest.raises(EnvironmentFault, match="is not there") as caught:
        opened(folder, key)
    assert f"delete {backups.MARKER}" in caught.value.remedy
    (folder / backups.MARKER).unlink()
    opened(folder, key).close()


def test_what_is_no_backup_is_told(tmp_path: Path, old: tuple[Path, bytes]) -> None:
    folder, key = old
    opened(folder, key).close()
    (backup,) = list_backups(folder)
    manifest = backup.path / backups.MANIFEST
    manifest.write_text(manifest.read_text().replace(f'"schema": {OLD}', '"schema": 1'))
    with pytest.raises(InputError, match="was changed or is damaged"):
        find_backup(folder, backup.path.name)
    with pytest.raises(InputError, match="no backup"):
        find_backup(folder, str(tmp_path))
    assert list_backups(folder) == []
