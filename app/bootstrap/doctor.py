"""What this machine has and lacks, each with what to do about it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from app.errors import WorkbenchError

Check = tuple[str, bool, str]
"""Name, whether the desk can work with it, what was found."""


def doctor(workspace: Path) -> list[Check]:
    """Look at everything the desk rests on; opens no workspace and changes nothing."""
    looks: list[tuple[str, Callable[[], str]]] = [
        ("python", lambda: sys.version.split()[0]),
        ("database", _database),
        ("window", _window),
        ("policy engine", lambda: f"zen-engine {version('zen-engine')}"),
        ("typesetting", lambda: f"typst {version('typst')}"),
        ("language model", _model),
        ("llama.cpp", lambda: f"llama-cpp-python {version('llama-cpp-python')}"),
        ("speech", lambda: _speech(workspace)),
        ("keyring", _keyring),
        ("workspace", lambda: _workspace(workspace)),
        ("disk space", lambda: _disk(workspace)),
    ]
    return [_checked(name, look) for name, look in looks]


def _checked(name: str, look: Callable[[], str]) -> Check:
    try:
        return name, True, look()
    except WorkbenchError as error:
        return name, False, str(error)
    except (ImportError, OSError) as error:
        return name, False, f"{type(error).__name__}: {error}"


def _database() -> str:
    from data.database import extension_file

    return f"duckdb {version('duckdb')}, encryption from {extension_file().name}"


def _window() -> str:
    shown = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    if not sys.platform.startswith("linux"):
        shown = "the platform's display"
    return f"PySide6 {version('PySide6-Essentials')}, {shown or 'no display: screens can be rendered only'}"


def _model() -> str:
    from app.bootstrap.places import models_folder
    from local_models.catalogue import list_models, verify_model

    models = list_models(models_folder())
    for spec in models:
        verify_model(spec)
    return ", ".join(f"{spec.name} (digest right)" for spec in models)


def _speech(workspace: Path) -> str:
    """Optional: without it recordings of calls are refused, with a word on what is missing."""
    from importlib.util import find_spec

    from app.bootstrap.places import speech_folder

    folder = speech_folder(workspace)
    if find_spec("faster_whisper") is None:
        return "not installed: recordings are not read (extra speech, docs/import.md)"
    found = folder.name if (folder / "model.bin").is_file() else f"no model at {folder}: recordings are not read"
    return f"faster-whisper {version('faster-whisper')}, {found}"


def _keyring() -> str:
    from app.adapters.keyrings import find_keyring

    return "works" if find_keyring(5) else "none that works here: workspaces are protected by a passphrase"


def _workspace(path: Path) -> str:
    if not (path / "workspace.json").exists():
        return f"none at {path}; make one with caseworth init"
    from app.adapters.keys import key_is_wrapped_by

    return f"{path}, key kept by {key_is_wrapped_by(path / 'workspace.json')}"


def _disk(path: Path) -> str:
    there = next(folder for folder in (path, *path.resolve().parents) if folder.exists())
    return f"{shutil.disk_usage(there).free / 1e9:.0f} GB free"
