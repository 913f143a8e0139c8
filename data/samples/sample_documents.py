"""Writers of the sample papers: forms and payslips as PDF, bank statements, bureau reports, identity cards."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import typst

FONTS = Path(__file__).resolve().parent.parent / "fonts"
IBAN = "XX00CASE00000000001234"  # no country of this code exists

Line = tuple[date, Decimal, str]

FORM_LABELS = {
    "en": {
        "title": "Application for an instalment loan",
        "date": "Date of application",
        "applicant.name": "Applicant",
        "applicant.date_of_birth": "Date of birth",
        "applicant.marital_status": "Marital status",
        "applicant.housing": "Housing",
        "applicant.address_months": "Months at address",
        "applicant.dependants": "Dependants",
        "employment.type": "Employment",
        "employment.employer": "Employer",
        "employment.seniority_years": "Time in employment (years)",
        "income.net_monthly": "Net monthly income",
        "expenses.monthly_living": "Monthly living expenses",
        "assets.total": "Assets",
        "debt.outstanding": "Outstanding debt",
        "debt.instalments": "Monthly instalments",
        "history.adverse_records": "Adverse payment records",
        "request.amount": "Requested amount",
        "request.term_months": "Requested term (months)",
        "request.goods_price": "Price of the goods",
        "request.purpose": "Purpose",
    },
    "zh": {
        "title": "分期贷款申请表",
        "date": "申请日期",
        "applicant.name": "申请人",
        "applicant.date_of_birth": "出生日期",
        "applicant.marital_status": "婚姻状况",
        "applicant.housing": "住房情况",
        "applicant.address_months": "现住址月数",
        "applicant.dependants": "受抚养人数",
        "employment.type": "就业类型",
        "employment.employer": "工作单位",
        "employment.seniority_years": "工作年限",
        "income.net_monthly": "月净收入",
        "expenses.monthly_living": "月生活支出",
        "assets.total": "资产",
        "debt.outstanding": "未偿债务",
        "debt.instalments": "月还款额",
        "history.adverse_records": "不良记录",
        "request.amount": "申请金额",
        "request.term_months": "申请期限",
        "request.goods_price": "商品价格",
        "request.purpose": "用途",
    },
}
WORDS = {
    "en": {"fixed": "Permanent job", "owner": "Owner", "rent": "Rents", "True": "Yes", "False": "No"},
    "zh": {
        "fixed": "固定工作",
        "owner": "自有",
        "rent": "租房",
        "True": "是",
        "False": "否",
        "married": "已婚",
        "single": "未婚",
    },
}

FORM = """
#let d = json(bytes(sys.inputs.data))
#set page(paper: "a4", margin: (x: 22mm, y: 24mm))
#set text(font: ("Inter", "WenQuanYi Micro Hei"), size: 10.5pt)
#set document(title: d.title, date: datetime(year: 2026, month: 10, day: 30))
#text(size: 18pt, weight: "semibold")[#d.title]
#v(2mm)
#text(fill: luma(90))[#d.date-label: #d.date]
#v(6mm)
#for (label, value) in d.rows [
  #grid(columns: (70mm, 1fr), text(fill: luma(80))[#label:], [#value])
  #v(1.2mm)
]
#v(14mm)
#line(length: 60mm, stroke: 0.5pt) #d.name
"""

PAYSLIP = """
#let d = json(bytes(sys.inputs.data))
#set page(paper: "a5", margin: 16mm)
#set text(font: ("Inter", "WenQuanYi Micro Hei"), size: 10pt)
#set document(title: d.title, date: datetime(year: 2026, month: 10, day: 25))
#text(size: 14pt, weight: "semibold")[#d.employer]
#linebreak()
#d.title
#linebreak()
#d.name
#v(8mm)
#for (label, value, heavy) in d.rows [
  #grid(columns: (1fr, auto), text(weight: if heavy { "bold" } else { "regular" })[#label],
    text(weight: if heavy { "bold" } else { "regular" })[#value])
  #v(1mm)
]
"""


def _typeset(template: str, data: dict[str, object]) -> bytes:
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    compiler: Any = typst.Compiler(  # type: ignore[misc]  # its stub names a type parameter nothing fixes
        template.encode(), font_paths=[str(FONTS)], ignore_system_fonts=True, sys_inputs=inputs
    )
    pdf = compiler.compile(format="pdf")
    assert isinstance(pdf, bytes)
    return pdf


def _flat(form: dict[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in form.items():
        if isinstance(value, dict):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _shown(name: str, value: object, language: str) -> str:
    text = WORDS[language].get(str(value), str(value))
    if name.split(".")[-1] in (
        "net_monthly",
        "monthly_living",
        "total",
        "outstanding",
        "instalments",
        "amount",
        "goods_price",
    ):
        return f"{Decimal(str(value)):,.2f} EUR"
    return text


def form_pdf(form: dict[str, object], language: str) -> bytes:
    """Application form with a text layer, one "label: value" a line."""
    labels = FORM_LABELS[language]
    flat = _flat(form)
    rows = [
        [label, _shown(name, flat[name], language)] for name, label in labels.items() if name in flat and name != "date"
    ]
    data = {
        "title": labels["title"],
        "date-label": labels["date"],
        "date": flat["date"],
        "rows": rows,
        "name": flat["applicant.name"],
    }
    return _typeset(FORM, data)


def payslip_pdf(name: str, employer: str, gross: str, net: str, language: str) -> bytes:
    """Payslip of October 2026 with a text layer."""
    tax = Decimal(gross) - Decimal(net)
    labels = {
        "en": ("Payslip October 2026", "Gross pay", "Income tax", "Net pay", "Paid on"),
        "zh": ("工资单 2026年10月", "应发工资", "个人所得税", "实发工资", "发放日期"),
    }[language]
    rows = [
        [labels[1], f"{Decimal(gross):,.2f}", False],
        [labels[2], f"-{tax:,.2f}", False],
        [labels[3], f"{Decimal(net):,.2f} EUR", True],
        [labels[4], "2026-10-25", False],
    ]
    return _typeset(PAYSLIP, {"employer": employer, "title": labels[0], "name": name, "rows": rows})


def bureau_json(
    name: str, applied: str, accounts: tuple[dict[str, object], ...], enquiries: tuple[tuple[str, str], ...]
) -> str:
    """Credit bureau report dated the day after the application."""
    report = {
        "report": "credit-bureau",
        "bureau": "Sample Credit Bureau",
        "report_date": (date.fromisoformat(applied) + timedelta(days=1)).isoformat(),
        "subject": {"name": name},
        "accounts": list(accounts),
        "enquiries": [{"date": on, "lender": lender, "purpose": "new credit"} for on, lender in enquiries],
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def camt053(holder: str, opening: Decimal, lines: list[Line]) -> bytes:
    """ISO 20022 camt.053.001.02 statement."""
    closing = opening + sum(amount for _, amount, _ in lines)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>',
        "<GrpHdr><MsgId>SAMPLE-1</MsgId><CreDtTm>2026-10-31T08:00:00</CreDtTm></GrpHdr>",
        f"<Stmt><Id>2026-10</Id><Acct><Id><Othr><Id>{IBAN}</Id></Othr></Id><Ccy>EUR</Ccy><Ownr><Nm>{escape(holder)}</Nm></Ownr></Acct>",
        _camt_balance("OPBD", opening, lines[0][0]),
        _camt_balance("CLBD", closing, date(2026, 10, 31)),
    ]
    for on, amount, text in lines:
        sign = "CRDT" if amount > 0 else "DBIT"
        parts.append(
            f'<Ntry><Amt Ccy="EUR">{abs(amount):.2f}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>BOOK</Sts>'
            f"<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt>"
            f"<NtryDtls><TxDtls><RmtInf><Ustrd>{escape(text)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
        )
    parts.append("</Stmt></BkToCstmrStmt></Document>")
    return ("\n".join(parts) + "\n").encode()


def _camt_balance(code: str, amount: Decimal, on: date) -> str:
    sign = "CRDT" if amount >= 0 else "DBIT"
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(amount):.2f}</Amt>'
        f"<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"
    )


def ofx(opening: Decimal, lines: list[Line]) -> bytes:
    """OFX 1.02 (SGML) statement."""
    closing = opening + sum(amount for _, amount, _ in lines)
    head = (
        "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nSECURITY:NONE\nENCODING:UTF-8\nCHARSET:NONE\n"
        "COMPRESSION:NONE\nOLDFILEUID:NONE\nNEWFILEUID:NONE\n\n"
    )
    body = [
        "<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261031<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1>",
        "<BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0<SEVERITY>INFO</STATUS><STMTRS><CURDEF>EUR",
        f"<BANKACCTFROM><BANKID>000000<ACCTID>{IBAN}<ACCTTYPE>CHECKING</BANKACCTFROM>",
        f"<BANKTRANLIST><DTSTART>{lines[0][0]:%Y%m%d}<DTEND>20261031",
    ]
    for number, (on, amount, text) in enumerate(lines, 1):
        kind = "CREDIT" if amount > 0 else "DEBIT"
        body.append(
            f"<STMTTRN><TRNTYPE>{kind}<DTPOSTED>{on:%Y%m%d}<TRNAMT>{amount:.2f}<FITID>{number}<NAME>{escape(text)}</STMTTRN>"
        )
    body.append(
        f"</BANKTRANLIST><LEDGERBAL><BALAMT>{closing:.2f}<DTASOF>20261031</LEDGERBAL></STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>"
    )
    return (head + "\n".join(body) + "\n").encode()


def statement_csv(opening: Decimal, lines: list[Line], style: str) -> bytes:
    """A German bank's export (semicolons, decimal commas, Windows-1252) or a Chinese one (GB 18030)."""
    out = io.StringIO()
    balance = opening
    if style == "de":
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerow(["Buchungstag", "Verwendungszweck", "Betrag", "Währung", "Saldo"])
    else:
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(["交易日期", "摘要", "交易金额", "币种", "余额"])
    for on, amount, text in lines:
        balance += amount
        if style == "de":
            writer.writerow([f"{on:%d.%m.%Y}", text, _german(amount), "EUR", _german(balance)])
        else:
            writer.writerow([f"{on:%Y-%m-%d}", text, f"{amount:.2f}", "EUR", f"{balance:.2f}"])
    return out.getvalue().encode("cp1252" if style == "de" else "gb18030")


