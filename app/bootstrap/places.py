"""Where things lie on this machine, by the platform's customs."""

from __future__ import annotations

import getpass
import os
import sys
from pathlib import Path


def data_folder() -> Path:
    """Where this user's Caseworth keeps what is not in a workspace: installed models, trusted keys."""
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
