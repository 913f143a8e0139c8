"""Portable mode: program and workspace on one stick, and nothing written elsewhere.

A file ``caseworth-portable.toml`` beside the program turns it on. Everything then lies in the folder that the file
names, relative to itself, so that the stick may come under another letter or mount point. Keys go by passphrase.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress

MARKER = "caseworth-portable.toml"
DATA = "caseworth-data"
_NEW = ".caseworth-new"
_OF_INSTALLATION = {"installed", "uninstall"}  # what the installer adds beside the program; a stick has no use for it
_ELSEWHERE = [f"CASEWORTH_{name}" for name in ("WORKSPACE", "MODELS", "BACKENDS", "SPEECH", "SCORECARDS")]
_OLD = 24 * 3600  # seconds; what is left in the temporary folder that long was left by a kill

MARKER_TEXT = f"""# Caseworth is portable: it keeps all it writes in the folder named here, and nothing elsewhere.
# The folder is relative to this file. docs/portable.md tells more.
data = "{DATA}"
"""
STARTERS = {
    "start-caseworth.sh": '#!/bin/sh\nexec "$(dirname "$0")/caseworth" desk "$@"\n',
    "start-caseworth.cmd": '@start "" "%~dp0caseworth-desk.exe" desk %*\r\n',
}


def program_folder() -> Path:
    """The folder that the program lies in; of a bundle of macOS, the one that holds the bundle."""
    if getattr(sys, "frozen", False):
        program = Path(sys.executable).resolve().parent
        bundle = next((folder for folder in program.parents if folder.suffix == ".app"), None)
        return bundle.parent if bundle else program
    import app

    return Path(app.__file__).resolve().parent.parent


@cache
def home() -> Path | None:
    """Where a portable program keeps everything; None: it is not portable.

    Raises ``EnvironmentFault`` when its file cannot be read, or names a folder that is not below it.
    """
    marker = program_folder() / MARKER
    if not marker.is_file():
        return None
    remedy = f'Write data = "{DATA}" into it.'
    try:
        named: object = tomllib.loads(marker.read_text(encoding="utf-8")).get("data", DATA)
    except (OSError, ValueError) as exc:
        raise EnvironmentFault(f"{marker} cannot be read: {exc}", remedy=remedy) from exc
    folder = PurePath(named) if isinstance(named, str) else PurePath()
    if not folder.parts or folder.is_absolute() or ".." in folder.parts or ":" in str(folder):
        raise EnvironmentFault(f"{marker} names no folder below it as data.", remedy=remedy)
    return marker.parent / folder


def settle() -> None:
    """Turn to the stick whatever this process and its children would write elsewhere; does nothing where not portable.

    Places that the machine names for an installed Caseworth do not count here, and no keyring is asked.
    """
    folder = home()
    if folder is None:
        return
    temporary, kept = folder / "tmp", folder / "cache"
    for name in _ELSEWHERE:
        os.environ.pop(name, None)
    os.environ |= {
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(temporary)),
        "XDG_CACHE_HOME": str(kept),
        "XDG_CONFIG_HOME": str(folder / "settings"),
        "XDG_DATA_HOME": str(folder / "share"),
        "XDG_STATE_HOME": str(folder / "share"),
        "MPLCONFIGDIR": str(kept / "matplotlib"),
        "MESA_SHADER_CACHE_DIR": str(kept),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    sys.dont_write_bytecode = True
    tempfile.tempdir = str(temporary)
    try:
        for each in (temporary, kept, folder / "settings", folder / "share"):
            each.mkdir(parents=True, exist_ok=True, mode=0o700)
        _sweep(temporary)
    except OSError:
        return  # what needs no writing still works; ``check_writable`` speaks up for the rest


def check_writable() -> None:
    """Raise ``EnvironmentFault`` where a portable program lies on a stick that cannot be written."""
    folder = home()
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=folder) as tried:
            tried.write(b"\0")
    except OSError as exc:
        raise EnvironmentFault(
            f"Caseworth is portable here, and its folder {folder} cannot be written: {exc.strerror or exc}.",
            remedy="Take off the stick's write protection, free some space on it, or copy the whole folder to a disk "
            "and start it there. Packages can be verified as it is: caseworth verify FILE.",
        ) from exc


def _sweep(temporary: Path) -> None:
    """Take away what a killed process left."""
    for left in temporary.iterdir():
        if time.time() - left.lstat().st_mtime > _OLD:
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


# -- setting one up


@dataclass(frozen=True, slots=True)
class Portable:
    """A portable Caseworth in a folder."""

    folder: Path
    start: Path  # what a person starts
    files: int
    size: int  # bytes of the program
    renewed: bool  # there was one before, whose data stay
    runs: bool  # the folder's file system lets programs run


def set_up(folder: Path, program: Path | None = None, progress: Progress = no_progress) -> Portable:
    """Copy a program to ``folder`` and make it portable there; one that is there is renewed, its data stay.

    ``program`` is the folder of an installed or built program; None: the one that runs. Every file is read back from
    the stick. Raises ``InputError`` for a folder with other things or a program that is none, ``EnvironmentFault``
    where the stick is full or cannot be written: then the data there are as they were.
    """
    source = _program(program)
    folder = folder.resolve()
    if folder.is_relative_to(source) or source.is_relative_to(folder):
        raise InputError("folder", f"{folder} is where the program lies.", remedy="Choose another folder.")
    renewed = (folder / MARKER).is_file()
    names = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    if names and not renewed and names != {_NEW}:
        raise InputError("folder", f"The folder {folder} is not empty.", remedy="Choose a new or empty folder.")
    entries = [entry for entry in sorted(source.rglob("*")) if entry.relative_to(source).parts[0] not in _left_out()]
    try:
        size = _copy_all(source, entries, folder / _NEW, progress)
        for each in sorted((folder / _NEW).iterdir()):
            _replace(each, folder / each.name)
        (folder / _NEW).rmdir()
        starter = "start-caseworth.cmd" if (source / "caseworth.exe").exists() else "start-caseworth.sh"
        start = folder / starter
        start.write_text(STARTERS[starter], encoding="ascii", newline="")
        start.chmod(0o755)
        (folder / DATA).mkdir(exist_ok=True, mode=0o700)
        if not renewed:
            (folder / MARKER).write_text(MARKER_TEXT, encoding="utf-8")
    except OSError as exc:
        shutil.rmtree(folder / _NEW, ignore_errors=True)
        raise EnvironmentFault(
            f"The program cannot be copied to {folder}: {exc.strerror or exc}.",
            remedy="See that the stick has room and is not write-protected, and try again; its data are as they were.",
        ) from exc
    files = sum(1 for entry in entries if not entry.is_dir())
    return Portable(folder, start, files, size, renewed, runs=os.access(start, os.X_OK))


def _left_out() -> set[str]:
    return {MARKER, DATA, _NEW, *STARTERS, *_OF_INSTALLATION}


def _program(given: Path | None) -> Path:
    """The folder of the program to copy. Raises ``InputError``."""
    if given is None and not getattr(sys, "frozen", False):
        raise InputError(
            "program",
            "Caseworth runs from its source here, which rests on this machine's Python.",
            remedy="Name a built program: make installer, then --program build/installer/program/caseworth.",
        )
    source = (given or program_folder()).resolve()
    if not any((source / name).is_file() for name in ("caseworth", "caseworth.exe")):
        raise InputError("program", f"There is no program of Caseworth in {source}.", remedy="Name its folder.")
    return source


def _copy_all(source: Path, entries: list[Path], target: Path, progress: Progress) -> int:
    """Copy the entries and read each file back; bytes that were copied."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True, mode=0o755)
    total = sum(entry.stat().st_size for entry in entries if entry.is_file())
    if shutil.disk_usage(target).free < total:
        raise OSError(28, f"{total // 10**6 + 1:,} MB are needed, and there is less room")
    done = 0
    for entry in entries:
        place = target / entry.relative_to(source)
        if entry.is_dir() and not entry.is_symlink():
            place.mkdir(exist_ok=True)
        elif not (entry.is_symlink() and _linked(entry, place)):
            _copy(entry, place)
            done += entry.stat().st_size
            progress(min(done, total), total, "portable")
    return total


def _linked(entry: Path, place: Path) -> bool:
    """Whether the link could be made; many sticks know none, and get the file itself."""
    try:
        place.symlink_to(entry.readlink())
    except OSError:
        return False
    return True


def _copy(entry: Path, place: Path) -> None:
    shutil.copyfile(entry, place)
    place.chmod(0o755 if entry.stat().st_mode & stat.S_IXUSR else 0o644)
    with entry.open("rb") as one, place.open("rb") as other:
        if hashlib.file_digest(one, "sha256").digest() != hashlib.file_digest(other, "sha256").digest():
            raise OSError(5, f"{place.name} does not read back as it was written")


def _replace(new: Path, old: Path) -> None:
    if old.is_dir() and not old.is_symlink():
        shutil.rmtree(old)
    new.replace(old)
