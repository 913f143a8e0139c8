"""What bank statements show: salary, rent, instalments, gambling, returned payments. See ``docs/facts.md``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

from app.domain.balances import DailyBalances
from app.domain.case import Transaction
from app.domain.money import to_cents
from app.domain.transactions.ledger import Ledger, Line
from app.domain.transactions.regularity import (
    LIKE_INSTALMENT_PCT,
    LIKE_SALARY_PCT,
    REGULAR_PCT,
    Month,
    alike,
    by_month,
    day_in,
    lines_span,
    median_month,
    month_of,
    monthly,
    months_between,
)
from app.domain.transactions.rules import OTHER_IN
from app.domain.transactions.words import names, payee

GRACE_DAYS = 5  # a salary may arrive so late before its month counts as missed
ENDED_DAYS = 45  # an instalment not seen for so long before the statement's end is taken as paid off
EARNED = ("salary", "pension")  # what is taken as salary where it comes in every month
DAYS_A_MONTH = Decimal("30.4375")
LEAST_TREND_DAYS = 28  # balances over fewer days have no trend


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


def find_salary(ledger: Ledger) -> Salary | None:
    """Salary by its words or the employer's name, as the ledger has it; else the largest credit that recurs monthly."""
    received = [line for line in ledger.lines if line.entry.amount > 0]
    marked = [line.entry for line in received if line.purpose in EARNED]
    entries = marked or _largest_recurring([line.entry for line in received if line.purpose == OTHER_IN])
    if not entries:
        return None
    pay_day = int(median(line.booked_on.day for line in entries))
    sums: dict[Month, Decimal] = defaultdict(Decimal)
    for line in entries:
        sums[_month_paid(line.booked_on, pay_day)] += line.amount
    first, last = lines_span(ledger.entries)
    covered = {month for month in months_between(first, last) if _pay_day_within(month, pay_day, first, last)}
    return Salary(tuple(entries), dict(sorted(sums.items())), len(covered | sums.keys()))


def with_salary(ledger: Ledger, salary: Salary | None) -> Ledger:
    """The ledger in which entries that were taken as salary for their regularity are of that class."""
    taken = {(line.document, line.row) for line in salary.entries} if salary else set()
    if not any(line.purpose == OTHER_IN and (line.entry.document, line.entry.row) in taken for line in ledger.lines):
        return ledger
    lines = [
        replace(line, purpose="salary")
        if line.purpose == OTHER_IN and (line.entry.document, line.entry.row) in taken
        else line
        for line in ledger.lines
    ]
    return replace(ledger, lines=tuple(lines))


def _largest_recurring(received: Iterable[Transaction]) -> list[Transaction]:
    groups: dict[str, list[Transaction]] = defaultdict(list)
    for line in received:
        groups[payee(line.text)].append(line)
    regular = [kept for group in groups.values() if (kept := alike(group, LIKE_SALARY_PCT)) and monthly(kept)]
    return max(regular, key=lambda group: (median(line.amount for line in group), payee(group[0].text)), default=[])


def _month_paid(day: date, pay_day: int) -> Month:
    """The month whose pay day is nearest: pay day 1 paid on 29 May belongs to June."""
    around = [month_of(day - timedelta(days=20)), month_of(day), month_of(day + timedelta(days=20))]
    return min(around, key=lambda month: (abs((day_in(month, pay_day) - day).days), month))


def _pay_day_within(month: Month, pay_day: int, first: date, last: date) -> bool:
    due = day_in(month, pay_day)
    return first <= due and due + timedelta(days=GRACE_DAYS) <= last


def find_rent(ledger: Ledger) -> tuple[Decimal, tuple[Transaction, ...]] | None:
    """Median of the monthly rent, and its entries; None when none was seen."""
    found = tuple(line.entry for line in ledger.of("rent"))
    return (median_month(found), found) if found else None


def find_obligations(ledger: Ledger, lenders: Sequence[str] = (), asked: Sequence[str] = ()) -> list[Obligation]:
    """Instalments still running: recurring debits with a lender's word or to a lender of the bureau report.

    ``lenders`` are those of its accounts, ``asked`` those that enquired.

    A debit counts once it was seen in two months (one, where a lender's word stands beside the name of a lender of the
    bureau report) and in the statement's last ``ENDED_DAYS`` days. Entries of a returned payment do not count.
    """
    debts = ledger.rules.of_group("debt")
    groups: dict[tuple[str, str | None], list[Line]] = defaultdict(list)
    for line in ledger.lines:
        if line.entry.amount >= 0 or line.purpose in _NO_DEBT:
            continue
        text = line.entry.text
        lender = next((firm for firm in lenders if names(text, firm)), None)
        if lender or line.purpose in debts or any(names(text, firm) for firm in asked):
            groups[payee(text), lender].append(line)
    if not groups:
        return []
    last = lines_span(ledger.entries)[1]
    found = (_obligation(name, lender, group, last, debts) for (name, lender), group in groups.items())
    return sorted((each for each in found if each), key=lambda each: (-each.monthly, each.payee))


_NO_DEBT = ("returned", "own_transfer")


