"""The formats of pictures that Pillow knows, with those of telephones; loading them takes a quarter of a second."""

from __future__ import annotations

from pi_heif import register_heif_opener
from PIL import Image

Image.preinit()
Image.init()
register_heif_opener(thumbnails=False)
