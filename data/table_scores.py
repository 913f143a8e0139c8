"""Scores of a table's file by the names of its columns, written to another file in the table's order."""

# ruff: noqa: S608 (every name passes `quoted`, every text `literal`)
from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.scorecard import MAX_REASONS, Scorecard
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, no_progress
from app.table_ports import TableScores
from data.database import literal, quoted
from data.scoring_sql import Relation, score_sql
from data.table_columns import KEY, Columns
from data.table_files import MISSING_WORDS, TableFile, connected, explained, open_table, watched

if TYPE_CHECKING:
    import duckdb

COLUMNS = ("score", "pd", "grade", *(f"reason_{place}" for place in range(1, MAX_REASONS + 1)))
FORMATS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet", ".pq": "FORMAT parquet"}

IDENTIFIERS = frozenset(
    ("id", "reference", "ref", "rownames", "rowname", "row", "index", "key", "number", "no", "nr", "")
)
"""Headings of an identifier, without signs and in small letters; so is each heading with ``id`` as one of its words."""

_WORDS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class TableScorer:
    """``ports.TableScorer`` over CSV and Parquet files."""

    missing: Sequence[str] = MISSING_WORDS

    def score(
        self,
        scorecard: Scorecard,
        path: Path,
        out: Path,
        *,
        identifier: str | None = "",
        reason_points: bool = False,
        progress: Progress = no_progress,
    ) -> TableScores:
        """Score each row and write ``COLUMNS`` after the identifier to ``out``, CSV or Parquet by its ending.

        ``identifier`` is a column, None for none, "" for the first that is named as one and is different in every row.
        Null, NaN and the words of ``missing`` that are no category of the scorecard are missing values; any other cell
        that is not of its characteristic's kind raises ``InputError`` with its place, and nothing is written.
        """
        kind = _format(out, path)
        table = open_table(path)
        named = {name for row in scorecard.characteristics for entry in row.bins for name in entry.categories}
        words = ["", *(word for word in self.missing if word and word not in named)]
        columns = Columns(scorecard, table, words)
        with connected(table) as db, explained(table):
            key = _identifier(db, columns, identifier)
            answer = _answer_sql(scorecard, columns.relation(key), key, table, reason_points, kind)
            with _replacing(out) as part:
                copied = f"COPY ({answer}) TO {literal(str(part))} ({kind})"
                with columns.checked(db):
                    rows = watched(db, copied, progress, "score").fetchall()[0][0]
        return TableScores(int(rows), None if key is None else table.header[key])


def _answer_sql(
    scorecard: Scorecard, relation: Relation, key: int | None, table: TableFile, reason_points: bool, kind: str
) -> str:
    keys = () if key is None else (KEY,)
    pd = "CAST(pd AS DOUBLE)" if "parquet" in kind else "pd"
    parts = [] if key is None else [f"{quoted(KEY)} AS {quoted(table.header[key] or 'row')}"]
    parts += ["points AS score", f"{pd} AS pd", "grade", *COLUMNS[3:]]
    if reason_points:
        parts += [f"lost_{place} AS reason_{place}_points" for place in range(1, MAX_REASONS + 1)]
    return f"SELECT {', '.join(parts)} FROM ({score_sql(scorecard, relation, keys=keys)})"


def _identifier(db: duckdb.DuckDBPyConnection, columns: Columns, wanted: str | None) -> int | None:
    """Position of the identifier's column; None for none."""
    header, used = columns.table.header, set(columns.scorecard.names)
    if wanted is None:
        return None
    if wanted:
        at = columns.table.place(wanted, purpose="the identifier")
        if wanted.casefold() in COLUMNS:
            raise InputError("identifier", f"{wanted!r} is a column of the answer.", remedy="Rename it in the table.")
        return at
    for at, name in enumerate(header):
        if name not in used and name.casefold() not in COLUMNS and header.count(name) == 1 and _names_rows(name):
            counts = f"count(*), count(c{at}), count(DISTINCT c{at})"
            rows, known, different = db.execute(f"SELECT {counts} FROM {columns.source_sql(as_text=True)}").fetchall()[
                0
            ]
            if rows == known == different:
                return at
    return None


def _names_rows(name: str) -> bool:
    words = [word.casefold() for word in _WORDS.findall(_CAMEL.sub(" ", name))]
    return "id" in words or "".join(words) in IDENTIFIERS


def _format(out: Path, path: Path) -> str:
    kind = FORMATS.get(out.suffix.lower())
    if kind is None:
        raise InputError("out", f"{out.name} is neither .csv nor .parquet.", remedy="Give the file such an ending.")
    if out.exists() and path.exists() and out.samefile(path):
        raise InputError("out", "The scores would overwrite the table.", remedy="Give another file.", file=str(out))
    if not out.parent.is_dir():
        raise InputError("out", f"There is no folder {out.parent}.", remedy="Make it, or give another.")
    return kind


@contextmanager
def _replacing(out: Path) -> Iterator[Path]:
    """A file beside ``out`` that takes its place when all is written, and is gone when not."""
    import duckdb

    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(out)
    except (duckdb.IOException, OSError) as exc:
        first = str(exc).partition("\n")[0]
        remedy = "Check the folder's rights and the disk's free space."
        raise EnvironmentFault(f"The scores cannot be written to {out}: {first}", remedy=remedy) from exc
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
