"""Pages and pictures as pixels, in this process: only documents made here."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image, ImageDraw
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from app.domain.layout import Corners, Sheet
from app.domain.pages import DrawnPage
from app.errors import InputError
from data.readers import drawing
from data.readers.drawing import MOST_PIXELS, MOST_SIDE, fitting, open_drawing
from data.readers.layouts import pictures
from tests.data.readers.pdfs import corner_pdf, long_pdf

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def colour(drawn: DrawnPage, across: float, down: float) -> tuple[int, int, int]:
    """Red, green, blue at a share of the width and height."""
    at = 4 * (int(down * drawn.down) * drawn.across + int(across * drawn.across))
    blue, green, red = drawn.pixels[at : at + 3]
    return red, green, blue


def picture(form: str, mode: str = "RGB", size: tuple[int, int] = (40, 20), **save: Any) -> bytes:
    """Left half red, right half blue (in grey modes: dark and light)."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, size[0], size[1]))
    out = io.BytesIO()
    image.convert(mode).save(out, form, **save)
    return out.getvalue()


@pytest.mark.parametrize(
    ("width", "page", "expected"),
    [
        (840, (420.0, 595.0), (840, 1190)),
        (0, (100.0, 100.0), (1, 1)),
        (800, (1.0, 1e7), (1, MOST_SIDE)),
        (800, (1e9, 1.0), (800, 1)),
    ],
)
def test_a_page_keeps_its_proportions_as_far_as_it_fits(
    width: int, page: tuple[float, float], expected: tuple[int, int]
) -> None:
    assert fitting(width, page) == expected


def test_no_page_has_more_pixels_than_agreed() -> None:
    for page in ((595.0, 842.0), (1.0, 1.0), (842.0, 595.0)):
        across, down = fitting(10**9, page)
        assert across * down <= MOST_PIXELS * 1.001
        assert across / down == pytest.approx(page[0] / page[1], rel=0.01)


@pytest.mark.parametrize(
    ("turned", "size", "at"),
    [
        (0, (200, 300), (20 / 200, 40 / 300)),
        (90, (300, 200), ((300 - 40) / 300, 20 / 200)),
        (180, (200, 300), ((200 - 20) / 200, (300 - 40) / 300)),
        (270, (300, 200), (40 / 300, (200 - 20) / 200)),
    ],
)
def test_a_turned_page_is_drawn_as_it_is_shown(turned: int, size: tuple[int, int], at: tuple[float, float]) -> None:
    drawn = open_drawing(corner_pdf(turned)).draw(1, size[0])
    assert (drawn.across, drawn.down, drawn.width, drawn.height) == (*size, *size)
    assert colour(drawn, *at) == (0, 0, 0)
    assert colour(drawn, 0.5, 0.5) == WHITE


TURNS: dict[int, Corners] = {
    0: ((0, 0), (1, 0), (1, 1), (0, 1)),
    90: ((0, 1), (0, 0), (1, 0), (1, 1)),
    180: ((1, 1), (0, 1), (0, 0), (1, 0)),
    270: ((1, 0), (1, 1), (0, 1), (0, 0)),
}


@pytest.mark.parametrize("degrees", TURNS)
def test_a_sheet_is_drawn_upright(degrees: int) -> None:
    """The page's square stands at (10..30, 30..50) of 200 by 300 points; turned by the sheet it goes along."""
    size = (200, 300) if degrees in (0, 180) else (300, 200)
    at = {
        0: (20 / 200, 40 / 300),
        90: ((300 - 40) / 300, 20 / 200),
        180: ((200 - 20) / 200, (300 - 40) / 300),
        270: (40 / 300, (200 - 20) / 200),
    }[degrees]
    drawn = open_drawing(corner_pdf(0)).draw(1, size[0], Sheet(1, *size, TURNS[degrees]))
    assert (drawn.across, drawn.down, drawn.width, drawn.height) == (*size, *size)
    assert colour(drawn, *at) == (0, 0, 0)
    assert colour(drawn, 0.5, 0.5) == WHITE


def test_a_sheet_on_a_table_is_cut_out_and_pulled_straight() -> None:
    photo = Image.new("RGB", (400, 400), "black")
    corners = [(100, 50), (300, 80), (340, 360), (60, 330)]
    ImageDraw.Draw(photo).polygon(corners, fill="white")
    out = io.BytesIO()
    photo.save(out, "PNG")
    sheet = Sheet(1, 500.0, 700.0, tuple((x / 400, y / 400) for x, y in corners))
    drawn = open_drawing(out.getvalue()).draw(1, 250, sheet)
    assert (drawn.across, drawn.down, drawn.width, drawn.height) == (250, 350, 500, 700)
    places = [(x, y) for x in (0.02, 0.5, 0.98) for y in (0.02, 0.5, 0.98)]
    assert {colour(drawn, *place) for place in places} == {WHITE}


def test_perspective_takes_the_corners_of_the_page_to_those_of_the_sheet() -> None:
    corners = [(10.0, 20.0), (90.0, 5.0), (100.0, 80.0), (0.0, 70.0)]
    a, b, c, d, e, f, g, h = drawing.perspective((50, 80), corners)
    for (x, y), wanted in zip(((0, 0), (50, 0), (50, 80), (0, 80)), corners, strict=True):
        over = g * x + h * y + 1
        assert ((a * x + b * y + c) / over, (d * x + e * y + f) / over) == pytest.approx(wanted)


