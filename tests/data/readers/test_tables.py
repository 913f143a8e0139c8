"""Tables of applications: what goes in, what is rejected, and at which line."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.domain.mapping import ColumnMapping, TableMapping
from app.errors import InputError
from data.catalogue import load_catalogue
from data.database import extension_file
from data.readers import tables
from data.readers.handover import Destination
from data.readers.table_sql import checked_sql, explain

Write = Callable[..., Path]

MAPPING = TableMapping(
    columns=(
        ColumnMapping("request.amount", "Amount"),
        ColumnMapping("request.term_months", "Term"),
        ColumnMapping("applicant.housing", "Home", values={"priv": "private"}),
        ColumnMapping("history.adverse_records", "Records"),
        ColumnMapping("request.purpose", "Purpose"),
    ),
    reference="Id",
    missing=("", "NA"),
)
HEADER = "Id,Amount,Term,Home,Records,Purpose"


@dataclass
class Taken:
    """Contents of a hand-over file."""

    rows: list[dict[str, Any]]
    rejects: list[tuple[Any, ...]]
    counted: tuple[int, int]

    @property
    def lines(self) -> list[int]:
        return [row["line"] for row in self.rows]


def take(path: Path, form: str = "csv", mapping: TableMapping = MAPPING) -> Taken:
    """Read a table and open what was handed over."""
    out = path.with_name("out.duckdb")
    out.unlink(missing_ok=True)
    destination = Destination(out, "secret", 2026)
    read = tables.read_table(path, form, mapping, load_catalogue(), destination, lambda *_: None)
    return opened(out, (read.rows, read.rejected))


def opened(out: Path, counted: tuple[int, int]) -> Taken:
    db = duckdb.connect()
    db.execute(f"LOAD '{extension_file()}'")
    db.execute(f"ATTACH '{out}' AS h (READ_ONLY, ENCRYPTION_KEY 'secret')")
    first, own = db.execute("SELECT first_line, has_line FROM h.meta").fetchone() or (0, True)
    line = "line" if own else f"rowid + {first}"
    found = db.execute(f"SELECT {line} AS place, * FROM h.checked WHERE NOT bad ORDER BY place")
    names = ["line" if at == 0 else each[0] for at, each in enumerate(found.description)]
    rows = [dict(zip(names, row, strict=True)) | {"line": row[0]} for row in found.fetchall()]
    rejects = db.execute("SELECT line, column_as, reason, remedy, raw FROM h.rejects ORDER BY line").fetchall()
    db.close()
    return Taken(rows, rejects, counted)


def test_good_rows_are_typed_and_named_as_facts(write: Write) -> None:
    taken = take(write("t.csv", f"{HEADER}\nA1,1200.50,36,owner,yes,Car\nA2,800,NA,PRIV,0,\n"))
    assert taken.counted == (2, 0)
    first, second = taken.rows
    assert first["request.amount"] == Decimal("1200.50")
    assert (first["request.term_months"], first["applicant.housing"]) == (36, "owner")
    assert first["history.adverse_records"] is True
    assert (second["request.term_months"], second["applicant.housing"]) == (None, "private")
    assert (second["history.adverse_records"], second["request.purpose"]) == (False, None)
    assert [row["reference"] for row in taken.rows] == ["A1", "A2"]


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ("A1,abc,36,owner,yes,x", "Amount", "“abc” is not a number."),
        ("A1,1000,12.5,owner,yes,x", "Term", "“12.5” is not a whole number."),
        ("A1,1000,481,owner,yes,x", "Term", "above the greatest value 480"),
        ("A1,-5,36,owner,yes,x", "Amount", "below the least value 0.01"),
        ("A1,1000,36,castle,yes,x", "Home", "“castle” is none of owner, rent, parents, private, other."),
        ("A1,1000,36,owner,maybe,x", "Records", "“maybe” is neither yes nor no."),
        ("A1,NA,,,NA,", None, "No mapped column of the row has a value."),
        ("A1,1000,36,owner,yes", None, "The row has 5 cells, the header 6."),
        ("A1,1000,36,owner,yes,x,y", None, "The row has 7 cells, the header 6."),
        ('A1,1000,36,owner,yes,"x', None, "A quote is opened and not closed"),
        ('A1,1000,36,owner,yes,"x"y', None, "A quote is opened and not closed"),
        ("A1,1000,36,owner,yes,\0x", None, "is a NUL byte"),
        ("A1,1 USD,36,owner,yes,x", "Amount", "is in USD, not in EUR"),
        ("A1,1.2.3,36,owner,yes,x", "Amount", "is not a number"),
        ("A1,99999999999999999999,36,owner,yes,x", "Amount", "above the greatest value"),
    ],
)
def test_a_bad_row_is_rejected_alone(write: Write, cells: str, column: str | None, reason: str) -> None:
    """The rows before and behind it go in, and the reject tells line, column, reason, remedy and the raw row."""
    path = write("t.csv", f"{HEADER}\nB1,1000,12,rent,no,x\n{cells}\nB2,2000,24,rent,no,y\n")
    taken = take(path)
    assert [row["reference"] for row in taken.rows] == ["B1", "B2"]
    assert taken.lines == [2, 4]
    ((line, where, why, remedy, raw),) = taken.rejects
    assert (line, where) == (3, column)
    assert reason in why
    assert remedy
    assert raw == cells


def test_a_byte_in_another_encoding_costs_its_row_only(write: Write) -> None:
    body = (
        f"{HEADER}\nB1,1000,12,rent,no,Müller\n".encode() + b"B2,2000,24,rent,no,M\xfcller\n" + b"B3,3000,24,rent,no,\n"
    )
    taken = take(write("t.csv", body))
    assert [row["reference"] for row in taken.rows] == ["B1", "B3"]
    assert taken.rejects[0][0] == 3
    assert "Byte 21 of the line is not valid" in taken.rejects[0][2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_delimiters_encodings_and_line_ends(write: Write, encoding: str, delimiter: str, newline: str) -> None:
    lines = [HEADER, "A1,1000,36,owner,yes,Küche für Zoë", "A2,800,24,rent,no,Été"]
    text = newline.join(line.replace(",", delimiter) for line in lines) + newline
    taken = take(write("t.csv", text, encoding))
    assert [row["request.purpose"] for row in taken.rows] == ["Küche für Zoë", "Été"]
    assert taken.lines == [2, 3]


def test_gb18030(write: Write) -> None:
    text = "编号,金额,期限\nA1,1000,36\nA2,2000,24\n" + "".join(f"装修房屋{i},500,12\n" for i in range(9))
    mapping = TableMapping(
        (ColumnMapping("request.amount", "金额"), ColumnMapping("request.term_months", "期限")), reference="编号"
    )
    taken = take(write("t.csv", text, "gb18030"), mapping=mapping)
    assert taken.rows[2]["reference"] == "装修房屋0"
    assert taken.counted == (11, 0)


def test_lines_are_those_of_the_file_with_embedded_newlines_and_blank_lines(write: Write) -> None:
    text = f'{HEADER}\nA1,1000,36,owner,yes,"two\nlines"\n\nA2,oops,24,rent,no,y\nA3,500,12,rent,no,"a ""b"""\n'
    taken = take(write("t.csv", text))
    assert taken.lines == [2, 6]
    assert taken.rows[0]["request.purpose"] == "two\nlines"
    assert taken.rows[1]["request.purpose"] == 'a "b"'
    assert taken.rejects[0][0] == 5