def _german(amount: Decimal) -> str:
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def id_card_png(name: str) -> bytes:
    """A specimen identity card."""
    from PIL import Image, ImageDraw, ImageFont

    card = Image.new("RGB", (860, 540), "#EEF3F2")
    pen = ImageDraw.Draw(card)
    font = str(FONTS / "wqy-microhei.ttc")
    large, small = ImageFont.truetype(font, 40), ImageFont.truetype(font, 24)
    pen.rounded_rectangle((12, 12, 848, 528), 28, outline="#14535B", width=4)
    pen.rectangle((52, 120, 282, 420), fill="#C9CFCE")
    pen.ellipse((117, 160, 217, 270), fill="#EEF3F2")
    pen.pieslice((77, 280, 257, 520), 180, 360, fill="#EEF3F2")
    pen.rectangle((52, 420, 282, 500), fill="#EEF3F2")
    pen.text((52, 44), "IDENTITY CARD · SPECIMEN", font=large, fill="#14535B")
    for index, text in enumerate((name, "No. 26-0000-SAMPLE", "Valid until 2031-12-31", "Person invented")):
        pen.text((330, 150 + 62 * index), text, font=large if index == 0 else small, fill="#1E252E")
    out = io.BytesIO()
    card.save(out, "PNG", optimize=True)
    return out.getvalue()
