"""Word files, mails and HTML drawn as they were set, with their words where the boxes say."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from app.domain.pages import DrawnPage
from app.errors import InputError
from data.readers.drawing import PdfDrawing, PictureDrawing, open_drawing
from data.readers.layouts.office import docx_layout
from tests.data.readers.pdfs import one_page
from tests.data.readers.test_containers import mail
from tests.data.readers.test_office import word_file
from tests.data.readers.test_scanned import page_image, saved


def picture(drawn: DrawnPage) -> Image.Image:
    return Image.frombytes("RGB", (drawn.across, drawn.down), bytes(drawn.pixels), "raw", "BGRX").convert("L")


def test_the_words_of_a_word_file_stand_in_their_boxes(tmp_path: Path) -> None:
    path = word_file(tmp_path / "a.docx")
    drawn = open_drawing(path.read_bytes()).draw(1, 1190)
    layout = docx_layout(path, lambda *_: None)
    assert (drawn.width, drawn.height, drawn.pages) == (595.28, 841.89, 1)
    scale = drawn.across / drawn.width
    blank = picture(drawn)
    for word in layout.pages[0].words:
        box = tuple(round(edge * scale) for edge in word.box)
        assert blank.crop(box).getextrema()[0] < 90, word.text
        blank.paste(255, (box[0] - 2, box[1] - 6, box[2] + 2, box[3] + 6))
    assert blank.getextrema()[0] == 255


def test_a_mail_and_html_are_drawn() -> None:
    for content in (mail(), b"<html><body><p>Employment letter</p></body></html>"):
        assert picture(open_drawing(content).draw(1, 600)).getextrema()[0] < 90


def test_others_are_drawn_as_they_are() -> None:
    assert isinstance(open_drawing(one_page(b"")), PdfDrawing)
    assert isinstance(open_drawing(saved(page_image(), "PNG")), PictureDrawing)


def test_what_has_no_pages_says_so() -> None:
    with pytest.raises(InputError, match="no pages"):
        open_drawing(b"only talk\n" * 20)
