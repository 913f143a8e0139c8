"""Bank statements read into entries, and whether their balances add up."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from app.domain.identifiers import is_iban
from app.domain.reading import Check, DocumentField, Entry, Problem


@dataclass(frozen=True, slots=True)
class Statement:
    """One account's entries over a period, in the order of booking."""

    entries: tuple[Entry, ...]
    opening: Decimal | None = None
    closing: Decimal | None = None
    account: str | None = None
    currency: str = ""
    holder: str | None = None
    problems: tuple[Problem, ...] = field(default=())
    period: tuple[date | None, date | None] = (None, None)  # first and last day, where the statement says so
    checks: tuple[Check, ...] = ()  # beside the balances
    bank: str | None = None
    kind: str = "account"  # "account" or "card": a credit card's closing balance is what is owed

    @property
    def days(self) -> tuple[date, date] | None:
        """First and last day, told or by the entries; None where neither is known."""
        known = [day for day in (*self.period, *(entry.booked_on for entry in self.entries)) if day is not None]
        return (min(known), max(known)) if known else None


LARGEST_AMOUNT = Decimal(10) ** 15
"""No statement has an amount as large; a number of more digits is a reference or an attack."""


_IBAN = re.compile(r"\b([A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?)\b")
_NUMBER = re.compile(
    r"(?:account|a/c|konto|compte|cuenta|rekening|účet|účtu|账号|卡号|账户)[ .]*"
    r"(?:number|no|nr|nummer|numéro|n°|número|č)?"
    r"\.?\s*[:：;,]\s*\"?([A-Z0-9][A-Z0-9 /*-]{4,33}[A-Z0-9])",
    re.I,
)
_HOLDER = re.compile(
    r"(?:account holder|account name|kontoinhaber|titulaire(?: du compte)?|titular|kontohavare"
    r"|intestatario|majitel účtu|户名|姓名)"
    r"\s*[:：;,]\s*\"?([^\W\d][^\n;:：\"\t]{1,60}?)\"?(?:\s{2,}|[;\t\n]|$)",
    re.I | re.M,
)


def head_of(text: str) -> tuple[str, str]:
    """Account (an IBAN first) and its holder as the lines above a statement's table name them; "" where they do not."""
    ibans = (match[1] for match in _IBAN.finditer(text))
    number = next((found for each in ibans if is_iban(found := account_name(each))), None)
    if number is None:
        named = _NUMBER.search(text)
        number = account_name(named[1]) if named else ""
    holder = _HOLDER.search(text)
    return number, holder[1].strip() if holder else ""


_SWIFT = re.compile(r"^:\s?(20|25|28C?|60[FM]|61|62[FM]|34F|13D?|86):", re.M)


def looks_like_mt940(head: str) -> bool:
    """Whether the beginning of a text is one of a SWIFT statement: a header block, or two of its fields."""
    named = re.search(r"^\s*\{1:F\d\d", head) is not None
    return len(_SWIFT.findall(head)) >= (1 if named else 2)


def in_cents(amount: Decimal) -> Decimal:
    """With two places at least; more are kept. Raises ``ValueError`` for what is no amount."""
    if not amount.is_finite() or abs(amount) >= LARGEST_AMOUNT:
        raise ValueError("no amount of a statement")
    return amount.quantize(Decimal("0.01")) if amount == amount.quantize(Decimal("0.01")) else amount


def account_name(text: str) -> str:
    """An account's IBAN or number without blanks and labels, in capitals."""
    plain = re.sub(r"\s+", "", text).upper()
    return re.sub(r"^(IBAN|KONTO|ACCOUNT|A/C)[:.]?(?=[A-Z0-9])", "", plain)[:40]


def joined(statements: Sequence[Statement]) -> list[Statement]:
    """Statements of one account of which each begins with the balance the one before ended with, as one."""
    out: list[Statement] = []
    for statement in statements:
        last = out[-1] if out else None
        if last is not None and _follows(last, statement):
            out[-1] = replace(
                last,
                entries=last.entries + statement.entries,
                closing=statement.closing,
                holder=last.holder or statement.holder,
                problems=last.problems + statement.problems,
                period=(last.period[0], statement.period[1]),
                checks=last.checks + statement.checks,
            )
        else:
            out.append(statement)
    return out


def _follows(last: Statement, statement: Statement) -> bool:
    if (last.account, last.currency) != (statement.account, statement.currency) or not last.account:
        return False
    if last.closing is None or last.closing != statement.opening:
        return False
    ended, begins = last.days, statement.days
    return ended is None or begins is None or ended[1] <= begins[1]


