"""Make the six sample applicant folders. Every person, employer, bank and number in them is invented.

Run: ``python data/samples/make.py``. The same script gives the same bytes.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from sample_documents import (  # type: ignore[import-not-found]  # noqa: E402  its folder is no package
    bureau_json,
    camt053,
    form_pdf,
    id_card_png,
    ofx,
    payslip_pdf,
    statement_csv,
)

FIRST_MONTH = date(2026, 5, 1)
MONTHS = 6


@dataclass(frozen=True)
class Entry:
    """One booked line; credits are positive."""

    on: date
    amount: Decimal
    text: str


@dataclass(frozen=True)
class Persona:
    """One invented applicant and what their papers say."""

    folder: str
    name: str
    born: str
    employer: str
    seniority: str
    employment: str
    housing: str
    address_months: int
    dependants: int
    stated_income: str
    paid_income: str
    gross_income: str
    living: str
    assets: str
    debt: str
    stated_instalments: str
    amount: str
    term: int
    price: str
    purpose: str
    applied: str
    opening: str
    rent: str
    instalments: tuple[tuple[str, str], ...] = ()  # text and amount of each monthly debit
    adverse: bool = False
    language: str = "en"
    marital: str = "single"
    accounts: tuple[dict[str, object], ...] = ()
    enquiries: tuple[tuple[str, str], ...] = ()
    statement: str = "camt"  # camt | ofx | csv-de | csv-zh
    form: str = "pdf"  # pdf | json
    returned: tuple[str, ...] = ()  # dates of returned direct debits
    spending: tuple[int, int] = (450, 700)  # monthly range
    transcript: tuple[str, ...] = ()
    salary_text: str = "Salary"
    rent_text: str = "Rent"
    shops: tuple[str, ...] = ("Grocery Market", "City Pharmacy", "Fuel Station", "Book Corner", "Bakery Corner")
    extra: tuple[tuple[str, str, str], ...] = field(default_factory=tuple)  # date, amount, text


def account(
    number: str, lender: str, kind: str, opened: str, balance: str, instalment: str, worst: int = 0, now: int = 0
) -> dict[str, object]:
    """One account of a bureau report."""
    return {
        "id": number,
        "lender": lender,
        "type": kind,
        "opened_on": opened,
        "closed_on": None,
        "balance": balance,
        "currency": "EUR",
        "instalment": instalment,
        "days_past_due": now,
        "worst_days_past_due_12m": worst,
    }


PERSONAS = (
    Persona(
        folder="good", name="Anna Lindqvist", born="1988-03-14", employer="Nordlys Energi AB", seniority="8.5",
        employment="fixed", housing="owner", address_months=74, dependants=1, stated_income="3450.00",
        paid_income="3450.00", gross_income="4620.00", living="980.00", assets="85000.00", debt="5200.00",
        stated_instalments="180.00", amount="12000.00", term=36, price="16000.00", purpose="Used car",
        applied="2026-10-28", opening="4210.55", rent="0", instalments=(("Instalment Fjord Finans car loan", "180.00"),),
        marital="married", accounts=(
            account("A-1", "Fjord Finans", "instalment", "2023-02-01", "5200.00", "180.00"),
            account("A-2", "Bank Vest", "card", "2017-06-15", "340.00", "0.00"),
        ),
        enquiries=(("2026-10-20", "Caseworth Sample Bank"), ("2025-11-02", "Bank Vest")),
        transcript=(
            "Officer: Thank you for calling. You asked about twelve thousand for a used car?",
            "Applicant: Yes. I would pay the other four thousand from savings.",
            "Officer: Is your job still with Nordlys Energi?",
            "Applicant: Yes, it will be nine years in the spring.",
        ),
    ),
    Persona(
        folder="thin-file", name="Mateo Ruiz Ortega", born="2002-07-30", employer="Talleres Sol SL", seniority="1.2",
        employment="fixed", housing="rent", address_months=9, dependants=0, stated_income="2050.00",
        paid_income="2050.00", gross_income="2540.00", living="620.00", assets="1800.00", debt="0.00",
        stated_instalments="0.00", amount="4000.00", term=24, price="4600.00", purpose="Moving and furniture",
        applied="2026-10-26", opening="910.20", rent="540.00", form="json", statement="ofx",
        accounts=(account("A-1", "Tarjeta Uno", "card", "2026-03-10", "120.00", "0.00"),),
        enquiries=(("2026-10-21", "Caseworth Sample Bank"),), spending=(380, 520), salary_text="NOMINA",
        rent_text="ALQUILER", transcript=(
            "Officer: We see one card since March. Did you have any credit before that?",
            "Applicant: No, this would be my first loan.",
        ),
    ),
    Persona(
        folder="over-indebted", name="Piotr Nowak", born="1979-11-02", employer="Transbud Logistyka", seniority="4.0",
        employment="fixed", housing="rent", address_months=31, dependants=2, stated_income="2600.00",
        paid_income="2600.00", gross_income="3390.00", living="950.00", assets="2500.00", debt="31800.00",
        stated_instalments="905.00", amount="15000.00", term=48, price="15000.00", purpose="Debt consolidation",
        applied="2026-10-27", opening="310.40", rent="690.00", marital="married",
        instalments=(
            ("Instalment Kredyt Plus", "410.00"), ("Loan repayment Rata24", "335.00"), ("Card instalment Bank Wisla", "160.00"),
        ),
        accounts=(
            account("A-1", "Kredyt Plus", "instalment", "2023-09-01", "16400.00", "410.00", worst=34),
            account("A-2", "Rata24", "instalment", "2025-01-15", "11200.00", "335.00", worst=61, now=34),
            account("A-3", "Bank Wisla", "card", "2015-04-20", "4200.00", "160.00"),
        ),
        enquiries=(
            ("2026-10-19", "Rata24"), ("2026-10-05", "Szybka Kasa"), ("2026-09-21", "Kredyt Plus"),
            ("2026-09-02", "Bank Wisla"), ("2026-08-11", "Szybka Kasa"), ("2026-04-30", "Rata24"),
        ),
        returned=("2026-08-14", "2026-10-14"), spending=(800, 1050), transcript=(
            "Officer: What would change for you with this loan?",
            "Applicant: I would have one payment instead of three.",
        ),
    ),
    Persona(
        folder="contradicting-income", name="Karin Holm", born="1989-04-22", employer="Orion Logistics AB", seniority="5.5",
        employment="fixed", housing="rent", address_months=40, dependants=1, stated_income="3100.00",
        paid_income="2450.00", gross_income="3180.00", living="780.00", assets="6400.00", debt="15900.00",
        stated_instalments="700.00", amount="12000.00", term=36, price="13500.00", purpose="Kitchen renovation",
        applied="2026-10-29", opening="1530.10", rent="720.00",
        instalments=(("Instalment Svea Direkt", "410.00"), ("Instalment Lanehus", "290.00")),
        accounts=(
            account("A-1", "Svea Direkt", "instalment", "2024-10-01", "9800.00", "410.00"),
            account("A-2", "Lanehus", "instalment", "2025-02-01", "6100.00", "290.00"),
            account("A-3", "Bank Vest", "card", "2017-10-12", "0.00", "0.00"),
        ),
        enquiries=(
            ("2026-10-22", "Caseworth Sample Bank"), ("2026-10-12", "Svea Direkt"), ("2026-09-30", "Lanehus"),
            ("2026-09-14", "Lanehus"), ("2026-08-20", "Bank Vest"), ("2025-12-01", "Svea Direkt"),
        ),
        spending=(280, 420), salary_text="Lön Orion Logistics AB", rent_text="Hyra", transcript=(
            "Officer: The form says 3,100 a month; the payslip says 2,450.",
            "Applicant: I moved to part-time work in September and put the old figure on the form.",
            "Officer: Can your employer confirm that?",
            "Applicant: Yes, I will send a letter.",
        ),
    ),
    Persona(
        folder="undisclosed-loan", name="Thomas Weber", born="1984-09-09", employer="Rheinwerk Druck GmbH", seniority="6.0",
        employment="fixed", housing="rent", address_months=58, dependants=0, stated_income="2900.00",
        paid_income="2900.00", gross_income="4310.00", living="850.00", assets="12000.00", debt="0.00",
        stated_instalments="0.00", amount="10000.00", term=48, price="11000.00", purpose="Motorcycle",
        applied="2026-10-30", opening="2205.00", rent="780.00", form="json", statement="csv-de",
        instalments=(("Kreditrate Sofortkredit AG Vertrag 7741", "289.50"),),
        accounts=(account("A-1", "Stadtbank Köln", "card", "2016-02-01", "150.00", "0.00"),),
        enquiries=(("2026-10-24", "Caseworth Sample Bank"), ("2026-05-18", "Sofortkredit AG")),
        spending=(560, 760), salary_text="Gehalt Rheinwerk Druck GmbH", rent_text="Miete Wohnbau Rhein",
        shops=("REWE Markt", "Apotheke am Ring", "Tankstelle Süd", "Buchhandlung Lamm", "Bäckerei Korn"),
        transcript=(
            "Officer: Do you have any other loans at the moment?",
            "Applicant: No, none.",
        ),
    ),
    Persona(
        folder="chinese", name="王小雨", born="1991-01-18", employer="海港物流有限公司", seniority="4.5",
        employment="fixed", housing="rent", address_months=26, dependants=1, stated_income="3200.00",
        paid_income="3180.00", gross_income="3960.00", living="900.00", assets="18000.00", debt="3600.00",
        stated_instalments="150.00", amount="9000.00", term=36, price="10500.00", purpose="装修",
        applied="2026-10-28", opening="2680.00", rent="650.00", language="zh", statement="csv-zh", marital="married",
        instalments=(("分期还款 东方信贷", "150.00"),),
        accounts=(
            account("A-1", "东方信贷", "instalment", "2025-03-01", "3600.00", "150.00"),
            account("A-2", "海港银行", "card", "2018-08-08", "220.00", "0.00"),
        ),
        enquiries=(("2026-10-23", "示例银行"), ("2026-03-02", "东方信贷")), spending=(480, 660),
        salary_text="工资 海港物流有限公司", rent_text="房租", shops=("超市购物", "药店", "加油站", "书店", "面包店"),
        transcript=("客户经理：您目前还有其他贷款吗？", "申请人：有一笔分期，每月还一百五十。"),
    ),
)  # fmt: skip


def entries(person: Persona) -> Iterator[Entry]:
    """Six months of an account: salary, rent, instalments, spending, what was returned."""
    dice = random.Random(person.folder)  # noqa: S311  nothing secret: the same bytes each time
    for month in range(MONTHS):
        first = date(FIRST_MONTH.year, FIRST_MONTH.month + month, 1)
        if Decimal(person.rent):
            yield Entry(first + timedelta(days=1), -Decimal(person.rent), person.rent_text)
        for index, (text, amount) in enumerate(person.instalments):
            yield Entry(first + timedelta(days=4 + index), -Decimal(amount), text)
        yield Entry(first + timedelta(days=24), Decimal(person.paid_income), person.salary_text)
        budget = dice.randint(*person.spending)
        while budget > 15:
            spent = min(budget, dice.randint(12, 95))
            cents = Decimal(dice.randint(0, 99)) / 100
            yield Entry(first + timedelta(days=dice.randint(0, 27)), -(spent - 1 + cents), dice.choice(person.shops))
            budget -= spent
    for day in person.returned:
        yield Entry(date.fromisoformat(day), -Decimal("35.00"), "Returned direct debit, insufficient funds, fee")
    for day, amount, text in person.extra:
        yield Entry(date.fromisoformat(day), Decimal(amount), text)


def application(person: Persona) -> dict[str, object]:
    """The application form as the branch's web form writes it."""
    return {
        "form": "loan-application",
        "date": person.applied,
        "language": person.language,
        "currency": "EUR",
        "product": "instalment-loan",
        "applicant": {
            "name": person.name,
            "date_of_birth": person.born,
            "marital_status": person.marital,
            "housing": person.housing,
            "address_months": person.address_months,
            "dependants": person.dependants,
        },
        "employment": {
            "type": person.employment,
            "employer": person.employer,
            "seniority_years": person.seniority,
        },
        "income": {"net_monthly": person.stated_income},
        "expenses": {"monthly_living": person.living},
        "assets": {"total": person.assets},
        "debt": {"outstanding": person.debt, "instalments": person.stated_instalments},
        "history": {"adverse_records": person.adverse},
        "request": {
            "amount": person.amount,
            "term_months": person.term,
            "goods_price": person.price,
            "purpose": person.purpose,
        },
    }


