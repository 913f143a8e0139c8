"""A workspace: the folder with its lock, its encrypted database and its encrypted originals."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from app.domain.facts import Catalogue
from app.errors import EnvironmentFault
from app.ports import Cipher, Clock, Progress, QueueQuery, no_progress
from data.backups import resume
from data.catalogue import load_catalogue
from data.database import Database, DebugSql, EngineAhead, disk_full
from data.lock import WorkspaceLock
from data.migrations import migrations
from data.originals import Originals
from data.repositories.queue import CaseQueue
from data.stores import TransactionStores
from data.transaction import Tx
from data.upgrade import NewerWorkspace, Upgrade, opened, read_copy

KEY_FILE = "workspace.json"
DATABASE_FILE = "workspace.duckdb"
OWN_RULES = "transactions.toml"
"""The lender's own rules for statement lines; plain text in the workspace's folder, as it holds nothing personal."""


class StoredWorkspace:
    """``ports.Workspace`` over a folder; made by ``open_workspace``, which says what it raises."""

    def __init__(
        self,
        path: Path,
        catalogue: Catalogue,
        database: Database,
        originals: Originals,
        lock: WorkspaceLock,
        clock: Clock,
        upgrade: Upgrade | None = None,
    ) -> None:
        self.path = path
        self.upgrade = upgrade
        """What opening it changed; None: it was of this version."""
        self.catalogue = catalogue
        self._database = database
        self._originals = originals
        self._lock = lock
        self._clock = clock

    @property
    def incoming(self) -> Path:
        """Folder for the hand-over files of readers; emptied at every open."""
        return self.path / "incoming"

    @contextmanager
    def transaction(self) -> Iterator[TransactionStores]:
        """Open the one write transaction: commits on clean exit, else rolls back.

        When the block has ended without an error, everything in it is on disk and survives a kill.
        """
        with self._database.transaction() as tx:
            yield self._stores(tx)

    @contextmanager
    def read(self) -> Iterator[TransactionStores]:
        """Open one consistent reading, on any thread, beside a running transaction."""
        with self._database.read() as tx:
            yield self._stores(tx)

    def queue(self, query: QueueQuery) -> CaseQueue:
        """Sort and filter once; the caller closes what it gets."""
        return CaseQueue(self._database, query)

    def interrupt(self, thread: int | None = None) -> None:
        """Stop the statements and transactions of one thread (``threading.get_ident``), or of all.

        They raise ``Cancelled``. Callable from any thread.
        """
        self._database.interrupt(thread)

    def close(self) -> None:
        """Write everything into the database file and let the folder go; a second call does nothing."""
        self._database.close()
        self._lock.release()

    def __enter__(self) -> StoredWorkspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _stores(self, tx: Tx) -> TransactionStores:
        return TransactionStores(tx, self._originals, self.catalogue, self._clock, self.path / OWN_RULES)


def open_workspace(
    folder: Path,
    unlock: Callable[[Path], bytes],
    cipher: Callable[[bytes], Cipher],
    *,
    clock: Clock,
    debug_sql: DebugSql | None = None,
    memory_limit_mb: int | None = None,
    threads: int | None = None,
    progress: Progress = no_progress,
) -> StoredWorkspace:
    """Open the workspace in ``folder``, or complete one whose key file was just made; an older one is upgraded.

    ``unlock`` gets the path of ``workspace.json`` and returns the data key. It is asked after the lock is taken: nobody
    types a passphrase for a workspace that is open elsewhere. ``cipher`` makes the originals' cipher of the key.
    ``progress`` tells of an upgrade: bytes of its ``backup``, then ``upgrade``.
    Raises ``WorkspaceInUse``, ``NewerWorkspace``, ``EnvironmentFault`` for a damaged workspace or an upgrade that
    failed, and whatever ``unlock`` raises; then nothing was changed.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise EnvironmentFault(f"There is no workspace {folder}.", remedy="Make one with 'caseworth init'.")
    with ExitStack() as undo:
        lock = WorkspaceLock(folder)
        undo.callback(lock.release)
        engine = EngineAhead(memory_limit_mb, threads)
        undo.callback(engine.drop)
        key = unlock(folder / KEY_FILE)
        resume(folder)
        _refuse_without_database(folder)
        known, found = len(migrations()), engine.schema_of(folder / DATABASE_FILE, key)
        if found is None or found > known:
            raise NewerWorkspace(folder, found, known)
        incoming, temporary = emptied(folder / "incoming"), emptied(folder / "tmp")
        catalogue = load_catalogue()
        open_database = partial(
            Database,
            folder / DATABASE_FILE,
            key,
            incoming=incoming,
            temporary=temporary,
            debug_sql=debug_sql,
            engine=engine,
        )
        read = partial(read_copy, key=key, scratch=temporary, clock=clock)
        database, upgrade = opened(folder, found, open_database, read=read, clock=clock, progress=progress)
        undo.callback(database.close)
        originals = Originals(folder / "originals", temporary, cipher(key))
        undo.pop_all()
        return StoredWorkspace(folder, catalogue, database, originals, lock, clock, upgrade)


def prepare_folder(folder: Path) -> Path:
    """Make the folder of a new workspace, readable by its owner alone, and return it.

    Raises ``EnvironmentFault`` when it holds other files, is a workspace already, or cannot be made.
    """
    folder = folder.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        others = [entry.name for entry in folder.iterdir() if entry.name != "lock"]
    except OSError as exc:
        raise EnvironmentFault(
            f"The folder {folder} cannot be made or read: {exc.strerror}.", remedy="Choose another folder."
        ) from exc
    if KEY_FILE in others:
        raise EnvironmentFault(f"{folder} is a workspace already.", remedy="Open it, or choose another folder.")
    if others:
        raise EnvironmentFault(f"The folder {folder} is not empty.", remedy="Choose a new or empty folder.")
    return folder


def _refuse_without_database(folder: Path) -> None:
    """A missing database beside kept originals is a loss, not a new workspace."""
    originals = folder / "originals"
    if not (folder / DATABASE_FILE).exists() and originals.is_dir() and any(originals.iterdir()):
        raise EnvironmentFault(
            f"The database {folder / DATABASE_FILE} is missing, while originals are there.",
            remedy="Put back the last backup of the whole workspace folder.",
        )


def emptied(folder: Path) -> Path:
    """What a killed process left in a folder for passing things is of no use to anybody."""
    try:
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(mode=0o700)
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise disk_full(folder) from exc
        raise EnvironmentFault(
            f"The folder {folder} cannot be emptied: {exc.strerror}.", remedy="Give yourself the right to write there."
        ) from exc
    return folder
