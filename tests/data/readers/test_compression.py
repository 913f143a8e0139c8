"""Amounts painted into a page that had been compressed are told where the first compression shows, and only there."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from app.domain.layout import Layout, Page, Word
from app.domain.reading import Check
from data.readers.detect import form_of_file
from data.readers.tampering import signs_of

SIZE = (1000, 900)
Write = Callable[..., Path]


@cache
def page(first: int = 60) -> tuple[bytes, Layout]:
    """A page of words and amounts as a scanner's JPEG of that quality, and where its words stand (a point a pixel)."""
    chance, font = random.Random(8), _font()
    picture = Image.new("RGB", SIZE, (248, 248, 246))
    pen = ImageDraw.Draw(picture)
    words = []
    for y in range(40, 840, 44):
        x = 60
        while x < 820:
            text = chance.choice(["Salary", "transfer", "Total", "1,250.40", "310.00", "8,412.75", "96.15"])
            pen.text((x, y), text, (30, 30, 34), font)
            box = pen.textbbox((x, y), text, font)
            words.append(Word(text, (float(box[0]), float(box[1]), float(box[2]), float(box[3])), 1, 0.98))
            x = int(box[2]) + chance.randrange(14, 60)
    grain = np.random.default_rng(2).normal(0, 3, (SIZE[1], SIZE[0], 1))
    noisy = Image.fromarray(np.clip(np.asarray(picture) + grain, 0, 255).astype(np.uint8))
    return stored(noisy, first), Layout((Page(1, SIZE[0], SIZE[1], tuple(words), "ocr"),), 1)


def _font() -> ImageFont.FreeTypeFont:
    import data

    return ImageFont.truetype(str(Path(data.__file__).parent / "fonts" / "Inter-Regular.otf"), 22)


def stored(picture: Image.Image, quality: int, form: str = "JPEG", **given: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, quality=quality, **given)
    return out.getvalue()


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def changed(content: bytes, word: Word) -> Image.Image:
    """The amount painted over and another one set in its place."""
    picture = opened(content)
    pen = ImageDraw.Draw(picture)
    x0, y0, x1, y1 = word.box
    pen.rectangle((x0 - 2, y0 - 2, x1 + 2, y1 + 2), fill=picture.getpixel((int(x0) - 6, int(y0) - 4)))
    pen.text((x0, y0), "9,999.99"[: len(word.text)], (32, 32, 34), _font(), anchor="lt")
    return picture


def amount(layout: Layout, at: int = 5) -> Word:
    return [word for word in layout.pages[0].words if word.text[0].isdigit()][at]


def signs(path: Path, layout: Layout) -> dict[str, Check]:
    return {check.name: check for check in signs_of(path, form_of_file(path), layout)}


@pytest.mark.parametrize(("first", "then"), [(60, 90), (60, 95), (75, 95), (50, 90)])
def test_an_amount_that_was_painted_in_is_told_with_its_place(write: Write, first: int, then: int) -> None:
    content, layout = page(first)
    word = amount(layout)
    found = signs(write("slip.jpg", stored(changed(content, word), then)), layout)
    assert [mark.text for mark in found["image.patched"].evidence] == [word.text]
    assert found["image.patched"].evidence[0].box == word.box
    assert "after the page had been compressed" in found["image.patched"].detail
    assert "image.patched_perhaps" not in found


def test_a_page_that_was_saved_losslessly_after_the_change_is_told_too(write: Write) -> None:
    content, layout = page()
    found = signs(write("slip.png", stored(changed(content, amount(layout)), 90, "PNG")), layout)
    assert len(found["image.patched"].evidence) == 1


@pytest.mark.parametrize("then", [None, 70, 85, 95])
def test_an_honest_page_bears_no_sign(write: Write, then: int | None) -> None:
    """Compressed once, or sent on and compressed again whole."""
    content, layout = page()
    assert signs(write("slip.jpg", content if then is None else stored(opened(content), then)), layout) == {}
    assert signs(write("slip.png", stored(opened(content), 90, "PNG")), layout) == {}


def test_what_cannot_be_told_is_not_told(write: Write) -> None:
    """Saved coarser than before, made smaller, or never compressed before the change."""
    content, layout = page(85)
    word = amount(layout)
    assert signs(write("coarser.jpg", stored(changed(content, word), 60)), layout) == {}
    smaller = changed(content, word).resize((870, 783))
    assert signs(write("smaller.jpg", stored(smaller, 95)), layout) == {}


def test_words_alone_are_no_amounts(write: Write) -> None:
    content, layout = page()
    word = next(each for each in layout.pages[0].words if each.text == "transfer")
    assert signs(write("slip.jpg", stored(changed(content, word), 95)), layout) == {}


@pytest.mark.parametrize(
    ("orientation", "turn"),
    [(3, Image.Transpose.ROTATE_180), (6, Image.Transpose.ROTATE_90), (8, Image.Transpose.ROTATE_270)],
)
def test_a_picture_that_its_camera_held_otherwise(write: Write, orientation: int, turn: Image.Transpose) -> None:
    content, layout = page()
    word = amount(layout)
    lying = opened(stored(opened(content).transpose(turn), 60))
    back = {
        Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
    }
    upright = stored(lying.transpose(back.get(turn, turn)), 100, "PNG")
    edited = changed(upright, word).transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    found = signs(write("photo.jpg", stored(edited, 95, exif=exif)), layout)
    assert [mark.text for mark in found["image.patched"].evidence] == [word.text]


def test_a_scan_inside_a_pdf(write: Write) -> None:
    content, layout = page()
    word = amount(layout)
    for picture, expected in ((changed(content, word), [word.text]), (opened(content), [])):
        out = io.BytesIO()
        Image.open(io.BytesIO(stored(picture, 95))).save(out, "PDF", resolution=72, quality=95)
        path = write("scan.pdf", out.getvalue())
        found = signs(path, layout)
        marks = [mark.text for mark in found["image.patched"].evidence] if "image.patched" in found else []
        assert marks == expected


def test_a_broken_picture_gives_no_sign(write: Write) -> None:
    content, layout = page()
    path = write("slip.jpg", content)
    path.write_bytes(content[: len(content) // 3])
    assert signs(path, layout) == {}
