"""Columns and scores of a table's file, for measuring fairness; nothing of it enters a workspace."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.domain.scorecard import Scorecard
from app.ports import no_progress
from data.database import literal
from data.table_files import MISSING_WORDS, connected, explained, open_table, watched
from data.table_scores import TableScorer


@dataclass(frozen=True, slots=True)
class FairnessFiles:
    """``measure_fairness.FairnessTables`` over CSV and Parquet files."""

    missing: Sequence[str] = MISSING_WORDS

    def texts(self, path: Path, names: Sequence[str]) -> Mapping[str, list[str | None]]:
        """Columns as text, in the file's order; the words of ``missing`` are None. Raises ``InputError``.

        Whole numbers that a Parquet file keeps as fractions are written as whole: ``1``, not ``1.0``.
        """
        table = open_table(path)
        places = [table.place(name, purpose="which is to be measured") for name in names]
        cells = ", ".join(_text_sql(f"c{at}", table.types[at] if table.types else "VARCHAR") for at in places)
        with connected(table) as db, explained(table):
            sql = f"SELECT {cells} FROM {table.source_sql({}, self.missing)}"  # noqa: S608 - numbered columns
            rows = watched(db, sql, no_progress, "read").fetchall()
        return {name: [row[at] for row in rows] for at, name in enumerate(names)}

    def scores(self, path: Path, scorecard: Scorecard) -> list[float]:
        """Points of every row, in the file's order; they pass through a file of scores alone that is deleted."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "scores.parquet"
            TableScorer(self.missing).score(scorecard, path, out, identifier=None)
            with connected() as db:
                sql = f"SELECT score FROM read_parquet({literal(str(out))}, file_row_number = true)"  # noqa: S608
                rows = watched(db, f"{sql} ORDER BY file_row_number", no_progress, "read").fetchall()
        return [float(row[0]) for row in rows]


def _text_sql(column: str, kind: str) -> str:
    if kind not in ("FLOAT", "DOUBLE"):
        return f"CAST({column} AS VARCHAR)"
    whole = f"CAST(try_cast({column} AS BIGINT) AS VARCHAR)"
    text = (
        f"CASE WHEN {column} = floor({column}) AND abs({column}) < 1e15 THEN {whole} ELSE CAST({column} AS VARCHAR) END"
    )
    return f"CASE WHEN isnan({column}) THEN NULL ELSE {text} END"
