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

from app.domain.scorecard import MAX_REASONS, Characteristic, CharacteristicKind, Scorecard
from app.errors import EnvironmentFault, InputError
from app.ports import Progress, TableScores, no_progress
from data.database import literal, quoted
from data.scoring_sql import COLUMN_TYPES, Relation, score_sql
from data.table_files import MISSING_WORDS, TableFile, bad_cell, connected, explained, open_table, watched

if TYPE_CHECKING:
    import duckdb

COLUMNS = ("score", "pd", "grade", *(f"reason_{place}" for place in range(1, MAX_REASONS + 1)))
FORMATS = {".csv": "FORMAT csv, HEADER", ".parquet": "FORMAT parquet", ".pq": "FORMAT parquet"}

IDENTIFIERS = frozenset(
    ("id", "reference", "ref", "rownames", "rowname", "row", "index", "key", "number", "no", "nr", "")
)
"""Headings of an identifier, without signs and in small letters; so is each heading with ``id`` as one of its words."""

_KEY = ": identifier"
_WORDS = re.compile(r"[^\W_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NUMBERS = re.compile(r"(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))")
_FRACTIONS = re.compile(r"(FLOAT|DOUBLE|DECIMAL\(.*\))")


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
        reading = _Reading(scorecard, table, words)
        with connected() as db, explained(table):
            key = _identifier(db, reading, identifier)
            answer = _answer_sql(scorecard, reading.relation(key), key, table, reason_points, kind)
            with _replacing(out) as part:
                copied = f"COPY ({answer}) TO {literal(str(part))} ({kind})"
                with reading.checked(db):
                    rows = watched(db, copied, progress, "score").fetchall()[0][0]
        return TableScores(int(rows), None if key is None else table.header[key])


def _answer_sql(
    scorecard: Scorecard, relation: Relation, key: int | None, table: TableFile, reason_points: bool, kind: str
) -> str:
    keys = () if key is None else (_KEY,)
    pd = "CAST(pd AS DOUBLE)" if "parquet" in kind else "pd"
    parts = [] if key is None else [f"{quoted(_KEY)} AS {quoted(table.header[key] or 'row')}"]
    parts += ["points AS score", f"{pd} AS pd", "grade", *COLUMNS[3:]]
    if reason_points:
        parts += [f"lost_{place} AS reason_{place}_points" for place in range(1, MAX_REASONS + 1)]
    return f"SELECT {', '.join(parts)} FROM ({score_sql(scorecard, relation, keys=keys)})"


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a scorecard's characteristics are read from a table's columns."""

    scorecard: Scorecard
    table: TableFile
    words: Sequence[str]

    def places(self) -> list[int]:
        """Position of each characteristic's column."""
        lacking = [name for name in self.scorecard.names if name not in self.table.header]
        if len(lacking) > 1:
            message = f"The table lacks {len(lacking)} columns of the scorecard: {', '.join(lacking[:20])}."
            remedy = f"It has: {', '.join(self.table.header[:40])}."
            raise InputError("columns", message, remedy=remedy, file=self.table.path.name)
        return [self.table.place(name, purpose="which the scorecard looks at") for name in self.scorecard.names]

    def source_sql(self, *, as_text: bool = False) -> str:
        kinds = {
            at: COLUMN_TYPES[row.kind]
            for at, row in zip(self.places(), self.scorecard.characteristics, strict=True)
            if not as_text
        }
        return self.table.source_sql(kinds, self.words)

    def relation(self, key: int | None) -> Relation:
        """The columns to score under the characteristics' names, and the identifier."""
        parts = [] if key is None else [f"c{key} AS {quoted(_KEY)}"]
        for at, row in zip(self.places(), self.scorecard.characteristics, strict=True):
            parts.append(f"{self._cell_sql(row, at)} AS {quoted(row.name)}")
        return Relation(f"(SELECT {', '.join(parts)} FROM {self.source_sql()})")

    def _cell_sql(self, row: Characteristic, at: int) -> str:
        column_type = "VARCHAR" if self.table.types is None else self.table.types[at]
        known = f"c{at}"
        if self.table.types is not None:
            known = self._known_sql(row, at, column_type)
        return f"CAST({known} AS {COLUMN_TYPES[row.kind]})"

    def _known_sql(self, row: Characteristic, at: int, column_type: str) -> str:
        """A Parquet column as text or number, the missing words left out of text."""
        number, text = _NUMBERS.fullmatch(column_type), column_type == "VARCHAR" or column_type.startswith("ENUM")
        if not (number or text or column_type == "BOOLEAN" or row.kind is CharacteristicKind.CATEGORY):
            raise InputError(
                row.name,
                f"The column {row.name!r} holds {column_type}, and the scorecard wants {row.kind.value} values.",
                remedy="Write the column as numbers or text.",
                file=self.table.path.name,
                column=row.name,
            )
        if row.kind is CharacteristicKind.NUMERIC and not text:
            return f"CAST(c{at} AS DOUBLE)"
        cell = f"CAST(c{at} AS DOUBLE)" if _FRACTIONS.fullmatch(column_type) else f"c{at}"
        words = ", ".join(map(literal, (*self.words, "nan")))
        return f"CASE WHEN CAST({cell} AS VARCHAR) NOT IN ({words}) THEN CAST({cell} AS VARCHAR) END"

    @contextmanager
    def checked(self, db: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Name row and column of a Parquet cell that is not of its kind; of a CSV DuckDB itself says the line."""
        import duckdb

        try:
            yield
        except duckdb.ConversionException as exc:
            if self.table.types is None:
                raise
            fault = self._bad_cell(db)
            raise fault or exc from exc

    def _bad_cell(self, db: duckdb.DuckDBPyConnection) -> InputError | None:
        """The first cell that does not convert, by its row from 1."""
        source = f"(SELECT *, row_number() OVER () AS n FROM {self.source_sql()})"
        for at, row in zip(self.places(), self.scorecard.characteristics, strict=True):
            wanted = COLUMN_TYPES[row.kind]
            known = self._known_sql(row, at, (self.table.types or ())[at])
            test = f"{known} IS NOT NULL AND try_cast({known} AS {wanted}) IS NULL"
            found = db.execute(f"SELECT n, {known} FROM {source} WHERE {test} ORDER BY n LIMIT 1").fetchall()
            if found:
                return bad_cell(self.table, row.name, str(found[0][1]), wanted, int(found[0][0]))
        return None


def _identifier(db: duckdb.DuckDBPyConnection, reading: _Reading, wanted: str | None) -> int | None:
    """Position of the identifier's column; None for none."""
    header, used = reading.table.header, set(reading.scorecard.names)
    if wanted is None:
        return None
    if wanted:
        at = reading.table.place(wanted, purpose="the identifier")
        if wanted.casefold() in COLUMNS:
            raise InputError("identifier", f"{wanted!r} is a column of the answer.", remedy="Rename it in the table.")
        return at
    for at, name in enumerate(header):
        if name not in used and name.casefold() not in COLUMNS and header.count(name) == 1 and _names_rows(name):
            counts = f"count(*), count(c{at}), count(DISTINCT c{at})"
            rows, known, different = db.execute(f"SELECT {counts} FROM {reading.source_sql(as_text=True)}").fetchall()[
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
