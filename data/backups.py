"""Copies of a workspace's database: made and proven before an upgrade, put back when it fails or is undone.

A backup is a folder in ``backups``: the database file with its log, byte by byte and encrypted as they are, and
``backup.json`` with their digests. Originals are not copied: they are kept under their own digests and never changed.
Whoever calls holds the workspace's lock, and nobody has the database open.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app import __version__
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress

FOLDER = "backups"
MANIFEST = "backup.json"
MARKER = "restoring.json"
"""In the workspace's folder while its database may be neither the old one nor the new one: names the backup."""
FILES = ("workspace.duckdb", "workspace.duckdb.wal")
FORMAT = 1

_BLOCK = 1 << 20
_SPARE = 16 << 20  # bytes that stay free on the disk
_GROWTH = 1.25  # of a database while it is upgraded


@dataclass(frozen=True, slots=True)
class Backup:
    """One folder of ``backups``."""

    path: Path
    workspace: str  # identity of the workspace
    schema: int | None  # None: of a newer version, which this one cannot read
    program: str  # version of the program that made the copy
    made_at: datetime
    reason: str  # "upgrade", "restore" or "asked": what it was made before, or that a person wanted it
    files: Mapping[str, str]  # name -> SHA-256
    digest: str  # SHA-256 of the manifest

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum((self.path / name).stat().st_size for name in self.files if (self.path / name).exists())


def make_backup(
    folder: Path,
    *,
    schema: int | None,
    reason: str,
    now: datetime,
    prove: Callable[[Path], object],
    progress: Progress = no_progress,
    growth: bool = False,
) -> Backup:
    """Copy the database of the workspace in ``folder``, prove the copy and return it.

    The copy is read back from the disk and its digest compared with the original's; ``prove`` gets the copy's database
    file and raises unless it can be read whole. A backup of the same bytes is used again. ``growth``: the disk must
    have room for an upgrade too. Raises ``EnvironmentFault`` for a disk that is too small, ``OSError`` translated; then
    no backup is left and the database is as it was.
    """
    sources = {name: folder / name for name in FILES if (folder / name).exists()}
    total = sum(path.stat().st_size for path in sources.values())
    steps = _Steps(progress, 3 * total, "backup")
    files = {name: _digest(path, steps) for name, path in sources.items()}
    for known in list_backups(folder):
        if known.files == files and known.schema == schema and is_whole(known):
            prove(known.path / FILES[0])
            return known
    target = _new_name(folder / FOLDER, now, schema)
    part = target.with_name(f".{target.name}.part")
    try:
        _clear(folder / FOLDER)
        need_room(folder, total + (round(total * _GROWTH) if growth else 0))
        part.mkdir(parents=True, mode=0o700)
        for name, path in sources.items():
            _copy(path, part / name, files[name], steps)
        prove(part / FILES[0])
        made = Backup(target, _identity(folder), schema, __version__, now, reason, files, "")
        _write(part / MANIFEST, _as_json(made))
        part.replace(target)
        _sync_folder(target.parent)
    except OSError as exc:
        shutil.rmtree(part, ignore_errors=True)
        raise _no_copy(folder, exc) from exc
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return read_backup(target)


def list_backups(folder: Path) -> list[Backup]:
    """The whole backups of a workspace, newest first; what is no backup is passed over."""
    found = []
    for path in (folder / FOLDER).glob("*/" + MANIFEST):
        with suppress(InputError):
            found.append(read_backup(path.parent))
    return sorted(found, key=lambda backup: (backup.made_at, backup.path.name), reverse=True)


def find_backup(folder: Path, named: str) -> Backup:
    """A backup by its name in the workspace's ``backups``, or by its folder. Raises ``InputError``."""
    own = folder / FOLDER / named
    return read_backup(own if own.is_dir() else Path(named))


