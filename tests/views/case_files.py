"""Small real files for the case of the drawing: PDF, PNG, camt.053, CSV, OFX, JSON and text, made on the spot."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from app.domain.case import Transaction

Line = tuple[float, float, float, str]  # x and baseline from the page's top left in points, size, text

PAGE_WIDTH, PAGE_HEIGHT = 420.0, 595.0


def pdf(pages: Sequence[Sequence[Line]]) -> bytes:
    """A PDF with a text layer, one content stream a page."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for index, lines in enumerate(pages):
        objects += _page(lines, 5 + 2 * index)
    return _assemble(objects)


def _page(lines: Sequence[Line], stream_number: int) -> list[bytes]:
    drawn = "".join(
        f"BT /F1 {size} Tf {x} {PAGE_HEIGHT - y} Td ({text}) Tj ET\n"
        for x, y, size, text in ((x, y, s, t.replace("(", r"\(").replace(")", r"\)")) for x, y, s, t in lines)
    ).encode("cp1252")
    page = (
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {PAGE_WIDTH} {PAGE_HEIGHT}] "
        f"/Resources << /Font << /F1 3 0 R >> >> /Contents {stream_number} 0 R >>"
    ).encode()
    return [page, b"<< /Length %d >>\nstream\n" % len(drawn) + drawn + b"endstream"]


