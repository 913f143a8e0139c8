"""Tables of outcomes (CSV, Parquet), checked a row at a time into a hand-over file.

Tables: ``outcomes`` (line, who, bad, days, observed_on, raw) and ``rejects`` (line, column_as, reason, remedy, raw).
"""

# ruff: noqa: S608 (every name passes `quoted`, every text `literal`; all else is a number or our own name)
from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.outcomes import OutcomeReading
from app.domain.reading import Problem
from app.errors import InputError
from data.database import literal, quoted
from data.readers.handover import Tick, connected, ticking
from data.readers.records import records
from data.readers.text import Dialect, Form, dialect_of, form_of, numbered_lines

if TYPE_CHECKING:
    import duckdb

_BATCH = 20_000
_PARTS = ("case", "outcome", "days_past_due", "observed_on")
_RAW_KEPT = 20_000  # characters of a rejected row


@dataclass(frozen=True, slots=True)
class _Source:
    """The rows of a file as texts: ``line``, ``raw`` and a column a part."""

    sql: str
    rows: int
    problems: tuple[Problem, ...] = ()


def read_outcomes(path: Path, reading: OutcomeReading, out: Path, key: str, tick: Tick) -> dict[str, Any]:
    """Check every row and leave the result in the encrypted file ``out``. Raises ``InputError`` for the whole file."""
    db = connected()
    try:
        source, columns = _parquet(db, path, reading) if _is_parquet(path) else _csv(db, path, reading, tick)
        db.execute(f"ATTACH {literal(str(out))} AS h (ENCRYPTION_KEY {literal(key)}, ENCRYPTION_CIPHER 'GCM')")
        with ticking(db, source.rows, tick):
            db.execute(f"CREATE TEMP TABLE checked AS {_checked_sql(source.sql, columns, reading)}")
        db.execute("CREATE TABLE h.outcomes AS SELECT line, who, bad, days, day, raw FROM checked WHERE reason IS NULL")
        db.execute(
            "CREATE TABLE h.rejects AS SELECT line, column_as, reason, remedy, raw FROM checked "
            "WHERE reason IS NOT NULL"
        )
        _keep(db, source.problems)
        db.execute("DETACH h")
    finally:
        db.close()
    return {"rows": source.rows + len(source.problems), "sha256": _digest(path)}


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _parquet(db: duckdb.DuckDBPyConnection, path: Path, reading: OutcomeReading) -> tuple[_Source, dict[str, str]]:
    import duckdb

    relation = f"read_parquet({literal(_unglobbed(path))}, file_row_number = true)"
    try:
        header = [str(row[0]) for row in db.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()][:-1]
        rows = db.execute(f"SELECT count(*) FROM {relation}").fetchall()[0][0]
    except duckdb.Error as exc:
        raise InputError("file", "The Parquet file cannot be read.", remedy="Write it again.", file=path.name) from exc
    columns = reading.columns(header, path.name)
    cells = ", ".join(f"CAST({quoted(columns[part])} AS VARCHAR) AS {quoted(part)}" for part in columns)
    raw = f"concat_ws(',', {', '.join(f'CAST({quoted(name)} AS VARCHAR)' for name in header)})"
    return _Source(f"SELECT file_row_number + 1 AS line, {raw} AS raw, {cells} FROM {relation}", int(rows)), columns


def _csv(
    db: duckdb.DuckDBPyConnection, path: Path, reading: OutcomeReading, tick: Tick
) -> tuple[_Source, dict[str, str]]:
    form = form_of(path)
    dialect = dialect_of(path, form)
    if dialect is None:
        raise InputError(
            "file",
            "No delimiter divides its lines into columns.",
            remedy="Save the table as CSV with a header line.",
            file=path.name,
            line=1,
        )
    columns = reading.columns(dialect.header, path.name)
    source = _at_once(db, path, form, dialect, columns) if form.plain and form.valid else None
    return source or _row_by_row(db, path, form, dialect, columns, tick), columns


