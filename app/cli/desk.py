"""``desk``, ``init``, ``doctor``."""

from __future__ import annotations

import os
import platform
from argparse import Namespace
from pathlib import Path

from app import bootstrap
from app.bootstrap.doctor import doctor as examine
from app.cli.output import emit
from app.cli.session import ask_passphrase, workspace_path
from app.errors import EnvironmentFault


def has_display() -> bool:
    """Whether a window can be shown to a person."""
    if os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal"):
        return False
    if platform.system() == "Linux":
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def desk(given: Namespace) -> int:
    """Open the window, or render its screens."""
    if given.screenshots is None and not has_display():
        raise EnvironmentFault(
            "There is no display to open the window on.",
            remedy="Start it in a desktop session, or render the screens with --screenshots DIR.",
        )
    return show_window(workspace_path(given), given.screenshots)


def show_window(path: Path, screenshots: Path | None, *, brief: bool = False) -> int:
    """Run the window on a workspace until it is closed, or render its screens; ``brief``: the main ones only."""
    from views.app import run_desk

    if screenshots is not None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")
    return run_desk(bootstrap.open_desk, path, screenshots=screenshots, brief=brief)


def init(given: Namespace) -> None:
    """Make a workspace."""
    path = given.dir or workspace_path(given)
    with bootstrap.create_desk(
        path,
        person=given.person or bootstrap.login_name(),
        role=given.role,
        passphrase=ask_passphrase,
        use_keyring=not given.no_keyring,
    ) as made:
        data = {"workspace": str(path), "person": made.person, "role": made.role, "key": made.key_kept_by}
    emit(given, data, [f"workspace {path}", f"signer {data['person']}, {data['role']}", f"key kept by {data['key']}"])


def doctor(given: Namespace) -> int:
    """Say what this machine has and lacks; exit status 1 when the desk cannot work."""
    checks = examine(workspace_path(given))
    lines = [f"{'ok  ' if ok else 'LACK'}  {name}: {detail}" for name, ok, detail in checks]
    emit(
        given,
        {"checks": [{"name": n, "ok": ok, "detail": d} for n, ok, d in checks], "ok": all(c[1] for c in checks)},
        lines,
    )
    return 0 if all(ok for _, ok, _ in checks) else 1
