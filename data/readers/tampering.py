"""Signs that a file was changed after it was made. Each is a reason to look, never a proof: honest files bear them too.

``pdf.updated``         a later version was appended to the file, and it is not a signature
``pdf.edited``          an editing program wrote it last, or it was changed more than a day after it was made
``pdf.fonts``           an amount is set in several fonts or sizes
``pdf.text_over_scan``  visible text lies over a scanned page
``image.edited``        an image editor wrote the file
``image.patched``       an amount does not share the first compression of its page; ``image.patched_perhaps``: perhaps
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from ctypes import c_int, create_string_buffer
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.layout import Box, Layout, Page
from app.domain.reading import Check, Mark
from data.readers.compressed_pictures import Compressed, file_pictures, pdf_pictures
from data.readers.compression import FAINT, STRONG, Spot, put_in

if TYPE_CHECKING:
    from data.readers.detect import Form

MOST_PAGES = 20  # looked at for fonts
MOST_CHARACTERS = 40_000  # of one page
_FULL = 0.6  # part of the page that an image covers to count as its scan
_LATER = timedelta(days=1)
_PATTERN = 48  # of 256 levels between the darkest and the lightest point
_INVISIBLE = 3  # text render mode
_EDITORS = re.compile(
    r"ilovepdf|sejda|pdfescape|smallpdf|pdf-?xchange editor|foxit (phantom|pdf editor)|nitro pro|pdffiller|dochub|"
    r"photoshop|gimp|inkscape|illustrator|canva|affinity|coreldraw|libreoffice draw|pixelmator|paint\.net|snapseed|"
    r"wps pdf|福昕|万兴",
    re.I,
)
_AMOUNT = re.compile(r"[-+(]?\D{0,4}\d[\d.,' \u00a0]*\d\D{0,4}")


def signs_of(path: Path, form: Form, layout: Layout) -> tuple[Check, ...]:
    """All signs found; a file without any gives none. Never raises for what is in the file."""
    if form.name == "pdf":
        return (*_pdf_signs(path, layout), *_patched(pdf_pictures(path, layout)))
    if form.name == "image":
        return (*_image_signs(path), *_patched(file_pictures(path, layout)))
    return ()


def _sign(code: str, words: str, evidence: Sequence[Mark] = ()) -> Check:
    return Check(code, False, words, tuple(evidence), tampering=True)


def _pdf_signs(path: Path, layout: Layout) -> Iterator[Check]:
    import pypdfium2

    data = path.read_bytes()
    yield from _updates(data)
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError:
        return
    try:
        yield from _history(document.get_metadata_dict(skip_empty=True))
        pages = {page.number: page for page in layout.pages}
        fonts, over = [], []
        for at in range(min(len(document), MOST_PAGES)):
            fonts += _mixed_fonts(document, at, pages.get(at + 1))
            over += _over_scan(document, at)
        if fonts:
            yield _sign("pdf.fonts", f"amounts set in several fonts: {', '.join(m.text for m in fonts[:5])}", fonts)
        if over:
            yield _sign("pdf.text_over_scan", "visible text was laid over a scanned page", over[:20])
    except pypdfium2.PdfiumError:
        return
    finally:
        document.close()


def _updates(data: bytes) -> Iterator[Check]:
    """Versions that follow one another in the file. A linearised file has two trailers, a signed one a version each."""
    versions = len(re.findall(rb"startxref\s+\d+\s+%%EOF", data))
    expected = 1 + (b"/Linearized" in data[:2048]) + data.count(b"/ByteRange")
    if versions > expected:
        yield _sign("pdf.updated", f"{versions - expected} later versions were appended to the file")


def _history(metadata: dict[str, str]) -> Iterator[Check]:
    made, changed = (_moment(metadata.get(name, "")) for name in ("CreationDate", "ModDate"))
    editor = next(
        (found for name in ("Producer", "Creator") if (found := _EDITORS.search(metadata.get(name, "")))), None
    )
    if editor:
        yield _sign("pdf.edited", f"it was written by {editor.group(0)}")
    elif made and changed and changed - made > _LATER:
        yield _sign("pdf.edited", f"it was made on {made:%Y-%m-%d} and changed on {changed:%Y-%m-%d}")


def _moment(text: str) -> datetime | None:
    """A PDF date, "D:20261025093000+02'00'", its zone left out."""
    found = re.match(r"D?:?(\d{4})(\d{2})(\d{2})(\d{2})?(\d{2})?", text)
    if found is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    try:
        return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - compared to its like
    except ValueError:
        return None


def _mixed_fonts(document: Any, at: int, page: Page | None) -> list[Mark]:
    """Amounts whose digits are set in more than one font or size."""
    if page is None or page.method != "text":
        return []
    sheet = document[at]
    layer = sheet.get_textpage()
    try:
        digits = _digit_fonts(layer, sheet.get_cropbox())
    finally:
        layer.close()
        sheet.close()
    marks = []
    for word in page.words:
        if is_amount(word.text):
            fonts = {font for (x, y), font in digits if _inside(x, y, word.box)}
            if len(fonts) > 1:
                marks.append(Mark(page.number, word.box, word.text))
    return marks


def _digit_fonts(layer: Any, cropbox: tuple[float, float, float, float]) -> list[tuple[tuple[float, float], object]]:
    """Middle and font of each digit of the page."""
    from pypdfium2 import raw

    left, _, _, top = cropbox
    found: list[tuple[tuple[float, float], object]] = []
    name, flags = create_string_buffer(200), c_int()
    for at in range(min(layer.count_chars(), MOST_CHARACTERS)):
        if 48 <= raw.FPDFText_GetUnicode(layer, at) <= 57:
            raw.FPDFText_GetFontInfo(layer, at, name, 200, flags)
            size = round(raw.FPDFText_GetFontSize(layer, at), 1)
            x0, y0, x1, y1 = layer.get_charbox(at)
            found.append((((x0 + x1) / 2 - left, top - (y0 + y1) / 2), (name.value, size)))
    return found


def _inside(x: float, y: float, box: Box) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _over_scan(document: Any, at: int) -> list[Mark]:
    """Visible text on a page that one image covers; recognised text behind a scan is invisible and no sign."""
    from pypdfium2 import raw

    page = document[at]
    try:
        left, _, _, top = page.get_cropbox()
        width, height = page.get_size()
        scan: Box = (0.0, 0.0, 0.0, 0.0)
        texts = []
        for each in page.get_objects(max_depth=3):
            x0, y0, x1, y1 = each.get_bounds() if hasattr(each, "get_bounds") else each.get_pos()
            box = (x0 - left, top - y1, x1 - left, top - y0)
            if each.type == raw.FPDF_PAGEOBJ_IMAGE and _area(box) > _area(scan):
                scan = box
            elif each.type == raw.FPDF_PAGEOBJ_TEXT and raw.FPDFTextObj_GetTextRenderMode(each) != _INVISIBLE:
                texts.append(Mark(at + 1, box))
        over = [
            mark for mark in texts if _inside((mark.box[0] + mark.box[2]) / 2, (mark.box[1] + mark.box[3]) / 2, scan)
        ]
        return over if _area(scan) > _FULL * width * height and len(over) < 200 else []
    finally:
        page.close()


def _patched(pictures: Iterable[Compressed]) -> Iterator[Check]:
    """Amounts that were put in after the page had been compressed."""
    grades: dict[str, list[Mark]] = {"image.patched": [], "image.patched_perhaps": []}
    for picture in pictures:
        words = [word for word in picture.page.words if any(sign.isdigit() or sign.isalpha() for sign in word.text)]
        told = put_in(picture.plane, picture.table, [Spot(picture.corners(word)) for word in words])
        for word, spread in zip(words, told, strict=True):
            if spread >= FAINT and is_amount(word.text):
                code = "image.patched" if spread >= STRONG else "image.patched_perhaps"
                grades[code].append(Mark(word.page, word.box, word.text))
    for code, marks in grades.items():
        if marks:
            amounts = ", ".join(mark.text for mark in marks[:5])
            sure = "was" if code == "image.patched" else "may have been"
            words_ = f"{amounts} {sure} put into the picture after the page had been compressed"
            yield _sign(code, words_, marks[:20])


def is_amount(text: str) -> bool:
    """Whether a word is a number of three figures or more."""
    return bool(_AMOUNT.fullmatch(text)) and len(re.findall(r"\d", text)) >= 3


def _image_signs(path: Path) -> Iterator[Check]:
    """The program that the file says wrote it."""
    from PIL import Image

    try:
        with Image.open(path) as image:
            words = [str(image.getexif().get(305, "")), str(image.info.get("Software", ""))]
    except Exception:  # noqa: BLE001 - a picture that cannot be opened was told of when it was read
        return
    editor = next((found for each in words if (found := _EDITORS.search(each))), None)
    if editor:
        yield _sign("image.edited", f"it was written by {editor.group(0)}")


def fingerprint_of_file(path: Path) -> str | None:
    """Of a picture's first page; None of one without a pattern, which is alike to any blank page."""
    from PIL import ImageStat

    from data.readers.layouts.pictures import as_broken, open_picture, picture_of

    with path.open("rb") as file, as_broken():
        picture, _ = picture_of(open_picture(file), 1024)
    low, high = ImageStat.Stat(picture.convert("L")).extrema[0]
    return fingerprint_of(picture) if high - low > _PATTERN else None


def fingerprint_of(picture: Any) -> str:
    """Perceptual hash, 1,024 bits as hexadecimal: alike pictures differ in few, whatever their size and compression.

    ``picture`` is a Pillow image. Each bit says whether a low frequency of its brightness is above the middle one.
    """
    import cv2
    import numpy as np

    small = np.asarray(picture.convert("L").resize((128, 128), resample=3), dtype=np.float32)
    low = cv2.dct(small)[:33, :33].ravel()[1:1025]
    return np.packbits(low > np.median(low)).tobytes().hex()
