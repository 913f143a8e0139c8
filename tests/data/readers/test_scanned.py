"""Pictures of pages: recognised upright, whichever way they lie, and mapped back to where they lay."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from math import dist
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pi_heif
import pytest
from PIL import Image, ImageDraw, ImageFont

from app.domain.layout import Layout, Page, line_text
from app.errors import EnvironmentFault, InputError
from data.readers.detect import form_of_file
from data.readers.layouts import layout_of, ocr
from data.readers.layouts.ocr import ReadLine, Sign, model_paths
from data.readers.layouts.pdf import pdf_layout
from data.readers.layouts.scanned import read_picture, words_of
from data.readers.layouts.store import layout_from_json, layout_to_json
from data.readers.layouts.upright import find_sheet, without_shadow

Write = Callable[..., Path]
FONTS = Path(__file__).parents[3] / "data" / "fonts"
LINES = ("Nordlys Energi AB", "Payslip October 2026", "Gross pay 4,620.00", "Net pay 3,450.00 EUR")


def page_image(lines: tuple[str, ...] = LINES, font: str = "Inter-Medium.otf") -> Image.Image:
    page = Image.new("RGB", (620, 400), "white")
    draw, type_ = ImageDraw.Draw(page), ImageFont.truetype(str(FONTS / font), 34)
    for at, line in enumerate(lines):
        draw.text((50, 50 + 80 * at), line, "black", type_)
    return page


def pixels(image: Image.Image) -> Any:
    return np.ascontiguousarray(np.asarray(image.convert("RGB"))[:, :, ::-1])


def said(page: Page) -> list[str]:
    return [line_text(line) for line in page.lines]


def on_a_table(image: Any) -> Any:
    """Photographed from the side on a dark table."""
    height, width = image.shape[:2]
    table = np.full((600, 900, 3), 45, np.uint8)
    corners = np.array([[120, 90], [800, 60], [840, 520], [80, 500]], np.float32)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32), corners
    )
    return cv2.warpPerspective(image, matrix, (900, 600), dst=table, borderMode=cv2.BORDER_TRANSPARENT)


def in_shadow(image: Any) -> Any:
    fall = np.linspace(1.0, 0.35, image.shape[1])[None, :, None]
    return (image * fall).astype(np.uint8)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_page_is_read_upright(degrees: int) -> None:
    page = read_picture(pixels(page_image().rotate(degrees, expand=True)), 1)
    assert said(page) == list(LINES)
    assert (page.rotation, page.corners is None) == (degrees, degrees == 0)
    assert (page.width, page.method) == (841.89, "ocr")
    amount = next(word for word in page.words if word.text == "3,450.00")
    scale = page.width / 620
    assert amount.box == pytest.approx([190 * scale, 296 * scale, 334 * scale, 326 * scale], abs=12)
    assert amount.confidence > 0.9


@pytest.mark.parametrize(
    "changed",
    [
        lambda image: pixels(page_image().rotate(5, fillcolor="white", expand=True)),
        on_a_table,
        in_shadow,
        lambda image: in_shadow(on_a_table(image)),
    ],
    ids=["slanted", "on a table", "in shadow", "both"],
)
def test_a_photographed_page_is_read_straight(changed: Callable[[Any], Any]) -> None:
    image = changed(pixels(page_image()))
    page = read_picture(image, 1)
    assert said(page) == list(LINES)
    tops = [word.box[1] for word in page.lines[3]]
    assert max(tops) - min(tops) < 12


def test_corners_say_where_the_sheet_lay() -> None:
    image = on_a_table(pixels(page_image()))
    sheet = find_sheet(image)
    assert sheet is not None
    corners = read_picture(image, 1).corners
    assert corners is not None
    wanted = [(120, 90), (800, 60), (840, 520), (80, 500)]
    for (x, y), (x0, y0) in zip(corners, wanted, strict=True):
        assert dist((x * 900, y * 600), (x0, y0)) < 15


def test_a_scan_is_no_sheet_on_a_table_and_lies_in_no_shadow() -> None:
    image = pixels(page_image())
    assert find_sheet(image) is None
    assert without_shadow(image) is image


def test_chinese_is_read() -> None:
    page = read_picture(pixels(page_image(("海港物流有限公司", "实发工资 3,180.00"), "wqy-microhei.ttc")), 1)
    assert said(page) == ["海港物流有限公司", "实发工资 3,180.00"]


def test_an_empty_page_has_no_words() -> None:
    page = read_picture(pixels(Image.new("RGB", (300, 400), "white")), 3)
    assert (page.number, page.words, page.width) == (3, (), 595.28)


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def test_a_camera_says_how_it_was_held(write: Write) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = write("p.jpg", saved(page_image().rotate(90, expand=True), "JPEG", exif=exif, quality=90))
    (page,) = layout_of(path, form_of_file(path), lambda *_: None).pages
    assert (said(page), page.rotation, page.corners) == (list(LINES), 0, None)


@pytest.mark.parametrize(("orientation", "turn"), [(3, 180), (6, 90), (8, 270)])
def test_a_tiff_says_how_it_lies(write: Write, orientation: int, turn: int) -> None:
    path = write("p.tif", saved(page_image().rotate(turn, expand=True), "TIFF", tiffinfo={0x0112: orientation}))
    (page,) = layout_of(path, form_of_file(path), lambda *_: None).pages
    assert (said(page), page.rotation, page.corners) == (list(LINES), 0, None)


def test_a_real_picture_of_a_telephone(write: Write) -> None:
    """``photo.heic`` is ``page_image`` lying on its side, written by libheif's own encoder: none is installed here."""
    path = write("p.jpg", Path(__file__).with_name("photo.heic").read_bytes())
    assert form_of_file(path).media_type == "image/heic"
    (page,) = layout_of(path, form_of_file(path), lambda *_: None).pages
    assert said(page) == list(LINES)
    assert page.width > page.height


