"""Rows of tables around one, numbered as the import numbers them; and the same through the child."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import openpyxl
import pytest

from app.errors import InputError
from data.readers import excerpts
from data.readers.excerpts import WINDOW, open_table, reach_of
from data.readers.pages import Pages
from data.readers.tables import profile_table

HEADER = ("Reference", "Amount")


def quiet(*_: object) -> None:
    """Shows no progress."""


def rows(count: int) -> list[tuple[str, str]]:
    return [(f"A-{n}", str(100 + n)) for n in range(1, count + 1)]


def csv_of(given: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    return "".join(delimiter.join(row) + "\n" for row in (HEADER, *given)).encode()


def xlsx_of(given: Sequence[Sequence[object]], above: Sequence[Sequence[object]] = ()) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (*above, HEADER, *given):
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    book.close()
    return out.getvalue()


def parquet_of(given: Sequence[Sequence[str]], folder: Path) -> bytes:
    path = folder / "made.parquet"
    with duckdb.connect() as db:
        db.execute('CREATE TABLE t ("Reference" VARCHAR, "Amount" INTEGER)')
        values = ", ".join(f"('{reference}', {amount})" for reference, amount in given)
        db.execute(f"INSERT INTO t VALUES {values}")
        db.execute(f"COPY t TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)")
    return path.read_bytes()


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str, int], bytes]:
    def make(form: str, count: int) -> bytes:
        match form:
            case "parquet":
                return parquet_of(rows(count), tmp_path)
            case "xlsx":
                return xlsx_of(rows(count))
        return csv_of(rows(count))

    return make


FIRST = {"csv": 2, "xlsx": 2, "parquet": 1}  # number of the first row


@pytest.mark.parametrize("form", FIRST)
@pytest.mark.parametrize("at", [1, 2, 1500, 2999, 3000])
def test_the_row_of_a_number_is_the_one_the_import_means(made: Callable[[str, int], bytes], form: str, at: int) -> None:
    number = FIRST[form] + at - 1
    found = open_table(made(form, 3000)).around(number, quiet)
    assert found.header == HEADER
    assert found.rows[found.numbers.index(number)] == (f"A-{at}", str(100 + at))
    assert found.numbers == tuple(
        range(max(FIRST[form], number - WINDOW), min(2999 + FIRST[form], number + WINDOW) + 1)
    )


@pytest.mark.parametrize("form", FIRST)
def test_a_number_past_the_end_gives_the_last_rows(made: Callable[[str, int], bytes], form: str) -> None:
    found = open_table(made(form, 900)).around(10**9, quiet)
    assert found.rows[-1] == ("A-900", "1000")
    assert WINDOW <= len(found.rows) <= WINDOW + 1


@pytest.mark.parametrize("form", FIRST)
def test_the_rows_are_those_the_import_reads(made: Callable[[str, int], bytes], form: str, tmp_path: Path) -> None:
    content = made(form, 20)
    path = tmp_path / f"table.{form}"
    path.write_bytes(content)
    profile = profile_table(path, form)
    found = open_table(content).around(1, quiet)
    assert (found.header, found.rows) == (profile.header, profile.samples)


def test_a_workbook_counts_its_own_rows_below_a_title_and_over_blank_ones() -> None:
    content = xlsx_of([("A-1", 5), (None, None), ("A-2", 7.5)], above=[("Applications",), ()])
    found = open_table(content).around(6, quiet)
    assert dict(zip(found.numbers, found.rows, strict=True)) == {4: ("A-1", "5"), 6: ("A-2", "7.5")}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "cp1252"])
def test_text_tables_are_read_in_the_encodings_of_the_import(encoding: str) -> None:
    name = {"gb18030": "申请人", "cp1252": "Förnamn"}.get(encoding, "申请人 Förnamn")
    text = f"{name};Amount\n" + "".join(f"{name}{n};{n}\n" for n in range(60))
    found = open_table(text.encode(encoding)).around(3, quiet)
    assert found.header == (name, "Amount")
    assert found.rows[1] == (f"{name}1", "1")


def test_a_statement_is_numbered_below_its_preamble_and_broken_rows_stay() -> None:
    text = "Kontoauszug;;\nIBAN;DE00;\n\nBuchungstag;Verwendungszweck;Betrag\n"
    text += "01.10.2026;Gehalt;2450,00\n02.10.2026;zu;viel;1\n"
    found = open_table(text.encode()).around(5, quiet)
    assert found.header == ("Buchungstag", "Verwendungszweck", "Betrag")
    assert found.numbers == (5, 6)
    assert found.rows[1] == ("02.10.2026", "zu", "viel", "1")


def test_a_quoted_cell_over_lines_keeps_its_first_line() -> None:
    text = 'Reference,Amount\nA-1,"1\n2"\nA-2,3\n'
    found = open_table(text.encode()).around(4, quiet)
    assert dict(zip(found.numbers, found.rows, strict=True)) == {2: ("A-1", "1\n2"), 4: ("A-2", "3")}


def test_text_that_no_delimiter_divides_is_shown_line_by_line() -> None:
    found = open_table(b"One sentence of words.\nAnother, with more of them here.\n").around(2, quiet)
    assert "Another, with more of them here." in ["".join(row) for row in found.rows]


def test_wide_tables_and_long_cells_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    assert reach_of(14) == WINDOW
    assert reach_of(16_384) == 10
    monkeypatch.setattr(excerpts, "MOST_CHARACTERS", 10_000)
    wide = [[f"{'x' * 500}{n}" for n in range(200)] for _ in range(30)]
    content = "\n".join(",".join(row) for row in [[f"c{n}" for n in range(200)], *wide]).encode()
    found = open_table(content).around(2, quiet)
    assert max(len(cell) for row in found.rows for cell in row) == 20


def test_the_excerpt_is_kept_for_the_next_fact_of_the_row(monkeypatch: pytest.MonkeyPatch) -> None:
    table = open_table(xlsx_of(rows(50)))
    first = table.around(7, quiet)
    monkeypatch.setattr(type(table), "_read", lambda _: pytest.fail("read again"))
    assert table.around(8, quiet) is first


def test_a_long_read_tells_how_far_it_is() -> None:
    told: list[int] = []
    open_table(csv_of(rows(9000))).around(8990, lambda done, *_: told.append(done))
    assert told == [2000, 4000, 6000, 8000]


@pytest.mark.parametrize("content", [b"PAR1" + b"\0" * 50, b"PAR1 no more PAR1", b"PK\x03\x04 no workbook"])
def test_a_damaged_table_is_told(content: bytes) -> None:
    with pytest.raises(InputError, match=r"cannot be (read|opened)"):
        open_table(content).around(1, quiet)


def test_a_workbook_without_a_table_is_told() -> None:
    book = openpyxl.Workbook()
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(InputError) as caught:
        open_table(out.getvalue()).around(1, quiet)
    assert caught.value.field == "table.broken"


@pytest.mark.parametrize("form", FIRST)
def test_through_the_child_and_nothing_on_the_disk(
    made: Callable[[str, int], bytes], form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = made(form, 500)
    folder = tmp_path / "temporary"
    folder.mkdir()
    for name in ("TMPDIR", "TEMP", "TMP"):
        monkeypatch.setenv(name, str(folder))
    with Pages() as pages:
        found = pages.excerpt("t", lambda: content, 300)
        assert found.rows[found.numbers.index(300)][0] == f"A-{301 - FIRST[form]}"
        left = [path for path in folder.rglob("*") if path.is_file()]
    assert left == []
