"""Setting up a portable program: copying it to a stick, or renewing it there (``portable`` tells what it then does)."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.bootstrap.portable import DATA, MARKER, program_folder
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress

_NEW = ".caseworth-new"
_OF_INSTALLATION = {"installed", "uninstall"}  # what the installer adds beside the program; a stick has no use for it

MARKER_TEXT = f"""# Caseworth is portable: it keeps all it writes in the folder named here, and nothing elsewhere.
# The folder is relative to this file. docs/portable.md tells more.
data = "{DATA}"
"""
STARTERS = {
    "start-caseworth.sh": '#!/bin/sh\nexec "$(dirname "$0")/caseworth" desk "$@"\n',
    "start-caseworth.cmd": '@start "" "%~dp0caseworth-desk.exe" desk %*\r\n',
}


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
        with suppress(PermissionError):
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
    linked = {entry for entry in entries if entry.is_symlink()} if _knows_links(target) else set()
    total = sum(entry.stat().st_size for entry in entries if entry.is_file() and entry not in linked)
    if shutil.disk_usage(target).free < total:
        raise OSError(28, f"{total // 10**6 + 1:,} MB are needed, and there is less room")
    done = 0
    for entry in entries:
        place = target / entry.relative_to(source)
        if entry in linked:
            place.symlink_to(entry.readlink())
        elif entry.is_dir():
            place.mkdir(exist_ok=True)
        else:
            _copy(entry, place)
            done += entry.stat().st_size
            progress(done, total, "portable")
    return total


def _knows_links(folder: Path) -> bool:
    """Whether links can be made in a folder; on many sticks they cannot, and the file itself takes their place."""
    tried = folder / "link"
    try:
        tried.symlink_to("target")
    except OSError:
        return False
    tried.unlink()
    return True


def _copy(entry: Path, place: Path) -> None:
    shutil.copyfile(entry, place)
    with suppress(PermissionError):  # of a file system that keeps no rights
        place.chmod(0o755 if entry.stat().st_mode & stat.S_IXUSR else 0o644)
    with entry.open("rb") as one, place.open("rb") as other:
        if hashlib.file_digest(one, "sha256").digest() != hashlib.file_digest(other, "sha256").digest():
            raise OSError(5, f"{place.name} does not read back as it was written")


def _replace(new: Path, old: Path) -> None:
    if old.is_dir() and not old.is_symlink():
        shutil.rmtree(old)
    new.replace(old)
