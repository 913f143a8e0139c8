"""Cases for the tests of facts, policy and decision: invented applicants in an in-memory workspace."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from app.adapters.policy_engine import ZenPolicyEngine
from app.domain.case import Case, Document, Transaction
from app.domain.facts import Fact, FactValue, Kind, Source, SourceKind, new_fact
from app.domain.policy import Policy
from app.domain.scorecard import Scorecard
from app.domain.scorecard_format import read_scorecard
from app.domain.transactions.ledger import Ledger, Parties, recognise
from data.policy_files import load_policy
from data.transaction_rules import load_rules
from tests.doubles import MemoryWorkspace, load_catalogue

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = load_catalogue()


def ledger(lines: Sequence[Transaction], employers: Sequence[str] = ()) -> Ledger:
    """The lines as the shipped rules recognise them."""
    return recognise(lines, load_rules(), Parties(employers=tuple(employers)))


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


FORM, STATEMENT, PAYSLIP = digest(b"{}"), digest(b"csv"), digest(b"pay")

GOOD: dict[str, FactValue] = {
    "applicant.name": "Anna Example",
    "applicant.age": Decimal(38),
    "applicant.marital_status": "married",
    "applicant.housing": "owner",
    "employment.type": "fixed",
    "employment.seniority_years": Decimal("8.5"),
    "employment.employer": "Nordlys Energi AB",
    "income.net_monthly_stated": Decimal("3450.00"),
    "expenses.monthly_living": Decimal("980.00"),
    "assets.total": Decimal("85000.00"),
    "debt.outstanding": Decimal("5200.00"),
    "debt.instalments_stated": Decimal("180.00"),
    "history.adverse_records": False,
    "request.amount": Decimal("12000.00"),
    "request.term_months": 36,
    "request.goods_price": Decimal("16000.00"),
    "request.date": date(2026, 10, 28),
}


def policy() -> Policy:
    return load_policy("instalment-loan", CATALOGUE)


def scorecard() -> Scorecard:
    return read_scorecard(json.loads((ROOT / "data" / "scorecards" / "credit-data.json").read_text("utf-8")))


def engine() -> ZenPolicyEngine:
    return ZenPolicyEngine()


def add_case(
    workspace: MemoryWorkspace, values: Mapping[str, FactValue], *, currency: str = "EUR", language: str = "en"
) -> Case:
    """A case whose form states the values."""
    amount, term, received = (values.get(f"request.{name}") for name in ("amount", "term_months", "date"))
    with workspace.transaction() as stores:
        case = stores.cases.add(
            reference=f"ref-{stores.cases.count() + 1}",
            applicant=str(values.get("applicant.name", "")),
            product="instalment-loan",
            amount=amount if isinstance(amount, Decimal) else None,
            currency=currency,
            term_months=term if isinstance(term, int) else None,
            received_on=received,
            language=language,
        )
        form = Document(FORM, "application.json", "application_form", "application/json", 1)
        stores.documents.add(case.id, form, b"{}")
    state(workspace, case, values)
    return case


def state(
    workspace: MemoryWorkspace,
    case: Case,
    values: Mapping[str, FactValue],
    *,
    document: str = FORM,
    confidence: Decimal = Decimal(1),
) -> None:
    """Facts read from a document."""
    facts = []
    for name, value in values.items():
        kind = CATALOGUE[name].kind
        unit = case.currency if kind is Kind.MONEY else kind.value
        source = Source(SourceKind.DOCUMENT, document=document, path=f"$.{name}")
        facts.append(new_fact(case.id, name, value, unit, source, confidence=confidence))
    with workspace.transaction() as stores:
        stores.facts.add(facts)


def add_payslip(workspace: MemoryWorkspace, case: Case, net: str) -> None:
    with workspace.transaction() as stores:
        stores.documents.add(case.id, Document(PAYSLIP, "payslip.pdf", "payslip", "application/pdf", 1), b"pay")
    state(workspace, case, {"income.net_monthly_documented": Decimal(net)}, document=PAYSLIP)


def add_paper(
    workspace: MemoryWorkspace,
    case: Case,
    kind: str,
    letter: str,
    sure: str = "1",
    content: bytes = b"%PDF",
    **fields: FactValue,
) -> Document:
    """A document with the fields read from it, each with this confidence; ``letter`` makes its digest."""
    document = Document(letter * 64, f"{kind}-{letter}.pdf", kind, "application/pdf", 10, 1)
    with workspace.transaction() as stores:
        stores.documents.add(case.id, document, content)
        stores.facts.add([_field_of(case, document, name, value, sure) for name, value in fields.items()])
    return document


def _field_of(case: Case, document: Document, name: str, value: FactValue, sure: str) -> Fact:
    unit = Kind.COUNT.value if isinstance(value, int) else Kind.TEXT.value
    source = Source(SourceKind.DOCUMENT, document.sha256, 1, (10.0, 20.0, 90.0, 30.0), raw=str(value))
    named = f"document.{document.kind}.{name}"
    return new_fact(case.id, named, value, unit, source, confidence=Decimal(sure))


def add_report(workspace: MemoryWorkspace, case: Case, report: Mapping[str, Any] | bytes) -> str:
    """Returns the SHA-256 of the report."""
    content = report if isinstance(report, bytes) else json.dumps(report).encode()
    sha256 = digest(content)
    with workspace.transaction() as stores:
        document = Document(sha256, "bureau.json", "credit_report", "application/json", len(content))
        stores.documents.add(case.id, document, content)
    return sha256


def add_statement(workspace: MemoryWorkspace, case: Case, lines: Sequence[Transaction]) -> None:
    with workspace.transaction() as stores:
        document = Document(STATEMENT, "statement.csv", "bank_statement", "text/csv", 1)
        stores.documents.add(case.id, document, b"csv")
        stores.transactions.replace(case.id, STATEMENT, lines)


def statement(
    entries: Sequence[tuple[date, str, str]],
    *,
    opening: str = "1000.00",
    currency: str = "EUR",
    document: str = STATEMENT,
    balances: bool = True,
) -> list[Transaction]:
    """Booked lines with running balances; row 1 is the header."""
    balance = Decimal(opening)
    lines = []
    for row, (on, amount, text) in enumerate(sorted(entries, key=lambda entry: entry[0]), 2):
        balance += Decimal(amount)
        lines.append(Transaction(on, Decimal(amount), currency, text, balance if balances else None, document, row))
    return lines


def months(count: int, day: int, amount: str, text: str, start: date = date(2026, 5, 1)) -> list[tuple[date, str, str]]:
    """The same entry in ``count`` months running."""
    out = []
    for index in range(count):
        first = date(start.year + (start.month - 1 + index) // 12, (start.month - 1 + index) % 12 + 1, 1)
        out.append((first + timedelta(days=day - 1), amount, text))
    return out


def account(lender: str = "Fjord Finans", **changes: Any) -> dict[str, Any]:
    """An account of a bureau report."""
    return {
        "id": f"id-{lender}",
        "lender": lender,
        "type": "instalment",
        "opened_on": "2023-02-01",
        "closed_on": None,
        "balance": "5200.00",
        "currency": "EUR",
        "instalment": "180.00",
        "days_past_due": 0,
        "worst_days_past_due_12m": 0,
    } | changes


def report(accounts: Sequence[Mapping[str, Any]] = (), enquiries: Sequence[str] = ()) -> dict[str, Any]:
    """A bureau report with enquiries on the given days."""
    return {
        "report": "credit-bureau",
        "bureau": "Sample Bureau",
        "report_date": "2026-10-29",
        "subject": {"name": "Anna Example"},
        "accounts": list(accounts),
        "enquiries": [
            {"date": on, "lender": f"Lender {index}", "purpose": "new"} for index, on in enumerate(enquiries)
        ],
    }
