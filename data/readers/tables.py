"""Tables of applications (CSV, JSON, XLSX, Parquet), checked a row at a time into a hand-over file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.facts import Catalogue
from app.domain.mapping import TableMapping
from app.domain.reading import Problem, TableProfile, TableRead
from app.errors import InputError
from data.database import literal, quoted
from data.readers.handover import Destination, Handover, Tick, connected
from data.readers.held_file import HeldFile
from data.readers.json_tables import json_header, json_records
from data.readers.memory_files import ADDRESS, lay_open
from data.readers.records import Record, records
from data.readers.sheets import sheet_header, sheet_records
from data.readers.table_sql import Spelling, csv_types, explain
from data.readers.text import Dialect, Form, dialect_of, form_of, numbered_lines

if TYPE_CHECKING:
    import duckdb

_BATCH = 20_000
_SAMPLED = 400
_FEW = 5_000  # rows that are looked at again by themselves


def profile_table(path: Path, form: str) -> TableProfile:
    """Header and some rows; ``form`` is "csv", "json", "xlsx" or "parquet"."""
    if form == "csv":
        text = form_of(path)
        dialect = _dialect(path, text)
        found = _delimited(path, text, dialect)
        rows = _cells(found, _SAMPLED)
        return TableProfile(dialect.header, rows, dialect.delimiter, text.encoding)
    if form == "parquet":
        return _parquet_profile(path)
    header = _HEADERS[form](path)
    return TableProfile(header, _cells(_RECORDS[form](path, header), _SAMPLED))


def _cells(found: Iterable[Record], count: int) -> tuple[tuple[str, ...], ...]:
    return tuple(record.cells for record in islice((r for r in found if r.problem is None), count))


def read_table(
    path: Path, form: str, mapping: TableMapping, catalogue: Catalogue, out: Destination, tick: Tick
) -> TableRead:
    """Check every row and leave the result in the encrypted file ``out``. Raises ``InputError`` for the whole file."""
    if form == "csv":
        return _read_csv(path, mapping, catalogue, out, tick)
    handover = Handover(out, mapping, catalogue)
    _lay_open(handover.db, path)
    if form == "parquet":
        return _read_parquet(path, handover, tick)
    header = _HEADERS[form](path)
    mapping.check_header(header, path.name)
    return _read_records(handover, header, _RECORDS[form](path, header), None, tick)


def read_rows(
    rows: Sequence[tuple[int, str]],
    header: Sequence[str],
    delimiter: str,
    mapping: TableMapping,
    catalogue: Catalogue,
    out: Destination,
    tick: Tick,
) -> TableRead:
    """Check corrected rows, each with the line it had, like the rows of a file."""
    found: list[Record] = []
    for line, raw in rows:
        inner = (
            records([(line, raw, None)], delimiter, len(header))
            if "\n" not in raw
            else _one(line, raw, delimiter, header)
        )
        found += inner
    return _read_records(Handover(out, mapping, catalogue), header, found, len(found), tick)


def _one(line: int, raw: str, delimiter: str, header: Sequence[str]) -> Iterator[Record]:
    parts = raw.split("\n")
    return records([(line + at, part, None) for at, part in enumerate(parts)], delimiter, len(header))


def _dialect(path: Path, form: Form) -> Dialect:
    found = dialect_of(path, form)
    if found is None:
        raise InputError(
            "file",
            "No delimiter divides its lines into columns (tried comma, semicolon, tab, bar and space).",
            remedy="Save the table as CSV with one of these delimiters and a header line.",
            file=path.name,
            line=1,
        )
    return found


def _delimited(path: Path, form: Form, dialect: Dialect) -> Iterator[Record]:
    lines = (item for item in numbered_lines(path, form) if item[0] > dialect.header_line)
    return records(lines, dialect.delimiter, len(dialect.header))


def _read_csv(path: Path, mapping: TableMapping, catalogue: Catalogue, out: Destination, tick: Tick) -> TableRead:
    form = form_of(path)
    dialect = _dialect(path, form)
    mapping.check_header(dialect.header, path.name)
    handover = Handover(out, mapping, catalogue)
    _lay_open(handover.db, path)
    if form.plain and form.valid and _filled_at_once(path, form, dialect, handover, tick):
        handover.reject(_refused(path, form, dialect, handover, tick))
        rows, rejected = handover.close(dialect.header_line + 1)
        return TableRead(rows, rejected)
    note = "" if form.encoding == "utf-8" else f"read as {form.encoding}"
    found = _read_records(handover, dialect.header, _delimited(path, form, dialect), form.lines, tick)
    return TableRead(found.rows, found.rejected, note)


def _filled_at_once(path: Path, form: Form, dialect: Dialect, handover: Handover, tick: Tick) -> bool:
    """Let DuckDB read the file; False when a row is broken or lines and rows do not go together (then row by row)."""
    types = csv_types(handover.mapping, handover.catalogue)
    count = None
    if types is not None:
        typed = _read_csv_sql(path, dialect, types, handover.mapping.missing)
        count = _filled(handover, typed, "typed", form.lines, tick)
    if count is None:
        count = _filled(handover, _read_csv_sql(path, dialect), "plain", form.lines, tick)
    return count is not None and count + dialect.header_line == form.lines


def _filled(handover: Handover, source_sql: str, spelling: Spelling, lines: int, tick: Tick) -> int | None:
    """How many rows there are; None when one is broken or, typed, a cell is of another type."""
    import duckdb

    try:
        return handover.fill(source_sql, spelling, lines, tick)
    except (duckdb.OutOfMemoryException, duckdb.IOException):
        raise
    except duckdb.Error:
        return None


def _read_csv_sql(
    path: Path, dialect: Dialect, types: Mapping[str, str] | None = None, missing: Sequence[str] = ()
) -> str:
    names = [f"c{at}" for at in range(len(dialect.header))]
    kinds = [(types or {}).get(heading, "VARCHAR") for heading in dialect.header]
    columns = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in zip(names, kinds, strict=True))
    listed = ", ".join(
        f"{name} AS {quoted(heading)}"
        for name, heading in zip(names, dialect.header, strict=True)
        if dialect.header.count(heading) == 1
    )
    nulls = f"nullstr = [{', '.join(literal(word) for word in missing)}], " if types is not None else ""
    return (
        f"(SELECT {listed} FROM read_csv({literal(_unglobbed(path))}, auto_detect = false, "  # noqa: S608 - quoted
        f"delim = {literal(dialect.delimiter)}, quote = '\"', escape = '\"', skip = {dialect.header_line}, {nulls}"
        f"header = false, strict_mode = true, null_padding = false, columns = {{{columns}}}))"
    )


def _lay_open(db: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Let a connection read a table that is held in memory, as those inside an archive are."""
    if isinstance(path, HeldFile):
        lay_open(db, path.content)


