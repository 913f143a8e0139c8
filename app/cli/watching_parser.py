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
    _fairness(commands, add)


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


def _fairness(commands: Any, add: Add) -> None:
    fairness = add(commands, "fairness", "fairness", "fairness", "compare approvals between groups; needs no workspace")
    fairness.add_argument("table", metavar="TABLE", type=Path, help="CSV or Parquet")
    how = fairness.add_mutually_exclusive_group(required=True)
    how.add_argument("--score", metavar="COLUMN", help="the column of a score or PD")
    how.add_argument("--scorecard", metavar="NAME", help="a scorecard's name or its .json file, which scores the table")
    how.add_argument("--decision", metavar="COLUMN", help="the column of the decision")
    fairness.add_argument("--approved", metavar="VALUE", help="the decision that means approved")
    fairness.add_argument("--approve-above", metavar="X", type=float, help="approved at this score and above")
    fairness.add_argument("--approve-below", metavar="X", type=float, help="approved at this score (a PD) and below")
    fairness.add_argument("--protected", metavar="COLUMN", action="append", required=True, help="protected attribute")
    fairness.add_argument(
        "--reference", metavar="VALUE", action="append", required=True, help="group compared with, or COLUMN=VALUE"
    )
    fairness.add_argument("--target", metavar="COLUMN", help="the column of the outcome")
    fairness.add_argument("--bad", metavar="VALUE", help="the outcome that means bad")
    fairness.add_argument(
        "--candidate", metavar="NAME", action="append", default=[], help="another scorecard, as an alternative"
    )
    fairness.add_argument("--auc-loss", metavar="X", type=float, default=0.01, help="what an alternative may lose")
    fairness.add_argument("--least", metavar="N", type=int, default=30, help="cases a group needs for a figure")
    fairness.add_argument("--missing", metavar="WORD", action="append", help="word that means missing")


def add_document(verbs: Any, add: Add) -> None:
    """Add ``scorecard document``."""
    document = add(verbs, "document", "watching", "document", "write the signed model document of a scorecard")
    document.add_argument("scorecard", metavar="NAME", help="a scorecard of the register, or its .json file")
    document.add_argument("--out", metavar="FILE", type=Path, required=True, help="the PDF to write")
    document.add_argument("--language", choices=("en", "zh"), default="en")
