"""A letter as a Word document; the same letter gives the same bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

_LATIN, _CHINESE = "Calibri", "Microsoft YaHei"
_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest day a zip archive knows


def letter_docx(letter: Mapping[str, Any]) -> bytes:
    """``letter`` is ``domain.letters.Letter.to_json()``."""
    from docx import Document

    document = Document()
    writer = _Writer(document)
    writer.dress(letter)
    writer.letterhead(letter["sender"])
    document.add_heading(_clean(letter["title"]), level=1)
    writer.particulars(letter["head"])
    writer.paragraph(letter["greeting"], before=12)
    for part in letter["parts"]:
        writer.part(part)
    for number, line in enumerate(letter["close"]):
        writer.paragraph(line, before=18 if number == 0 else 30, bold=number > 0)
    writer.footer(letter)
    held = io.BytesIO()
    document.save(held)
    return _fixed(held.getvalue())


def _clean(text: str) -> str:
    """``text`` without the signs that XML does not allow."""
    return "".join(sign for sign in text if sign in "\n\t" or sign.isprintable())


class _Writer:
    def __init__(self, document: Any) -> None:
        self._document = document

    def dress(self, letter: Mapping[str, Any]) -> None:
        """Page, fonts for both scripts, and fixed properties."""
        from docx.oxml.ns import qn
        from docx.shared import Mm, Pt, RGBColor

        section = self._document.sections[0]
        section.page_width, section.page_height = Mm(210), Mm(297)
        section.left_margin, section.right_margin = Mm(25), Mm(23)
        section.top_margin = section.bottom_margin = Mm(20)
        sizes = {"Normal": 10.5, "Heading 1": 15, "Heading 2": 11.5, "List Bullet": 10.5}
        for name, size in sizes.items():
            style = self._document.styles[name]
            style.font.name, style.font.size = _LATIN, Pt(size)
            style.font.color.rgb = RGBColor(0x1E, 0x25, 0x2E)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
                fonts.attrib.pop(qn(f"w:{theme}"), None)
            fonts.set(qn("w:hAnsi"), _LATIN)
            fonts.set(qn("w:eastAsia"), _CHINESE)
        self._document.styles["Normal"].paragraph_format.space_after = Pt(6)
        properties = self._document.core_properties
        at = datetime.fromisoformat(letter["on"]).replace(tzinfo=UTC)
        properties.created = properties.modified = properties.last_printed = at
        properties.title, properties.author = _clean(letter["title"]), _clean(letter["sender"][0])
        properties.last_modified_by, properties.revision, properties.comments = "", 1, ""
        properties.language = "zh-CN" if letter["language"] == "zh" else "en-US"

    def letterhead(self, lines: Sequence[str]) -> None:
        for number, line in enumerate(lines):
            self.paragraph(line, bold=number == 0, after=18 if number == len(lines) - 1 else 0)

    def part(self, part: Mapping[str, Any]) -> None:
        if part["title"]:
            self._document.add_heading(_clean(part["title"]), level=2)
        size = 9 if part["legal"] else None
        for text in part["before"]:
            self.paragraph(text, size=size)
        for text in part["items"]:
            self._document.add_paragraph(_clean(text), style="List Bullet")
        if part["rows"]:
            self.particulars(part["rows"])
        for number, text in enumerate(part["after"]):
            self.paragraph(text, size=size, before=8 if part["rows"] and number == 0 else 0)

    def particulars(self, rows: Sequence[Sequence[str]]) -> None:
        """Names and values in two columns without lines."""
        from docx.shared import Mm, Pt

        table = self._document.add_table(rows=0, cols=2)
        table.autofit = False
        for name, value in rows:
            cells = table.add_row().cells
            for cell, text, width in zip(cells, (name, value), (Mm(48), Mm(114)), strict=True):
                cell.width = width
                cell.paragraphs[0].paragraph_format.space_after = Pt(2)
                cell.paragraphs[0].add_run(_clean(text)).bold = cell is cells[1]

    def paragraph(
        self, text: str, *, size: float | None = None, bold: bool = False, before: float = 0, after: float | None = None
    ) -> None:
        from docx.shared import Pt

        paragraph = self._document.add_paragraph()
        run = paragraph.add_run(_clean(text))
        run.bold = bold or None
        if size is not None:
            run.font.size = Pt(size)
        paragraph.paragraph_format.space_before = Pt(before)
        if after is not None:
            paragraph.paragraph_format.space_after = Pt(after)

    def footer(self, letter: Mapping[str, Any]) -> None:
        from docx.shared import Pt

        run = self._document.sections[0].footer.paragraphs[0].add_run(letter["case"])
        run.font.size = Pt(8)


def _fixed(content: bytes) -> bytes:
    """The archive with its parts in order of name and all of one date, the list of types first as Word expects it."""
    with zipfile.ZipFile(io.BytesIO(content)) as given:
        parts = {name: given.read(name) for name in given.namelist()}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as out:
        for name in sorted(parts, key=lambda name: (name != "[Content_Types].xml", name)):
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            out.writestr(entry, parts[name])
    return held.getvalue()
