"""Scorecards at work without a workspace: on tables, as SQL, as PMML."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from app.bootstrap.places import scorecards_folder
from app.domain.scorecard import Scaling, Scorecard
from app.ports import Progress, no_progress
from app.usecases.score_table import ScoreTable, TableRun


def find_scorecard(name: str) -> Scorecard:
    """The scorecard of a ``.json`` file, or of that name among the lender's own and those that ship.

    Its characteristics may be columns of any table. Raises ``InputError`` where there is none or it is damaged.
    """
    from data.scorecard_files import SHIPPED, open_scorecard

    return open_scorecard(name, folders=(scorecards_folder(), SHIPPED))


def score_table(
    command: ScoreTable,
    scorecard: Scorecard,
    *,
    missing: Sequence[str] | None = None,
    progress: Progress = no_progress,
) -> TableRun:
    """Score a table's file; ``missing`` are the words that mean a missing value, None for the usual ones."""
    from app.usecases.score_table import score_table as score
    from data.table_files import MISSING_WORDS
    from data.table_scores import TableScorer

    words = MISSING_WORDS if missing is None else ("", *missing)
    return score(command, scorecard, TableScorer(words), progress=progress)


def scorecard_sql(scorecard: Scorecard, dialect: str, *, table: str, keys: tuple[str, ...] = ()) -> str:
    """The scorecard as one statement; see ``data.sql_dialects``."""
    from data import sql_dialects

    return sql_dialects.scorecard_sql(scorecard, dialect, table=table, keys=keys)


def scorecard_pmml(scorecard: Scorecard) -> str:
    """The scorecard as a PMML 4.4 document."""
    from app.adapters.pmml import to_pmml

    return to_pmml(scorecard)


def import_pmml(path: Path, scaling: Scaling | None = None) -> Scorecard:
    """Read a PMML 4.4 Scorecard; see ``app.adapters.pmml_import``."""
    from app.adapters.pmml_import import from_pmml

    return from_pmml(path, scaling)


def scorecard_text(scorecard: Scorecard) -> str:
    """The scorecard's file."""
    return json.dumps(scorecard.document, ensure_ascii=False, indent=2) + "\n"