def _assemble(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


def png(width: int = 240, height: int = 150) -> bytes:
    """A picture of a card: a light ground with a darker portrait field."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            inside = 16 <= x < 80 and 30 <= y < 120
            rows += bytes((120, 150, 155)) if inside else bytes((226, 234, 232))

    def chunk(tag: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + tag + body + struct.pack(">I", zlib.crc32(tag + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )


PAYSLIP_ROWS = (
    ("Månadslön", "3 180,00"),
    ("Deltid 75 %", "-0,00"),
    ("Bruttolön", "3 180,00"),
    ("Preliminär skatt", "-730,00"),
    ("Nettolön", "2 450,00"),
    ("Utbetalas", "2026-10-25"),
)
NET_PAY_BOX = (30.0, 210.0, 390.0, 228.0)


def payslip_pdf() -> bytes:
    head: list[Line] = [
        (32, 50, 15, "ORION LOGISTICS AB"),
        (32, 72, 11, "Lönespecifikation · Oktober 2026"),
        (32, 90, 11, "Sample applicant 418 · 198904••-••••"),
    ]
    rows: list[Line] = []
    for index, (label, value) in enumerate(PAYSLIP_ROWS):
        y = 127 + 24 * index
        rows += [(34, y, 11, label), (325, y, 11, value)]
    return pdf([head + rows])


FORM_ROWS = (
    ("Applicant", "Sample applicant 418"),
    ("Requested amount", "12 000 EUR"),
    ("Term", "36 months"),
    ("Net monthly income", "3 100 EUR"),
    ("Monthly living expenses", "890 EUR"),
    ("Outstanding debt", "6 400 EUR"),
    ("Employment", "fixed"),
    ("Time in employment", "4 years"),
)


def form_box(row: int) -> tuple[float, float, float, float]:
    return (30.0, 84.0 + 26 * row, 390.0, 104.0 + 26 * row)


def form_pdf() -> bytes:
    lines: list[Line] = [(32, 56, 16, "Application for an instalment loan")]
    for index, (label, value) in enumerate(FORM_ROWS):
        lines += [(34, 98 + 26 * index, 11, label), (240, 98 + 26 * index, 11, value)]
    return pdf([lines, [(32, 56, 12, "Declaration and signature")]])


def certificate_pdf() -> bytes:
    return pdf([[(32, 60, 15, "Certificate of qualification"), (32, 90, 11, "Authorised accountant, since 2019")]])


def transactions(document: str) -> tuple[Transaction, ...]:
    """Six months of one account: salary, rent, an instalment, cards; the balance after every entry."""
    entries: list[tuple[date, Decimal, str]] = []
    day = date(2026, 5, 1)
    step = 0
    while day < date(2026, 11, 1):
        entries += _of_day(day, step)
        day += timedelta(days=1)
        step += 1
    balance = Decimal("1840.20")
    out = []
    for row, (booked, amount, text) in enumerate(entries, 1):
        balance += amount
        out.append(Transaction(booked, amount, "EUR", text, balance, document, row))
    return tuple(out)


def _of_day(day: date, step: int) -> list[tuple[date, Decimal, str]]:
    fixed = {
        25: (Decimal("2450.00"), "LÖN ORION LOGISTICS AB"),
        28: (Decimal("-780.00"), "HYRA LUND BOSTÄDER"),
        3: (Decimal("-212.40"), "AUTOGIRO NORDKREDIT LÅN"),
        12: (Decimal("-64.90"), "TELIA MOBIL"),
    }
    out = [(day, *fixed[day.day])] if day.day in fixed else []
    shops = ("ICA LUND", "COOP", "SYSTEMBOLAGET", "SL RESOR", "APOTEKET")
    out.append((day, -Decimal(900 + step * 137 % 2100) / 100, shops[step % 5]))
    if step % 4 == 0:
        out.append((day, -Decimal(400 + step * 71 % 1500) / 100, shops[(step + 2) % 5]))
    return out


def camt_xml(entries: Sequence[Transaction]) -> bytes:
    """camt.053 with one ``Ntry`` an entry, all on one line as banks send it."""
    body = "".join(
        f'<Ntry><Amt Ccy="{e.currency}">{abs(e.amount)}</Amt>'
        f"<CdtDbtInd>{'CRDT' if e.amount > 0 else 'DBIT'}</CdtDbtInd>"
        f"<BookgDt><Dt>{e.booked_on}</Dt></BookgDt><AddtlNtryInf>{e.text}</AddtlNtryInf></Ntry>"
        for e in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
        f"<Id>2026-10</Id>{body}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


def statement_csv(entries: Sequence[Transaction]) -> bytes:
    lines = ["Datum;Text;Belopp;Saldo"]
    lines += [f"{e.booked_on};{e.text};{e.amount};{e.balance}" for e in entries]
    return "\r\n".join(lines).encode()


def statement_ofx(entries: Sequence[Transaction]) -> bytes:
    lines = ["OFXHEADER:100", "<OFX><BANKTRANLIST>"]
    for e in entries:
        lines += [
            "<STMTTRN>",
            f"<DTPOSTED>{e.booked_on:%Y%m%d}",
            f"<TRNAMT>{e.amount}",
            f"<NAME>{e.text}",
            "</STMTTRN>",
        ]
    return "\n".join([*lines, "</BANKTRANLIST></OFX>"]).encode()


def bureau_json() -> bytes:
    enquiries = [
        {"date": f"2026-{month:02d}-{day:02d}", "lender": lender, "purpose": "consumer credit"}
        for month, day, lender in ((8, 30, "Nordkredit"), (9, 4, "Snabblån"), (9, 20, "Resurs"), (10, 8, "Bluestep"))
    ]
    accounts = [
        {"id": "A1", "lender": "Nordkredit", "type": "instalment", "opened_on": "2017-10-01", "balance": "6400"}
    ]
    report = {"report": "credit-bureau", "bureau": "Sample bureau", "accounts": accounts, "enquiries": enquiries}
    return json.dumps(report, ensure_ascii=False).encode()


def call_txt() -> bytes:
    lines = ["Call of 19 November 2026, 4 minutes", "Underwriter: Your payslip shows less than the form."]
    lines += [
        "Applicant: I went down to 75 percent in September.",
        "Underwriter: Do you have a letter of the employer?",
    ]
    return "\n".join([*lines, "Applicant: Yes, I will send it today."]).encode()
