"""Columns and scores of a table's file, for measuring fairness; nothing of it enters a workspace."""

# ruff: noqa: S608 (columns by number, paths and words as literals)
from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.scorecard import Scorecard
from app.errors import InputError
from app.ports import Progress, no_progress
from data.database import literal
from data.table_files import MISSING_WORDS, connected, explained, open_table, watched
from data.table_scores import TableScorer

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class ColumnTexts:
    """One column as text: how many values it has, rows without one, and its values with their counts."""

    name: str
    distinct: int
    missing: int
    values: tuple[tuple[str, int], ...]  # the commonest first; empty where there are too many


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
            sql = f"SELECT {cells} FROM {table.source_sql({}, self.missing)}"
            rows = watched(db, sql, no_progress, "read").fetchall()
        return {name: [row[at] for row in rows] for at, name in enumerate(names)}

    def scores(self, path: Path, scorecard: Scorecard) -> list[float]:
        """Points of every row, in the file's order; they pass through a file of scores alone that is deleted."""
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "scores.parquet"
            TableScorer(self.missing).score(scorecard, path, out, identifier=None)
            with connected() as db:
                sql = f"SELECT score FROM read_parquet({literal(str(out))}, file_row_number = true)"
                rows = watched(db, f"{sql} ORDER BY file_row_number", no_progress, "read").fetchall()
        return [float(row[0]) for row in rows]

    def looks(self, path: Path, most: int, progress: Progress = no_progress) -> tuple[int, list[ColumnTexts]]:
        """How many rows there are, and of each column its values; of those with more than ``most`` only how many."""
        table = open_table(path)
        types = table.types or ("VARCHAR",) * len(table.header)
        texts = ", ".join(f"{_text_sql(f'c{at}', kind)} AS c{at}" for at, kind in enumerate(types))
        with connected(table) as db, explained(table):
            watched(
                db, f"CREATE TABLE seen AS SELECT {texts} FROM {table.source_sql({}, self.missing)}", progress, "read"
            )
            rows = int(db.execute("SELECT count(*) FROM seen").fetchall()[0][0])
            if not rows:
                raise InputError("table", "The table has no rows.", remedy="Choose another.", file=path.name)
            looks = []
            for at, name in enumerate(table.header):
                progress(at, len(table.header), "look")
                looks.append(_look(db, at, name, most))
        return rows, looks


def _look(db: duckdb.DuckDBPyConnection, at: int, name: str, most: int) -> ColumnTexts:
    counted = f"SELECT count(DISTINCT c{at}), count(*) - count(c{at}) FROM seen"
    distinct, missing = db.execute(counted).fetchall()[0]
    found: list[tuple[str, int]] = []
    if distinct <= most:
        each = f"SELECT c{at}, count(*) FROM seen WHERE c{at} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
        found = [(str(value), int(count)) for value, count in db.execute(each).fetchall()]
    return ColumnTexts(name, int(distinct), int(missing), tuple(found))


def _text_sql(column: str, kind: str) -> str:
    if kind not in ("FLOAT", "DOUBLE"):
        return f"CAST({column} AS VARCHAR)"
    whole = f"CAST(try_cast({column} AS BIGINT) AS VARCHAR)"
    text = (
        f"CASE WHEN {column} = floor({column}) AND abs({column}) < 1e15 THEN {whole} ELSE CAST({column} AS VARCHAR) END"
    )
    return f"CASE WHEN isnan({column}) THEN NULL ELSE {text} END"
