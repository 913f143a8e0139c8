"""The options of ``outcomes``, ``monitor`` and ``fairness``, and of ``scorecard document``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

Add = Callable[[Any, str, str, str, str], argparse.ArgumentParser]
"""``app.cli.parser``'s way to add a command: commands, name, module, function, text."""


def add_watching(commands: Any, add: Add) -> None:
    """Add the commands that watch scorecards."""
    _outcomes(commands, add)
    _monitor(commands, add)


def _outcomes(commands: Any, add: Add) -> None:
    text = "what became of cases"
    verbs = commands.add_parser("outcomes", help=text, description=text)
    verbs = verbs.add_subparsers(title="commands", metavar="COMMAND", required=True)
    imports = add(verbs, "import", "watching", "import_outcomes", "import a table of outcomes")
    imports.add_argument("path", metavar="FILE", type=Path, help="CSV or Parquet")
    imports.add_argument("--case", metavar="COLUMN", help="the case's id or reference")
    imports.add_argument("--outcome", metavar="COLUMN", help="the outcome in words")
    imports.add_argument("--days-past-due", metavar="COLUMN", help="the days past due")
    imports.add_argument("--observed-on", metavar="COLUMN", help="the day of observation")
    imports.add_argument("--good", metavar="WORD", action="append", help="word that means good (default: good)")
    imports.add_argument(
        "--bad", metavar="WORD", action="append", help="word that means bad (default: bad); alone, all others are good"
    )
    imports.add_argument("--bad-from-days", metavar="N", type=int, default=90, help="days past due that are bad")
    imports.add_argument("--date-format", metavar="FORMAT", help="of the days, such as %%d/%%m/%%Y (default: ISO)")
    imports.add_argument("--rejects", metavar="FILE", type=Path, help="where to write rejected rows")


def _monitor(commands: Any, add: Add) -> None:
    monitor = add(
        commands, "monitor", "watching", "monitor", "watch a scorecard: stability, ranking, calibration, overrides"
    )
    monitor.add_argument("--scorecard", metavar="NAME", help="name, SHA-256 or file (default: the one most used)")
    monitor.add_argument("--month", metavar="YYYY-MM", help="month of receipt (default: the newest; outcomes of all)")
    monitor.add_argument("--base-month", metavar="YYYY-MM", help="compare with it instead of the development sample")
    monitor.add_argument("--thresholds", metavar="FILE", type=Path, help="TOML file with other thresholds")