def test_the_pages_of_a_tiff_and_its_resolution(write: Write) -> None:
    blank = Image.new("RGB", (620, 400), "white")
    path = write("p.tif", saved(page_image(), "TIFF", save_all=True, append_images=[blank, blank], dpi=(150, 150)))
    told: list[tuple[int, int | None]] = []
    layout = layout_of(path, form_of_file(path), lambda done, total, _: told.append((done, total)))
    assert [(page.number, bool(page.words)) for page in layout.pages] == [(1, True), (2, False), (3, False)]
    assert layout.pages[0].width == pytest.approx(620 * 72 / 150)
    assert told == [(0, 3), (1, 3), (2, 3)]


def test_a_picture_of_a_telephone(write: Write) -> None:
    header = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
    path = write("p.jpg", header + bytes(64))
    assert form_of_file(path).media_type == "image/heic"
    with pytest.raises(InputError, match="not a readable picture"):
        layout_of(path, form_of_file(path), lambda *_: None)
    assert pi_heif.libheif_info()["decoders"]


def test_a_scanned_pdf_and_its_places(write: Write) -> None:
    path = write("scan.pdf", saved(page_image(), "PDF", resolution=100.0))
    (page,) = pdf_layout(path, lambda *_: None).pages
    assert (said(page), page.method) == (list(LINES), "ocr")
    assert (page.width, page.height) == (pytest.approx(620 * 0.72, abs=3), pytest.approx(400 * 0.72, abs=3))


def test_a_layout_is_kept_as_json() -> None:
    layout = Layout((read_picture(on_a_table(pixels(page_image(("Rent 980.00",)))), 1),), 2, ((2, "lost"),))
    assert layout_from_json(json.loads(json.dumps(layout_to_json(layout)))) == layout
    with pytest.raises(ValueError, match="version"):
        layout_from_json({"version": 0})


def test_words_part_at_blanks_and_wide_gaps_and_are_as_sure_as_their_worst_sign() -> None:
    crop = np.full((40, 300, 3), 255, np.uint8)
    for left in (10, 32, 150, 172, 260):
        crop[10:30, left : left + 20] = 0
    at = [20 / 300, 42 / 300, 160 / 300, 182 / 300, 270 / 300]
    signs = [Sign(text, place, sure) for text, place, sure in zip("abcd1", at, (1, 0.6, 1, 1, 0.9), strict=True)]
    signs.insert(4, Sign(" ", 230 / 300, 1.0))
    quad = np.array([[0, 0], [300, 0], [300, 40], [0, 40]], float)
    found = [(word.text, word.box, word.confidence) for word in words_of(ReadLine(tuple(signs), 0.9), crop, quad, 1)]
    assert found == [
        ("ab", (10.0, 10.0, 52.0, 30.0), 0.6),
        ("cd", (150.0, 10.0, 192.0, 30.0), 1.0),
        ("1", (260.0, 10.0, 280.0, 30.0), 0.9),
    ]


def test_the_models_are_bundled_and_their_loss_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(path.is_file() for path in model_paths().values())
    monkeypatch.setitem(ocr.MODELS, "Rec", "gone.onnx")
    with pytest.raises(EnvironmentFault, match=r"gone\.onnx of rapidocr is missing"):
        model_paths()
