"""Where things lie on this machine, by the platform's customs."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path

from app.bootstrap.portable import home


def data_folder() -> Path:
    """Where this user's Caseworth keeps what is not in a workspace: installed models, trusted keys.

    A portable one keeps it on its stick.
    """
    portable = home()
    if portable is not None:
        return portable
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "Caseworth"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Caseworth"
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "caseworth"


def default_workspace() -> Path:
    """``$CASEWORTH_WORKSPACE``, else the workspace in ``data_folder``."""
    named = os.environ.get("CASEWORTH_WORKSPACE")
    return Path(named) if named else data_folder() / "workspace"


def shipped_folder() -> Path:
    """The data that ships with the program."""
    import data

    return Path(data.__file__).resolve().parent


def samples_folder() -> Path:
    """The sample applicant folders and the real applications."""
    return shipped_folder() / "samples"


def fonts_folder() -> Path:
    """The fonts of the window and the report."""
    return shipped_folder() / "fonts"


def models_folder() -> Path:
    """Where a lender installs further language models: ``models.toml`` beside their GGUF files."""
    named = os.environ.get("CASEWORTH_MODELS")
    return Path(named) if named else data_folder() / "models"


def backends_folders() -> tuple[Path, ...]:
    """Where packages for graphics processors lie: ``$CASEWORTH_BACKENDS`` alone, else the machine's and this user's."""
    named = os.environ.get("CASEWORTH_BACKENDS")
    if named:
        return (Path(named),)
    if sys.platform == "win32":
        common = Path(os.environ.get("COMMONPROGRAMFILES", "C:/Program Files/Common Files"))
        of_machine: tuple[Path, ...] = (common / "Caseworth" / "backends",)
    elif sys.platform == "darwin":
        of_machine = (Path("/Library/Application Support/Caseworth/backends"),)
    else:  # the first for those who pack it, the second for those who copy it
        of_machine = (Path("/usr/lib/caseworth-backends"), Path("/usr/local/lib/caseworth-backends"))
    return (*of_machine, data_folder() / "backends")


def speech_folder(workspace: Path | None = None) -> Path:
    """Where a lender puts the model that recognises recordings: ``$CASEWORTH_SPEECH``, else ``speech`` in the
    workspace where there is one, else ``speech`` in ``data_folder``."""
    named = os.environ.get("CASEWORTH_SPEECH")
    if named:
        return Path(named)
    own = workspace / "speech" if workspace else None
    return own if own is not None and own.is_dir() else data_folder() / "speech"


def scorecards_folder() -> Path:
    """Where a lender keeps scorecards of its own, found by name: ``NAME.json``."""
    named = os.environ.get("CASEWORTH_SCORECARDS")
    return Path(named) if named else data_folder() / "scorecards"


def login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "underwriter"