def test_decimal_comma_and_groups(write: Write) -> None:
    mapping = TableMapping((ColumnMapping("request.amount", "Betrag"),), decimal=",")
    taken = take(write("t.csv", "Betrag;x\n1.234,50;a\n800,5;a\n 7000 ;a\n1.5;a\n€ 2.000;a\n"), mapping=mapping)
    assert [row["request.amount"] for row in taken.rows] == [Decimal(v) for v in ("1234.50", "800.50", "7000", "2000")]
    assert taken.rejects[0][0] == 5  # 1.5 is no German number, and certainly not 15


def test_scale_applies_before_the_check(write: Write) -> None:
    mapping = TableMapping((ColumnMapping("request.term_months", "Years", scale=Decimal(12)),))
    taken = take(write("t.csv", "Years,x\n2,a\n2.5,a\n41,a\n"), mapping=mapping)
    assert [row["request.term_months"] for row in taken.rows] == [24, 30]
    assert "gives 492, above the greatest value 480" in taken.rejects[0][2]


def test_date_formats(write: Write) -> None:
    mapping = TableMapping(
        (ColumnMapping("request.date", "D"), ColumnMapping("request.amount", "A")), date_format="%d/%m/%Y"
    )
    taken = take(write("t.csv", "D,A\n05/06/2026,1\n31/12/2026,1\n2026-01-01,1\n"), mapping=mapping)
    assert [row["request.date"].isoformat() for row in taken.rows] == ["2026-06-05", "2026-12-31"]
    assert "not a date of the form %d/%m/%Y" in taken.rejects[0][2]


def test_a_missing_column_is_named(write: Write) -> None:
    with pytest.raises(InputError, match=r"t\.csv, column Records: .*'Records', which is not in the file"):
        take(write("t.csv", "Id,Amount,Term,Home,Purpose\n1,2,3,rent,x\n"))