def _obligation(
    name: str, lender: str | None, group: Sequence[Line], last: date, debts: frozenset[str]
) -> Obligation | None:
    entries = [line.entry for line in group]
    kept = entries if lender else alike(entries, LIKE_INSTALMENT_PCT)
    once_is_enough = lender is not None and any(line.purpose in debts for line in group)
    if not kept or len({month_of(line.booked_on) for line in kept}) < (1 if once_is_enough else 2):
        return None
    if (last - max(line.booked_on for line in kept)).days > ENDED_DAYS:
        return None
    return Obligation(name, median_month(kept), tuple(kept), lender)


def find_returned(ledger: Ledger) -> tuple[Transaction, ...]:
    """Returned payments; the fee booked on the same day as its return is not a second one."""
    by_day: dict[date, list[Transaction]] = defaultdict(list)
    for line in ledger.of("returned"):
        by_day[line.entry.booked_on].append(line.entry)
    out: list[Transaction] = []
    for day in sorted(by_day):
        items = [
            line for line in by_day[day] if "fees" not in ledger.rules or not ledger.rules.marks("fees", line.text)
        ]
        out.extend(items or by_day[day])
    return tuple(out)


def spent(ledger: Ledger, *purposes: str) -> tuple[Transaction, ...]:
    """Debits of these classes."""
    return tuple(line.entry for line in ledger.of(*purposes) if line.entry.amount < 0)


def find_gambling(ledger: Ledger) -> tuple[Transaction, ...]:
    """Debits to betting firms."""
    return spent(ledger, "gambling")


@dataclass(frozen=True, slots=True)
class Source:
    """Money of one kind from one payer."""

    purpose: str
    party: str
    entries: tuple[Transaction, ...]
    monthly: Decimal  # over the months covered, to cents
    months_seen: int
    regular: bool  # seen in ``REGULAR_PCT`` percent of the months covered, and in two or more


def income_sources(ledger: Ledger, months: int) -> tuple[Source, ...]:
    """Where money comes from, the largest first: the classes of income, and other credits that recur monthly.

    Refunds, returned payments, transfers from oneself, cash and gambling are none. ``months`` are those covered.
    """
    incomes = ledger.rules.of_group("income")
    groups: dict[tuple[str, str], list[Transaction]] = defaultdict(list)
    for line in ledger.lines:
        if line.entry.amount > 0 and (line.purpose in incomes or line.purpose == OTHER_IN):
            groups[line.purpose, line.party].append(line.entry)
    found = [
        _source(purpose, party, entries, months)
        for (purpose, party), entries in groups.items()
        if purpose != OTHER_IN or monthly(alike(entries, LIKE_SALARY_PCT))
    ]
    return tuple(sorted(found, key=lambda each: (-each.monthly, each.purpose, each.party)))


def _source(purpose: str, party: str, entries: Sequence[Transaction], months: int) -> Source:
    sums = by_month(entries)
    total = sum(sums.values(), Decimal(0))
    regular = len(sums) >= 2 and len(sums) * 100 >= months * REGULAR_PCT
    return Source(purpose, party, tuple(entries), to_cents(total / months), len(sums), regular)


def living_spending(ledger: Ledger) -> tuple[Transaction, ...]:
    """Debits that spend: all but transfers to oneself and returned payments."""
    kept = ledger.rules.of_group("own", "returned")
    return tuple(line.entry for line in ledger.lines if line.entry.amount < 0 and line.purpose not in kept)


def essential_spending(ledger: Ledger) -> tuple[Transaction, ...]:
    """Debits for home, energy, food, transport, health, insurance, school, tax and the like."""
    return spent(ledger, *ledger.rules.of_group("essential"))


def balance_trend(daily: DailyBalances) -> Decimal | None:
    """By how much the balance rises a month: the slope of the least-squares line through the daily balances.

    None below ``LEAST_TREND_DAYS`` days.
    """
    values = list(daily.total.values())
    count = len(values)
    if count < LEAST_TREND_DAYS:
        return None
    middle = Decimal(count - 1) / 2
    mean = sum(values, Decimal(0)) / count
    above = sum(((Decimal(at) - middle) * (value - mean) for at, value in enumerate(values)), Decimal(0))
    below = Decimal(count) * (count * count - 1) / 12
    return to_cents(above / below * DAYS_A_MONTH)


def months_of_reserve(balance: Decimal, essential: Decimal, instalments: Decimal) -> Decimal | None:
    """How many months the balance would pay essential spending and instalments; zero when overdrawn.

    None when nothing is to be paid.
    """
    needed = essential + instalments
    return to_cents(max(balance, Decimal(0)) / needed) if needed > 0 else None


def rows_method(name: str, lines: Sequence[Transaction]) -> str:
    """How a computed fact names the statement rows it rests on: ``salary:rows 3,17,33``."""
    rows: dict[str, list[int]] = defaultdict(list)
    for line in lines:
        rows[line.document].append(line.row)
    listed: Callable[[str], str] = lambda sha: ",".join(str(row) for row in sorted(rows[sha]))  # noqa: E731
    if len(rows) == 1:
        return f"{name}:rows {listed(next(iter(rows)))}"
    return f"{name}:rows " + "; ".join(f"{listed(sha)} of {sha[:8]}" for sha in rows)
