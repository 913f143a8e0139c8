"""Pictures of pages as they were compressed, and where the words of a page lie in them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.domain.layout import Layout, Page, Word
from app.errors import InputError
from data.readers.held_file import HeldFile
from data.readers.layouts.mixed import to_shown

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

MOST_PAGES = 20  # of a PDF
MOST_PIXELS = 60_000_000
_FILLS = 0.5  # part of a PDF's page that its picture covers
_LOSSLESS = ("PNG", "TIFF", "BMP")


@dataclass(frozen=True, slots=True)
class Compressed:
    """A page of recognised words and the picture it was recognised in."""

    page: Page
    plane: NDArray[Any]  # (height, width) of bytes: brightness
    table: list[int] | None  # steps of its own compression; None: it has none
    placed: NDArray[Any]  # (3, 3): from points of the upright page to pixels of the plane

    def corners(self, word: Word) -> NDArray[Any]:
        """(4, 2): the corners of a word in pixels, from top left clockwise as it is read."""
        import numpy as np

        from data.readers.layouts.upright import mapped

        x0, y0, x1, y1 = word.box
        return mapped(self.placed, np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], float))


def file_pictures(path: Path, layout: Layout) -> Iterator[Compressed]:
    """The page of a picture file; none of forms that were never JPEG or cannot be told."""
    from data.readers.layouts.pictures import as_broken, open_picture

    page = next((each for each in layout.pages if each.method == "ocr" and each.words), None)
    if page is None or layout.page_count != 1:
        return
    try:
        with path.open("rb") as file, as_broken():
            image = open_picture(file)
            turned = 1 if image.format == "TIFF" else int(image.getexif().get(0x0112, 1))  # a TIFF turns itself
            opened = _plane(image)
    except InputError:
        return
    if opened is not None:
        plane, table = opened
        yield Compressed(page, plane, table, _to_pixels(plane, turned) @ to_shown(page))


def pdf_pictures(path: Path, layout: Layout) -> Iterator[Compressed]:
    """Recognised pages that one JPEG covers."""
    import pypdfium2

    pages = [page for page in layout.pages if page.method == "ocr" and page.words][:MOST_PAGES]
    if not pages:
        return
    try:
        document = pypdfium2.PdfDocument(path.content if isinstance(path, HeldFile) else path)
    except pypdfium2.PdfiumError:
        return
    try:
        for page in pages:
            sheet = document[page.number - 1]
            try:
                found = _covering(page, sheet)
            finally:
                sheet.close()
            if found is not None:
                yield found
    except (pypdfium2.PdfiumError, InputError):
        return
    finally:
        document.close()


def _covering(page: Page, sheet: Any) -> Compressed | None:
    import numpy as np
    from pypdfium2 import raw

    from data.readers.layouts.pictures import as_broken, open_picture

    if sheet.get_rotation() != 0:
        return None
    left, _, _, top = sheet.get_cropbox()
    width, height = sheet.get_size()
    for part in sheet.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=2):
        a, b, c, d, e, f = part.get_matrix().get()
        if abs(a * d - b * c) < _FILLS * width * height or part.get_filters() != ["DCTDecode"]:
            continue
        with as_broken():
            opened = _plane(open_picture(io.BytesIO(bytes(part.get_data(decode_simple=False)))))
        if opened is None:
            return None
        plane, table = opened
        canvas = np.array([[width, 0, left], [0, -height, top], [0, 0, 1]], float)  # from fractions of the sheet
        unit = np.linalg.inv(np.array([[a, c, e], [b, d, f], [0, 0, 1]], float))
        down, across = plane.shape
        pixels = np.array([[across, 0, 0], [0, -down, down], [0, 0, 1]], float)
        return Compressed(page, plane, table, pixels @ unit @ canvas @ to_shown(page))
    return None


def _plane(image: ImageFile) -> tuple[NDArray[Any], list[int] | None] | None:
    """Brightness at full size, and the steps it is stored with; None for what is no such picture."""
    import numpy as np

    if image.width * image.height > MOST_PIXELS or image.mode not in ("L", "RGB"):
        return None
    table: list[int] | None = None
    if image.format == "JPEG":
        table = list(getattr(image, "quantization", {}).get(0, ())) or None
        image.draft("L", image.size)
    elif image.format not in _LOSSLESS:
        return None
    if image.format == "JPEG" and (table is None or len(table) != 64):
        return None
    return np.asarray(image.convert("L")), table


def _to_pixels(plane: NDArray[Any], turned: int) -> NDArray[Any]:
    """From fractions of the picture as it is shown to pixels as they are stored, by its EXIF orientation."""
    import numpy as np

    rows = {
        2: ((-1, 0, 1), (0, 1, 0)),
        3: ((-1, 0, 1), (0, -1, 1)),
        4: ((1, 0, 0), (0, -1, 1)),
        5: ((0, 1, 0), (1, 0, 0)),
        6: ((0, 1, 0), (-1, 0, 1)),
        7: ((0, -1, 1), (-1, 0, 1)),
        8: ((0, -1, 1), (1, 0, 0)),
    }.get(turned, ((1, 0, 0), (0, 1, 0)))
    down, across = plane.shape
    found: NDArray[Any] = np.diag([float(across), float(down), 1.0]) @ np.array([*rows, (0, 0, 1)], float)
    return found
