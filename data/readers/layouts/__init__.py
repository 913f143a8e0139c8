"""Files of every form as pages of words with their boxes (``app.domain.layout``)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from app.domain.layout import Layout

if TYPE_CHECKING:
    from data.readers.detect import Form
    from data.readers.handover import Tick

FORMS = ("pdf", "image")


def layout_of(path: Path, form: Form, tick: Tick) -> Layout:
    """The pages of a file of one of ``FORMS``. Raises ``InputError`` for one that cannot be read."""
    match form.name:
        case "pdf":
            from data.readers.layouts.pdf import pdf_layout

            return pdf_layout(path, tick)
        case "image":
            from data.readers.layouts.images import image_layout

            return image_layout(path, tick)
    raise ValueError(f"no layout of {form.name}")
