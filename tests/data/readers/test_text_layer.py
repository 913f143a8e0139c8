"""Words of PDFs by their text layer: upright whichever way the page is turned, and not read where it says nothing."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin
from pathlib import Path

import pytest

from app.domain.layout import Layout, Page, line_text
from app.errors import InputError
from data.readers.layouts.pdf import pdf_layout
from tests.data.readers.pdfs import assembled, one_page, texts_pdf

Write = Callable[..., Path]


def layout(path: Path) -> Layout:
    return pdf_layout(path, lambda *_: None, see=False)


def turned_text(turned: int, angle: int) -> bytes:
    """A page shown ``turned`` clockwise, its text set ``angle`` anticlockwise from (200, 400)."""
    c, s = round(cos(radians(angle))), round(sin(radians(angle)))
    content = b"BT /F1 12 Tf %d %d %d %d 200 400 Tm (Hello world) Tj ET" % (c, s, -s, c)
    return one_page(content, extra=b"/Rotate %d" % turned)


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_turned_text_is_read_upright(write: Write, turned: int, angle: int) -> None:
    (page,) = layout(write("t.pdf", turned_text(turned, angle))).pages
    assert [line_text(line) for line in page.lines] == ["Hello world"]
    hello, world = page.words
    assert hello.box[2] < world.box[0]
    assert hello.box[2] - hello.box[0] > hello.height
    assert page.rotation == (angle - turned) % 360
    assert (page.corners is None) == (page.rotation == 0)


def test_boxes_count_from_the_top_left_of_the_crop_box(write: Write) -> None:
    pdf = one_page(b"BT /F1 10 Tf 110 700 Td (Here) Tj ET", extra=b"/CropBox [100 100 500 742]")
    (page,) = layout(write("c.pdf", pdf)).pages
    assert (page.width, page.height) == (400, 642)
    assert page.words[0].box[0] == pytest.approx(10, abs=1)
    assert 30 < page.words[0].box[1] < 42 < page.words[0].box[3] < 46


def test_a_page_of_ten_thousand_words(write: Write) -> None:
    (page,) = layout(write("w.pdf", texts_pdf(1, lines=200, words=50))).pages
    assert len(page.words) == 10_000
    assert len(page.lines) == 200


def test_five_hundred_pages_are_read(write: Write) -> None:
    told: list[int] = []
    path = write("long.pdf", texts_pdf(500, lines=2, words=3))
    found = pdf_layout(path, lambda done, total, what: told.append(done), see=False)
    assert (len(found.pages), found.page_count, found.unread) == (500, 500, ())
    assert [line_text(line) for line in found.pages[499].lines] == ["word word 500"] * 2
    assert told == list(range(500))


@pytest.mark.parametrize(
    "content",
    [
        b"BT /F1 12 Tf 3 Tr 50 700 Td (Hidden words under a picture that says otherwise) Tj ET",
        b"BT /F1 12 Tf 50 700 Td (\001\002\003\004\005\006\007\016\017) Tj ET",
        b"0 g 50 700 100 2 re f",
    ],
    ids=["invisible", "control characters", "no text"],
)
def test_a_layer_that_says_nothing_is_left_to_recognition(write: Write, content: bytes) -> None:
    with pytest.raises(InputError, match="none of its pages"):
        layout(write("s.pdf", one_page(content)))


def test_an_empty_page_needs_no_recognition(write: Write) -> None:
    assert layout(write("e.pdf", one_page(b""))).pages == (Page(1, 595, 842, ()),)


def test_a_protected_file_says_so(write: Write) -> None:
    encrypted = assembled([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])
    encrypted = encrypted.replace(
        b"/Root 1 0 R",
        b"/Root 1 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>"
        % (b"41" * 32, b"42" * 32),
    )
    with pytest.raises(InputError, match="protected by a password"):
        layout(write("p.pdf", encrypted))
