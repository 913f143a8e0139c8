"""PDFs for the tests of the page reader: long ones, turned ones, and ones made to do harm."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence

Objects = Sequence[bytes]


def assembled(objects: Objects) -> bytes:
    """A PDF of numbered objects, the first being the catalogue."""
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return bytes(out) + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), entries, content)


def one_page(
    content: bytes,
    box: bytes = b"0 0 595 842",
    *,
    resources: bytes = b"<< /Font << /F1 5 0 R >> >>",
    extra: bytes = b"",
    more: Objects = (),
) -> bytes:
    """A page with its content stream; ``more`` are objects from 6 on."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [%s] /Contents 4 0 R /Resources %s %s >>" % (box, resources, extra)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return assembled([b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, stream(content), font, *more])


def long_pdf(pages: int) -> bytes:
    """Pages of 200 by 300 points; each is filled with a grey of its own (number / 1000)."""
    kids = b" ".join(b"%d 0 R" % (3 + 2 * at) for at in range(pages))
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages)]
    for at in range(pages):
        objects.append(b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents %d 0 R >>" % (4 + 2 * at))
        objects.append(stream(b"%.3f g 0 0 200 300 re f" % ((at + 1) / 1000)))
    return assembled(objects)


def texts_pdf(pages: int, lines: int, words: int) -> bytes:
    """Pages with a text layer; the last word of each line is the page's number."""
    kids = b" ".join(b"%d 0 R" % (4 + 2 * at) for at in range(pages))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, pages),
        font,
    ]
    step = 820 // lines
    for at in range(pages):
        text = b" ".join([*[b"word"] * (words - 1), b"%d" % (at + 1)])
        content = b"\n".join(
            b"BT /F1 %d Tf 10 %d Td (%s) Tj ET" % (max(1, step // 2), 825 - step * line, text) for line in range(lines)
        )
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % (5 + 2 * at)
        )
        objects.append(stream(content))
    return assembled(objects)


def corner_pdf(turned: int) -> bytes:
    """A page of 200 by 300 points, shown turned, with a black square of 20 points at (10, 30) from the top left."""
    return one_page(b"0 g 10 250 20 20 re f", b"0 0 200 300", extra=b"/Rotate %d" % turned)


def hostile_pdfs() -> dict[str, bytes]:
    """PDFs that shall cost an error or an ordinary picture, and nothing else."""
    square = b"0 g 10 10 50 50 re f"
    loop = assembled(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 100000000 /Parent 3 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 100000000 /Parent 2 0 R >>",
        ]
    )
    itself = b"<< /XObject << /X 6 0 R >> >>"
    form = stream(b"/X Do /X Do", b"/Type /XObject /Subtype /Form /BBox [0 0 600 900] /Resources %s" % itself)
    picture = stream(
        zlib.compress(bytes(2**26)),
        b"/Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 "
        b"/Filter /FlateDecode",
    )
    bomb = zlib.compress(zlib.compress(b"0 0 1 1 re f " * 2**23))
    return {
        "huge box": one_page(square, b"0 0 1000000000 1000000000"),
        "long box": one_page(square, b"0 0 1 10000000"),
        "empty box": one_page(square, b"0 0 0 0"),
        "turned over box": one_page(square, b"500 500 -500 -700"),
        "box of no numbers": one_page(square, b"/a (b) null 99999999999999999999999999"),
        "tree loop": loop,
        "truncated": long_pdf(20)[: len(long_pdf(20)) // 3],
        "form in itself": one_page(b"/X Do", resources=itself, more=[form]),
        "endless picture": one_page(b"600 0 0 600 0 0 cm /X Do", resources=itself, more=[picture]),
        "content bomb": one_page(b"").replace(stream(b""), stream(bomb, b"/Filter [/FlateDecode /FlateDecode]")),
        "no pages": assembled([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 0 >>"]),
        "open arrays": b"%PDF-1.7\n1 0 obj\n" + b"[" * 200_000,
    }


def slow_pdf() -> bytes:
    """A page that takes pdfium minutes: a tiling pattern of specks that are themselves full of patterns."""
    tile = stream(
        b"/Pattern cs /P scn 0 0 100 100 re f",
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 100 100] /XStep 0.01 /YStep 0.01 "
        b"/Resources << /Pattern << /P 7 0 R >> >>",
    )
    inner = stream(
        b"0 g " + b"".join(b"%d %d m %d %d l S " % (n % 97, n % 89, n % 83, n % 79) for n in range(200_000)),
        b"/Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 100 100] /XStep 0.01 /YStep 0.01 "
        b"/Resources << >>",
    )
    resources = b"<< /Pattern << /P 6 0 R >> >>"
    return one_page(b"/Pattern cs /P scn 0 0 595 842 re f", resources=resources, more=[tile, inner])


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The document with bytes changed, cut out, doubled or moved."""
    out = bytearray(content)
    for _ in range(chance.choice((1, 2, 5, 20, 100))):
        at = chance.randrange(len(out))
        length = chance.choice((1, 1, 1, 4, 16, 200))
        match chance.randrange(5):
            case 0:
                out[at] = chance.randrange(256)
            case 1:
                del out[at : at + length]
            case 2:
                out[at:at] = out[at : at + length]
            case 3:
                out[at : at + 1] = chance.choice((b"99999999999", b"-1", b"<<", b"[", b"0 R", b"\0", b"/Kids"))
            case _:
                other = chance.randrange(len(out))
                out[at : at + length] = out[other : other + length]
        if not out:
            return content
    return bytes(out)
