"""Portable mode: program and workspace on one stick, and nothing written elsewhere.

A file ``caseworth-portable.toml`` beside the program turns it on. Everything then lies in the folder that the file
names, relative to itself, so that the stick may come under another letter or mount point. Keys go by passphrase.
"""

from __future__ import annotations

import os
import sys
import time
from functools import cache
from pathlib import Path, PurePath

from app.errors import EnvironmentFault

MARKER = "caseworth-portable.toml"
DATA = "caseworth-data"
_ELSEWHERE = [f"CASEWORTH_{name}" for name in ("WORKSPACE", "MODELS", "BACKENDS", "SPEECH", "SCORECARDS")]
_OLD = 24 * 3600  # seconds; what is left in the temporary folder that long was left by a kill


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
    import tomllib

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
    import tempfile

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
    import tempfile

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
    import shutil

    for left in temporary.iterdir():
        if time.time() - left.lstat().st_mtime > _OLD:
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
