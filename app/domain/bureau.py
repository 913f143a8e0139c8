"""A bureau report, parsed defensively, and what it says: accounts, delinquency, enquiries by window."""

from __future__ import annotations

from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

WINDOWS = (1, 3, 6, 12, 24)
"""Months before the application for which enquiries are counted."""

_MOST_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Account:
    """One credit account; amounts in its own currency."""

    lender: str
    number: str
    opened_on: date | None
    closed_on: date | None
    balance: Decimal | None
    currency: str | None  # null: the report names none, the case's is assumed
    instalment: Decimal | None
    days_past_due: int
    worst_days_past_due_12m: int

    def open_on(self, day: date) -> bool:
        return self.closed_on is None or self.closed_on > day

    @property
    def worst(self) -> int:
        """Worst days past due of the last 12 months, the present ones included."""
        return max(self.days_past_due, self.worst_days_past_due_12m)


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A lender asked the bureau about the applicant."""

    on: date
    lender: str
    purpose: str


@dataclass(frozen=True, slots=True)
class BureauReport:
    """What could be read, and in ``problems`` what could not (JSON path and the value met)."""

    document: str  # SHA-256
    report_date: date | None
    accounts: tuple[Account, ...]
    enquiries: tuple[Enquiry, ...]
    problems: tuple[str, ...]


def parse_report(data: Any, document: str) -> BureauReport:
    """Read a report's JSON. What makes no sense is left out and named in ``problems``; nothing is guessed."""
    problems: list[str] = []
    if not isinstance(data, Mapping):
        return BureauReport(document, None, (), (), ("$: not an object",))
    accounts = [_account(item, f"$.accounts[{index}]", problems) for index, item in _items(data, "accounts", problems)]
    enquiries = [
        _enquiry(item, f"$.enquiries[{index}]", problems) for index, item in _items(data, "enquiries", problems)
    ]
    return BureauReport(
        document=document,
        report_date=_date(data, "report_date", "$", problems),
        accounts=tuple(account for account in accounts if account),
        enquiries=tuple(enquiry for enquiry in enquiries if enquiry),
        problems=tuple(problems),
    )


def _items(data: Mapping[str, Any], key: str, problems: list[str]) -> Iterable[tuple[int, Mapping[str, Any]]]:
    listed = data.get(key)
    if listed is None:
        return []
    if not isinstance(listed, list):
        problems.append(f"$.{key}: not a list")
        return []
    kept = []
    for index, item in enumerate(listed):
        if isinstance(item, Mapping):
            kept.append((index, item))
        else:
            problems.append(f"$.{key}[{index}]: not an object")
    return kept


def _account(item: Mapping[str, Any], path: str, problems: list[str]) -> Account | None:
    return Account(
        lender=str(item.get("lender") or "").strip(),
        number=str(item.get("id") or "").strip(),
        opened_on=_date(item, "opened_on", path, problems),
        closed_on=_date(item, "closed_on", path, problems),
        balance=_amount(item, "balance", path, problems),
        currency=_text(item, "currency"),
        instalment=_amount(item, "instalment", path, problems),
        days_past_due=_days(item, "days_past_due", path, problems),
        worst_days_past_due_12m=_days(item, "worst_days_past_due_12m", path, problems),
    )


def _enquiry(item: Mapping[str, Any], path: str, problems: list[str]) -> Enquiry | None:
    on = _date(item, "date", path, problems)
    if on is None:
        if item.get("date") in (None, ""):
            problems.append(f"{path}.date: missing")
        return None
    return Enquiry(on, str(item.get("lender") or "").strip(), str(item.get("purpose") or "").strip())


def _text(item: Mapping[str, Any], key: str) -> str | None:
    value = item.get(key)
    return value.strip().upper() or None if isinstance(value, str) else None


def _date(item: Mapping[str, Any], key: str, path: str, problems: list[str]) -> date | None:
    value = item.get(key)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(str(value).strip()[:10])
    except ValueError:
        problems.append(f"{path}.{key}: {value!r} is not a date")
        return None


def _amount(item: Mapping[str, Any], key: str, path: str, problems: list[str]) -> Decimal | None:
    value = item.get(key)
    if value in (None, ""):
        return None
    try:
        amount = Decimal(str(value).strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if isinstance(value, bool) or not amount.is_finite() or amount < 0:
        problems.append(f"{path}.{key}: {value!r} is not an amount")
        return None
    return amount


def _days(item: Mapping[str, Any], key: str, path: str, problems: list[str]) -> int:
    days = _amount(item, key, path, problems)
    if days is None:
        return 0
    if days != days.to_integral_value() or days > _MOST_DAYS:
        problems.append(f"{path}.{key}: {item.get(key)!r} is not a number of days")
        return 0
    return int(days)


def months_before(day: date, months: int) -> date:
    """The same day so many calendar months earlier; the month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def full_months(earlier: date, later: date) -> int:
    """Full calendar months between two days; zero when they are the wrong way round."""
    if earlier > later:
        return 0
    months = (later.year - earlier.year) * 12 + later.month - earlier.month
    return months if months_before(later, months) >= earlier else months - 1


def enquiries_in_window(enquiries: Iterable[Enquiry], applied: date, months: int) -> int:
    """How many were made in the ``months`` before the application.

    Both ends count: from the same day ``months`` calendar months earlier up to the day of application. Later ones do
    not.
    """
    start = months_before(applied, months)
    return sum(start <= enquiry.on <= applied for enquiry in enquiries)


def merged_accounts(reports: Sequence[BureauReport]) -> tuple[Account, ...]:
    """Accounts of all reports, the same lender and number once (as the latest report has it)."""
    newest_last = sorted(reports, key=lambda report: (report.report_date or date.min, report.document))
    merged: dict[tuple[object, ...], Account] = {}
    for report in newest_last:
        for position, account in enumerate(report.accounts):
            key = (account.lender, account.number) if account.number else (report.document, position)
            merged[key] = account
    return tuple(merged.values())


def merged_enquiries(reports: Sequence[BureauReport]) -> tuple[Enquiry, ...]:
    """Enquiries of all reports; the same one in two reports once, twice in one report twice."""
    most: Counter[Enquiry] = Counter()
    for report in reports:
        most |= Counter(report.enquiries)  # the larger count of each
    return tuple(sorted(most.elements(), key=lambda enquiry: (enquiry.on, enquiry.lender, enquiry.purpose)))