def _at_once(
    db: duckdb.DuckDBPyConnection, path: Path, form: Form, dialect: Dialect, columns: Mapping[str, str]
) -> _Source | None:
    """Let DuckDB read the file; None when a row is broken or lines and rows do not go together."""
    import duckdb

    names = [f"c{at}" for at in range(len(dialect.header))]
    kinds = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    raw = ", ".join(f"coalesce({name}, '')" for name in names)
    cells = ", ".join(f"{names[dialect.header.index(heading)]} AS {quoted(part)}" for part, heading in columns.items())
    try:
        db.execute(
            f"CREATE TEMP TABLE given AS SELECT concat_ws({literal(dialect.delimiter)}, {raw}) AS raw, {cells} "
            f"FROM read_csv({literal(_unglobbed(path))}, auto_detect = false, delim = {literal(dialect.delimiter)}, "
            f"quote = '\"', escape = '\"', skip = {dialect.header_line}, header = false, strict_mode = true, "
            f"null_padding = false, columns = {{{kinds}}})"
        )
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error:
        return None
    rows = int(db.execute("SELECT count(*) FROM given").fetchall()[0][0])
    if rows + dialect.header_line != form.lines:
        db.execute("DROP TABLE given")
        return None
    return _Source(f"SELECT rowid + {dialect.header_line + 1} AS line, * FROM given", rows)


def _row_by_row(
    db: duckdb.DuckDBPyConnection, path: Path, form: Form, dialect: Dialect, columns: Mapping[str, str], tick: Tick
) -> _Source:
    listed = ", ".join(f"{quoted(part)} VARCHAR" for part in columns)
    db.execute(f"CREATE TEMP TABLE given (line BIGINT, raw VARCHAR, {listed})")
    places = [dialect.header.index(heading) for heading in columns.values()]
    problems: list[Problem] = []
    batch: list[tuple[Any, ...]] = []
    rows = 0
    for record in _records(path, form, dialect):
        if record.problem is not None:
            problems.append(record.problem)
            continue
        batch.append((record.line, record.raw, *(record.cells[at] for at in places)))
        if len(batch) == _BATCH:
            rows += _store(db, batch)
            tick(rows, form.lines, "rows")
    rows += _store(db, batch)
    return _Source("SELECT * FROM given", rows, tuple(problems))


def _records(path: Path, form: Form, dialect: Dialect) -> Iterator[Any]:
    lines = (item for item in numbered_lines(path, form) if item[0] > dialect.header_line)
    return records(lines, dialect.delimiter, len(dialect.header))


def _store(db: duckdb.DuckDBPyConnection, batch: list[tuple[Any, ...]]) -> int:
    if batch:
        kinds = ["BIGINT", *["VARCHAR"] * (len(batch[0]) - 1)]
        spread = ", ".join(f"unnest(CAST(? AS {kind}[]))" for kind in kinds)
        db.execute(f"INSERT INTO given SELECT {spread}", [list(column) for column in zip(*batch, strict=True)])
    stored = len(batch)
    batch.clear()
    return stored


