"""The options of ``challenger …`` and ``changes``; nothing heavy is imported here."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Add = Callable[[Any, str, str, str, str], argparse.ArgumentParser]


def add_commands(commands: Any, add: Add) -> None:
    """The commands of challengers and of what would change a score; ``add`` makes one that runs a function."""
    text = "run a second model in shadow: its disagreement is a finding, never a decision"
    verbs = commands.add_parser("challenger", help=text, description=text).add_subparsers(
        title="commands", metavar="COMMAND", required=True
    )
    keep = add(verbs, "add", "challengers", "add", "take a challenger's file into the workspace")
    keep.add_argument("path", metavar="FILE", type=Path, help="an .onnx file, with its .sha256 beside it")
    add(verbs, "list", "challengers", "list_", "list the challengers and beside which scorecards they run")
    _use(add(verbs, "use", "challengers", "use", "run a challenger in shadow from now on, or none"))
    shadow = add(verbs, "shadow", "challengers", "shadow", "run the challenger on one scored case, or on all, now")
    which = shadow.add_mutually_exclusive_group(required=True)
    which.add_argument("case", metavar="CASE", nargs="?", help="id or reference")
    which.add_argument("--all", action="store_true", help="every scored case that is not decided; some ms a case")
    text = "what would bring a scored case into policy or to the next grade: a smaller amount, another term, debts paid"
    changes = add(commands, "changes", "challengers", "changes", text)
    changes.add_argument("case", metavar="CASE", help="id or reference")


def _use(use: argparse.ArgumentParser) -> None:
    which = use.add_mutually_exclusive_group(required=True)
    which.add_argument("challenger", metavar="NAME|SHA256", nargs="?", help="a name, or 8 signs or more of a SHA-256")
    which.add_argument("--none", action="store_true", help="run none any more")
    use.add_argument("--scorecard", metavar="NAME", help="beside that scorecard (default: the one in use)")