def read_backup(path: Path) -> Backup:
    """Read a backup's manifest. Raises ``InputError`` when the folder holds none, or one that was changed."""
    remedy = "'caseworth workspace backups' lists those of a workspace."
    try:
        body = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        digest = body.pop("digest")
        if digest != _sha256_of(body):
            raise InputError("backup", f"{path / MANIFEST} was changed or is damaged.", remedy=remedy)
        made_at = datetime.fromisoformat(body["made_at"])
        return Backup(
            path=path,
            workspace=body["workspace"],
            schema=body["schema"],
            program=body["program"],
            made_at=made_at,
            reason=body["reason"],
            files={name: body["files"][name] for name in FILES if name in body["files"]},
            digest=digest,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise InputError("backup", f"There is no backup in {path}.", remedy=remedy) from exc


def is_whole(backup: Backup) -> bool:
    """Whether every file is there with its digest; reads them."""
    try:
        return FILES[0] in backup.files and all(
            _digest(backup.path / name) == digest for name, digest in backup.files.items()
        )
    except OSError:
        return False


def bring_in(folder: Path, backup: Backup) -> Backup:
    """Copy a backup that lies elsewhere into the workspace's ``backups``, so that putting it back can be resumed."""
    inside = folder / FOLDER
    if backup.path.resolve().parent == inside.resolve():
        return backup
    target = inside / backup.path.name
    if target.exists():
        target = _new_name(inside, backup.made_at, backup.schema)
    part = target.with_name(f".{target.name}.part")
    try:
        need_room(folder, backup.size)
        part.mkdir(parents=True, mode=0o700)
        for name, digest in backup.files.items():
            _copy(backup.path / name, part / name, digest, _Steps(no_progress, 0, ""))
        shutil.copyfile(backup.path / MANIFEST, part / MANIFEST)
        part.replace(target)
    except OSError as exc:
        shutil.rmtree(part, ignore_errors=True)
        raise _no_copy(folder, exc) from exc
    return read_backup(target)


def belongs_to(folder: Path, backup: Backup) -> bool:
    """Whether the backup is of the workspace in ``folder``."""
    return backup.workspace == _identity(folder)


# -- putting back


def mark(folder: Path, backup: Backup) -> None:
    """From here on until ``unmark`` a start puts the backup back first: what a kill leaves behind is undone."""
    _write(folder / MARKER, {"backup": backup.path.name})


def unmark(folder: Path) -> None:
    (folder / MARKER).unlink(missing_ok=True)
    _sync_folder(folder)


def put_back(folder: Path, backup: Backup) -> None:
    """Make the backup's files the workspace's database, byte by byte; a kill in the middle is made good by ``resume``.

    Raises ``EnvironmentFault`` where the backup is not whole or the disk is full; the database is as it was, and the
    next start tries again.
    """
    if not is_whole(backup):
        raise EnvironmentFault(
            f"The backup {backup.path} is not whole: its files are not those it was made of.",
            remedy="Nothing was put back. Choose another one of those 'caseworth workspace backups' lists.",
        )
    try:
        mark(folder, backup)
        staged = {name: folder / f"{name}.restoring" for name in backup.files}
        for name, path in staged.items():
            _copy(backup.path / name, path, backup.files[name], _Steps(no_progress, 0, ""))
        for name in FILES:
            if name in staged:
                staged[name].replace(folder / name)
            else:
                (folder / name).unlink(missing_ok=True)
        _sync_folder(folder)
        unmark(folder)
    except OSError as exc:
        for name in FILES:
            (folder / f"{name}.restoring").unlink(missing_ok=True)
        raise EnvironmentFault(
            f"The backup {backup.path} cannot be put back now: {exc.strerror or exc}.",
            remedy=f"Free space on the disk of {folder} and start again: it is put back then.",
        ) from exc


def resume(folder: Path) -> Backup | None:
    """Put back what an upgrade or a restoring that was killed had begun to change; None where there was nothing.

    Raises ``EnvironmentFault`` where the backup is gone or not whole: then nobody can say what the database is.
    """
    marker = folder / MARKER
    try:
        backup = find_backup(folder, str(json.loads(marker.read_text(encoding="utf-8"))["backup"]))
    except FileNotFoundError:
        return None
    except (InputError, OSError, ValueError, KeyError, TypeError) as exc:
        raise EnvironmentFault(
            f"An upgrade or restoring of this workspace did not end, and the backup that {marker} names is not there.",
            remedy="Put its folder back, or choose another: 'caseworth workspace backups', then 'caseworth workspace "
            f"restore'. Without any, delete {marker.name}: the database is then opened as it is.",
        ) from exc
    put_back(folder, backup)
    return backup


# -- files


class _Steps:
    """Tells of bytes gone through."""

    def __init__(self, progress: Progress, total: int, what: str) -> None:
        self._progress, self._total, self._what = progress, total, what
        self._done = 0

    def add(self, count: int) -> None:
        self._done += count
        self._progress(min(self._done, self._total), self._total, self._what)


def need_room(folder: Path, wanted: int) -> None:
    """Raise ``EnvironmentFault`` unless the disk of ``folder`` has room for that many bytes."""
    free = shutil.disk_usage(folder).free
    if free < wanted + _SPARE:
        missing = (wanted + _SPARE - free + 999_999) // 1_000_000
        raise EnvironmentFault(
            f"The disk of {folder} has too little room for a copy of the workspace: {missing:,} MB are missing.",
            remedy="Free that much there and try again. The workspace is as it was.",
        )


def _copy(source: Path, target: Path, digest: str, steps: _Steps) -> None:
    """Copy a file to the disk itself and read it back; raises ``OSError`` when it comes back otherwise."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with source.open("rb") as taken, os.fdopen(handle, "wb") as sink:
        while block := taken.read(_BLOCK):
            sink.write(block)
            steps.add(len(block))
        sink.flush()
        os.fsync(sink.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(sink.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # so that it is read from the disk
    if _digest(target, steps) != digest:
        raise OSError(errno.EIO, "the copy does not read back as it was written", str(target))


def _digest(path: Path, steps: _Steps | None = None) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            if steps:
                steps.add(len(block))
    return digest.hexdigest()


def _clear(backups: Path) -> None:
    """Take away what a killed copying left."""
    for left in backups.glob(".*.part"):
        shutil.rmtree(left)


def _new_name(backups: Path, now: datetime, schema: int | None) -> Path:
    stem = f"{now:%Y%m%d-%H%M%S}-schema-{'newer' if schema is None else schema}"
    names = (stem if number == 1 else f"{stem}-{number}" for number in range(1, 1000))
    return next(backups / name for name in names if not (backups / name).exists())


def _identity(folder: Path) -> str:
    """Identity of a workspace, from its key file; empty where that cannot be read."""
    try:
        return str(json.loads((folder / "workspace.json").read_text(encoding="utf-8"))["workspace"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _as_json(backup: Backup) -> dict[str, Any]:
    body = {
        "format": FORMAT,
        "workspace": backup.workspace,
        "schema": backup.schema,
        "program": backup.program,
        "made_at": backup.made_at.isoformat(),
        "reason": backup.reason,
        "files": dict(backup.files),
    }
    return body | {"digest": _sha256_of(body)}


def _sha256_of(body: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _write(path: Path, body: Mapping[str, Any]) -> None:
    """Write a small file whole or not at all, to the disk itself."""
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        file.write(json.dumps(body, indent=2, sort_keys=True) + "\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Make renames in a folder last; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _no_copy(folder: Path, exc: OSError) -> EnvironmentFault:
    full = exc.errno in (errno.ENOSPC, errno.EDQUOT)
    why = "the disk is full" if full else (exc.strerror or str(exc))
    return EnvironmentFault(
        f"No backup of the workspace {folder} could be made: {why}. The workspace is as it was.",
        remedy="Free some space there and try again." if full else "Check the disk and your rights to write there.",
    )