def test_a_column_that_stands_twice_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="stands 2 times"):
        take(write("t.csv", "Id,Amount,Term,Home,Records,Purpose,Amount\n1,2,3,rent,no,x,4\n"))


def test_no_known_delimiter(write: Write) -> None:
    with pytest.raises(InputError, match="No delimiter divides"):
        take(write("t.csv", "Id^Amount^Term\n1^2^3\n"))


def test_json_lines_and_arrays(write: Write) -> None:
    rows = [{"Id": "A1", "Amount": 1000.5, "Term": 36, "Home": "rent", "Records": True, "Purpose": None}]
    rows.append({"Id": 2, "Amount": "800", "Term": 24, "Home": "owner", "Records": "no"})
    rows.append({"Id": 3, "Amount": "x", "Term": 24, "Home": "owner", "Records": "no"})
    for path in (write("a.json", json.dumps(rows)), write("b.jsonl", "\n".join(map(json.dumps, rows)) + "\n{broken\n")):
        taken = take(path, "json")
        assert [row["request.amount"] for row in taken.rows] == [Decimal("1000.50"), Decimal(800)]
        assert taken.lines == [1, 2]
        assert taken.rejects[0][:2] == (3, "Amount")
    assert "no valid JSON" in taken.rejects[1][2]


def test_xlsx(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        HEADER.split(","),
        ["A1", 1000.5, 36, "rent", "yes", "=1+1"],
        [],
        ["A2", "oops", 24, "rent", "no", None],
    ):
        sheet.append(row)
    book.save(tmp_path / "t.xlsx")
    taken = take(tmp_path / "t.xlsx", "xlsx")
    assert [(row["line"], row["request.amount"]) for row in taken.rows] == [(2, Decimal("1000.50"))]
    assert taken.rejects[0][:2] == (4, "Amount")
    assert tables.profile_table(tmp_path / "t.xlsx", "xlsx").header == tuple(HEADER.split(","))


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    select = (
        "SELECT 'A' || i AS Id, i * 10.5 AS Amount, i AS Term, 'rent' AS Home, true AS Records, NULL::INT AS Purpose"
    )
    duckdb.execute(f"COPY ({select} FROM range(-1, 4) t(i)) TO '{path}' (FORMAT parquet)")
    taken = take(path, "parquet")
    assert [row["request.amount"] for row in taken.rows] == [Decimal("10.50"), Decimal("21.00"), Decimal("31.50")]
    assert [line for line, *_ in taken.rejects] == [1, 2]
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match="Parquet file cannot be read"):
        take(path, "parquet")


def test_xlsx_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (60 * 2**20))
    with pytest.raises(InputError, match="times its size"):
        tables.profile_table(path, "xlsx")


def test_a_truncated_xlsx(tmp_path: Path) -> None:
    import openpyxl

    path = tmp_path / "t.xlsx"
    openpyxl.Workbook().save(path)
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(InputError, match="workbook"):
        tables.profile_table(path, "xlsx")