def test_a_picture_that_was_measured_has_its_size_in_points() -> None:
    drawn = open_drawing(picture("PNG")).draw(1, 30, Sheet(1, 595.28, 841.89))
    assert (drawn.width, drawn.height, drawn.across) == (595.28, 841.89, 30)


def test_pages_past_the_ends_are_the_ends() -> None:
    drawn = open_drawing(long_pdf(3))
    assert [drawn.draw(page, 20).page for page in (-5, 1, 3, 4)] == [1, 1, 3, 3]


@pytest.mark.parametrize("form", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"])
def test_pictures_of_every_form(form: str) -> None:
    save = {"quality": 100} if form in ("JPEG", "WEBP") else {}
    drawn = open_drawing(picture(form, size=(80, 40), **save)).draw(1, 800)
    assert (drawn.across, drawn.down, drawn.width, drawn.height, drawn.pages) == (80, 40, 80, 40, 1)
    assert colour(drawn, 0.2, 0.5) == pytest.approx(RED, abs=12)
    assert colour(drawn, 0.8, 0.5) == pytest.approx(BLUE, abs=12)
    assert open_drawing(picture(form, size=(80, 40))).draw(1, 20).across == 20


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "I", "I;16"])
def test_pictures_of_every_mode(mode: str) -> None:
    image = Image.new("L", (40, 20), 10)
    image.paste(240, (20, 0, 40, 20))
    if mode == "I;16":
        image = Image.frombytes("I;16", (40, 20), b"".join(bytes((0, 10 if n % 40 < 20 else 240)) for n in range(800)))
    else:
        image = image.convert(mode)
    out = io.BytesIO()
    image.save(out, "TIFF" if mode == "I" else "PNG")
    drawn = open_drawing(out.getvalue()).draw(1, 40)
    assert colour(drawn, 0.2, 0.5)[0] < 60
    assert colour(drawn, 0.8, 0.5)[0] > 190


def test_what_can_be_seen_through_stands_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    assert colour(open_drawing(out.getvalue()).draw(1, 10), 0.5, 0.5) == WHITE


def test_a_picture_stands_upright_as_its_camera_meant_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: to be looked at a quarter clockwise
    drawn = open_drawing(picture("JPEG", size=(80, 40), exif=exif, quality=100)).draw(1, 40)
    assert (drawn.across, drawn.down, drawn.width, drawn.height) == (40, 80, 40, 80)
    assert colour(drawn, 0.5, 0.2) == pytest.approx(RED, abs=12)
    assert colour(drawn, 0.5, 0.8) == pytest.approx(BLUE, abs=12)


def test_pages_of_a_tiff_are_pages() -> None:
    sheets = [Image.new("RGB", (30, 40), each) for each in (RED, BLUE, WHITE)]
    out = io.BytesIO()
    sheets[0].save(out, "TIFF", save_all=True, append_images=sheets[1:])
    held = open_drawing(out.getvalue())
    assert [colour(held.draw(page, 30), 0.5, 0.5) for page in (1, 2, 3, 1)] == [RED, BLUE, WHITE, RED]
    assert held.draw(2, 30).pages == 3


def test_a_scan_of_a_fax_is_drawn() -> None:
    page = Image.new("1", (800, 1000), 1)
    page.paste(0, (100, 100, 300, 200))
    out = io.BytesIO()
    page.save(out, "TIFF", compression="group4", tiffinfo=ImageFileDirectory_v2())
    drawn = open_drawing(out.getvalue()).draw(1, 400)
    assert colour(drawn, 0.25, 0.15) == (0, 0, 0)
    assert colour(drawn, 0.75, 0.75) == WHITE


def test_a_picture_too_large_is_refused_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    content = picture("PNG")
    monkeypatch.setattr(pictures, "LARGEST", 100)
    with pytest.raises(InputError, match="million pixels") as caught:
        open_drawing(content).draw(1, 10)
    assert caught.value.field == "picture.large"


def test_a_large_picture_is_drawn_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST_PIXELS", 5_000)
    drawn = open_drawing(picture("JPEG", size=(800, 400))).draw(1, 800)
    assert (drawn.across, drawn.down) == (100, 50)
    assert (drawn.width, drawn.height) == (800, 400)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"not a picture", "picture.broken"),
        (b"", "picture.broken"),
        (picture("PNG")[:60], "picture.broken"),
        (picture("JPEG", size=(200, 200))[:-300], "picture.broken"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "picture.broken"),
        (b"%PDF-1.4 and no more", "pdf.broken"),
    ],
)
def test_what_is_no_page_is_told(content: bytes, field: str) -> None:
    with pytest.raises(InputError) as caught:
        open_drawing(content).draw(1, 100)
    assert caught.value.field == field
    assert caught.value.remedy


def test_a_locked_pdf_says_so() -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.pdf_utils.writer import copy_into_new_writer

    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(long_pdf(1))))
    writer.encrypt(owner_pass="owner", user_pass="user")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(InputError) as caught:
        open_drawing(out.getvalue())
    assert caught.value.field == "pdf.locked"
