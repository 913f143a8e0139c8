"""Documents of a maker as Word files: for makers whose ``form`` is "docx"."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from bench.reading.makers import Block, Maker
from bench.reading.records import Record
from bench.reading.typeset import ISSUED, Typeset
from bench.reading.values import Value, as_printed, printed


def word_file(maker: Maker, record: Record) -> Typeset:
    """Titles, paragraphs and tables of the blocks; ``pdf`` holds the DOCX. Places are not known."""
    import docx

    document = docx.Document()
    document.core_properties.created = document.core_properties.modified = ISSUED.replace(tzinfo=None)
    fields: dict[str, tuple[Value, list[str]]] = {}

    def filled(text: str) -> str:
        return re.sub(r"\{([^}]*)\}", lambda asked: _value(asked[1], maker, record, fields), text)

    for block in maker.blocks:
        _add(document, block, filled)
    out = BytesIO()
    document.save(out)
    return Typeset(_undated(out.getvalue()), fields)


def _undated(content: bytes) -> bytes:
    """The same archive without the hour it was written."""
    out = BytesIO()
    with ZipFile(BytesIO(content)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name, (1980, 1, 1, 0, 0, 0)), source.read(name), ZIP_DEFLATED)
    return out.getvalue()


def _value(asked: str, maker: Maker, record: Record, fields: dict[str, tuple[Value, list[str]]]) -> str:
    name, _, how = asked.partition("|")
    source, _, known_as = name.lstrip("_").partition("=")
    value = record.values[source]
    raw = printed(value, maker.style, how)
    if not name.startswith("_"):
        fields.setdefault(known_as or source, (as_printed(value, maker.style), []))[1].append(raw)
    return raw


def _add(document: Any, block: Block, filled: Any) -> None:
    lines = [line for line in block.lines if line.strip()]
    if block.kind == "title":
        document.add_heading(filled(" ".join(lines)), level=1)
    elif block.kind in {"pairs", "rows", "boxes"}:
        table = document.add_table(rows=0, cols=2, style="Table Grid")
        for line in lines:
            label, _, value = line.partition("::")
            cells = table.add_row().cells
            cells[0].text, cells[1].text = label.strip(), filled(value.strip())
    elif block.kind in {"prose", "head", "small"}:
        for line in lines:
            document.add_paragraph(filled(line))
    else:
        raise ValueError(f"no Word file has the block [{block.kind}]")
