"""Pages with a text layer and a picture that carries text of its own."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from app.domain.layout import Page, Word
from data.readers.detect import form_of_file
from data.readers.layouts import layout_of
from data.readers.layouts.mixed import both, says_more
from data.readers.layouts.ocr import Recogniser
from tests.data.readers.pdfs import one_page, stream

Write = Callable[..., Path]
HEADER = (
    "Norrland Savings Bank AB, Storgatan 12, 90326 Umea, Sweden, telephone 090 1234567, registered under 556123-4567.",
    "This copy was received by the credit department on 2026-10-25 and entered in the register as document 88123.",
)
BODY = ("Employer: Skogsbolaget Nord", "Employee: Anna Lindqvist", "Gross pay 41 250.00", "Net pay 31 402.50")


def scanned(lines: Sequence[str], size: tuple[int, int] = (1240, 1400)) -> bytes:
    import data

    font = ImageFont.truetype(str(Path(data.__file__).parent / "fonts" / "Inter-Regular.otf"), 38)
    picture = Image.new("RGB", size, (247, 247, 244))
    pen = ImageDraw.Draw(picture)
    for at, line in enumerate(lines):
        pen.text((140, 240 + 120 * at), line, (25, 25, 30), font)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def pdf(header: Sequence[str], jpeg: bytes, box: tuple[int, int, int, int] = (0, 0, 595, 672)) -> bytes:
    """A page with a picture at x, y, width and height in points from its bottom left, and visible text above it."""
    x, y, across, down = box
    texts = b"".join(
        b"BT /F1 9 Tf 40 %d Td (%s) Tj ET\n" % (800 - 16 * at, line.encode()) for at, line in enumerate(header)
    )
    width, height = Image.open(io.BytesIO(jpeg)).size
    entries = b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 "
    picture = stream(jpeg, entries % (width, height) + b"/Filter /DCTDecode")
    resources = b"<< /Font << /F1 5 0 R >> /XObject << /I 6 0 R >> >>"
    content = b"q %d 0 0 %d %d %d cm /I Do Q\n" % (across, down, x, y) + texts
    return one_page(content, resources=resources, more=[picture])


def read(path: Path) -> Page:
    (page,) = layout_of(path, form_of_file(path), lambda *_: None).pages
    return page


def test_a_scanned_body_under_a_typed_letterhead_is_recognised_too(write: Write) -> None:
    page = read(write("slip.pdf", pdf(HEADER, scanned(BODY))))
    text = " ".join(word.text for word in page.words)
    assert text.startswith("Norrland Savings Bank AB"), "the layer as it stands, exact"
    assert text.count("Norrland") == 1, "and once"
    for wanted in ("Skogsbolaget", "Lindqvist", "402.50"):
        assert wanted in text
    (name,) = [word for word in page.words if word.text == "Lindqvist"]
    assert 842 - 672 + (240 + 120) * 0.48 - 12 < name.box[1] < name.box[3] < 842 - 672 + (240 + 120 + 60) * 0.48
    assert page.method == "ocr"
    assert {word.confidence for word in page.words[:10]} == {1.0}


def test_a_picture_without_text_costs_nothing_but_a_look(write: Write) -> None:
    page = read(write("slip.pdf", pdf(HEADER, scanned(()))))
    assert page.method == "text"
    assert [word.text for word in page.words][-1] == "88123."


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[tuple[float, float, float, float]]], None]:
    """What the detector sees, in pixels."""

    def seen(boxes: Sequence[tuple[float, float, float, float]]) -> None:
        quads = [[(x0, y0), (x1, y0), (x1, y1), (x0, y1)] for x0, y0, x1, y1 in boxes]
        found = np.array(quads, np.float32).reshape(-1, 4, 2)
        monkeypatch.setattr(Recogniser, "detect", lambda *_: found)

    return seen


def test_lines_that_the_layer_knows_are_no_more(lines: Callable[..., None]) -> None:
    words = tuple(Word("word", (10.0, 10.0 * at, 90.0, 10.0 * at + 8), 1) for at in range(1, 9))
    layer = Page(1, 100, 100, words)
    pixels = np.zeros((200, 200, 3), np.uint8)
    known = [(20.0, 20.0 * at, 190.0, 20.0 * at + 16) for at in range(1, 9)]
    lines(known)
    assert not says_more(pixels, 0.5, layer)
    lines([*known, (10.0, 182.0, 60.0, 190.0), (70.0, 182.0, 90.0, 190.0)])
    assert not says_more(pixels, 0.5, layer), "a page number and a logo"
    lines([*known, *((10.0, 182.0 + at, 60.0, 183.0 + at) for at in range(3))])
    assert says_more(pixels, 0.5, layer)


def test_words_of_a_turned_scan_come_to_the_layers_points() -> None:
    layer = Page(1, 200, 100, (Word("head", (10, 5, 40, 12), 1),))
    turned = ((0.0, 1.0), (0.0, 0.0), (1.0, 0.0), (1.0, 1.0))  # it lies on its side
    seen = Page(1, 100, 200, (Word("body", (20, 40, 30, 80), 1, 0.9),), "ocr", 90, turned)
    page = both(layer, seen)
    assert [word.text for word in page.words] == ["head", "body"]
    assert page.words[1].box == (40.0, 70.0, 80.0, 80.0)
    assert (page.width, page.height, page.corners) == (200, 100, None)
