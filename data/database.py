"""The one door to SQL: the encrypted DuckDB file of a workspace, its sessions and its transactions."""

from __future__ import annotations

import base64
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.errors import Cancelled, EnvironmentFault, WorkbenchError
from data.binding import Params, bound_sql
from data.binding import literal as literal

if TYPE_CHECKING:
    import duckdb

    from data.transaction import Tx

DebugSql = Callable[[str, float], None]
"""Gets each statement and its seconds; never the values of its parameters, which are personal."""

Row = tuple[Any, ...]

_INTERRUPT_AGAIN = 0.02  # seconds

_FULL_DISK = ("no space left", "enospc", "disk full", "not enough space")
_DAMAGE = (
    "corrupt",
    "checksum",
    "decrypt",
    "not a valid duckdb",
    "deserialize",
    "wrong encryption key",
    "aes tag",
)


def quoted(name: str) -> str:
    """Return ``name`` as an SQL identifier; fact names hold dots."""
    return '"' + name.replace('"', '""') + '"'


def extension_file() -> Path:
    """Path of the httpfs extension inside its wheel: DuckDB takes its AES from there, without any download."""
    import duckdb_extension_httpfs

    folder = Path(duckdb_extension_httpfs.__file__).parent
    found = sorted(folder.rglob("httpfs.duckdb_extension"))
    if not found:
        raise EnvironmentFault(
            "DuckDB's httpfs extension is missing from this installation.",
            remedy="Install Caseworth again; the workspace cannot be encrypted without it.",
        )
    return found[0]


def encryption_key_text(key: bytes) -> str:
    """Return a 32-byte key in the form DuckDB's ENCRYPTION_KEY takes without deriving another from it."""
    return base64.b64encode(key).decode("ascii")


def translated(exc: Exception, path: Path) -> WorkbenchError | None:
    """Return the error a person can act on for a driver's error, or None when it is a bug of ours."""
    import duckdb

    text = str(exc).lower()
    if isinstance(exc, duckdb.InterruptException):
        return Cancelled()
    if any(words in text for words in _FULL_DISK):
        return disk_full(path)
    if isinstance(exc, duckdb.OutOfMemoryException):
        return EnvironmentFault(
            "There is not enough memory or temporary disk space for this step; nothing of it was stored.",
            remedy="Close other programs, or free space on the workspace's disk, and try again.",
        )
    if isinstance(exc, duckdb.FatalException) or "invalidated because of a previous fatal error" in text:
        return EnvironmentFault(
            f"The database {path} stopped working: {_first_line(exc)}",
            remedy="Start Caseworth again. What was acknowledged before is kept.",
        )
    if isinstance(exc, duckdb.IOException | duckdb.SerializationException) or any(words in text for words in _DAMAGE):
        return damaged(path, exc)
    return None


def disk_full(path: Path) -> EnvironmentFault:
    """The fault of a disk without room; what was being stored has been rolled back."""
    return EnvironmentFault(
        f"The disk that holds {path} is full; nothing of this step was stored.",
        remedy="Free some space there and try again.",
    )


def damaged(path: Path, exc: Exception) -> EnvironmentFault:
    """The fault of a database file that cannot be read or written as it stands."""
    return EnvironmentFault(
        f"The database {path} cannot be read or is damaged: {_first_line(exc)}",
        remedy="Keep the folder as it is, check the disk, and put back the last backup of the whole workspace folder.",
    )


def _first_line(exc: Exception) -> str:
    return str(exc).strip().partition("\n")[0]


