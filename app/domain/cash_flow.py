"""What bank statements show: salary, rent, instalments, gambling, returned payments. See ``docs/facts.md``."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median

from app.domain.case import Transaction
from app.domain.money import to_cents
from app.domain.statement_words import (
    FEE,
    GAMBLING,
    LENDER,
    OWN_TRANSFER,
    RENT,
    RETURNED,
    SALARY,
    names,
    payee,
)

Month = tuple[int, int]  # year, month

LIKE_SALARY_PCT = Decimal(15)  # how far recurring credits may lie from their median and still be one salary
LIKE_INSTALMENT_PCT = Decimal(10)  # the same for instalments
LEAST_MONTHS = 3  # recurring credits without a salary word must be seen in so many months
GRACE_DAYS = 5  # a salary may arrive so late before its month counts as missed
HALF_MONTH = 15  # days of a month that statements must cover for it to count without a pay day
ENDED_DAYS = 45  # an instalment not seen for so long before the statement's end is taken as paid off


@dataclass(frozen=True, slots=True)
class Salary:
    """Entries taken as salary, by the month they are for."""

    entries: tuple[Transaction, ...]
    by_month: Mapping[Month, Decimal]
    months_covered: int

    @property
    def median(self) -> Decimal:
        """Median monthly salary in cents."""
        return to_cents(median(self.by_month.values()))

    @property
    def variation_pct(self) -> Decimal | None:
        """Mean distance of the months from their median, in percent of it; None below two months."""
        middle = median(self.by_month.values())
        if len(self.by_month) < 2 or middle <= 0:
            return None
        away = sum((abs(amount - middle) for amount in self.by_month.values()), Decimal(0)) / len(self.by_month)
        return to_cents(away * 100 / middle)


@dataclass(frozen=True, slots=True)
class Obligation:
    """A recurring debit to a lender."""

    payee: str
    monthly: Decimal
    entries: tuple[Transaction, ...]
    lender: str | None = None  # the bureau account's lender it was matched to


def find_salary(lines: Sequence[Transaction], employers: Sequence[str] = ()) -> Salary | None:
    """Salary by its words or the employer's name; else the largest credit that recurs monthly at a like amount."""
    received = [line for line in lines if line.amount > 0 and not OWN_TRANSFER.marks(line.text)]
    named = [line for line in received if SALARY.marks(line.text) or any(names(line.text, firm) for firm in employers)]
    entries = named or _largest_recurring(received)
    if not entries:
        return None
    pay_day = int(median(line.booked_on.day for line in entries))
    by_month: dict[Month, Decimal] = defaultdict(Decimal)
    for line in entries:
        by_month[_month_paid(line.booked_on, pay_day)] += line.amount
    first, last = lines_span(lines)
    covered = {month for month in months_between(first, last) if _pay_day_within(month, pay_day, first, last)}
    return Salary(tuple(entries), dict(sorted(by_month.items())), len(covered | by_month.keys()))


def _largest_recurring(received: Iterable[Transaction]) -> list[Transaction]:
    groups: dict[str, list[Transaction]] = defaultdict(list)
    for line in received:
        groups[payee(line.text)].append(line)
    regular = [kept for group in groups.values() if (kept := _alike(group, LIKE_SALARY_PCT)) and _monthly(kept)]
    return max(regular, key=lambda group: (median(line.amount for line in group), payee(group[0].text)), default=[])


def _alike(group: Sequence[Transaction], within_pct: Decimal) -> list[Transaction]:
    """The entries whose amount lies near the group's median."""
    middle = median(abs(line.amount) for line in group)
    return [line for line in group if abs(abs(line.amount) - middle) * 100 <= middle * within_pct]


def _monthly(group: Sequence[Transaction]) -> bool:
    """Whether the entries come about once a month in at least ``LEAST_MONTHS`` months."""
    days = sorted(line.booked_on for line in group)
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    return len({month_of(day) for day in days}) >= LEAST_MONTHS and all(20 <= gap <= 40 for gap in gaps)


def month_of(day: date) -> Month:
    return day.year, day.month


def _month_paid(day: date, pay_day: int) -> Month:
    """The month whose pay day is nearest: pay day 1 paid on 29 May belongs to June."""
    around = [month_of(day - timedelta(days=20)), month_of(day), month_of(day + timedelta(days=20))]
    return min(around, key=lambda month: (abs((_day_in(month, pay_day) - day).days), month))


def _day_in(month: Month, day: int) -> date:
    return date(*month, min(day, monthrange(*month)[1]))


def _pay_day_within(month: Month, pay_day: int, first: date, last: date) -> bool:
    due = _day_in(month, pay_day)
    return first <= due and due + timedelta(days=GRACE_DAYS) <= last


