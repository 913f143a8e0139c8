"""From the command line's options to an open desk."""

from __future__ import annotations

import sys
from argparse import Namespace
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from app import bootstrap
from app.bootstrap import Desk
from app.cli.output import terminal_progress
from app.errors import EnvironmentFault

if TYPE_CHECKING:
    from data.upgrade import Upgrade


def workspace_path(given: Namespace) -> Path:
    """The workspace named by option, by environment, or the user's own."""
    chosen: Path = given.workspace or bootstrap.default_workspace()
    return chosen


def open_desk(given: Namespace) -> Desk:
    """Open the workspace; a context manager that closes it. What it warns of is printed on stderr."""
    desk = bootstrap.open_desk(
        workspace_path(given), passphrase=ask_passphrase, debug_sql=_printer(given), progress=terminal_progress()
    )
    desk.warn = lambda error: print(f"caseworth: {error}", file=sys.stderr)
    if desk.upgrade is not None:
        print(f"caseworth: {_told(desk.upgrade)}", file=sys.stderr)
    return desk


def _told(upgrade: Upgrade) -> str:
    return (
        f"The workspace was upgraded from schema {upgrade.before} to {upgrade.after}. "
        f"As it was, it is kept in {upgrade.backup}."
    )


def _printer(given: Namespace):  # type: ignore[no-untyped-def]
    if not given.debug_sql:
        return None
    return lambda sql, seconds: print(f"{seconds * 1000:9.2f} ms  {' '.join(sql.split())}", file=sys.stderr)


def ask_passphrase(new: bool) -> str:
    """Ask at the terminal; a new passphrase twice."""
    if not sys.stdin.isatty():
        raise EnvironmentFault(
            "The workspace's passphrase is needed, and there is no terminal to ask at.",
            remedy="Name a file that holds it in CASEWORTH_PASSPHRASE_FILE.",
        )
    while True:
        first = getpass("New passphrase: " if new else "Passphrase: ")
        if not new or first == getpass("Again: "):
            return first
        print("The two differ.", file=sys.stderr)