def test_a_large_json_value_is_refused_by_its_size(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    from data.readers import json_tables

    monkeypatch.setattr(json_tables, "LARGEST", 1000)
    path = write("big.json", json.dumps([{"Amount": 1, "Term": 2}] * 100))
    with pytest.raises(InputError, match=r"one JSON value of .* MB"):
        tables.profile_table(path, "json")


def test_a_line_too_long_is_refused(write: Write) -> None:
    with pytest.raises(InputError, match="longer than 4 MB"):
        take(write("t.csv", f"{HEADER}\nA1,1000,36,owner,yes,{'x' * 5 * 2**20}\n"))


def test_every_row_of_a_fast_file_equals_that_of_the_careful_way(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        f"A{i},{i * 7 % 9000 + 1},{i % 480 + 1},{['rent', 'owner', 'priv'][i % 3]},{['yes', 'no'][i % 2]},p{i}"
        for i in range(3000)
    ]
    path = write("t.csv", "\n".join([HEADER, *rows]) + "\n")
    fast = take(path)
    monkeypatch.setattr(tables, "_filled_at_once", lambda *_: False)
    careful = take(path)
    assert fast.counted == careful.counted == (3000, 0)
    strip = [{k: v for k, v in row.items() if k != "bad"} for row in fast.rows]
    assert strip == [{k: v for k, v in row.items() if k != "bad"} for row in careful.rows]


numbers = st.one_of(
    st.integers(-(10**9), 10**9).map(str),
    st.decimals(-(10**6), 10**6, places=2).map(str),
    st.sampled_from(
        ["1,234.50", "1.234,50", "1 234", "12e2", "", "NA", "-", "1,23", "€5", "5-", "(5)", "12,345", "0x10", "١٢"]
    ),
    st.text("0123456789.,-+ ", max_size=8),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cells=st.lists(numbers, min_size=1, max_size=12), decimal=st.sampled_from([".", ","]))
def test_sql_and_python_agree_on_numbers(cells: list[str], decimal: str) -> None:
    """What SQL takes is the value Python reads; the quick form never takes what the thorough one refuses."""
    from app.domain.values import parse_value

    mapping = TableMapping((ColumnMapping("assets.total", "A"),), decimal=decimal, missing=("", "NA"))
    catalogue = load_catalogue()
    db = duckdb.connect()
    values = ", ".join("('" + cell.replace("'", "''") + "')" for cell in cells)
    results = [
        db.execute(
            checked_sql(mapping, catalogue, f'(SELECT * FROM (VALUES {values}) t("A"))', None, spelling)
        ).fetchall()
        for spelling in ("plain", "any")
    ]
    for cell, quick, thorough in zip(cells, *results, strict=True):
        assert quick[-1] or quick == thorough
        if thorough[0] is not None:
            assert thorough[0] == parse_value(catalogue["assets.total"], cell, decimal=decimal)
        elif thorough[-1]:
            assert explain({"A": cell}, mapping, catalogue)[1]
    db.close()


def test_explain_names_every_wrong_column() -> None:
    column, reason, remedy = explain({"Amount": "x", "Term": "y"}, MAPPING, load_catalogue())
    assert column == "Amount"
    assert "Also Term" in reason
    assert remedy
    assert explain({"Amount": "5+"}, MAPPING, load_catalogue())[:2] == (
        "Amount",
        "“5+” is not written as tables write it.",
    )


def test_rejects_hold_the_raw_row_as_csv_reads_it(write: Write) -> None:
    raw = 'A1,"1,000,0",36,owner,yes,"say ""hi"""'
    taken = take(write("t.csv", f"{HEADER}\n{raw}\n"))
    assert taken.rejects[0][4] == raw
    assert next(csv.reader([taken.rejects[0][4]]))[1] == "1,000,0"


def test_corrected_rows_keep_their_lines(tmp_path: Path) -> None:
    out = tmp_path / "out.duckdb"
    rows = [(7, "A1,1000,36,owner,yes,x"), (9, "A2,still wrong,36,owner,yes,x")]
    read = tables.read_rows(
        rows, HEADER.split(","), ",", MAPPING, load_catalogue(), Destination(out, "secret", 2026), lambda *_: None
    )
    taken = opened(out, (read.rows, read.rejected))
    assert (taken.counted, taken.lines, taken.rejects[0][0]) == ((1, 1), [7], 9)


@pytest.mark.slow
def test_300_mb_of_one_json_line_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.write(b'[{"a": "')
        for _ in range(300):
            file.write(b"x" * 2**20)
        file.write(b'"}]')
    with pytest.raises(InputError, match="one JSON value of 300 MB"):
        tables.profile_table(path, "json")


def test_the_first_sheet_with_a_table_is_read(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Notes"
    book.active["A1"] = "What this file is about"
    sheet = book.create_sheet("Applications")
    sheet.append(["Id", "Amount", "Term", "Home", "Records", "Purpose"])
    sheet.append(["a", 100, 12, "rent", "no", "car"])
    book.save(tmp_path / "t.xlsx")
    assert [row["request.amount"] for row in take(tmp_path / "t.xlsx", "xlsx").rows] == [Decimal(100)]


def test_odd_spellings_among_plain_rows_are_read_and_the_wrong_ones_rejected(write: Write) -> None:
    """A few odd rows are looked at by themselves: what goes in and what does not is as if all were looked at so."""
    rows = [f"r{at},{at + 1},12,rent,no,car" for at in range(500)]
    rows[7] = 'r7,"1,234.50",12,RENT,Yes,car'
    rows[8] = "r8,oops,12,rent,no,car"
    rows[499] = "r499, 77 ,24,priv,no,car"
    found = take(write("t.csv", "\n".join([HEADER, *rows]) + "\n"))
    assert found.counted == (499, 1)
    assert [(line, column) for line, column, *_ in found.rejects] == [(10, "Amount")]
    by_reference = {row["reference"]: row for row in found.rows}
    assert by_reference["r7"]["request.amount"] == Decimal("1234.50")
    assert by_reference["r7"]["applicant.housing"] == "rent"
    assert by_reference["r499"]["request.amount"] == 77
    assert by_reference["r9"]["request.amount"] == 10


def test_a_file_of_one_column_is_a_table(write: Write) -> None:
    mapping = TableMapping((ColumnMapping("request.amount", "Amount"),))
    assert take(write("t.csv", "Amount\n100\nx\n300\n"), mapping=mapping).counted == (2, 1)