def lines_span(lines: Iterable[Transaction]) -> tuple[date, date]:
    """First and last booking day."""
    days = [line.booked_on for line in lines]
    return min(days), max(days)


def months_between(first: date, last: date) -> list[Month]:
    """Calendar months from the one of ``first`` to the one of ``last``."""
    start, end = first.year * 12 + first.month - 1, last.year * 12 + last.month - 1
    return [(index // 12, index % 12 + 1) for index in range(start, end + 1)]


def months_covered(lines: Sequence[Transaction]) -> int:
    """Calendar months of which the statements cover at least half a month; never below one."""
    first, last = lines_span(lines)
    covered = 0
    for month in months_between(first, last):
        begin, end = max(first, _day_in(month, 1)), min(last, _day_in(month, 31))
        covered += (end - begin).days + 1 >= HALF_MONTH
    return max(1, covered)


def find_rent(lines: Sequence[Transaction]) -> tuple[Decimal, tuple[Transaction, ...]] | None:
    """Median of the monthly rent, and its entries; None when none was seen."""
    found = tuple(line for line in lines if line.amount < 0 and RENT.marks(line.text))
    return (_median_month(found), found) if found else None


def _median_month(lines: Sequence[Transaction]) -> Decimal:
    by_month: dict[Month, Decimal] = defaultdict(Decimal)
    for line in lines:
        by_month[month_of(line.booked_on)] += abs(line.amount)
    return to_cents(median(by_month.values()))


def find_obligations(
    lines: Sequence[Transaction], lenders: Sequence[str] = (), asked: Sequence[str] = ()
) -> list[Obligation]:
    """Instalments still running: recurring debits with a lender's word or to a lender of the bureau report.

    ``lenders`` are those of its accounts, ``asked`` those that enquired.

    A debit counts once it was seen in two months (one, where a lender's word stands beside the name of a lender of the
    bureau report) and in the statement's last ``ENDED_DAYS`` days. Entries of a returned payment do not count.
    """
    groups: dict[tuple[str, str | None], list[Transaction]] = defaultdict(list)
    for line in lines:
        lender = next((firm for firm in lenders if names(line.text, firm)), None)
        if line.amount < 0 and (lender or _lent(line.text, asked)) and not RETURNED.marks(line.text):
            groups[payee(line.text), lender].append(line)
    if not groups:
        return []
    last = lines_span(lines)[1]
    found = (_obligation(name, lender, group, last) for (name, lender), group in groups.items())
    return sorted((each for each in found if each), key=lambda each: (-each.monthly, each.payee))


def _lent(text: str, asked: Sequence[str]) -> bool:
    return LENDER.marks(text) or any(names(text, firm) for firm in asked)


def _obligation(name: str, lender: str | None, group: list[Transaction], last: date) -> Obligation | None:
    alike = group if lender else _alike(group, LIKE_INSTALMENT_PCT)
    months = {month_of(line.booked_on) for line in alike}
    once_is_enough = lender is not None and any(LENDER.marks(line.text) for line in alike)
    if not alike or len(months) < (1 if once_is_enough else 2):
        return None
    if (last - max(line.booked_on for line in alike)).days > ENDED_DAYS:
        return None
    return Obligation(name, _median_month(alike), tuple(alike), lender)


def find_returned(lines: Sequence[Transaction]) -> tuple[Transaction, ...]:
    """Returned payments; the fee booked on the same day as its return is not a second one."""
    by_day: dict[date, list[Transaction]] = defaultdict(list)
    for line in lines:
        if RETURNED.marks(line.text):
            by_day[line.booked_on].append(line)
    out: list[Transaction] = []
    for day in sorted(by_day):
        items = [line for line in by_day[day] if not FEE.marks(line.text)]
        out.extend(items or by_day[day])
    return tuple(out)


def find_gambling(lines: Sequence[Transaction]) -> tuple[Transaction, ...]:
    """Debits to betting firms."""
    return tuple(line for line in lines if line.amount < 0 and GAMBLING.marks(line.text))


def rows_method(name: str, lines: Sequence[Transaction]) -> str:
    """How a computed fact names the statement rows it rests on: ``salary:rows 3,17,33``."""
    rows: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        rows[line.document].append(line.row)
    listed: Callable[[str], str] = lambda sha: ",".join(str(row) for row in sorted(rows[sha]))  # noqa: E731
    if len(rows) == 1:
        return f"{name}:rows {listed(next(iter(rows)))}"
    return f"{name}:rows " + "; ".join(f"{listed(sha)} of {sha[:8]}" for sha in rows)