def check_balances(statement: Statement) -> Check:
    """Opening plus entries gives closing, and each running balance follows from the one before."""
    broken = _broken_at(statement)
    if broken is not None:
        entry, expected = broken
        detail = f"row {entry.row}: the balance is {entry.balance}, expected {expected}"
        return Check("balances", False, detail)
    total = sum((entry.amount for entry in statement.entries), Decimal(0))
    if statement.opening is not None and statement.closing is not None:
        expected = statement.opening + total
        if expected != statement.closing:
            return Check(
                "balances", False, f"opening and entries give {expected}, the closing balance is {statement.closing}"
            )
        return Check("balances", True, "opening and entries give the closing balance")
    if _with_balance(statement) > 1:
        last = statement.entries[-1].balance
        if statement.closing is not None and last is not None and last != statement.closing:
            return Check("balances", False, f"the last balance is {last}, the closing balance {statement.closing}")
        return Check("balances", True, "each balance follows from the one before")
    return Check("balances", None, "the statement gives too few balances to tell")


def _with_balance(statement: Statement) -> int:
    return sum(entry.balance is not None for entry in statement.entries) + (statement.opening is not None)


def _broken_at(statement: Statement) -> tuple[Entry, Decimal] | None:
    running = statement.opening
    for entry in statement.entries:
        if running is not None:
            running += entry.amount
            if entry.balance is not None and entry.balance != running:
                return entry, running
        elif entry.balance is not None:
            running = entry.balance
    return None


def note_of(statements: Sequence[Statement], checks: Sequence[Check]) -> str:
    """The line for the document list: ``412 entries · balances add up``."""
    count = sum(len(statement.entries) for statement in statements)
    entries = f"{count} {'entry' if count == 1 else 'entries'}"
    failed = next((check for check in checks if check.passed is False), None)
    if failed is not None:
        return f"{entries} · balances do not add up: {failed.detail}"
    if any(check.passed is None for check in checks):
        return f"{entries} · balances not given"
    return f"{entries} · balances add up"


def details_of(statements: Sequence[Statement]) -> tuple[DocumentField, ...]:
    """What a statement says of its account, as the fields of its kind; of several accounts the first one's."""
    first = statements[0]
    number = first.account or ""
    days, currency = first.days, first.currency or None
    told: tuple[tuple[str, object, str | None], ...] = (
        ("holder", first.holder, None),
        ("bank", first.bank, None),
        ("iban" if is_iban(number) else "account_number", number, None),
        ("currency", currency, None),
        ("statement_period", days and f"{days[0].isoformat()}/{days[1].isoformat()}", None),
        ("opening_balance", None if first.opening is None else format(first.opening, "f"), currency),
        ("closing_balance", None if first.closing is None else format(first.closing, "f"), currency),
    )
    return tuple(DocumentField(name, str(value), str(value), unit) for name, value, unit in told if value)


def describe(statements: Sequence[Statement]) -> dict[str, Any]:
    """Accounts and periods, JSON-ready."""
    return {"statements": [_described(statement) for statement in statements]}


def _described(statement: Statement) -> dict[str, Any]:
    days = statement.days
    return {
        "account": statement.account,
        "bank": statement.bank,
        "kind": statement.kind,
        "holder": statement.holder,
        "currency": statement.currency or None,
        "from": days[0].isoformat() if days else None,
        "to": days[1].isoformat() if days else None,
        "opening": None if statement.opening is None else format(statement.opening, "f"),
        "closing": None if statement.closing is None else format(statement.closing, "f"),
        "entries": len(statement.entries),
    }


def oldest_first(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Entries of a newest-first statement turned round; others as they are (the order within a day counts)."""
    falls = sum(b.booked_on < a.booked_on for a, b in itertools.pairwise(entries))
    rises = sum(b.booked_on > a.booked_on for a, b in itertools.pairwise(entries))
    if falls > rises or (falls == rises == 0 and _follows_backwards(entries)):
        return tuple(reversed(entries))
    return tuple(entries)


def _follows_backwards(entries: Sequence[Entry]) -> bool:
    """Whether the balances of one day's entries only add up from the last to the first."""
    pairs = [(a, b) for a, b in itertools.pairwise(entries) if a.balance is not None and b.balance is not None]
    forward = sum(a.balance + b.amount == b.balance for a, b in pairs)  # type: ignore[operator]
    return sum(b.balance + a.amount == a.balance for a, b in pairs) > forward  # type: ignore[operator]
