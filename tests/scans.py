"""Scans that tests read: pages of a few printed lines, small enough to be recognised at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont


def scan(path: Path, pages: Sequence[Sequence[str]]) -> Path:
    """A TIFF of printed lines, a page each."""
    drawn = [_page(lines) for lines in pages]
    drawn[0].save(path, save_all=True, append_images=drawn[1:], compression="tiff_deflate")
    return path


def payslip_scan(path: Path, pages: int, net: str = "3,412.50") -> Path:
    """A payslip whose first page holds its figures; the others number themselves."""
    first = (
        "PAYSLIP",
        "Employer: Nordwind Logistik GmbH",
        "Employee: Anna Lind",
        "Pay date: 25 September 2026",
        "Gross pay EUR 5,120.00",
        f"Net pay EUR {net}",
    )
    return scan(path, [first, *((f"Annex page {number}", "Hours worked 160") for number in range(2, pages + 1))])


def _page(lines: Sequence[str]) -> Image.Image:
    page = Image.new("L", (620, 80 + 48 * len(lines)), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(26)
    for at, line in enumerate(lines):
        draw.text((40, 40 + 48 * at), line, fill=0, font=font)
    return page
