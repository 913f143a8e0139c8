"""``portable``: put the program on a stick."""

from __future__ import annotations

from argparse import Namespace

from app.bootstrap.stick import set_up
from app.cli.output import emit, terminal_progress


def portable(given: Namespace) -> None:
    """Copy the program to a folder and make it portable there."""
    done = set_up(given.folder, given.program, terminal_progress())
    data = {
        "folder": str(done.folder),
        "start": str(done.start),
        "files": done.files,
        "size": done.size,
        "renewed": done.renewed,
        "runs": done.runs,
    }
    lines = [
        f"{'renewed' if done.renewed else 'made'}: {done.folder}, {done.files:,} files, {done.size / 1e6:,.0f} MB",
        f"start it with {done.start}",
    ]
    if not done.runs:
        lines.append("Programs may not run from there: mount it without 'noexec', or copy the folder to a disk.")
    emit(given, data, lines)
