"""Picture files as pixels: upright as their camera meant them, no larger than is of use, bombs refused."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import IO, TYPE_CHECKING, Any

from app.errors import InputError

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

    from data.readers.layouts.ocr import Pixels

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP", "HEIF", "AVIF")
LARGEST = 120_000_000  # pixels; of a JPEG, which can be opened in a smaller size, ``LARGEST_JPEG``
LARGEST_JPEG = 1_000_000_000
_SEE_THROUGH = {"RGBA", "LA", "PA", "La", "RGBa"}
_REMEDY = "Open the original in another program, or ask for it again."
_DPI = (100.0, 1200.0)  # pixels an inch that scanners write; cameras and screens write 72 or 96 and mean nothing
_INCHES = (1.8, 24.0)  # of a page's sides


def open_picture(file: IO[bytes]) -> ImageFile:
    """Open without decoding. Raises ``InputError``, and what decoders stumble over: use within ``as_broken``."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None  # see ``picture_of``
    _with_heif()
    return Image.open(file, formats=[name for name in FORMATS if name in Image.OPEN])


def _with_heif() -> None:
    """Teach Pillow the pictures of telephones."""
    import_module("data.readers.layouts.picture_formats")


def pages_in(image: ImageFile) -> int:
    """Pages of a TIFF; other pictures have one, whatever moves in them."""
    return int(getattr(image, "n_frames", 1)) if image.format == "TIFF" else 1


def picture_of(image: ImageFile, most_side: int) -> tuple[Image, tuple[int, int]]:
    """The page the file stands at in RGB, no side longer than ``most_side``; and its size in the file, both upright.

    Raises ``InputError`` for ``picture.large``.
    """
    from PIL import ImageOps

    full = image.size
    most = LARGEST_JPEG if image.format == "JPEG" else LARGEST
    if full[0] * full[1] > most:
        text = f"The picture has {full[0] * full[1] / 1e6:.0f} million pixels; {most // 10**6} are read."
        raise InputError("picture.large", text, remedy="Ask for it in a smaller size, or as JPEG.")
    orientation = image.getexif().get(0x0112, 1)
    if image.format == "TIFF":
        image.load()  # which turns it upright
        full, orientation = image.size, 1
    shrink = min(1.0, most_side / max(full))
    target = (max(1, round(full[0] * shrink)), max(1, round(full[1] * shrink)))
    image.draft("RGB", target)
    picture = _plain(_smaller(image, target))
    if picture.size != target:
        picture = picture.resize(target, reducing_gap=2.0)
    picture.load()  # it may outlive its file
    if orientation in range(2, 9):
        picture.getexif()[0x0112] = orientation
        picture = ImageOps.exif_transpose(picture)
    return picture, (full[1], full[0]) if orientation in range(5, 9) else full


def _smaller(image: Image, target: tuple[int, int]) -> Image:
    """Shrunk by a whole factor before anything is copied: large pictures fit the memory once, not thrice."""
    factor = min(image.width // max(1, target[0]), image.height // max(1, target[1]))
    return image.reduce(factor) if factor >= 2 and image.mode in ("L", "RGB", "RGBA", "LA", "CMYK", "YCbCr") else image


def _plain(image: Image) -> Image:
    """Three channels of eight bits, on white where the picture can be seen through."""
    from PIL import Image as Pictures

    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode in ("I", "F"):
        least, most = image.getextrema()
        scale = 255 / (most - least) if most > least else 0.0  # type: ignore[operator]
        image = image.point(lambda value: value * scale - least * scale).convert("L")  # type: ignore[operator]
    if image.mode in _SEE_THROUGH or "transparency" in image.info:
        over = image.convert("RGBA")
        under = Pictures.new("RGBA", over.size, "white")
        return Pictures.alpha_composite(under, over).convert("RGB")
    return image.convert("RGB") if image.mode != "RGB" else image


def pixels_of(picture: Image) -> Pixels:
    """(height, width, 3): blue, green, red."""
    import numpy as np

    return np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])


def points_of(image: ImageFile, full: tuple[int, int]) -> float | None:
    """Points a pixel of the file where it says so in earnest; else None."""
    told: Any = image.info.get("dpi")
    try:
        across, down = float(told[0]), float(told[1])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    if not (_DPI[0] <= across <= _DPI[1] and abs(across - down) <= 0.02 * across):
        return None
    sides = (full[0] / across, full[1] / across)
    return 72.0 / across if all(_INCHES[0] <= side <= _INCHES[1] for side in sides) else None


@contextmanager
def as_broken() -> Iterator[None]:
    """Pillow raises what its decoders happen to stumble over."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about tags they skip
            yield
    except (OSError, SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, struct.error, EOFError) as exc:
        raise InputError("picture.broken", "The file is not a readable picture.", remedy=_REMEDY) from exc
