"""The encrypted file: unreadable from outside, closed to the outside, and clear about what is wrong with it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from app.errors import Cancelled, EnvironmentFault
from data.database import Database, EngineAhead, translated

KEY = bytes(range(32))
SECRET = "Zinaida Quistgaard"
LONG_QUERY = "SELECT count(*) FROM range(3000000) a, range(300000) b WHERE hash(a.range) % 1000 = hash(b.range) % 999"


def opened(folder: Path, **options: object) -> Database:
    for name in ("incoming", "tmp"):
        (folder / name).mkdir(exist_ok=True)
    given = {"memory_limit_mb": 256, "threads": 2} | options
    key = given.pop("key", KEY)
    return Database(
        folder / "workspace.duckdb",
        key,
        incoming=folder / "incoming",
        temporary=folder / "tmp",
        **given,  # type: ignore[arg-type]
    )


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = opened(tmp_path)
    with made.transaction() as tx:
        tx.run("CREATE TABLE people (id INTEGER, name VARCHAR)")
        tx.run("INSERT INTO people SELECT range, ? FROM range(50000)", [SECRET])
    yield made
    made.close()


def every_byte_in(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_neither_file_nor_log_holds_plain_text(database: Database, tmp_path: Path) -> None:
    with database.transaction() as tx:
        tx.run("INSERT INTO people VALUES (-1, ?)", [SECRET])
    assert (tmp_path / "workspace.duckdb.wal").stat().st_size > 0
    assert SECRET.encode() not in every_byte_in(tmp_path)
    database.close()
    assert SECRET.encode() not in every_byte_in(tmp_path)


def test_spilled_pages_hold_no_plain_text(tmp_path: Path) -> None:
    database = opened(tmp_path, memory_limit_mb=64, threads=1)
    seen: list[bytes] = []
    stop = threading.Event()

    def watch() -> None:
        while not stop.wait(0.03):
            for path in (tmp_path / "tmp").glob("*"):
                try:
                    seen.append(path.read_bytes()[:4_000_000])
                except OSError:  # deleted meanwhile
                    continue

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with database.session() as session:
            session.run("CREATE TEMP TABLE big AS SELECT range, ? || hash(range) AS s FROM range(1200000)", [SECRET])
            session.run("CREATE TEMP TABLE sorted AS SELECT * FROM big ORDER BY s")
    finally:
        stop.set()
        watcher.join()
        database.close()
    assert sum(map(len, seen)) > 1_000_000, "nothing was spilled, so nothing was tested"
    assert not any(SECRET.encode() in content for content in seen)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY people TO '{folder}/out.csv'",
        "ATTACH '{folder}/other.duckdb' AS other",
        "INSTALL spatial",
        "LOAD '{folder}/x.duckdb_extension'",
        "SET enable_external_access = true",
        "SET memory_limit = '1GB'",
        "SET allowed_directories = ['/']",
    ],
)
def test_sql_cannot_reach_outside_or_undo_the_lock_down(database: Database, tmp_path: Path, sql: str) -> None:
    with (
        pytest.raises((duckdb.PermissionException, duckdb.InvalidInputException, EnvironmentFault)),
        database.session() as session,
    ):
        session.run(sql.format(folder=tmp_path))
    assert not (tmp_path / "out.csv").exists()
    assert not (tmp_path / "tmp" / "out.csv").exists()


def test_the_key_is_in_no_setting_that_sql_can_read(database: Database) -> None:
    from data.database import encryption_key_text

    with database.session() as session:
        shown = repr(session.fetch("SELECT * FROM duckdb_databases()"))
        shown += repr(session.fetch("SELECT name, value FROM duckdb_settings()"))
    assert encryption_key_text(KEY) not in shown


def test_another_key_is_refused_and_nothing_touched(database: Database, tmp_path: Path) -> None:
    database.close()
    before = every_byte_in(tmp_path)
    with pytest.raises(EnvironmentFault, match="cannot be read or is damaged"):
        opened(tmp_path, key=bytes(32))
    assert every_byte_in(tmp_path) == before


@pytest.mark.parametrize("place", [0.0, 0.02, 0.3, 0.6, 0.9])
def test_damage_is_told_wherever_it_is(database: Database, tmp_path: Path, place: float) -> None:
    with database.session() as session:
        session.run("CHECKPOINT ws")
    database.close()
    file = tmp_path / "workspace.duckdb"
    content = bytearray(file.read_bytes())
    start = int(len(content) * place)
    content[start : start + 8192] = os.urandom(len(content[start : start + 8192]))
    file.write_bytes(bytes(content))
    assert every_name_or_fault(tmp_path) in ({SECRET}, EnvironmentFault), "lost rows may not go unseen"


def every_name_or_fault(folder: Path) -> set[str] | type[EnvironmentFault]:
    """The names in the table of people if all can be read, else the kind of error, which must say what to do."""
    try:
        damaged = opened(folder)
    except EnvironmentFault as fault:
        return type(fault) if "backup" in fault.remedy else set()
    try:
        with damaged.read() as tx:
            rows = tx.rows("SELECT * FROM people")
    except EnvironmentFault as fault:
        return type(fault) if fault.remedy else set()
    finally:
        damaged.close()
    return {name for _, name in rows} if len(rows) == 50_000 else set()


def test_a_truncated_file_is_told(database: Database, tmp_path: Path) -> None:
    database.close()
    file = tmp_path / "workspace.duckdb"
    os.truncate(file, 5000)
    with pytest.raises(EnvironmentFault):
        opened(tmp_path)


def test_a_folder_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "workspace.duckdb").mkdir()
    with pytest.raises(EnvironmentFault):
        opened(tmp_path)


def test_interrupting_stops_the_query_at_once(database: Database) -> None:
    threading.Timer(0.3, database.interrupt).start()
    started = time.perf_counter()
    with pytest.raises(Cancelled), database.read() as tx:
        tx.rows(LONG_QUERY)
    assert time.perf_counter() - started < 3


def test_interrupting_between_statements_stops_the_task_too(database: Database) -> None:
    def work() -> None:
        with database.transaction() as tx:
            tx.run("INSERT INTO people VALUES (-2, 'x')")
            database.interrupt()
            tx.run("INSERT INTO people VALUES (-3, 'x')")

    with pytest.raises(Cancelled):
        work()
    with database.read() as tx:
        assert tx.rows("SELECT count(*) FROM people WHERE id < 0") == [(0,)]


def test_work_that_starts_after_the_interrupt_runs(database: Database) -> None:
    database.interrupt()
    with database.read() as tx:
        assert tx.rows("SELECT 1") == [(1,)]


def test_a_reading_is_consistent_and_does_not_wait_for_the_writer(database: Database) -> None:
    with database.transaction() as tx:
        tx.run("INSERT INTO people VALUES (-1, 'x')")
        found: list[object] = []

        def read() -> None:
            with database.read() as reading:
                found.extend(reading.rows("SELECT count(*) FROM people WHERE id = -1"))

        thread = threading.Thread(target=read)
        thread.start()
        thread.join(10)
        assert found == [(0,)]


def test_a_reading_cannot_write(database: Database) -> None:
    with pytest.raises(duckdb.Error, match=r"read-only"), database.read() as tx:
        tx.run("INSERT INTO people VALUES (1, 'x')")


def test_writers_on_many_threads_go_one_after_the_other(database: Database) -> None:
    def add_one() -> None:
        with database.transaction() as tx:
            count = tx.rows("SELECT count(*) FROM people")[0][0]
            tx.run("INSERT INTO people VALUES (?, 'numbered')", [count])

    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as tx:
        numbers = [number for (number,) in tx.rows("SELECT id FROM people WHERE name = 'numbered' ORDER BY id")]
    assert numbers == list(range(50_000, 50_008))


def test_a_transaction_inside_a_transaction_is_refused_instead_of_waiting_for_ever(database: Database) -> None:
    with database.transaction(), pytest.raises(RuntimeError, match="already open"), database.transaction():
        pass


def test_debug_output_shows_statements_and_times_but_no_values(tmp_path: Path) -> None:
    lines: list[tuple[str, float]] = []
    database = opened(tmp_path, debug_sql=lambda sql, seconds: lines.append((sql, seconds)))
    with database.read() as tx:
        tx.rows("SELECT ? AS name", [SECRET])
    database.close()
    assert any(sql == "SELECT ? AS name" and seconds >= 0 for sql, seconds in lines)
    assert SECRET not in repr(lines)


def test_an_error_of_ours_carries_its_statement(database: Database) -> None:
    with pytest.raises(duckdb.CatalogException) as caught, database.read() as tx:
        tx.rows("SELECT * FROM no_such_table")
    assert caught.value.__notes__ == ["SQL: SELECT * FROM no_such_table"]


@pytest.mark.skipif(sys.platform != "linux", reason="uses a small tmpfs")
def test_a_full_disk_is_told_and_nothing_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no right to mount a small disk here")
    try:
        database = opened(folder)
        with database.transaction() as tx:
            tx.run("CREATE TABLE kept (n INTEGER)")
            tx.run("INSERT INTO kept VALUES (1)")
        with pytest.raises(EnvironmentFault, match="full"), database.transaction() as tx:
            tx.run("CREATE TABLE big AS SELECT range, hash(range)::VARCHAR AS s FROM range(2000000)")
        database.close()
        again = opened(folder)
        with again.read() as tx:
            assert tx.rows("SELECT * FROM kept") == [(1,)]
        again.close()
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize(
    ("exc", "words"),
    [
        (duckdb.IOException('Could not write file "x": No space left on device'), "full"),
        (duckdb.OutOfMemoryException("failed to pin block"), "not enough memory"),
        (duckdb.FatalException("database has been invalidated"), "stopped working"),
        (duckdb.IOException("Corrupt database file: computed checksum 1"), "damaged"),
    ],
)
def test_the_drivers_errors_become_faults_with_a_remedy(exc: Exception, words: str) -> None:
    fault = translated(exc, Path("w/workspace.duckdb"))
    assert isinstance(fault, EnvironmentFault)
    assert words in fault.message
    assert fault.remedy


def test_closing_twice_and_closing_with_open_sessions_is_quiet(tmp_path: Path) -> None:
    database = opened(tmp_path)
    database.session()
    database.close()
    database.close()


def test_closing_stops_what_runs_on_other_threads(tmp_path: Path) -> None:
    database = opened(tmp_path)
    with database.transaction() as tx:
        tx.run("CREATE TABLE numbers (n INTEGER)")
    ends: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Cancelled as exc:
            ends.append(exc)

    def read() -> None:
        with database.read() as tx:
            tx.rows(LONG_QUERY)

    def write() -> None:
        with database.transaction() as tx:
            for number in range(10**9):
                tx.run("INSERT INTO numbers VALUES (?)", [number])

    threads = [threading.Thread(target=guarded, args=(work,)) for work in (read, read, write)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    started = time.perf_counter()
    database.close()
    for thread in threads:
        thread.join(20)
    assert time.perf_counter() - started < 10
    assert len(ends) == 3, "each ends by Cancelled"
    again = opened(tmp_path)
    with again.read() as tx:
        assert tx.rows("SELECT count(*) FROM numbers") == [(0,)]
    again.close()


def test_nothing_starts_after_closing(tmp_path: Path) -> None:
    database = opened(tmp_path)
    database.close()
    with pytest.raises(Cancelled, match="closed"), database.read():
        pass
    with pytest.raises(Cancelled, match="closed"), database.transaction():
        pass


def test_one_threads_work_is_stopped_and_anothers_goes_on(database: Database) -> None:
    ends: list[type[BaseException]] = []
    started = threading.Event()

    def read() -> None:
        try:
            with database.read() as tx:
                started.set()
                tx.rows(LONG_QUERY)
        except Cancelled as exc:
            ends.append(type(exc))

    reader = threading.Thread(target=read)
    with database.transaction() as tx:
        tx.run("INSERT INTO people VALUES (-1, 'kept')")
        reader.start()
        started.wait(10)
        assert reader.ident is not None
        database.interrupt(reader.ident)
        reader.join(10)
        assert ends == [Cancelled]
        tx.run("INSERT INTO people VALUES (-2, 'kept')")
    with database.read() as tx:
        assert tx.rows("SELECT count(*) FROM people WHERE name = 'kept'") == [(2,)]


def test_an_engine_started_ahead_is_taken_once_or_dropped() -> None:
    ahead = EngineAhead(memory_limit_mb=512, threads=1)
    engine = ahead.take()
    assert engine.execute("SELECT current_setting('threads')").fetchall() == [(1,)]
    ahead.drop()
    assert engine.execute("SELECT 1").fetchall() == [(1,)], "what was taken stays open"
    engine.close()
    left = EngineAhead(memory_limit_mb=512, threads=1)
    left.drop()
    with pytest.raises(AssertionError, match="taken once"):
        left.take()


def test_what_starting_the_engine_raised_is_raised_where_it_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise EnvironmentFault("DuckDB's httpfs extension is missing from this installation.")

    monkeypatch.setattr("data.database.extension_file", missing)
    ahead = EngineAhead(threads=1)
    with pytest.raises(EnvironmentFault, match="httpfs extension is missing"):
        ahead.take()
    ahead.drop()