def _unglobbed(path: Path) -> str:
    """DuckDB takes * ? [ in a path as a pattern; in brackets they stand for themselves."""
    if isinstance(path, HeldFile):
        return ADDRESS
    return "".join(f"[{c}]" if c in "*?[" else c for c in str(path))


def _refused(path: Path, form: Form, dialect: Dialect, handover: Handover, tick: Tick) -> Iterator[Problem]:
    """Look again at what the quick check did not take, a few rows alone, else the whole file; explain the rest."""
    bad = handover.bad_rows()
    if len(bad) > max(_FEW, form.lines // 20):
        handover.fill(_read_csv_sql(path, dialect), "any", form.lines, tick)
        yield from _explained(handover, dialect, _rows_at(path, form, dialect, handover.bad_rows()))
        return
    found = list(_rows_at(path, form, dialect, bad))
    if found:
        cells = _columns_of(found, dialect.header, handover.mapping)
        handover.check_again(cells, [record.line - dialect.header_line - 1 for record in found])
        still = set(handover.bad_rows())
        yield from _explained(handover, dialect, (r for r in found if r.line - dialect.header_line - 1 in still))


def _explained(handover: Handover, dialect: Dialect, found: Iterable[Record]) -> Iterator[Problem]:
    return (_problem(handover, dialect.header, record) for record in found)


def _rows_at(path: Path, form: Form, dialect: Dialect, rows: Sequence[int]) -> Iterator[Record]:
    """The records at ascending positions, from 0, of a file with one row a line."""
    wanted = iter(rows)
    at = next(wanted, None)
    for line, raw, _ in numbered_lines(path, form) if rows else ():
        if at is not None and line == at + dialect.header_line + 1:
            yield Record(line, raw, tuple(next(csv.reader([raw], delimiter=dialect.delimiter))))
            if (at := next(wanted, None)) is None:
                return


def _columns_of(found: Sequence[Record], header: Sequence[str], mapping: TableMapping) -> dict[str, list[str]]:
    needed = {name: list(header).index(name) for name in dict.fromkeys(mapping.sources())}
    return {name: [record.cells[at] for record in found] for name, at in needed.items()}


def _problem(handover: Handover, header: Sequence[str], record: Record) -> Problem:
    cells = dict(zip(header, record.cells, strict=False))
    column, reason, remedy = explain(cells, handover.mapping, handover.catalogue)
    return Problem(record.line, column, reason, remedy, record.raw)


def _read_records(
    handover: Handover, header: Sequence[str], found: Iterable[Record], total: int | None, tick: Tick
) -> TableRead:
    """Check records one batch at a time; a broken one is rejected by itself."""
    handover.open_batches()
    source = iter(found)
    done = 0
    while batch := list(islice(source, _BATCH)):
        good = [record for record in batch if record.problem is None]
        columns = _columns_of(good, header, handover.mapping)
        bad = set(handover.add(columns, [record.line for record in good])) if good else set()
        broken = (
            record.problem or _problem(handover, header, record)
            for record in batch
            if record.problem or record.line in bad
        )
        handover.reject(broken)
        done += len(batch)
        tick(done, total, "rows")
    rows, rejected = handover.close(None)
    return TableRead(rows, rejected)


def csv_line(cells: Sequence[str]) -> str:
    """Cells as one comma-separated line, the raw form of a row that never was text."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def _parquet_header(path: Path) -> tuple[str, ...]:
    import duckdb

    with closing(connected()) as db:
        _lay_open(db, path)
        try:
            rows = db.execute(f"DESCRIBE SELECT * FROM read_parquet({literal(_unglobbed(path))})").fetchall()  # noqa: S608
        except duckdb.Error as exc:
            raise _bad_parquet(path, exc) from exc
    return tuple(row[0] for row in rows)


def _bad_parquet(path: Path, exc: Exception) -> InputError:
    first = str(exc).splitlines()[0]
    remedy = "Write the file again; it may be cut off."
    return InputError("file", f"The Parquet file cannot be read: {first}", remedy=remedy, file=path.name)


def _parquet_sql(path: Path, header: Sequence[str]) -> str:
    listed = ", ".join(f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" for name in header)
    return f"(SELECT {listed} FROM read_parquet({literal(_unglobbed(path))}))"  # noqa: S608 - quoted


def _parquet_profile(path: Path) -> TableProfile:
    header = _parquet_header(path)
    with closing(connected()) as db:
        _lay_open(db, path)
        rows = db.execute(f"SELECT * FROM {_parquet_sql(path, header)} LIMIT {_SAMPLED}").fetchall()  # noqa: S608
    return TableProfile(header, tuple(tuple(cell or "" for cell in row) for row in rows))


def _read_parquet(path: Path, handover: Handover, tick: Tick) -> TableRead:
    import duckdb

    header = _parquet_header(path)
    handover.mapping.check_header(header, path.name)
    try:
        handover.fill(_parquet_sql(path, header), "plain", None, tick)
        if handover.bad_rows():
            handover.fill(_parquet_sql(path, header), "any", None, tick)
        handover.reject(_parquet_problems(path, header, handover))
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as exc:
        raise _bad_parquet(path, exc) from exc
    rows, rejected = handover.close(1)
    return TableRead(rows, rejected)


def _parquet_problems(path: Path, header: Sequence[str], handover: Handover) -> Iterator[Problem]:
    bad = handover.bad_rows()
    listed = ", ".join(f"CAST({quoted(name)} AS VARCHAR)" for name in header)
    for start in range(0, len(bad), 1000):
        numbers = ", ".join(str(row) for row in bad[start : start + 1000])
        sql = (
            f"SELECT file_row_number, {listed} FROM read_parquet({literal(_unglobbed(path))}, file_row_number = true) "  # noqa: S608
            f"WHERE file_row_number IN ({numbers}) ORDER BY 1"
        )
        for row, *cells in handover.db.execute(sql).fetchall():
            texts = tuple(cell or "" for cell in cells)
            yield _problem(handover, header, Record(row + 1, csv_line(texts), texts))


_HEADERS: dict[str, Callable[[Path], tuple[str, ...]]] = {"json": json_header, "xlsx": sheet_header}
_RECORDS: dict[str, Callable[[Path, Sequence[str]], Iterator[Record]]] = {"json": json_records, "xlsx": sheet_records}
