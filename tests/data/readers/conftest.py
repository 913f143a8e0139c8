"""One child process for the tests of a module, and small documents made on the spot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from data.readers.client import Readers


@pytest.fixture(scope="module")
def readers() -> Iterator[Readers]:
    with Readers() as each:
        yield each


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes text or bytes to a file of the test's folder."""

    def make(name: str, content: str | bytes, encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return make


@pytest.fixture
def write_pdf(tmp_path: Path) -> Callable[..., Path]:
    """Writes a PDF of one page with a text layer: (x, y from the top, text) in points, A4, Helvetica 11."""

    def make(name: str, texts: Sequence[tuple[float, float, str]]) -> Path:
        path = tmp_path / name
        path.write_bytes(pdf_of(texts))
        return path

    return make


def pdf_of(texts: Sequence[tuple[float, float, str]]) -> bytes:
    """A minimal PDF by hand, so that positions are exactly known."""
    shown = "".join(
        f"BT /F1 11 Tf {x} {842 - y} Td ({text.replace('(', chr(92) + '(').replace(')', chr(92) + ')')}) Tj ET\n"
        for x, y, text in texts
    ).encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % at for at in offsets)
    return out + b"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start
