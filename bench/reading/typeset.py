"""Documents of a maker as text PDF, with the place of every value that is asked for."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from bench.reading.makers import Block, Maker
from bench.reading.records import Record
from bench.reading.values import Value, as_printed, printed

SHIPPED = Path(__file__).resolve().parents[2] / "data" / "fonts"
ISSUED = datetime(2026, 10, 30, tzinfo=UTC)
FONTS = {
    "inter": "Inter",
    "source": "Source Serif 4",
    "dejavu": "DejaVu Sans",
    "dejavu-serif": "DejaVu Serif",
    "mono": "DejaVu Sans Mono",
    "stix": "STIXGeneral",
    "libertinus": "Libertinus Serif",
    "computer": "New Computer Modern",
    "hei": "WenQuanYi Micro Hei",
}
SIZES = {
    "a4": (595, 842),
    "letter": (612, 792),
    "a5": (420, 595),
    "a5-wide": (595, 420),
    "card": (340, 215),
    "booklet": (355, 500),
    "receipt": (227, 480),
    "wide": (842, 595),
    "certificate": (720, 520),
}
_FIGURES = re.compile(r"[\d.,'\s£$€¥%kr:/()+-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: points from the page's top left."""

    page: int
    box: tuple[float, float, float, float]


@dataclass
class Typeset:
    """A document, its fields as they are printed, and where."""

    pdf: bytes
    fields: dict[str, tuple[Value, list[str]]] = field(default_factory=dict)  # name -> value, raw of each occurrence
    places: dict[str, list[Place]] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Value]]] = field(default_factory=dict)


def typeset(maker: Maker, record: Record) -> Typeset:
    """The document twice: once with marks that give the places, once without them."""
    writer = _Writer(maker, record)
    marked = _compile(writer.source(marks=True))
    out = Typeset(_compile(writer.source(marks=False)), writer.fields, _places(marked), writer.rows)
    missing = set(out.fields) - set(out.places)
    if missing:
        raise ValueError(f"{maker.name}: {sorted(missing)} did not come out on the page")
    return out


@cache
def _fonts() -> Any:
    import matplotlib
    import typst

    folders = [str(SHIPPED), str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=folders)


def _compile(source: str) -> bytes:
    import typst

    compiler = typst.Compiler(source.encode(), font_paths=_fonts(), ignore_system_fonts=True)
    pdf = compiler.compile(format="pdf", timestamp=ISSUED)
    assert isinstance(pdf, bytes)
    return pdf


def _places(pdf: bytes) -> dict[str, list[Place]]:
    """From the link marks ``f:name:n``; a value broken over lines gives the box around its parts."""
    import pypdfium2

    parts: dict[tuple[str, int], list[Place]] = {}
    document = pypdfium2.PdfDocument(pdf)
    for number, page in enumerate(document, start=1):
        for target, box in _links(document, page):
            _, name, at = target.split(":")
            parts.setdefault((name, int(at)), []).append(Place(number, box))
    document.close()
    out: dict[str, list[Place]] = {}
    for (name, _), places in sorted(parts.items()):
        edges = list(zip(*(place.box for place in places if place.page == places[0].page), strict=True))
        box = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
        out.setdefault(name, []).append(Place(places[0].page, box))
    return out