class Session:
    """One cursor of the database, for one thread at a time; ``close`` it, or use it in ``with``."""

    def __init__(self, database: Database, cursor: duckdb.DuckDBPyConnection) -> None:
        self._database = database
        self._cursor = cursor
        self.thread = threading.get_ident()  # whose work it does
        self._cancelled = threading.Event()
        self._running = threading.RLock()  # while a statement runs, so that closing waits for its end
        self._busy = 0

    def run(self, sql: str, params: Params = (), *, shown: str | None = None) -> duckdb.DuckDBPyConnection:
        """Execute one statement and return the cursor, from which the rows can be fetched.

        ``shown`` stands for the statement in the debug output and in errors when it holds a secret.
        Raises ``Cancelled`` after ``interrupt``, ``EnvironmentFault`` for a full disk or a damaged file; any other
        error of the driver is a bug and keeps its type, with the statement as a note.
        """
        started = time.perf_counter()
        try:
            with self._at_work():
                return self._executed(sql, params)
        except WorkbenchError:
            raise
        except Exception as exc:
            known = translated(exc, self._database.path)
            if known is not None:
                raise known from exc
            exc.add_note(f"SQL: {shown or sql}")
            raise
        finally:
            self._database.debug(shown or sql, time.perf_counter() - started)

    def _executed(self, sql: str, params: Params) -> duckdb.DuckDBPyConnection:
        if self._cancelled.is_set():
            raise Cancelled
        if not params:
            return self._cursor.execute(sql)
        text = bound_sql(sql, params)
        return self._cursor.execute(sql, params) if text is None else self._cursor.execute(text)

    def fetch(self, sql: str, params: Params = ()) -> list[Row]:
        """Execute one statement and return all its rows."""
        with self._at_work():
            result = self.run(sql, params)
            try:
                return result.fetchall()
            except Exception as exc:
                known = translated(exc, self._database.path)
                if known is not None:
                    raise known from exc
                raise

    def register(self, name: str, frame: Any) -> None:
        """Make a DataFrame visible to this session's statements under ``name``."""
        self._cursor.register(name, frame)

    def unregister(self, name: str) -> None:
        self._cursor.unregister(name)

    def interrupt(self) -> None:
        """Stop the running statement, and refuse the next ones; callable from any thread."""
        import duckdb

        self._cancelled.set()
        with suppress(duckdb.ConnectionException):  # closed in the meantime
            self._cursor.interrupt()
        if self._busy:  # DuckDB forgets an interrupt that comes just before the statement starts
            again = threading.Timer(_INTERRUPT_AGAIN, self._interrupt_again)
            again.daemon = True
            again.start()

    def _interrupt_again(self) -> None:
        if self._busy and self._cancelled.is_set():
            self.interrupt()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        with self._running:
            self._busy += 1
            try:
                yield
            finally:
                self._busy -= 1

    def resume(self) -> None:
        """Take statements again, of this thread (a queue outlives the task that was cancelled)."""
        self.thread = threading.get_ident()
        self._cancelled.clear()

    def quietly(self, sql: str) -> None:
        """Execute a statement of the clearing up; it may fail, since what it undoes may be gone already."""
        import duckdb

        with suppress(duckdb.Error):
            self._cursor.execute(sql)

    def close(self) -> None:
        """Give the cursor back, after the statement that is running; a second call does nothing."""
        self._database.forget(self)
        with self._running:
            self._cursor.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Database:
    """The encrypted database file. Reads go on any thread, each with its own cursor; writes one after the other.

    ``incoming`` is the only folder whose files SQL may open; ``temporary`` takes spilled, encrypted pages.
    Raises ``EnvironmentFault`` when the file is damaged, locked by another process, or encrypted under another key.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        *,
        incoming: Path,
        temporary: Path,
        memory_limit_mb: int | None = None,
        threads: int | None = None,
        debug_sql: DebugSql | None = None,
        engine: EngineAhead | None = None,
        read_only: bool = False,
    ) -> None:
        """``engine`` was started ahead, with its own memory limit and threads; ``read_only`` leaves the file alone."""
        self.path = path
        self.columns: dict[str, dict[str, str]] = {}  # table -> column -> SQL type, in schema order; set by migrate
        self._debug_sql = debug_sql
        self._live: set[Session] = set()
        self._live_lock = threading.Lock()
        self._write_lock = threading.Lock()
        self._writer: int | None = None
        self._closed = False
        root = start_engine(memory_limit_mb, threads) if engine is None else engine.take()
        self._root = _attached(root, path, key, incoming, temporary, read_only=read_only)

    def debug(self, sql: str, seconds: float) -> None:
        if self._debug_sql is not None:
            self._debug_sql(sql, seconds)

    def session(self) -> Session:
        """Open a cursor that outlives a transaction; the caller closes it."""
        return self._registered(Session(self, self._cursor()))

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        """Open the one write transaction; commits on clean exit, else rolls back.

        Another thread waits for its turn. Raises ``RuntimeError`` when this thread has one open already.
        """
        if self._writer == threading.get_ident():
            raise RuntimeError("a transaction is already open on this thread")
        with self._write_lock:
            self._writer = threading.get_ident()
            try:
                with self._begun("BEGIN TRANSACTION") as tx:
                    yield tx
                    tx.commit()
            finally:
                self._writer = None

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """Open one consistent reading, on any thread; it cannot write."""
        with self._begun("BEGIN TRANSACTION READ ONLY") as tx:
            yield tx

    @contextmanager
    def _begun(self, begin: str) -> Iterator[Tx]:
        from data.transaction import Tx

        tx = Tx(self, self._cursor(), self.columns)
        self._registered(tx)
        try:
            tx.run(begin)
            yield tx
        except BaseException:
            tx.roll_back()
            raise
        finally:
            tx.finish()

    def checkpoint(self) -> None:
        """Write the log into the file."""
        with self._write_lock, self.session() as session:
            session.run("CHECKPOINT ws")

    def interrupt(self, thread: int | None = None) -> None:
        """Stop the work of the thread of that ``threading.get_ident``, or of all; it raises ``Cancelled``."""
        with self._live_lock:
            sessions = [session for session in self._live if thread in (None, session.thread)]
        for session in sessions:
            session.interrupt()

    def forget(self, session: Session) -> None:
        with self._live_lock:
            self._live.discard(session)

    def close(self) -> None:
        """Stop what is running (it raises ``Cancelled``), write the log into the file and let go of it.

        A second call does nothing.
        """
        self.interrupt()
        with self._live_lock:
            self._closed = True
            sessions = list(self._live)
        for session in sessions:
            session.close()
        self._root.close()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._live_lock:
            if self._closed:
                raise Cancelled("The workspace has been closed.")
            cursor = self._root.cursor()
        cursor.execute("USE ws")
        return cursor

    def _registered(self, session: Session) -> Session:
        with self._live_lock:
            self._live.add(session)
        return session


def sensible_memory_mb() -> int:
    """Half of the machine's memory, between 512 MB and 4 GB: the model and the desk need the rest."""
    import psutil

    return max(512, min(4096, int(psutil.virtual_memory().total) // 2 // 2**20))


def start_engine(memory_limit_mb: int | None = None, threads: int | None = None) -> duckdb.DuckDBPyConnection:
    """DuckDB in memory, with its encryption loaded and no file attached yet."""
    import duckdb

    root = duckdb.connect(
        ":memory:",
        config={
            "threads": threads or min(8, os.cpu_count() or 2),
            "memory_limit": f"{memory_limit_mb or sensible_memory_mb()}MB",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    try:
        root.execute(f"LOAD {literal(str(extension_file()))}")
    except BaseException:
        root.close()
        raise
    return root


class EngineAhead:
    """Starts the engine on a thread of its own while the key is derived, or typed; ``take`` or ``drop`` ends it."""

    def __init__(self, memory_limit_mb: int | None = None, threads: int | None = None) -> None:
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._start, args=(memory_limit_mb, threads), name="engine", daemon=True)
        self._thread.start()

    def _start(self, memory_limit_mb: int | None, threads: int | None) -> None:
        try:
            self._engine = start_engine(memory_limit_mb, threads)
        except BaseException as error:  # noqa: BLE001  the thread edge: raised again by ``take``
            self._error = error

    def take(self) -> duckdb.DuckDBPyConnection:
        """The engine; whoever takes it closes it. Raises what starting it raised."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        engine, self._engine = self._engine, None
        assert engine is not None, "an engine is taken once"
        return engine

    def schema_of(self, path: Path, key: bytes) -> int | None:
        """Schema version of a database file, which is only read; 0 where there is none yet.

        None: the file is of a later DuckDB than this one can read. Raises ``EnvironmentFault`` as ``Database`` does.
        """
        self._thread.join()
        if self._error is not None:
            raise self._error
        if not path.exists():
            return 0
        assert self._engine is not None, "the engine was taken"
        return _schema_of(self._engine, path, key)

    def drop(self) -> None:
        """Let go of an engine that nobody took."""
        self._thread.join()
        if self._engine is not None:
            self._engine.close()
            self._engine = None


def _attached(
    root: duckdb.DuckDBPyConnection, path: Path, key: bytes, incoming: Path, temporary: Path, *, read_only: bool
) -> duckdb.DuckDBPyConnection:
    try:
        root.execute("SET temp_file_encryption = true")
        root.execute(f"SET temp_directory = {literal(str(temporary))}")
        _attach(root, path, key, read_only=read_only)
        root.execute(f"SET allowed_directories = [{literal(str(incoming))}]")
        root.execute("SET enable_external_access = false")
        root.execute("SET lock_configuration = true")
    except BaseException:
        root.close()
        raise
    return root


def _attach(root: duckdb.DuckDBPyConnection, path: Path, key: bytes, *, read_only: bool) -> None:
    import duckdb

    secret = encryption_key_text(key)
    options = f"ENCRYPTION_KEY '{secret}', ENCRYPTION_CIPHER 'GCM'" + (", READ_ONLY" if read_only else "")
    try:
        root.execute(f"ATTACH {literal(str(path))} AS ws ({options})")
    except duckdb.Error as exc:
        raise _attach_fault(exc, path) from None  # the driver's error may repeat the statement, with the key


def _schema_of(root: duckdb.DuckDBPyConnection, path: Path, key: bytes) -> int | None:
    import duckdb

    try:
        _attach(root, path, key, read_only=True)
    except OfLaterEngine:
        return None
    made = "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'ws' AND table_name = 'schema_version'"
    try:
        if root.execute(made).fetchall() == [(0,)]:
            return 0
        return int(root.execute("SELECT coalesce(max(version), 0) FROM ws.schema_version").fetchall()[0][0])
    except duckdb.Error as exc:
        raise translated(exc, path) or damaged(path, exc) from exc
    finally:
        root.execute("DETACH ws")


class OfLaterEngine(EnvironmentFault):
    """The file was written by a later DuckDB, which a later version of the program brings."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"The database {path} was written by a newer version of Caseworth.",
            remedy="Install that version or a later one. Nothing was changed.",
        )


def _attach_fault(exc: Exception, path: Path) -> EnvironmentFault:
    text = str(exc).lower()
    if any(words in text for words in _FULL_DISK):
        return disk_full(path)
    if "could not set lock" in text or "being used by another process" in text:
        return EnvironmentFault(
            f"Another program has the database {path} open.", remedy="Close that program and start Caseworth again."
        )
    if "newer version of duckdb" in text:
        return OfLaterEngine(path)
    if "permission denied" in text:
        return EnvironmentFault(
            f"The database {path} may not be opened by this user.", remedy="Give yourself the right to read and write."
        )
    return damaged(path, exc)