def _unglobbed(path: Path) -> str:
    """DuckDB takes * ? [ in a path as a pattern; in brackets they stand for themselves."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _checked_sql(source: str, columns: Mapping[str, str], reading: OutcomeReading) -> str:
    """Each row with its values, or with the column and the reason why it is refused."""
    texts = ", ".join(f"{_text(part, columns)} AS {quoted(part)}" for part in _PARTS)
    values = f"""
        SELECT *, {_said_sql(reading)} AS said, {_day_sql(reading)} AS day,
            CASE WHEN try_cast(days_past_due AS DOUBLE) = floor(try_cast(days_past_due AS DOUBLE))
                THEN try_cast(try_cast(days_past_due AS DOUBLE) AS INTEGER) END AS days
        FROM (SELECT line, left(raw, {_RAW_KEPT}) AS raw, {texts} FROM ({source}))"""
    refusals = _refusals(columns, reading)
    column, reason, remedy = (" ".join(f"WHEN {entry[0]} THEN {entry[at]}" for entry in refusals) for at in (1, 2, 3))
    return f"""
        SELECT line, raw, "case" AS who, coalesce(said, days >= {reading.bad_from_days}) AS bad, days, day,
            CASE {column} END AS column_as, CASE {reason} END AS reason, CASE {remedy} END AS remedy
        FROM ({values})"""


def _text(part: str, columns: Mapping[str, str]) -> str:
    """The cell without blanks around it; NULL where there is nothing, or no such column."""
    return f"nullif(trim({quoted(part)}), '')" if part in columns else "CAST(NULL AS VARCHAR)"


def _said_sql(reading: OutcomeReading) -> str:
    rest = "FALSE" if reading.rest_is_good else "NULL"
    good, bad = _words(reading.good), _words(reading.bad)
    return (
        f"CASE WHEN outcome IS NULL THEN NULL WHEN lower(outcome) IN ({bad}) THEN TRUE "
        f"WHEN lower(outcome) IN ({good}) THEN FALSE ELSE {rest} END"
    )


def _words(words: Sequence[str]) -> str:
    return ", ".join(literal(word.strip().lower()) for word in words) or "NULL"


def _day_sql(reading: OutcomeReading) -> str:
    if reading.date_format:
        return f"CAST(try_strptime(observed_on, {literal(reading.date_format)}) AS DATE)"
    iso = r"'\d{4}-\d{2}-\d{2}([ T].*)?'"
    return f"CASE WHEN regexp_full_match(observed_on, {iso}) THEN try_cast(left(observed_on, 10) AS DATE) END"


def _refusals(columns: Mapping[str, str], reading: OutcomeReading) -> list[tuple[str, str, str, str]]:
    """Condition, column, reason and remedy, each as SQL; the first that holds counts."""
    heading = {part: literal(columns.get(part, part)) for part in _PARTS}
    words = ", ".join((*reading.good, *reading.bad))
    shown = "'“' || left({}, 60) || '”'"
    quoted_day, quoted_days, quoted_word = (shown.format(part) for part in ("observed_on", "days_past_due", "outcome"))
    days, form = reading.bad_from_days, reading.date_format or "YYYY-MM-DD"
    known = f"{quoted_word} || {literal(f' is none of {words}.')}"
    return [
        ('"case" IS NULL', heading["case"], "'The row names no case.'", "'Give the id or the reference.'"),
        (
            "day IS NULL",
            heading["observed_on"],
            f"coalesce({quoted_day} || {literal(f' is not a date of the form {form}.')}, 'The day is missing.')",
            "'Correct it, or give the form of the dates with --date-format.'",
        ),
        (
            "outcome IS NOT NULL AND said IS NULL",
            heading["outcome"],
            known,
            "'Name the words with --good and --bad.'",
        ),
        (
            "days_past_due IS NOT NULL AND (days IS NULL OR days < 0)",
            heading["days_past_due"],
            f"{quoted_days} || ' is no number of days past due.'",
            "'Give a whole number from 0.'",
        ),
        (
            "said IS NULL AND days IS NULL",
            heading["outcome" if "outcome" in columns else "days_past_due"],
            "'The row has neither an outcome nor days past due.'",
            "'Give one of them.'",
        ),
        (
            f"said = FALSE AND days >= {days}",
            heading["outcome"],
            f"{quoted_word} || ' is good, with ' || days || ' days past due.'",
            literal(f"Correct one of them; {days} days past due and more are bad (--bad-from-days)."),
        ),
    ]


def _keep(db: duckdb.DuckDBPyConnection, problems: Sequence[Problem]) -> None:
    """Add the rows that could not be divided into cells."""
    if not problems:
        return
    columns = [
        [problem.line for problem in problems],
        [problem.column for problem in problems],
        [problem.reason for problem in problems],
        [problem.remedy for problem in problems],
        [problem.raw[:_RAW_KEPT] for problem in problems],
    ]
    db.execute(
        "INSERT INTO h.rejects SELECT unnest(?::BIGINT[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), "
        "unnest(?::VARCHAR[]), unnest(?::VARCHAR[])",
        columns,
    )