def write_statement(person: Persona, folder: Path) -> None:
    booked = sorted(entries(person), key=lambda entry: entry.on)
    lines = [(entry.on, entry.amount, entry.text) for entry in booked]
    opening = Decimal(person.opening)
    match person.statement:
        case "camt":
            (folder / "statement.xml").write_bytes(camt053(person.name, opening, lines))
        case "ofx":
            (folder / "statement.ofx").write_bytes(ofx(opening, lines))
        case "csv-de":
            (folder / "kontoauszug.csv").write_bytes(statement_csv(opening, lines, "de"))
        case "csv-zh":
            (folder / "流水.csv").write_bytes(statement_csv(opening, lines, "zh"))


def make(person: Persona, target: Path) -> None:
    """Write one applicant's folder."""
    folder = target / person.folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    form = application(person)
    if person.form == "json":
        (folder / "application.json").write_text(json.dumps(form, ensure_ascii=False, indent=2) + "\n", "utf-8")
    else:
        (folder / "application.pdf").write_bytes(form_pdf(form, person.language))
    (folder / "payslip.pdf").write_bytes(
        payslip_pdf(person.name, person.employer, person.gross_income, person.paid_income, person.language)
    )
    write_statement(person, folder)
    (folder / "bureau.json").write_text(
        bureau_json(person.name, person.applied, person.accounts, person.enquiries), "utf-8"
    )
    (folder / "call.txt").write_text("\n".join(person.transcript) + "\n", "utf-8")
    (folder / "id-card.png").write_bytes(id_card_png(person.name))


if __name__ == "__main__":
    for one in PERSONAS:
        make(one, HERE / "folders")
        print(f"made {one.folder}")
