"""Signs that a file was changed after it was made: seen where they are, not where they are not."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from PIL import Image, ImageDraw
from pypdfium2 import raw

from app.domain.cross_checks import ALIKE
from app.domain.layout import Layout
from app.domain.reading import Check
from data.readers.detect import form_of_file
from data.readers.layouts import layout_of
from data.readers.tampering import fingerprint_of, signs_of

Draw = Callable[[Any, Any], None]


def text(document: Any, page: Any, words: str, x: float, y: float, font: str = "Helvetica", size: float = 12) -> None:
    """Put words on the page, standing at x and y points from its bottom left."""
    shape = raw.FPDFPageObj_NewTextObj(document, font.encode(), size)
    encoded = (words + "\0").encode("utf-16-le")
    raw.FPDFText_SetText(shape, _wide(encoded))
    raw.FPDFPageObj_Transform(shape, 1, 0, 0, 1, x, y)
    raw.FPDFPage_InsertObject(page, shape)


def _wide(encoded: bytes) -> Any:
    import ctypes

    return ctypes.cast(ctypes.c_char_p(encoded), ctypes.POINTER(ctypes.c_ushort))


def pdf(path: Path, draw: Draw) -> Path:
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(595, 842)
    for at in range(30):
        text(document, page, f"Line {at} of an ordinary page with some words", 60, 760 - 14 * at)
    draw(document, page)
    page.gen_content()
    document.save(str(path))
    return path


def signs(path: Path) -> dict[str, Check]:
    form = form_of_file(path)
    layout = layout_of(path, form, lambda *_: None) if form.name == "pdf" else Layout((), 1)
    found = signs_of(path, form, layout)
    assert all(check.tampering and check.passed is False for check in found)
    return {check.name: check for check in found}


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    return pdf(tmp_path / "plain.pdf", lambda document, page: text(document, page, "Net pay 2450.00", 60, 100))


def test_an_ordinary_file_bears_none(plain: Path, root: Path) -> None:
    assert signs(plain) == {}
    assert signs(root / "data" / "samples" / "folders" / "good" / "payslip.pdf") == {}


def test_a_later_version_behind_the_first(plain: Path) -> None:
    data = plain.read_bytes()
    end = data.rindex(b"startxref")
    plain.write_bytes(data + b"\n% changed\n" + data[end:])
    assert signs(plain)["pdf.updated"].detail == "1 later versions were appended to the file"


def test_a_signature_is_a_version_of_its_own(plain: Path) -> None:
    data = plain.read_bytes()
    end = data.rindex(b"startxref")
    plain.write_bytes(data + b"\n% /ByteRange [0 1 2 3]\n" + data[end:])
    assert signs(plain) == {}


@pytest.mark.parametrize(
    ("information", "words"),
    [
        ("/Producer (iLovePDF)", "it was written by iLovePDF"),
        ("/CreationDate (D:20260105) /ModDate (D:20260301120000Z)", "made on 2026-01-05 and changed on 2026-03-01"),
        ("/CreationDate (D:20260105) /ModDate (D:20260105120000Z)", None),
        ("/CreationDate (D:2026) /ModDate (D:99999999)", None),
        ("/Producer (Payroll 7)", None),
    ],
)
def test_what_the_file_says_of_its_making(tmp_path: Path, information: str, words: str | None) -> None:
    path = tmp_path / "said.pdf"
    body = [
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj",
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 100 100]>>endobj",
        f"4 0 obj<<{information}>>endobj",
        "trailer<</Size 5/Root 1 0 R/Info 4 0 R>>",
    ]
    path.write_text("%PDF-1.4\n" + "\n".join(body) + "\n%%EOF\n")
    found = signs_of(path, form_of_file(path), Layout((), 1))
    assert [check.name for check in found] == (["pdf.edited"] if words else [])
    assert all(str(words) in check.detail for check in found)


def test_an_amount_in_two_fonts(tmp_path: Path) -> None:
    def draw(document: Any, page: Any) -> None:
        text(document, page, "Net pay 2450.00", 60, 100)
        text(document, page, "Gross 1", 60, 80)
        text(document, page, "9450.00", 101, 80, "Times-Roman")
        text(document, page, "Total 3", 60, 60)
        text(document, page, "100.00", 97.5, 60)

    check = signs(pdf(tmp_path / "fonts.pdf", draw))["pdf.fonts"]
    assert len(check.evidence) == 1, "not the one that two runs of one font make"
    mark = check.evidence[0]
    assert mark.text.endswith("9450.00")
    assert mark.page == 1
    assert 750 < mark.box[1] < mark.box[3] < 770


def scan(document: Any, page: Any, high: float = 842) -> None:
    picture = BytesIO()
    Image.new("RGB", (300, 420), "white").save(picture, "JPEG")
    shape = pypdfium2.PdfImage.new(document)
    shape.load_jpeg(BytesIO(picture.getvalue()))
    shape.set_matrix(pypdfium2.PdfMatrix().scale(595, high))
    page.insert_obj(shape)


def test_text_over_a_scan(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(595, 842)
    scan(document, page)
    page.gen_content()
    document.save(str(path))
    form = form_of_file(path)
    assert signs_of(path, form, Layout((), 1)) == ()
    text(document, page, "9450.00", 300, 400)
    page.gen_content()
    document.save(str(path))
    (check,) = signs_of(path, form, Layout((), 1))
    assert check.name == "pdf.text_over_scan"
    assert check.evidence[0].page == 1


def test_a_letterhead_beside_a_scan_is_not_over_it(tmp_path: Path) -> None:
    path = tmp_path / "scan.pdf"
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(595, 842)
    scan(document, page, 640)
    text(document, page, "Norrland Savings Bank", 60, 780)
    page.gen_content()
    document.save(str(path))
    assert signs_of(path, form_of_file(path), Layout((), 1)) == ()


def test_a_picture_from_an_editor(tmp_path: Path) -> None:
    image = Image.new("RGB", (40, 40))
    exif = Image.Exif()
    exif[305] = "Adobe Photoshop 25.0"
    image.save(tmp_path / "a.jpg", exif=exif)
    image.save(tmp_path / "b.jpg")
    assert signs(tmp_path / "a.jpg")["image.edited"].detail == "it was written by Photoshop"
    assert signs(tmp_path / "b.jpg") == {}


def test_fingerprints_outlive_size_and_compression() -> None:
    def picture(seed: int) -> Image.Image:
        image = Image.new("L", (600, 800), 255)
        draw = ImageDraw.Draw(image)
        for at in range(30):
            draw.rectangle((40, 20 + at * 25, 40 + (seed * at * 37) % 500, 32 + at * 25), fill=(at * seed) % 200)
        return image

    original = picture(3)
    small = BytesIO()
    original.resize((300, 400)).save(small, "JPEG", quality=40)

    def apart(one: Image.Image, other: Image.Image) -> int:
        return (int(fingerprint_of(one), 16) ^ int(fingerprint_of(other), 16)).bit_count()

    assert apart(original, original) == 0
    assert apart(original, Image.open(small)) <= ALIKE
    assert apart(original, picture(7)) > 2 * ALIKE