def _links(document: Any, page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    import ctypes

    import pypdfium2.raw as pdfium

    height, start, link = page.get_height(), ctypes.c_int(0), pdfium.FPDF_LINK()
    while pdfium.FPDFLink_Enumerate(page.raw, start, link):
        rect = pdfium.FS_RECTF()
        pdfium.FPDFLink_GetAnnotRect(link, rect)
        buffer = ctypes.create_string_buffer(200)
        pdfium.FPDFAction_GetURIPath(document.raw, pdfium.FPDFLink_GetAction(link), buffer, 200)
        box = (rect.left, height - rect.top, rect.right, height - rect.bottom)
        yield buffer.value.decode(), (round(box[0], 2), round(box[1], 2), round(box[2], 2), round(box[3], 2))


def literal(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class _Writer:
    """Turns blocks into Typst; ``fields`` and ``rows`` fill as it goes."""

    def __init__(self, maker: Maker, record: Record) -> None:
        self.maker, self.record = maker, record
        self.fields: dict[str, tuple[Value, list[str]]] = {}
        self.rows: dict[str, list[dict[str, Value]]] = {}
        self._marks = False
        self._accent = maker.settings.get("accent", "333333")

    def source(self, *, marks: bool) -> str:
        self._marks, self.fields, self.rows = marks, {}, {}
        width, height = SIZES[self.maker.settings.get("size", "a4")]
        margin = self.maker.settings.get("margin", "16" if width < 400 else "46")
        font = FONTS[self.maker.settings.get("font", "dejavu")]
        base = self.maker.settings.get("base", "10")
        head = f'#set page(width: {width}pt, height: {height}pt, margin: {margin}pt)\n#set text(font: ("{font}", '
        head += f'"WenQuanYi Micro Hei"), size: {base}pt)\n#set par(justify: false)\n'
        return head + self._blocks(list(self.maker.blocks))

    def _blocks(self, blocks: list[Block]) -> str:
        out, at = [], 0
        while at < len(blocks):
            if blocks[at].kind == "split":
                end = _end_of(blocks, at)
                out.append(self._split(blocks[at], blocks[at + 1 : end]))
                at = end + 1
                continue
            block = blocks[at]
            make: Callable[[Block], str] = getattr(self, f"_{block.kind}")
            out.append(make(block))
            at += 1
        return "\n\n".join(out)

    def _split(self, block: Block, inner: list[Block]) -> str:
        cells: list[list[Block]] = []
        part: list[Block] = []
        for each in inner:
            if each.kind == "with":
                cells.append(part)
                part = []
            else:
                part.append(each)
        cells.append(part)
        widths = block.argument or ", ".join(["1fr"] * len(cells))
        body = ", ".join(f"[{self._blocks(cell)}]" for cell in cells)
        return f"#grid(columns: ({widths}), column-gutter: 16pt, {body})"

    # text with values

    def _markup(self, text: str, row: dict[str, Value] | None = None) -> str:
        out = []
        for at, part in enumerate(re.split(r"\{([^}]*)\}", text)):
            if not part:
                continue
            out.append(self._value(part, row) if at % 2 else f"#{literal(part)};")
        return "".join(out)

    def _value(self, asked: str, row: dict[str, Value] | None) -> str:
        name, _, how = asked.partition("|")
        hidden = name.startswith("_")
        name, _, known_as = name.lstrip("_").partition("=")
        values = row if row is not None and name in row else self.record.values
        if name not in values:
            raise ValueError(f"{self.maker.name}: no value is called {name!r}")
        value = values[name]
        raw = printed(value, self.maker.style, how)
        shown = "#linebreak()".join(f"#{literal(line)};" for line in raw.split("\n"))
        if hidden or values is row:
            return shown
        known_as = known_as or name
        _, raws = self.fields.setdefault(known_as, (as_printed(value, self.maker.style), []))
        raws.append(raw)
        return f'#link("f:{known_as}:{len(raws)}")[{shown}]' if self._marks else shown

    def _pairs_of(self, block: Block) -> list[tuple[str, str]]:
        pairs = []
        for line in block.lines:
            if line.strip():
                label, _, value = line.partition("::")
                pairs.append((label.strip(), self._markup(value.strip())))
        return pairs

    # blocks

    def _title(self, block: Block) -> str:
        align, size, *_ = (*block.argument.split(), *("left", "17")[len(block.argument.split()) :])
        lines = "#linebreak()".join(self._markup(line) for line in block.lines)
        return f'#align({align})[#text(size: {size}pt, weight: "bold", fill: rgb("#{self._accent}"))[{lines}]]'

    def _head(self, block: Block) -> str:
        lines = "#linebreak()".join(self._markup(line) for line in block.lines if line)
        return f"#align({block.argument or 'left'})[{lines}]"

    def _small(self, block: Block) -> str:
        return f'#text(size: 0.75em, fill: rgb("#555555"))[{self._head(block)}]'

    def _prose(self, block: Block) -> str:
        paragraphs = "\n".join(block.lines).strip("\n").split("\n\n")
        size = f"size: {block.argument}pt" if block.argument else "size: 1em"
        body = "\n\n".join("#linebreak()".join(self._markup(line) for line in text.split("\n")) for text in paragraphs)
        return f"#text({size})[{body}]"

    def _gap(self, block: Block) -> str:
        return f"#v({block.argument or 12}pt)"

    def _rule(self, block: Block) -> str:
        return f'#line(length: 100%, stroke: 0.7pt + rgb("#{self._accent}"))'

    def _pairs(self, block: Block) -> str:
        columns = int(block.argument or 1)
        style = self.maker.settings.get("pairs", "colon")
        pairs = self._pairs_of(block)
        if style == "dots":
            lines = (f"#{literal(label)} #box(width: 1fr, repeat[.]) {value}" for label, value in pairs)
            return "#linebreak()".join(lines)
        cells = ", ".join(self._pair(style, label, value) for label, value in pairs)
        widths = ", ".join(["auto", "1fr"] * columns)
        return f"#grid(columns: ({widths}), row-gutter: 6pt, column-gutter: 10pt, {cells})"

    def _pair(self, style: str, label: str, value: str) -> str:
        if style == "right":
            return f"[#{literal(label)}], align(right)[{value}]"
        if style == "bold":
            return f'[#text(weight: "bold")[#{literal(label)}]], [{value}]'
        if style == "wide-colon":
            return f"[#{literal(label + '：')}], [{value}]"
        return f"[#{literal(label + (':' if style == 'colon' else ''))}], [{value}]"

    def _above(self, block: Block) -> str:
        """Small label, the value below it."""
        small = 'size: 0.72em, fill: rgb("#666666")'
        cells = (f"[#text({small})[#{literal(label)}]#linebreak(){value}]" for label, value in self._pairs_of(block))
        return f"#grid(columns: ({_equal(block)}), row-gutter: 9pt, column-gutter: 12pt, {', '.join(cells)})"

    def _below(self, block: Block) -> str:
        """The value, its label in small print below it."""
        small = 'size: 0.72em, fill: rgb("#666666")'
        cells = (f"[{value}#linebreak()#text({small})[#{literal(label)}]]" for label, value in self._pairs_of(block))
        return f"#grid(columns: ({_equal(block)}), row-gutter: 9pt, column-gutter: 12pt, {', '.join(cells)})"

    def _boxes(self, block: Block) -> str:
        """A form of ruled boxes, its small label inside each."""
        cells = []
        for label, value in self._pairs_of(block):
            cells.append(f"[#text(size: 0.65em)[#{literal(label)}]#v(-4pt){value}]")
        return f"#table(columns: ({_equal(block)}), stroke: 0.6pt, inset: 5pt, {', '.join(cells)})"

    def _rows(self, block: Block) -> str:
        """Ruled rows: a shaded label cell, its value beside it."""
        columns = int(block.argument or 1)
        cells = []
        for label, value in self._pairs_of(block):
            cells.append(f'table.cell(fill: rgb("#eeeeee"))[#{literal(label)}], [{value}]')
        widths = ", ".join(["auto", "1fr"] * columns)
        return f"#table(columns: ({widths}), stroke: 0.5pt, inset: 5pt, {', '.join(cells)})"

    def _table(self, block: Block) -> str:
        """First line: headings. Where the block names rows of the record, the second line is repeated for each."""
        lines = [line for line in block.lines if line.strip()]
        heads = [cell.strip() for cell in lines[0].split("|")]
        listed = self.record.rows[block.argument] if block.argument else []
        if listed:
            self.rows[block.argument] = listed
        body = [self._row(lines[1], row) for row in listed]
        body += [self._row(line, None) for line in lines[2 if listed else 1 :]]
        right = ["right" if _figures([row[at][1] for row in body]) else "left" for at in range(len(heads))]
        cells = [f'[#text(weight: "bold")[#{literal(head)}]]' for head in heads]
        cells += [f"[{markup}]" for row in body for markup, _ in row]
        widths = ", ".join("1fr" if at == _widest(body) else "auto" for at in range(len(heads)))
        look = f"align: ({', '.join(right)},), {self._ruled()}, inset: 4pt"
        return f"#table(columns: ({widths}), {look}, {', '.join(cells)})"

    def _row(self, line: str, row: dict[str, Value] | None) -> list[tuple[str, str]]:
        cells = [cell.strip() for cell in re.split(r"\|(?![^{]*\})", line)]
        return [(markup := self._markup(cell, row), re.sub(r"#|link\(\S+\)|[\[\];\"]", "", markup)) for cell in cells]

    def _ruled(self) -> str:
        return {
            "lines": "stroke: 0.5pt",
            "rows": "stroke: (x, y) => (bottom: 0.4pt)",
            "none": "stroke: none",
            "zebra": 'stroke: none, fill: (x, y) => if calc.even(y) { rgb("#f0f0f0") }',
        }[self.maker.settings.get("table", "lines")]

    def _totals(self, block: Block) -> str:
        cells = ", ".join(f"[#{literal(label)}], align(right)[{value}]" for label, value in self._pairs_of(block))
        return f"#align(right)[#grid(columns: (auto, auto), row-gutter: 5pt, column-gutter: 24pt, {cells})]"

    def _mrz(self, block: Block) -> str:
        size = block.argument or "9"
        return f'#text(font: "DejaVu Sans Mono", size: {size}pt)[{self._head(Block("head", "", block.lines))}]'

    def _photo(self, block: Block) -> str:
        width = block.argument or "60"
        head, body = "#circle(radius: 11pt, fill: gray)", "#rect(width: 36pt, height: 20pt, radius: 9pt, fill: gray)"
        inner = f"#v(8pt)#align(center)[{head}#v(-4pt){body}]"
        return f'#rect(width: {width}pt, height: 72pt, fill: rgb("#dddddd"))[{inner}]'

    def _seal(self, block: Block) -> str:
        text = self._markup(" ".join(block.lines))
        inner = f'#align(center + horizon)[#text(size: 7pt, fill: rgb("#c03030"))[{text}]]'
        ring = f'circle(radius: 34pt, stroke: 1.4pt + rgb("#c03030"))[{inner}]'
        return f"#align(right)[#{ring}]"

    def _hand(self, block: Block) -> str:
        """As if written by hand: each word a little turned and off its line."""
        rng = Random(self.maker.name)
        out = []
        for line in block.lines:
            words = [self._hand_word(word, rng) for word in re.findall(r"\{[^}]*\}|[^\s{}]+", line)]
            out.append(" ".join(words))
        face = 'font: ("STIXGeneral", "WenQuanYi Micro Hei"), style: "italic", fill: rgb("#203070")'
        return f"#text({face}, size: {block.argument or 17}pt)[{'#linebreak()'.join(out)}]"

    def _hand_word(self, word: str, rng: Random) -> str:
        turn, rise = rng.uniform(-3, 3), rng.uniform(-1.6, 1.6)
        return f"#box(move(dy: {rise:.2f}pt, rotate({turn:.2f}deg)[{self._markup(word)}]))"

    def _page(self, block: Block) -> str:
        return "#pagebreak()"


def _equal(block: Block) -> str:
    return ", ".join(["1fr"] * int(block.argument or 2))


def _figures(cells: list[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(_FIGURES.fullmatch(cell) for cell in filled)


def _widest(body: list[list[tuple[str, str]]]) -> int:
    lengths = [max(len(row[at][1]) for row in body) for at in range(len(body[0]))] if body else [0]
    return lengths.index(max(lengths))


def _end_of(blocks: list[Block], start: int) -> int:
    return next(at for at in range(start + 1, len(blocks)) if blocks[at].kind == "/split")
