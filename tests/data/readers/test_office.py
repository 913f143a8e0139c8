"""Word files, workbooks and texts set on pages."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import pytest

from app.domain.layout import Layout, line_text
from app.errors import InputError
from data.readers.containers import html_text
from data.readers.detect import form_of_file
from data.readers.layouts.office import docx_layout, outward_references, rows_layout, sheets_of, text_layout
from data.readers.workbooks import as_statement, is_application_table

Write = Callable[..., Path]


def lines(layout: Layout) -> list[str]:
    return [line_text(line) for line in layout.lines]


def word_file(path: Path) -> Path:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Nordlys Energi AB"
    document.add_paragraph("Payslip October 2026")
    table = document.add_table(rows=2, cols=2)
    for row, cells in zip(table.rows, (("Gross pay", "4,620.00"), ("Net pay", "3,450.00")), strict=True):
        for cell, text in zip(row.cells, cells, strict=True):
            cell.text = text
    document.add_paragraph("工资单 " + "合同" * 60)
    document.save(str(path))
    return path


def test_a_word_file_is_read_in_its_order(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.bin")
    assert form_of_file(path).name == "docx"
    layout = docx_layout(path, lambda *_: None)
    found = lines(layout)
    assert found[:4] == ["Nordlys Energi AB", "Payslip October 2026", "Gross pay 4,620.00", "Net pay 3,450.00"]
    assert "".join(found[4:]).replace(" ", "") == "工资单" + "合同" * 60
    assert all(word.box[2] <= layout.pages[0].width for word in layout.pages[0].words)


def test_cells_of_a_row_stand_in_columns(tmp_path: Path) -> None:
    words = {
        word.text: word.box for word in docx_layout(word_file(tmp_path / "a.docx"), lambda *_: None).pages[0].words
    }
    assert words["4,620.00"][0] == words["3,450.00"][0]
    assert words["3,450.00"][0] - words["pay"][2] > 15
    assert words["4,620.00"][1] == words["Gross"][1]


def test_references_to_the_outside_are_named_and_not_fetched(tmp_path: Path) -> None:
    path, out = word_file(tmp_path / "a.docx"), tmp_path / "b.docx"
    relations = (
        b'<Relationship Id="rId90" Type="http://x/attachedTemplate" Target="http://192.0.2.1/" TargetMode="External"/>'
        b'<Relationship Id="rId91" Type="http://x/hyperlink" Target="http://192.0.2.1/" TargetMode="External"/>'
        b"</Relationships>"
    )
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/_rels/document.xml.rels":
                content = content.replace(b"</Relationships>", relations)
            new.writestr(name, content)
    assert outward_references(out) == ["attachedTemplate"]
    assert outward_references(path) == []
    assert lines(docx_layout(out, lambda *_: None))[1] == "Payslip October 2026"


def test_a_word_file_that_is_broken_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", "<w:document")
    with pytest.raises(InputError, match="The Word file is damaged"):
        docx_layout(path, lambda *_: None)


def test_a_word_file_that_is_a_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * (30 * 2**20))
    with pytest.raises(InputError, match="as only a damaging file does"):
        docx_layout(path, lambda *_: None)


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def ods(path: Path, rows: list[list[str]]) -> Path:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    names = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>"
        f'<table:table table:name="s">{cells}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return path


def test_a_payslip_in_a_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Nordlys Energi AB"], [], ["Payslip", "October 2026"], ["Net pay", 3450.5]]
    sheets = sheets_of(workbook(tmp_path / "p.xlsx", rows))
    assert sheets == [[["Nordlys Energi AB", ""], ["Payslip", "October 2026"], ["Net pay", "3450.5"]]]
    assert not is_application_table(sheets)
    assert as_statement(sheets) is None
    assert lines(rows_layout(sheets)) == ["Nordlys Energi AB", "Payslip October 2026", "Net pay 3450.5"]


def test_an_open_document_workbook(tmp_path: Path) -> None:
    path = ods(tmp_path / "p.bin", [["Rent", "980,00"], ["Deposit", "2.940,00"]])
    assert form_of_file(path).name == "ods"
    assert lines(rows_layout(sheets_of(path))) == ["Rent 980,00", "Deposit 2.940,00"]


def test_a_statement_in_a_workbook(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Date", "Text", "Amount", "Balance"], ["2026-10-01", "Rent", "-980.00", "20.00"]]
    found = as_statement(sheets_of(workbook(tmp_path / "s.xlsx", rows)))
    assert found is not None
    assert [(str(entry.amount), entry.text) for entry in found[0].entries] == [("-980.00", "Rent")]


def test_a_table_of_applications_is_still_one(tmp_path: Path) -> None:
    head: list[object] = ["Amount", "Term", "Income", "Age"]
    assert is_application_table(sheets_of(workbook(tmp_path / "t.xlsx", [head, *[[9000, 24, 2100, 30]] * 5])))


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    path = tmp_path / "x.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<a")
    with pytest.raises(InputError, match="The workbook is damaged"):
        sheets_of(path)


def test_rows_run_on_to_the_next_page() -> None:
    layout = rows_layout([[[f"row {at}", "x"] for at in range(120)], [["last", "sheet"]]])
    assert [page.number for page in layout.pages] == [1, 2, 3, 4]
    assert {word.page for word in layout.pages[3].words} == {4}
    assert lines(layout)[-1] == "last sheet"


def test_a_long_line_is_wrapped_at_blanks() -> None:
    layout = text_layout("word " * 200)
    assert len(layout.lines) == 11
    assert all(word.text == "word" and word.box[2] <= 595.28 - 42 for word in layout.pages[0].words)


def test_html_says_its_text_and_nothing_else() -> None:
    table = "<table><tr><td>Net</td><td>3 450</td></tr></table>"
    html = f"<head><title>t</title></head><body><script>x()</script><p>Dear&nbsp;Anna,</p>{table}"
    assert html_text(html) == "Dear Anna,\n    Net    3 450"


def test_a_protected_office_file_says_so(write: Write) -> None:
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(InputError, match="protected by a password"):
        form_of_file(write("p.xlsx", content))


def test_pictures_in_a_word_file_are_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    from data.readers.layouts import office

    picture = io.BytesIO()
    Image.new("RGB", (400, 500), "white").save(picture, "PNG")
    logo = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(logo, "PNG")
    document = docx.Document()
    document.add_paragraph("See the scan")
    document.add_picture(io.BytesIO(picture.getvalue()))
    document.add_picture(io.BytesIO(logo.getvalue()))
    document.save(str(tmp_path / "a.docx"))
    layout = docx_layout(tmp_path / "a.docx", lambda *_: None)
    assert [(page.number, page.method) for page in layout.pages] == [(1, "text"), (2, "ocr")]
    monkeypatch.setattr(office, "MOST_PICTURES", 0)
    assert len(docx_layout(tmp_path / "a.docx", lambda *_: None).pages) == 1
